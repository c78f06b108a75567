// What there is to explain in a run, and when: limits on times, failures and throughput that broke, response times that
// rose, operations that failed. Called by bottlenecks.ts.

import {
  isBroken,
  isUndecided,
  type JudgedThreshold,
  judgedThresholds,
} from '../../judge/judged-thresholds.ts';
import { bottleneckLimits } from '../../model/bottleneck.ts';
import type { TrendValues } from '../../model/metric.ts';
import { failedCountOf, kindsOfRun, type OperationMetrics, operationMetrics } from '../../model/operation.ts';
import type { Measurements, TimelineWindow } from '../../model/run-record.ts';
import type { Evidence, Finding } from '../../model/verdict.ts';
import { sortedQuantile } from '../../stats/median.ts';
import { formatFigure } from '../../text/format-figure.ts';
import { cutOffReasons } from '../cut-off.ts';
import type { Drift } from '../drift.ts';
import { droppedOfPlan, droppedRatioLimit } from '../dropped-iterations.ts';
import { countOf, loadDurationMs, valueAt } from '../measured.ts';
import { breachSentence } from '../threshold-words.ts';
import { meanTime, thinkingShare } from './load-figures.ts';
import { type Span, within } from './spans.ts';

/** Usual limits where a suite has none on times: S3 calls a p95 above 1.5 s slow, S1 an average above 0.5 s. */
const usualP95Ms = 1500;
const usualAverageMs = 500;
/** Usual limits on failures: S0 investigates above 1 %, S3 calls more than 5 % a problem. */
const warningFailed = 0.01;
const criticalFailed = 0.05;
/** Response times have risen where so many of ten parts of the load, at least, have a mean of so many times the lower quartile. */
const parts = 10;
const leastRisen = 2;
const riseFactor = 3;
const leastRiseMs = 20;
/** Fewer intervals say nothing of when; then it is the whole load. */
const fewestHot = 3;

export type SymptomKind = 'latency' | 'errors' | 'throughput';

export interface Symptom {
  readonly kind: SymptomKind;
  readonly severity: Finding['severity'];
  /** A sentence. */
  readonly text: string;
  readonly evidence: readonly Evidence[];
}

export interface Condition {
  /** What went badly, the worst first; empty for a run in which nothing did. */
  readonly symptoms: readonly Symptom[];
  /** No finding is more severe than what there is to explain: `info` for a run in which nothing went badly. */
  readonly cap: Finding['severity'];
  /** When it went badly, ascending and disjoint; the whole load where that cannot be told. */
  readonly hot: readonly Span[];
  /** The load, from its start to its regular end. */
  readonly load: Span;
  /** What the run did; `undefined` when it did nothing. */
  readonly kind: OperationMetrics | undefined;
}

const severityRank = { critical: 0, warning: 1, info: 2 } as const;

/** What there is to explain. A search for capacity drives its target until it breaks: what breaks it is told, as `info`. */
export function conditionOf(measured: Measurements, drifts: readonly Drift[]): Condition {
  const { plan, timeline } = measured;
  const load = {
    fromMs: timeline[0]?.startAtMs ?? 0,
    untilMs: Math.min(loadDurationMs(measured), plan.durationMs),
  };
  const [name] = kindsOfRun((metric) => countOf(measured, metric));
  const kind = name === undefined ? undefined : operationMetrics[name];
  const windows = timeline.filter(
    ({ startAtMs, endAtMs }) => startAtMs < load.untilMs && endAtMs > startAtMs,
  );
  const found =
    kind === undefined
      ? []
      : [
          ...brokenLimits(measured),
          ...risenTimes(measured, kind, windows),
          ...wornDown(drifts),
          ...failures(measured, kind),
          ...shortfall(measured),
        ];
  // Users that mostly think make few operations however fast the target is.
  const isIdle = (thinkingShare(measured, [load]) ?? 0) > bottleneckLimits.load.thinking.limit;
  const isMild = ({ kind: of }: Symptom): boolean =>
    plan.search !== undefined || (isIdle && of === 'throughput');
  const symptoms = found
    .map((one) => (isMild(one) ? { ...one, severity: 'info' as const } : one))
    .sort((a, b) => severityRank[a.severity] - severityRank[b.severity]);
  const hot = kind === undefined || symptoms.length === 0 ? [] : hotSpans(measured, kind, windows, symptoms);
  return { symptoms, cap: symptoms[0]?.severity ?? 'info', hot: hot.length === 0 ? [load] : hot, load, kind };
}

function isOnTimes({ plan }: JudgedThreshold): boolean {
  const isTime = /_(duration|waiting|wait|time|receiving|blocked|connecting)$/.test(plan.metric);
  return isTime && !plan.metric.startsWith('generator_') && plan.operator.startsWith('<');
}

function isOnFailures({ plan }: JudgedThreshold): boolean {
  return /_failed$|^checks$/.test(plan.metric);
}

