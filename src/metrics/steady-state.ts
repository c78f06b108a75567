// Finds in each time of constant load where the warm-up is over, and sums what came after it. The collector calls it at the
// end of a run; the rule is in docs/how-it-measures.md, "Phases, stages and steady state".

import { constantParts, type LoadPart } from '../executors/load-parts.ts';
import { kindsOfRun, type OperationKind, operationMetrics } from '../model/operation.ts';
import type { SteadyRecord } from '../model/phase.ts';
import type { Plan } from '../model/plan.ts';
import type { TimelineWindow } from '../model/run-record.ts';
import { findGrowth } from '../stats/steady-growth.ts';
import { warmUpCount } from '../stats/warm-up.ts';
import { OperationSums, summedMetrics } from './operation-sums.ts';
import type { Timeline } from './timeline.ts';

/** What is shorter has no steady state worth the name. */
const leastPartMs = 30_000;
const fewestIntervals = 10;
/** The last second of a part, in which users leave. */
const endMs = 1000;
/** A median that moves by more within the part, for certain, is not steady. */
const mostDrift = 0.1;
const falseAlarmRatio = 0.01;
/** Parts of a run, at the most. */
const mostParts = 50;

/** One for each time of constant load, ascending; none for a search, or where the plan cannot tell. */
export function findSteadyStates(
  plan: Pick<Plan, 'scenarios' | 'search'>,
  course: readonly TimelineWindow[],
  timeline: Pick<Timeline, 'over'>,
): SteadyRecord[] {
  if (plan.search !== undefined) return [];
  const lastMs = course.at(-1)?.endAtMs ?? 0;
  return (constantParts(plan.scenarios) ?? [])
    .map(({ fromMs, untilMs }) => ({ fromMs, untilMs: Math.min(untilMs, lastMs) - endMs }))
    .filter(({ fromMs, untilMs }) => untilMs - fromMs >= leastPartMs - endMs)
    .slice(0, mostParts)
    .map((part) => steadyStateOf(part, course, timeline));
}

function steadyStateOf(
  part: LoadPart,
  course: readonly TimelineWindow[],
  timeline: Pick<Timeline, 'over'>,
): SteadyRecord {
  const within = course.filter(
    ({ startAtMs, endAtMs }) => startAtMs >= part.fromMs && endAtMs <= part.untilMs,
  );
  const refused = (reason: string): SteadyRecord => ({ ...part, figures: [], warmUpMs: 0, reason });
  const [kind] = kindsOfRun((metric) =>
    within.reduce((sum, { metrics }) => sum + amountOf(metrics[metric]), 0),
  );
  if (kind === undefined) return refused('nothing ended in it.');
  if (within.length < fewestIntervals) return refused('it has too few intervals to tell.');
  const medians = mediansOf(within, kind);
  if (medians === undefined)
    return refused('in some of its intervals nothing ended, so they have no response times to compare.');
  const rates = within.map(({ metrics }) => amountOf(metrics[operationMetrics[kind].count]));
  const warmUps = [warmUpCount(medians), warmUpCount(rates)];
  const warmUp = Math.max(...warmUps.map((count) => count ?? Number.POSITIVE_INFINITY));
  if (!Number.isFinite(warmUp)) {
    const what = warmUps[0] === undefined ? 'response times' : 'throughput';
    return refused(`the ${what} did not settle.`);
  }
  const steady = within.slice(warmUp);
  if (steady.length < fewestIntervals) return refused('too little of it is left after the warm-up.');
  const drift = driftOf(medians.slice(warmUp));
  if (drift !== undefined) return refused(`the median response time ${drift} all the time.`);
  const [fromMs, untilMs] = [steady[0]!.startAtMs, steady.at(-1)!.endAtMs];
  const sums = new OperationSums();
  timeline.over(fromMs, untilMs, summedMetrics, (metric, delta) => sums.add(metric, delta, fromMs));
  return { fromMs, untilMs, figures: sums.figures(untilMs - fromMs), warmUpMs: fromMs - part.fromMs };
}

/** `undefined` when some interval has none. */
function mediansOf(course: readonly TimelineWindow[], kind: OperationKind): number[] | undefined {
  const medians = course.flatMap(({ metrics }) => {
    const values = metrics[operationMetrics[kind].duration];
    return values !== undefined && 'med' in values && values.count > 0 ? [values.med] : [];
  });
  return medians.length === course.length ? medians : undefined;
}

/** `rises` or `falls`, when that is certain and more than a tenth. */
function driftOf(medians: readonly number[]): string | undefined {
  const times = medians.map((_, i) => i);
  for (const [sign, word] of [
    [1, 'rises'],
    [-1, 'falls'],
  ] as const) {
    const growth = findGrowth(
      times,
      medians.map((one) => sign * one),
      falseAlarmRatio,
    );
    if (growth === undefined) continue;
    const gain = growth.line.slope * (medians.length - 1);
    const level = Math.abs(growth.line.intercept + growth.line.slope * ((medians.length - 1) / 2));
    if (gain > mostDrift * level) return word;
  }
  return undefined;
}

function amountOf(values: TimelineWindow['metrics'][string] | undefined): number {
  return values !== undefined && 'count' in values ? values.count : 0;
}
