// What the gates of a baseline mean for the verdict of a run, and as findings. Called by verdict.ts, verdict-reasons.ts, analyse.ts
// and, for runs that are held to a baseline together, cli/baseline.ts.

import type { BaselineOutcome, GateResult } from '../model/gate.ts';
import type { Measurements } from '../model/run-record.ts';
import type { Finding, VerdictStatus } from '../model/verdict.ts';
import { formatCount } from '../text/format-figure.ts';

/**
 * What one gate means: a broken critical gate fails. A critical one that nobody can judge, or that asks for a proof in vain,
 * is inconclusive. Every other that does not hold is a warning.
 */
function outcomeOfGate({ gate, status }: GateResult): VerdictStatus {
  if (status === 'held') return 'pass';
  if (gate.level === 'warning') return 'warn';
  if (status === 'broken') return 'fail';
  return status === 'unjudged' || gate.proof === true ? 'inconclusive' : 'warn';
}

const order = ['fail', 'inconclusive', 'warn'] as const;

/** What gates say together: the worst of them; `pass` for none. */
export function statusOfGates(gates: readonly GateResult[]): VerdictStatus {
  const outcomes = gates.map(outcomeOfGate);
  return order.find((status) => outcomes.includes(status)) ?? 'pass';
}

/** Why nothing at all was judged, in a sentence: there is no gate, and the comparison has no answer either. */
export function nothingJudged({ gates, comparison }: BaselineOutcome): string | undefined {
  if (gates.length > 0) return undefined;
  if (comparison === undefined) return 'The baseline has no gate and no figure to compare.';
  return comparison.status === 'unjudged'
    ? `Without a gate the baseline is judged by its figures: ${comparison.reasons[0] ?? 'nobody knows whether they changed.'}`
    : undefined;
}

/**
 * What runs held to a baseline come to. Nothing passes that nobody can judge, also where no gate is there; a figure that is
 * worse and has no gate is a warning.
 */
export function statusOfOutcome(outcome: BaselineOutcome): VerdictStatus {
  const { gates, obstacles, comparison } = outcome;
  if (obstacles.length > 0 || nothingJudged(outcome) !== undefined) return 'inconclusive';
  const ofGates = statusOfGates(gates);
  return ofGates === 'pass' && comparison?.status === 'worse' ? 'warn' : ofGates;
}

/** Why the verdict has this status by the baseline, one sentence each; none without a baseline, or for another status. */
export function gateReasons({ baseline }: Pick<Measurements, 'baseline'>, status: VerdictStatus): string[] {
  if (baseline === undefined) return [];
  const { gates, obstacles, comparison } = baseline;
  if (obstacles.length > 0) {
    if (status !== 'inconclusive') return [];
    return obstacles.map((one) => `The run cannot be held to its baseline. ${one}`);
  }
  const unjudged = nothingJudged(baseline);
  if (unjudged !== undefined) {
    return status === 'inconclusive' ? [`The run cannot be held to its baseline. ${unjudged}`] : [];
  }
  const own = gates.filter((gate) => outcomeOfGate(gate) === status);
  if (status === 'pass')
    return own.length === 0
      ? []
      : [`Held to the baseline: ${formatCount(own.length, 'gate')} ${own.length === 1 ? 'holds' : 'hold'}.`];
  const isWorseOnly = status === 'warn' && statusOfGates(gates) === 'pass' && comparison?.status === 'worse';
  return [
    ...own.map(({ text }) => `Baseline: ${text}`),
    ...(isWorseOnly ? [`Worse than the baseline, without a gate: ${comparison.reasons[0]}`] : []),
  ];
}

/** Gates that do not hold, as findings. */
export function findRegressions({ baseline }: Pick<Measurements, 'baseline'>): Finding[] {
  if (baseline === undefined || baseline.obstacles.length > 0) return [];
  return baseline.gates.flatMap((result): Finding[] => {
    const { gate, status, text, evidence } = result;
    if (status !== 'broken') return [];
    return [
      {
        kind: 'regression',
        severity: outcomeOfGate(result) === 'fail' ? 'critical' : 'warning',
        title: `Gate of the baseline broken: ${gate.figure}`,
        detail: text,
        evidence: evidence === undefined ? [] : [{ name: gate.figure, ...evidence }],
        advice:
          'Look for what changed since the runs of the baseline. If the figure is meant to be so, accept new runs with `plimsoll baseline update` and a reason.',
      },
    ];
  });
}
