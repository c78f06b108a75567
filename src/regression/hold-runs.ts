// Holds runs to a baseline, whatever file it is from. Called by cli/baseline.ts and run/conclude.ts.

import type { Yardstick } from '../model/baseline.ts';
import type { BaselineCheck, BaselineOutcome } from '../model/gate.ts';
import type { RunRecord } from '../model/run-record.ts';
import { type CompareOptions, compareWithBaseline, usualComparison } from './compare-runs.ts';
import { judgeGates } from './gates.ts';
import { leftOf, leftText } from './left-runs.ts';
import { holdToStated } from './stated-baseline.ts';

/**
 * Runs of one profile, at least one, held to a baseline together. A run that cannot be used is named in the notes; while no gate is
 * broken by the others it is an obstacle, too: what it measured may have broken one.
 */
export function holdRuns(
  yardstick: Yardstick,
  records: readonly RunRecord[],
  options: CompareOptions = usualComparison,
): BaselineOutcome {
  const outcome = holdUsable(yardstick, records, options);
  const left = leftOf(records);
  const text = left.length === records.length ? undefined : leftText(left, records.length);
  if (text === undefined) return outcome;
  const isBroken = outcome.gates.some(({ gate, status }) => status === 'broken' && gate.level !== 'warning');
  return {
    ...outcome,
    obstacles: isBroken || outcome.obstacles.length > 0 ? outcome.obstacles : [text],
    notes: [text, ...outcome.notes],
  };
}

function holdUsable(
  yardstick: Yardstick,
  records: readonly RunRecord[],
  options: CompareOptions,
): BaselineOutcome {
  const { file } = yardstick;
  if (yardstick.kind === 'stated') return { file, ...holdToStated(yardstick.stated, records) };
  const { baseline } = yardstick;
  const name = records.length === 1 ? `run ${records[0]!.id}` : 'the later runs';
  const comparison = compareWithBaseline(baseline, { name, records }, options);
  const { after, differences, rows, reasons } = comparison;
  const isJudged = after.runs.length > 0 && differences.length === 0 && rows.length > 0;
  return {
    file,
    accepted: { reason: baseline.reason, acceptedAt: baseline.acceptedAt },
    gates: judgeGates(comparison, baseline.gates),
    obstacles: isJudged ? [] : reasons,
    notes: [],
    comparison,
  };
}

/** A run that has just ended, held to a baseline together with equal runs before it. */
export function checkRun(
  yardstick: Yardstick,
  earlier: readonly RunRecord[],
  record: RunRecord,
): BaselineCheck {
  const records = [...earlier, record];
  return {
    ...holdRuns(yardstick, records),
    runs: records.map(({ id }) => id),
    own: record.verdict,
  };
}
