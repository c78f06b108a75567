// Decides whether a threshold holds, by k6's rules. The collector asks, during the run and at its end.

import type { MetricValues } from '../model/metric.ts';
import type { ThresholdOperator, ThresholdPlan } from '../model/plan.ts';
import type { ThresholdResult } from '../model/run-record.ts';
import type { Histogram } from '../stats/histogram.ts';

/** What a threshold looks at: the values of its series, all merged. */
export interface ThresholdSubject {
  readonly values: MetricValues;
  /** Of trends; percentiles of any p are read from it. */
  readonly histogram: Histogram | undefined;
  /** True when no sample was recorded. */
  readonly empty: boolean;
}

const holds: Readonly<Record<ThresholdOperator, (actual: number, limit: number) => boolean>> = {
  '<': (actual, limit) => actual < limit,
  '<=': (actual, limit) => actual <= limit,
  '>': (actual, limit) => actual > limit,
  '>=': (actual, limit) => actual >= limit,
  '==': (actual, limit) => actual === limit,
  '!=': (actual, limit) => actual !== limit,
};

/**
 * Whether a threshold is broken while the run goes on. A series without samples is never broken: the load that
 * will fill it may not have begun.
 */
export function isBroken(threshold: ThresholdPlan, subject: ThresholdSubject): boolean {
  return !subject.empty && !holds[threshold.operator](aggregate(threshold, subject), threshold.limit);
}

/**
 * The result at the end of the run. A counter without samples is 0. Any other series without samples compares as
 * 0 with `actual` `null`, except that a rate of nothing always holds. `close` is true when the threshold holds but its value
 * is nearer to the limit than `warnMargin` × limit; a limit of 0 and `==`, `!=` are never close.
 */
export function evaluateThreshold(
  threshold: ThresholdPlan,
  subject: ThresholdSubject,
  aborted: boolean,
): ThresholdResult {
  const { limit, level, operator, warnMargin } = threshold;
  const isCounter = 'count' in subject.values && 'rate' in subject.values;
  if (subject.empty && !isCounter) {
    const ok = 'passes' in subject.values || holds[operator](0, limit);
    return { ok, level, actual: null, limit, close: false, aborted };
  }
  const actual = aggregate(threshold, subject);
  const ok = holds[operator](actual, limit);
  const ordered = operator !== '==' && operator !== '!=';
  const margin = warnMargin * Math.abs(limit);
  const close = ok && ordered && margin > 0 && Math.abs(limit - actual) <= margin;
  return { ok, level, actual, limit, close, aborted };
}

function aggregate({ aggregation, expression, metric }: ThresholdPlan, subject: ThresholdSubject): number {
  if (aggregation.kind === 'percentile') {
    if (subject.histogram !== undefined) return subject.histogram.percentile(aggregation.p);
  } else {
    const value = (subject.values as Readonly<Record<string, number | undefined>>)[aggregation.kind];
    if (value !== undefined) return value;
  }
  throw new TypeError(`threshold ${expression} does not fit the type of metric ${metric}`);
}
