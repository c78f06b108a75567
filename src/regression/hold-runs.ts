// Holds runs to a baseline, whatever file it is from. Called by cli/baseline.ts and run/conclude.ts.

import type { Yardstick } from '../model/baseline.ts';
import type { BaselineCheck, BaselineOutcome } from '../model/gate.ts';
import type { RunRecord } from '../model/run-record.ts';
import { type CompareOptions, compareWithBaseline, usualComparison } from './compare-runs.ts';
import { judgeGates } from './gates.ts';
import { holdToStated } from './stated-baseline.ts';

/** Runs of one profile, at least one, held to a baseline together. */
export function holdRuns(
  yardstick: Yardstick,
  records: readonly RunRecord[],
  options: CompareOptions = usualComparison,
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