function isOnThroughput({ plan, isOfMonitor }: JudgedThreshold): boolean {
  const counts = Object.values(operationMetrics).map(({ count }): string => count);
  return !isOfMonitor && counts.includes(plan.metric) && plan.operator.startsWith('>');
}

/** Limits of the run that surely broke, or that cut-off work leaves open; those of monitors are about the means. */
function brokenLimits(measured: Measurements): Symptom[] {
  return judgedThresholds(measured).flatMap((threshold): Symptom[] => {
    const { plan, result, key, unit, isOfMonitor } = threshold;
    if (isOfMonitor || !(isBroken(threshold) || isUndecided(threshold))) return [];
    const kind = isOnTimes(threshold)
      ? 'latency'
      : isOnFailures(threshold)
        ? 'errors'
        : isOnThroughput(threshold)
          ? 'throughput'
          : undefined;
    if (kind === undefined) return [];
    const value = result.actual ?? result.bounds?.least ?? result.bounds?.greatest ?? plan.limit;
    const evidence = [{ name: `${plan.expression} of ${key}`, value, unit, limit: plan.limit }];
    const severity = plan.level === 'critical' && isBroken(threshold) ? 'critical' : 'warning';
    const text = isBroken(threshold)
      ? breachSentence(threshold)
      : `What was cut off leaves open whether ${plan.expression} of ${key} holds.`;
    return [{ kind, severity, text, evidence }];
  });
}

/** Exact means of ten parts of the load of equal length; parts with fewer than 20 operations are left out. */
function meansOfParts({ duration }: OperationMetrics, windows: readonly TimelineWindow[]) {
  const [first, last] = [windows[0], windows.at(-1)];
  if (first === undefined || last === undefined || windows.length < parts) return [];
  const lengthMs = (last.endAtMs - first.startAtMs) / parts;
  return Array.from({ length: parts }, (_, i) => {
    const fromMs = first.startAtMs + i * lengthMs;
    const span = { fromMs, untilMs: fromMs + lengthMs };
    const seen = windows.filter(({ startAtMs }) => startAtMs >= fromMs && startAtMs < span.untilMs);
    return { span, ...meanTime(seen, duration) };
  }).filter(({ count }) => count >= 20);
}

function risenParts(kind: OperationMetrics, windows: readonly TimelineWindow[]) {
  const all = meansOfParts(kind, windows);
  const usual = sortedQuantile(
    all.map(({ meanMs }) => meanMs).sort((a, b) => a - b),
    0.25,
  );
  const risen = all.filter(({ meanMs }) => meanMs >= riseFactor * usual && meanMs >= usual + leastRiseMs);
  return { usual, risen: risen.length < leastRisen ? [] : risen };
}

/** Times above the usual limits where the suite has none of its own; times that rose in the run. */
function risenTimes(
  measured: Measurements,
  kind: OperationMetrics,
  windows: readonly TimelineWindow[],
): Symptom[] {
  const own = judgedThresholds(measured).filter((one) => isOnTimes(one) && one.result.level !== 'search');
  const severity = own.length === 0 ? 'warning' : 'info';
  const values = measured.metrics[kind.duration]?.values as TrendValues | undefined;
  const symptoms: Symptom[] = [];
  if (own.length === 0 && values !== undefined && values.count > 0) {
    for (const [key, limit] of [
      ['p(95)', usualP95Ms],
      ['avg', usualAverageMs],
    ] as const) {
      if (values[key] <= limit) continue;
      const text = `The suite has no limit on times, and ${key} of ${kind.duration} is ${formatFigure(values[key], 'ms')}: more than ${formatFigure(limit, 'ms')}, a usual limit.`;
      const evidence = [{ name: `${key} of ${kind.duration}`, value: values[key], unit: 'ms', limit }];
      symptoms.push({ kind: 'latency', severity, text, evidence });
    }
  }
  const { usual, risen } = risenParts(kind, windows);
  if (risen.length > 0) {
    const most = risen.reduce((a, b) => (b.meanMs > a.meanMs ? b : a));
    const text = `The mean of ${kind.duration} rose from ${formatFigure(usual, 'ms')} to ${formatFigure(most.meanMs, 'ms')} during the load.`;
    const evidence = [{ name: `mean of ${kind.duration}`, value: most.meanMs, unit: 'ms', ...most.span }];
    symptoms.push({ kind: 'latency', severity, text, evidence });
  }
  if (cutOffReasons(measured).length > 0) {
    symptoms.push({ kind: 'latency', severity: 'warning', text: cutOffReasons(measured)[0]!, evidence: [] });
  }
  return symptoms;
}

