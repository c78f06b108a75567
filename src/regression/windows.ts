// How much the figures of one run would vary if the same run were made again at the same moment, from the windows of its
// timeline. Called by run-figures.ts.

import type { MetricValues, TrendValues } from '../model/metric.ts';
import { failedCountOf, type OperationMetrics } from '../model/operation.ts';
import type { RunRecord, TimelineWindow } from '../model/run-record.ts';
import { type BlockVariance, blockVariance } from '../stats/block-variance.ts';

/** By window: what it adds to the error of a figure, as a share of all operations of the run. Their sum is about 0. */
export type WindowErrors = readonly number[];

/** What each window adds to the error of the share of times below `limit` (ms). */
export function shareErrors(record: RunRecord, { duration }: OperationMetrics, limit: number): number[] {
  return weighted(record.timeline, (window) => {
    const values = window.metrics[duration];
    if (values === undefined || !('p(95)' in values)) return undefined;
    return { count: values.count, value: shareBelow(values, limit) };
  });
}

/** What each window adds to the error of the share of operations that failed. */
export function failureErrors(record: RunRecord, { count, failed }: OperationMetrics): number[] {
  return weighted(record.timeline, (window) => {
    const all = countIn(window.metrics[count]);
    return all === 0 ? undefined : { count: all, value: failedCountOf(window.metrics[failed]) / all };
  });
}

/** What each window adds to the relative error of the operations per second. */
export function rateErrors(record: RunRecord, { count }: OperationMetrics): number[] {
  const { timeline } = record;
  const counts = timeline.map((window) => countIn(window.metrics[count]));
  const all = counts.reduce((sum, one) => sum + one, 0);
  const lengthMs = timeline.reduce((sum, { startAtMs, endAtMs }) => sum + endAtMs - startAtMs, 0);
  if (all === 0 || lengthMs === 0) return counts;
  return timeline.map(({ startAtMs, endAtMs }, i) => counts[i]! / all - (endAtMs - startAtMs) / lengthMs);
}

/**
 * The variance of a figure, from what its windows add to its error. `companions` are those of all runs of the comparison,
 * this one among them, which had the same plan: what they have in common at the same time of the run, such as a ramp, is
 * no noise and is taken off. `undefined` for runs of fewer than 8 windows.
 *
 * **Source:** the mean course of R runs is taken off as in a two-way layout without interaction, which leaves (R - 1) / R
 * of the variance: H. Scheffe, "The Analysis of Variance", 1959, section 4.2.
 */
export function varianceOf(
  own: WindowErrors,
  companions: readonly WindowErrors[],
): BlockVariance | undefined {
  const runs = companions.length;
  if (runs < 2) return blockVariance(own);
  const length = Math.min(...companions.map((one) => one.length));
  const factor = Math.sqrt(runs / (runs - 1));
  const free = own.slice(0, length).map((value, i) => {
    const common = companions.reduce((sum, one) => sum + one[i]!, 0) / runs;
    return factor * (value - common);
  });
  return blockVariance(free);
}

interface WindowShare {
  readonly count: number;
  readonly value: number;
}

function weighted(
  timeline: readonly TimelineWindow[],
  shareOf: (window: TimelineWindow) => WindowShare | undefined,
): number[] {
  const shares = timeline.map((window) => shareOf(window) ?? { count: 0, value: 0 });
  const all = shares.reduce((sum, { count }) => sum + count, 0);
  if (all === 0) return shares.map(() => 0);
  const mean = shares.reduce((sum, { count, value }) => sum + count * value, 0) / all;
  return shares.map(({ count, value }) => (count * (value - mean)) / all);
}

/** The share of a window's values below `limit`, linear between the percentiles that the window has. */
function shareBelow(values: TrendValues, limit: number): number {
  const points: readonly (readonly [number, number])[] = [
    [values.min, 0],
    [values.med, 0.5],
    [values['p(90)'], 0.9],
    [values['p(95)'], 0.95],
    [values['p(99)'], 0.99],
    [values.max, 1],
  ];
  if (limit >= values.max) return 1;
  for (let i = points.length - 1; i > 0; i--) {
    const [low, below] = points[i - 1]!;
    const [high, upTo] = points[i]!;
    if (limit >= low) return high > low ? below + ((upTo - below) * (limit - low)) / (high - low) : upTo;
  }
  return 0;
}

function countIn(values: MetricValues | undefined): number {
  return values !== undefined && 'count' in values ? values.count : 0;
}
