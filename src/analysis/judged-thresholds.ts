// The thresholds of a record with their results, and how sentences speak of them.

import { seriesKey } from '../model/metric.ts';
import type { ThresholdOperator, ThresholdPlan } from '../model/plan.ts';
import type { Measurements, MetricEntry, ThresholdResult } from '../model/run-record.ts';
import { type FigureUnit, formatFigure } from '../stats/format-figure.ts';

export interface JudgedThreshold {
  /** Series key. */
  readonly key: string;
  readonly plan: ThresholdPlan;
  readonly result: ThresholdResult;
  readonly unit: FigureUnit;
}

/** Every threshold of the plan that has a result, in the order of the plan. */
export function judgedThresholds({ plan, metrics }: Measurements): JudgedThreshold[] {
  return plan.thresholds.flatMap((threshold) => {
    const key = seriesKey(threshold.metric, threshold.tags);
    const entry = metrics[key];
    const result = entry?.thresholds?.[threshold.expression];
    if (entry === undefined || result === undefined) return [];
    return [{ key, plan: threshold, result, unit: unitOf(entry, threshold) }];
  });
}

function unitOf({ type, contains }: MetricEntry, { aggregation }: ThresholdPlan): FigureUnit {
  if (type === 'rate') return 'ratio';
  if (type === 'counter' && aggregation.kind === 'rate') return 'per s';
  if (type !== 'counter' && aggregation.kind === 'count') return 'count';
  if (contains === 'time') return 'ms';
  return contains === 'data' ? 'bytes' : 'count';
}

const requirement: Readonly<Record<ThresholdOperator, string>> = {
  '<': 'below',
  '<=': 'at most',
  '>': 'above',
  '>=': 'at least',
  '==': 'exactly',
  '!=': 'anything but',
};

/** `p(95)`, `avg`, ...: the aggregation as the user wrote it. */
export function aggregationName({ aggregation }: ThresholdPlan): string {
  return aggregation.kind === 'percentile' ? `p(${aggregation.p})` : aggregation.kind;
}

/** `p(95) of http_req_duration` */
export function nameOf({ key, plan }: JudgedThreshold): string {
  return `${aggregationName(plan)} of ${key}`;
}

/** `below 100 ms` */
export function limitOf({ plan, unit }: JudgedThreshold): string {
  return `${requirement[plan.operator]} ${formatFigure(plan.limit, unit)}`;
}

/** `153 ms`, or `without a sample` */
export function actualOf({ result, unit }: JudgedThreshold): string {
  return result.actual === null ? 'without a sample' : formatFigure(result.actual, unit);
}

/** A sentence about a threshold that does not hold. */
export function breachSentence(threshold: JudgedThreshold): string {
  const ended = threshold.result.aborted ? ', and this ended the run early' : '';
  const level = threshold.result.level === 'target' ? ' to meet the target' : '';
  return `${nameOf(threshold)} is ${actualOf(threshold)}, but must be ${limitOf(threshold)}${level}${ended}.`;
}

/** A sentence about a threshold that holds, but only just. */
export function closeSentence(threshold: JudgedThreshold): string {
  return `${nameOf(threshold)} is ${actualOf(threshold)}, close to its limit (${limitOf(threshold)}).`;
}

/** How far beyond its limit a broken threshold is, as a share of the limit; breaches are told worst first. */
export function excessOf({ result: { actual, limit } }: JudgedThreshold): number {
  const distance = Math.abs((actual ?? 0) - limit);
  return limit === 0 ? distance : distance / Math.abs(limit);
}