/** Response times that rise slowly under a steady load have a finding of their own, which names limits. */
function wornDown(drifts: readonly Drift[]): Symptom[] {
  return drifts.flatMap(({ stretch, from, to }): Symptom[] => {
    if (stretch.series.unit !== 'ms' || to < 1.1 * from) return [];
    const { fromMs, untilMs } = stretch.part;
    const evidence = [{ name: `${stretch.series.name} at last`, value: to, unit: 'ms', fromMs, untilMs }];
    const text = `Under a steady load, ${stretch.series.title} rose from ${formatFigure(from, 'ms')} to ${formatFigure(to, 'ms')}.`;
    return [{ kind: 'latency', severity: 'warning', text, evidence }];
  });
}

/** Operations and iterations that failed, unless a threshold says that so many may. */
function failures(measured: Measurements, kind: OperationMetrics): Symptom[] {
  const { iteration } = operationMetrics;
  const kinds = kind === iteration ? [kind] : [kind, iteration];
  return kinds.flatMap(({ count, failed, noun }): Symptom[] => {
    const total = countOf(measured, count);
    const lost = failedCountOf(measured.metrics[failed]?.values);
    const ratio = total === 0 ? 0 : lost / total;
    if (ratio <= warningFailed) return [];
    const judged = judgedThresholds(measured).filter(
      ({ plan }) => plan.metric === failed && plan.level !== 'search',
    );
    const isTolerated = judged.length > 0 && judged.every(({ result }) => result.ok);
    const severity = isTolerated ? 'info' : ratio > criticalFailed ? 'critical' : 'warning';
    const text = `${formatFigure(ratio, 'ratio')} of the ${noun}s failed.`;
    return [
      {
        kind: 'errors',
        severity,
        text,
        evidence: [{ name: failed, value: ratio, unit: 'ratio', limit: warningFailed }],
      },
    ];
  });
}

/** Iterations that were due and found no free user. */
function shortfall(measured: Measurements): Symptom[] {
  const { dropped, due } = droppedOfPlan(measured);
  if (due === 0 || dropped <= due * droppedRatioLimit) return [];
  const value = dropped / due;
  const text = `${formatFigure(value, 'ratio')} of the iterations that were due were dropped.`;
  const evidence = [{ name: 'dropped_iterations', value, unit: 'ratio', limit: droppedRatioLimit }];
  return [{ kind: 'throughput', severity: 'warning', text, evidence }];
}

/** The intervals that show a symptom: over a broken limit on times, in a part that rose, or with failures. */
function hotSpans(
  measured: Measurements,
  kind: OperationMetrics,
  windows: readonly TimelineWindow[],
  symptoms: readonly Symptom[],
): Span[] {
  const has = (one: SymptomKind): boolean => symptoms.some((symptom) => symptom.kind === one);
  const limits = judgedThresholds(measured).filter(
    (one) =>
      isOnTimes(one) &&
      isBroken(one) &&
      one.plan.metric === kind.duration &&
      Object.keys(one.plan.tags).length === 0,
  );
  const { risen } = has('latency') ? risenParts(kind, windows) : { risen: [] };
  const worn =
    measured.timeline.length === 0 ? [] : symptoms.flatMap(({ evidence }) => evidence.flatMap(lastThird));
  const hot = windows.filter(({ startAtMs, endAtMs, metrics }) => {
    const middle = (startAtMs + endAtMs) / 2;
    const times = metrics[kind.duration];
    const isOver = limits.some(({ plan }) => {
      const value = times === undefined ? undefined : valueAt(times, keyOf(plan.aggregation));
      return value !== undefined && value > plan.limit;
    });
    const total = failedCountOf(metrics[kind.count]);
    const isFailing =
      has('errors') && total > 0 && failedCountOf(metrics[kind.failed]) > warningFailed * total;
    return (
      isOver ||
      isFailing ||
      risen.some(({ span }) => within(middle, span)) ||
      worn.some((span) => within(middle, span))
    );
  });
  return hot.length < fewestHot ? [] : joined(hot);
}

/** Of a rise that took the whole of a steady part. */
function lastThird({ name, fromMs, untilMs }: Evidence): Span[] {
  if (fromMs === undefined || untilMs === undefined || !name.endsWith('at last')) return [];
  return [{ fromMs: untilMs - (untilMs - fromMs) / 3, untilMs }];
}

/** Of an interval: the key of its values that a limit is best compared with. */
function keyOf(aggregation: JudgedThreshold['plan']['aggregation']): string {
  if (aggregation.kind === 'avg' || aggregation.kind === 'med') return aggregation.kind;
  const key = aggregation.kind === 'percentile' ? `p(${aggregation.p})` : 'p(95)';
  return ['p(90)', 'p(95)', 'p(99)'].includes(key) ? key : 'p(95)';
}

/** Intervals that follow each other become one span. */
function joined(windows: readonly TimelineWindow[]): Span[] {
  const spans: { fromMs: number; untilMs: number }[] = [];
  for (const { startAtMs, endAtMs } of windows) {
    const last = spans.at(-1);
    if (last !== undefined && startAtMs - last.untilMs < 1) last.untilMs = endAtMs;
    else spans.push({ fromMs: startAtMs, untilMs: endAtMs });
  }
  return spans;
}
