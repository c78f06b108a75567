// Judges one step of an adaptive capacity search from what it measured. Called while the search runs.

import { seriesKey } from '../model/metric.ts';
import type { Plan, SearchOutcome, ThresholdPlan } from '../model/plan.ts';
import type { MetricEntry, ThresholdResult } from '../model/run-record.ts';
import { droppedRatioLimit } from './dropped-iterations.ts';
import { isUnread } from './judged-thresholds.ts';

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
  /** Whether an alert ended it. */
  readonly alerted: boolean;
}

/**
 * `saturated` goes before all. A step is `noisy` when its objectives hold in one half and not in the other: either
 * something disturbed it, or the load is so near the limit that it would not last. Thresholds on a plain count are
 * left out of the halves, which have half of it, and so are those on what was not read or recorded in both. Otherwise it
 * `held` or `broke` as a whole; dropped iterations above 1 % break it, since the load was then not what it should be, and
 * so does an alert that ended it. When nothing was read or recorded of an objective it is `noisy`: nobody knows.
 */
export function stepOutcome({
  plan,
  counted,
  firstHalf,
  secondHalf,
  saturated,
  alerted,
}: MeasuredStep): SearchOutcome {
  if (saturated) return 'saturated';
  if (alerted) return 'broke';
  const isRead = (metrics: Metrics, one: ThresholdPlan): boolean => {
    const result = resultOf(metrics, one);
    return result !== undefined && !isUnread({ result });
  };
  const ofHalves = plan.thresholds.filter(
    (one) => one.aggregation.kind !== 'count' && isRead(firstHalf, one) && isRead(secondHalf, one),
  );
  if (holds(ofHalves, firstHalf) !== holds(ofHalves, secondHalf)) return 'noisy';
  const known = plan.thresholds.filter((one) => isRead(counted, one));
  if (!holds(known, counted)) return 'broke';
  return known.length < plan.thresholds.length ? 'noisy' : 'held';
}

function holds(thresholds: readonly ThresholdPlan[], metrics: Metrics): boolean {
  const kept = thresholds.every((threshold) => resultOf(metrics, threshold)?.ok !== false);
  const done = countIn(metrics, 'iterations');
  const dropped = countIn(metrics, 'dropped_iterations');
  return kept && done > 0 && dropped <= droppedRatioLimit * (done + dropped);
}

function resultOf(
  metrics: Metrics,
  { metric, tags, expression }: ThresholdPlan,
): ThresholdResult | undefined {
  return metrics[seriesKey(metric, tags)]?.thresholds?.[expression];
}

function countIn(metrics: Metrics, name: string): number {
  const values = metrics[name]?.values;
  return values !== undefined && 'count' in values ? values.count : 0;
}
