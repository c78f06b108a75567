// The thresholds of a record with their results, and how sentences speak of them.

import { identifyThresholds } from '../metrics/threshold-outcomes.ts';
import type { Aggregation, ThresholdOperator } from '../model/aggregation.ts';
import { seriesKey } from '../model/metric.ts';
import type { FigureDefinition } from '../model/monitor.ts';
import { figureOfMetric } from '../model/monitor-settings.ts';
import type { ThresholdPlan } from '../model/plan.ts';
import type { Measurements, MetricEntry, ThresholdResult } from '../model/run-record.ts';
import { type FigureUnit, formatFigure } from '../stats/format-figure.ts';

export interface JudgedThreshold {
  /** Series key. */
  readonly key: string;
  readonly plan: ThresholdPlan;
  readonly result: ThresholdResult;
  readonly unit: FigureUnit;
  readonly isCounter: boolean;
  /** Of a monitor, which may have read nothing. */
  readonly isOfMonitor: boolean;
}

/** Every threshold of the plan that has a result, in the order of the plan. */
export function judgedThresholds({ plan, metrics, thresholds }: Measurements): JudgedThreshold[] {
  const ids = identifyThresholds(plan.thresholds);
  const outcomes = new Map(thresholds?.map((outcome) => [outcome.id, outcome]));
  return plan.thresholds.flatMap((threshold, i) => {
    const key = seriesKey(threshold.metric, threshold.tags);
    const entry = metrics[key];
    // Records of older versions have results by expression only.
    const result =
      thresholds === undefined ? entry?.thresholds?.[threshold.expression] : outcomes.get(ids[i]!);
    if (entry === undefined || result === undefined) return [];
    const isCounter = entry.type === 'counter';
    const figure = figureOfMetric(plan.monitors, threshold.metric);
    const unit = unitOfAggregation(threshold.aggregation.kind, entry, figure);
    return [{ key, plan: threshold, result, unit, isCounter, isOfMonitor: figure !== undefined }];
  });
}

/** What an aggregation of a metric is in; `figure` is the monitor's that the metric is of. */
export function unitOfAggregation(
  aggregation: Aggregation['kind'],
  { type, contains }: Pick<MetricEntry, 'type' | 'contains'>,
  figure: FigureDefinition | undefined,
): FigureUnit {
  if (type === 'rate' || aggregation === 'share_above') return 'ratio';
  const own = contains === 'time' ? 'ms' : contains === 'data' ? 'bytes' : (figure?.unit ?? 'count');
  if (aggregation === 'growth') return `${own}/h`;
  if (type === 'counter' && aggregation === 'rate') {
    return figure === undefined || own === 'count' ? 'per s' : `${own}/s`;
  }
  return type !== 'counter' && aggregation === 'count' ? 'count' : own;
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
  if (aggregation.kind === 'percentile') return `p(${aggregation.p})`;
  return aggregation.kind === 'share_above' ? `share_above(${aggregation.value})` : aggregation.kind;
}

/** `p(95) of http_req_duration`; a count is called by its series alone, `dropped_iterations`. */
export function nameOf({ key, plan, isCounter }: JudgedThreshold): string {
  if (isCounter && plan.aggregation.kind === 'count') return key;
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

/** True for a threshold that nothing was read or recorded for, so that nobody knows whether it holds. */
export function isUnread({ result }: Pick<JudgedThreshold, 'result'>): boolean {
  return result.actual === null && !result.ok;
}

export function unreadSentence(threshold: JudgedThreshold): string {
  const must = `${nameOf(threshold)} must be ${limitOf(threshold)}`;
  if (!threshold.isOfMonitor) {
    return `${must}, but the run recorded no sample of it. Where that may be so, set the threshold's \`optional: true\`.`;
  }
  const amount = threshold.plan.aggregation.kind === 'growth' ? 'too little' : 'nothing';
  return `${must}, but ${amount} was read of it.`;
}

/** About a threshold that was broken when it ended the run, and holds over the whole of what there was of it. */
export function endedSentence(threshold: JudgedThreshold): string {
  const name = nameOf(threshold);
  return `${name} ended the run early, as it was not ${limitOf(threshold)} then. Over the whole run it is ${actualOf(threshold)}, which says nothing of the part of the plan that is missing.`;
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

/** What one reason can speak for: limits of one kind on one aggregation of one series. */
function subjectOf({ key, plan }: JudgedThreshold): string {
  return `${aggregationName(plan)} ${plan.operator.charAt(0)} ${key}`;
}

/** Of thresholds that all hold, the strictest on each subject; in the order of the first of each. */
export function strictestOf(held: readonly JudgedThreshold[]): JudgedThreshold[] {
  const strictest = new Map<string, JudgedThreshold>();
  for (const threshold of held) {
    const subject = subjectOf(threshold);
    // Equalities differ in what they say, not in how strict they are.
    const key = /^[=!]/.test(threshold.plan.operator) ? `${subject} ${threshold.plan.limit}` : subject;
    const known = strictest.get(key);
    if (known === undefined || isStricter(threshold, known)) strictest.set(key, threshold);
  }
  return [...strictest.values()];
}

function isStricter({ plan: a }: JudgedThreshold, { plan: b }: JudgedThreshold): boolean {
  if (a.limit === b.limit) return a.operator.length < b.operator.length;
  return a.operator.startsWith('<') ? a.limit < b.limit : a.limit > b.limit;
}

/** How far beyond its limit a broken threshold is, as a share of the limit; breaches are told worst first. */
export function excessOf({ result: { actual, limit } }: JudgedThreshold): number {
  const distance = Math.abs((actual ?? 0) - limit);
  return limit === 0 ? distance : distance / Math.abs(limit);
}
