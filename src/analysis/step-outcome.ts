// Judges one step of an adaptive capacity search from what it measured. Called while the search runs.

import { seriesKey } from '../model/metric.ts';
import type { Plan, SearchOutcome } from '../model/plan.ts';
import type { MetricEntry } from '../model/run-record.ts';
import { droppedRatioLimit } from './dropped-iterations.ts';

type Metrics = Readonly<Record<string, MetricEntry>>;

export interface MeasuredStep {
  /** With one scenario, the step. */
  readonly plan: Plan;
  /** The step without its warm-up, and the two halves of that. */
  readonly counted: Metrics;
  readonly firstHalf: Metrics;
  readonly secondHalf: Metrics;
  /** Whether the generator could not drive the step. */
  readonly saturated: boolean;
}

/**
 * `saturated` goes before all. A step is `noisy` when its objectives hold in one half and not in the other: either
 * something disturbed it, or the load is so near the limit that it would not last. Thresholds on a plain count are
 * left out of the halves, which have half of it. Otherwise it `held` or `broke` as a whole; dropped iterations
 * above 1 % break it, since the load was then not what it should be.
 */
export function stepOutcome({
  plan,
  counted,
  firstHalf,
  secondHalf,
  saturated,
}: MeasuredStep): SearchOutcome {
  if (saturated) return 'saturated';
  if (holds(plan, firstHalf, true) !== holds(plan, secondHalf, true)) return 'noisy';
  return holds(plan, counted, false) ? 'held' : 'broke';
}

function holds(plan: Plan, metrics: Metrics, isHalf: boolean): boolean {
  const kept = plan.thresholds.every(({ metric, tags, expression, aggregation }) => {
    if (isHalf && aggregation.kind === 'count') return true;
    return metrics[seriesKey(metric, tags)]?.thresholds?.[expression]?.ok !== false;
  });
  const done = countIn(metrics, 'iterations');
  const dropped = countIn(metrics, 'dropped_iterations');
  return kept && done > 0 && dropped <= droppedRatioLimit * (done + dropped);
}

function countIn(metrics: Metrics, name: string): number {
  const values = metrics[name]?.values;
  return values !== undefined && 'count' in values ? values.count : 0;
}
