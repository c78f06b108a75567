// Decides whether a threshold holds, by k6's rules. The collector asks, during the run and at its end.

import type { ThresholdOperator } from '../model/aggregation.ts';
import type { BuiltInMetric, MetricValues } from '../model/metric.ts';
import type { ThresholdPlan } from '../model/plan.ts';
import type { ThresholdResult } from '../model/run-record.ts';
import type { Histogram } from '../stats/histogram.ts';

/** What a threshold looks at: the values of its series, all merged. */
export interface ThresholdSubject {
  readonly values: MetricValues;
  /** Of trends; percentiles of any p are read from it. */
  readonly histogram: Histogram | undefined;
  /** True when no sample was recorded. */
  readonly empty: boolean;
  /** True for what a monitor reads: without a reading nothing can be said even of a counter. */
  readonly sampled?: true;
  /** Of sampled gauges: share of readings above a value that a threshold names. */
  readonly shareAbove?: (value: number) => number;
  /** Of sampled gauges: robust slope per hour; `undefined` when there were too few readings. It takes a while. */
  readonly growth?: () => number | undefined;
}

const holds: Readonly<Record<ThresholdOperator, (actual: number, limit: number) => boolean>> = {
  '<': (actual, limit) => actual < limit,
  '<=': (actual, limit) => actual <= limit,
  '>': (actual, limit) => actual > limit,
  '>=': (actual, limit) => actual >= limit,
  '==': (actual, limit) => actual === limit,
  '!=': (actual, limit) => actual !== limit,
};

/** Whether a value meets a limit. */
export function isWithin(operator: ThresholdOperator, actual: number, limit: number): boolean {
  return holds[operator](actual, limit);
}

/**
 * Whether a threshold is broken while the run goes on. A series without samples is never broken: the load that
 * will fill it may not have begun.
 */
export function isBroken(threshold: ThresholdPlan, subject: ThresholdSubject): boolean {
  if (subject.empty) return false;
  const actual = aggregate(threshold, subject);
  return actual !== null && !holds[threshold.operator](actual, threshold.limit);
}

/** Trends that stay empty when all is well: there was no outage, and nothing to collect. */
const emptyWhenWell: ReadonlySet<string> = new Set([
  'recovery_time',
  'generator_gc_pause',
] satisfies BuiltInMetric[]);

/**
 * The result at the end of the run. A counter of the load without samples is 0. Anything else without samples, or
 * without the readings for a slope, tells nothing: `actual` is `null`, and `ok` is false unless the threshold is
 * `optional` or its metric is empty when all is well. `close` is true when the threshold holds but its value is nearer to the limit than `warnMargin` × limit; a limit of 0
 * and `==`, `!=` are never close.
 */
export function evaluateThreshold(
  threshold: ThresholdPlan,
  subject: ThresholdSubject,
  aborted: boolean,
): ThresholdResult {
  const { limit, level, operator, warnMargin } = threshold;
  const isCounter = 'count' in subject.values && 'rate' in subject.values;
  const mayBeEmpty = threshold.optional === true || emptyWhenWell.has(threshold.metric);
  const unseen = { ok: mayBeEmpty, level, actual: null, limit, close: false, aborted };
  if (subject.empty && (subject.sampled || !isCounter)) return unseen;
  const actual = aggregate(threshold, subject);
  if (actual === null) return unseen;
  const ok = holds[operator](actual, limit);
  const ordered = operator !== '==' && operator !== '!=';
  const margin = warnMargin * Math.abs(limit);
  const close = ok && ordered && margin > 0 && Math.abs(limit - actual) <= margin;
  return { ok, level, actual, limit, close, aborted };
}

/** `null`: there were too few readings for a slope. */
function aggregate(
  { aggregation, expression, metric }: ThresholdPlan,
  subject: ThresholdSubject,
): number | null {
  if (aggregation.kind === 'percentile') {
    if (subject.histogram !== undefined) return subject.histogram.percentile(aggregation.p);
  } else if (aggregation.kind === 'share_above') {
    if (subject.shareAbove !== undefined) return subject.shareAbove(aggregation.value);
  } else if (aggregation.kind === 'growth') {
    if (subject.growth !== undefined) return subject.growth() ?? null;
  } else {
    const value = (subject.values as Readonly<Record<string, number | undefined>>)[aggregation.kind];
    if (value !== undefined) return value;
  }
  throw new TypeError(`threshold ${expression} does not fit the type of metric ${metric}`);
}
