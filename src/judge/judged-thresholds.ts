// The thresholds of a record with their results. How sentences speak of them is in analysis/threshold-words.ts.

import type { Aggregation } from '../model/aggregation.ts';
import {
  type BuiltInMetric,
  builtInMetrics,
  type MetricContains,
  type MetricType,
  seriesKey,
} from '../model/metric.ts';
import type { FigureDefinition } from '../model/monitor.ts';
import { figureOfMetric, type MonitorPlan } from '../model/monitor-settings.ts';
import type { Plan, ThresholdPlan } from '../model/plan.ts';
import type { Measurements, MetricEntry, ThresholdResult } from '../model/run-record.ts';
import type { FigureUnit } from '../text/format-figure.ts';
import { identifyThresholds } from './threshold-outcomes.ts';

export interface JudgedThreshold {
  /** Series key. */
  readonly key: string;
  readonly plan: ThresholdPlan;
  readonly result: ThresholdResult;
  readonly unit: FigureUnit;
  readonly type: MetricType;
  readonly isCounter: boolean;
  /** The record has no result of it, or not the metric that it is on: nobody knows whether it holds. */
  readonly isMissing?: true;
  /** Of a monitor, which may have read nothing. */
  readonly isOfMonitor: boolean;
  /** Of the run, whose figures have names for people. */
  readonly monitors: readonly MonitorPlan[];
}

/**
 * Every threshold of the plan with its result, in the order of the plan. Where the record has none, it is one that nobody knows
 * of; those of steps that a search did not make are left out.
 */
export function judgedThresholds({
  plan,
  metrics,
  thresholds,
}: Pick<Measurements, 'plan' | 'metrics' | 'thresholds'>): JudgedThreshold[] {
  const ids = identifyThresholds(plan.thresholds);
  const outcomes = new Map(thresholds?.map((outcome) => [outcome.id, outcome]));
  return plan.thresholds.flatMap((threshold, i) => {
    const { metric, tags, expression, level, limit } = threshold;
    const key = seriesKey(metric, tags);
    const recorded = Object.hasOwn(metrics, key) ? metrics[key] : undefined;
    // Records of older versions have results by expression only.
    const ofSeries = recorded?.thresholds;
    const ofExpression =
      ofSeries !== undefined && Object.hasOwn(ofSeries, expression) ? ofSeries[expression] : undefined;
    const found = thresholds === undefined ? ofExpression : outcomes.get(ids[i]!);
    const isMissing = recorded === undefined || found === undefined;
    if (isMissing && level === 'search') return [];
    const entry = recorded ?? definitionOf(metric, plan);
    const none: ThresholdResult = { ok: false, level, actual: null, limit, close: false, aborted: false };
    // What is broken is broken, also where the figures of its metric are lost.
    const result = found === undefined || (isMissing && found.ok) ? none : found;
    const { type } = entry;
    const monitors = plan.monitors ?? [];
    const isCounter = type === 'counter';
    const figure = figureOfMetric(plan.monitors, metric);
    const unit = unitOfAggregation(threshold.aggregation.kind, entry, figure);
    const isOfMonitor = figure !== undefined;
    const judged = { key, plan: threshold, result, unit, type, isCounter, isOfMonitor, monitors };
    return [isMissing ? { ...judged, isMissing } : judged];
  });
}

/** What a metric is without an entry of the record. */
function definitionOf(
  metric: string,
  plan: Pick<Plan, 'metrics' | 'monitors'>,
): Pick<MetricEntry, 'type' | 'contains'> & { readonly metric: string } {
  const builtIn = Object.hasOwn(builtInMetrics, metric) ? builtInMetrics[metric as BuiltInMetric] : undefined;
  const own = Object.hasOwn(plan.metrics, metric) ? plan.metrics[metric] : undefined;
  const type = own?.type ?? builtIn?.type ?? figureOfMetric(plan.monitors, metric)?.type ?? 'trend';
  const contains = own?.contains ?? builtIn?.contains ?? 'default';
  return { metric, type: type as MetricType, contains: contains as MetricContains };
}

/** A gauge that is a share. */
const shareMetric: BuiltInMetric = 'goodput_kept';

/** What an aggregation of a metric is in; `figure` is the monitor's that the metric is of. */
export function unitOfAggregation(
  aggregation: Aggregation['kind'],
  { metric, type, contains }: Pick<MetricEntry, 'type' | 'contains'> & Partial<Pick<MetricEntry, 'metric'>>,
  figure: FigureDefinition | undefined,
): FigureUnit {
  if (type === 'rate' || aggregation === 'share_above' || metric === shareMetric) return 'ratio';
  const own = contains === 'time' ? 'ms' : contains === 'data' ? 'bytes' : (figure?.unit ?? 'count');
  if (aggregation === 'growth') return `${own}/h`;
  if (type === 'counter' && aggregation === 'rate') {
    return figure === undefined || own === 'count' ? 'per s' : `${own}/s`;
  }
  return type !== 'counter' && aggregation === 'count' ? 'count' : own;
}

/** `p(95)`, `avg`, ...: the aggregation as the user wrote it. */
export function aggregationName({ aggregation }: Pick<ThresholdPlan, 'aggregation'>): string {
  if (aggregation.kind === 'percentile') return `p(${aggregation.p})`;
  return aggregation.kind === 'share_above' ? `share_above(${aggregation.value})` : aggregation.kind;
}

/**
 * `p(95) of http_req_duration`, as the suite writes it; a count is called by its series alone, `dropped_iterations`. The
 * steps of a search are named elsewhere.
 */
export function nameOf({ plan, isCounter }: JudgedThreshold): string {
  const { scenario: _, ...withoutStep } = plan.tags;
  const key = seriesKey(plan.metric, plan.level === 'search' ? withoutStep : plan.tags);
  if (isCounter && plan.aggregation.kind === 'count') return key;
  return `${aggregationName(plan)} of ${key}`;
}

/** True for a threshold that nothing was read or recorded for, so that nobody knows whether it holds. */
export function isUnread({ result }: Pick<JudgedThreshold, 'result'>): boolean {
  return result.actual === null && !result.ok && result.bounds === undefined;
}

/** True for a threshold of which what was cut off leaves open whether it holds. */
export function isUndecided({ result }: Pick<JudgedThreshold, 'result'>): boolean {
  return result.undecided === true;
}

/** True for a threshold that surely does not hold. */
export function isBroken(threshold: JudgedThreshold): boolean {
  return !threshold.result.ok && !isUnread(threshold) && !isUndecided(threshold);
}

/** The value nearest to its limit that cut-off work leaves to a threshold that it breaks; `undefined` for others. */
export function bestOf({ plan, result }: JudgedThreshold): number | undefined {
  const { bounds, actual } = result;
  if (bounds === undefined || /^[=!]/.test(plan.operator)) return undefined;
  const best = plan.operator.startsWith('<') ? bounds.least : bounds.greatest;
  return best === actual || best === null ? undefined : best;
}

/** What one reason can speak for: limits of one kind on one aggregation of one series. */
function subjectOf({ key, plan }: JudgedThreshold): string {
  const windows = plan.windows === undefined ? '' : ` ${JSON.stringify(plan.windows)}`;
  return `${aggregationName(plan)} ${plan.operator.charAt(0)} ${key}${windows}`;
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
export function excessOf(threshold: JudgedThreshold): number {
  const { actual, limit } = threshold.result;
  const distance = Math.abs((bestOf(threshold) ?? actual ?? 0) - limit);
  return limit === 0 ? distance : distance / Math.abs(limit);
}
