// The figures of one run that comparisons are made of, each with how exact it is. Called by compare-runs.ts.

import { isArrivalRate } from '../executors/of-plan.ts';
import { seriesKey, suiteAsUser, type Tags } from '../model/metric.ts';
import { failedCountOf, kindsOfRun, type OperationMetrics, operationMetrics } from '../model/operation.ts';
import type { ComparedFigure, MeasuredLevel, MeasuredShare, RegressionRow } from '../model/regression.ts';
import type { MetricEntry, RunRecord } from '../model/run-record.ts';
import type { BlockVariance } from '../stats/block-variance.ts';
import { Histogram } from '../stats/histogram.ts';
import { quantileError } from '../stats/quantile-error.ts';
import { failureErrors, rateErrors, shareErrors, varianceOf, type WindowErrors } from './windows.ts';

export type RunFigure = ComparedFigure & (MeasuredLevel | MeasuredShare);

/** By `figureKey`, whole metrics first, then tasks and endpoints, the busiest first. */
export type RunFigures = ReadonlyMap<string, RunFigure>;

export function figureKey({ metric, tags, statistic }: ComparedFigure): string {
  return `${seriesKey(metric, tags)} ${statistic}`;
}

export function unitOfStatistic(statistic: ComparedFigure['statistic']): RegressionRow['unit'] {
  if (statistic === 'failed') return 'ratio';
  return statistic === 'per second' ? 'per s' : 'ms';
}

/**
 * Reads the figures of runs, one map for each in their order; `percentiles` are 0..100. `isOnePlan`: all had the same plan,
 * so that what their courses have in common is no noise. A run that has done nothing has no figures.
 */
export function figuresOf(
  records: readonly RunRecord[],
  isOnePlan: boolean,
  percentiles: readonly number[],
): RunFigures[] {
  const kinds = new Set(
    records.flatMap(({ metrics }) => kindsOfRun((metric) => entryCount(metrics[metric]))),
  );
  const found = [...kinds].map((kind) =>
    figuresOfKind(records, isOnePlan, operationMetrics[kind], percentiles),
  );
  return records.map(
    (_, i) => new Map(found.flatMap((ofKind) => ofKind[i]!.map((figure) => [figureKey(figure), figure]))),
  );
}

function figuresOfKind(
  records: readonly RunRecord[],
  isOnePlan: boolean,
  names: OperationMetrics,
  percentiles: readonly number[],
): RunFigure[][] {
  const variances = (errorsOf: (record: RunRecord) => WindowErrors): (BlockVariance | undefined)[] => {
    const errors = records.map(errorsOf);
    return errors.map((own) => varianceOf(own, isOnePlan ? errors : []));
  };
  const times = percentiles.map((percentile) => ({
    p: percentile / 100,
    variances: variances((record) =>
      shareErrors(record, names, quantileOf(record.metrics[names.duration], percentile) ?? 0),
    ),
  }));
  const failures = variances((record) => failureErrors(record, names));
  const rates = variances((record) => rateErrors(record, names));
  return records.map((record, i) => {
    if (entryCount(record.metrics[names.count]) === 0) return [];
    return [undefined, ...partsOf(record, names)].flatMap((tags) =>
      figuresAt(record, names, tags, {
        times: times.map(({ p, variances: ofTimes }) => ({ p, variance: ofTimes[i] })),
        failures: failures[i],
        rate: rates[i],
      }),
    );
  });
}

interface Variances {
  /** One for each percentile; `p` is 0..1. */
  readonly times: readonly { readonly p: number; readonly variance: BlockVariance | undefined }[];
  readonly failures: BlockVariance | undefined;
  readonly rate: BlockVariance | undefined;
}

/** The figures of a whole metric, or of a part of it. */
function figuresAt(
  record: RunRecord,
  names: OperationMetrics,
  tags: Tags | undefined,
  { times, failures, rate }: Variances,
): RunFigure[] {
  return [
    ...times.flatMap(({ p, variance }) => durationFigure(record, names, tags, p, variance)),
    ...failureFigure(record, names, tags, failures),
    ...rateFigure(record, names, tags, rate),
  ];
}

/** The figures of the whole, or of one part, without how exact they are; `percentiles` are 0..100. */
export function bareFigures(
  record: RunRecord,
  names: OperationMetrics,
  tags: Tags | undefined,
  percentiles: readonly number[],
): RunFigure[] {
  const times = percentiles.map((percentile) => ({ p: percentile / 100, variance: undefined }));
  return figuresAt(record, names, tags, { times, failures: undefined, rate: undefined });
}

/** One percentile of the times of a whole metric or a part of it; nothing where there are no times. */
function durationFigure(
  record: RunRecord,
  names: OperationMetrics,
  tags: Tags | undefined,
  p: number,
  variance: BlockVariance | undefined,
): RunFigure[] {
  const entry = record.metrics[seriesKey(names.duration, tags)];
  const percentile = Number((100 * p).toFixed(6));
  const count = entryCount(entry);
  if (entry === undefined || count === 0) return [];
  const histogram = histogramOf(entry);
  if (histogram === undefined) return [];
  const value = histogram.percentile(percentile);
  const all = entryCount(record.metrics[names.count]);
  // What windows have in common counts for a part as for the whole.
  const inflation = variance === undefined ? 1 : Math.max(1, (variance.variance * all) / (p * (1 - p)));
  const shareError = Math.sqrt((inflation * p * (1 - p)) / count);
  const error = quantileError(histogram, p, shareError);
  const problem =
    value <= 0 ? 'zero' : error === undefined ? 'few' : variance === undefined ? 'short' : undefined;
  const overdue = entry.cut?.overdue ?? 0;
  return [
    {
      metric: names.duration,
      ...(tags !== undefined && { tags }),
      statistic: `p(${percentile})`,
      kind: 'level',
      value,
      ...(error !== undefined && variance !== undefined && { error, freedom: variance.freedom }),
      ...(problem !== undefined && { problem }),
      exposure: 1,
      ...(overdue > ((1 - p) / 20) * count && { isLeast: true as const }),
    },
  ];
}

function failureFigure(
  record: RunRecord,
  names: OperationMetrics,
  tags: Tags | undefined,
  variance: BlockVariance | undefined,
): RunFigure[] {
  const of = entryCount(record.metrics[seriesKey(names.count, tags)]);
  const entry = record.metrics[seriesKey(names.failed, tags)];
  // Iterations that failed are not told by task.
  if (of === 0 || (tags !== undefined && entry === undefined)) return [];
  const count = failedCountOf(entry?.values);
  const whole = entryCount(record.metrics[names.count]);
  const share = failedCountOf(record.metrics[names.failed]?.values) / whole;
  const single = (share * (1 - share)) / whole;
  const inflation = variance === undefined || single === 0 ? 1 : Math.max(1, variance.variance / single);
  const figure = { metric: names.failed, ...(tags !== undefined && { tags }), statistic: 'failed' as const };
  return [{ ...figure, kind: 'share', count, of, inflation }];
}

/**
 * Operations per second, of the whole or of a part. A part of `count` operations of `all` varies as the whole does, and by
 * the draws that choose it: given the whole, `count` is binomial, with the relative variance `(1 - count / all) / count`.
 * Where users wait for answers, what slows the answers slows the rate by the share of their time
 * that they wait: requests under way are rate times time (J. D. C. Little, Operations Research 9 (1961) 383).
 */
function rateFigure(
  record: RunRecord,
  names: OperationMetrics,
  tags: Tags | undefined,
  variance: BlockVariance | undefined,
): RunFigure[] {
  const all = entryCount(record.metrics[names.count]);
  const count = entryCount(record.metrics[seriesKey(names.count, tags)]);
  const lengthMs = record.timeline.at(-1)?.endAtMs ?? 0;
  const [value, ofAll] = [count, all].map((one) => (lengthMs === 0 ? 0 : (1000 * one) / lengthMs)) as [
    number,
    number,
  ];
  const times = record.metrics[names.duration]?.values;
  const vus = record.metrics.vus?.values;
  const users = vus !== undefined && 'max' in vus ? vus.max : 0;
  const isOpen = record.plan.scenarios.every(({ executor }) => isArrivalRate(executor));
  const underWay = times !== undefined && 'avg' in times ? (ofAll * times.avg) / 1000 : 0;
  const exposure = isOpen ? 0 : users === 0 ? 1 : Math.min(1, underWay / users);
  const problem = value <= 0 ? 'zero' : variance === undefined ? 'short' : undefined;
  if (tags !== undefined && count === 0) return [];
  const chosen = count === 0 ? 0 : (1 - count / all) / count;
  return [
    {
      metric: names.count,
      ...(tags !== undefined && { tags }),
      statistic: 'per second',
      kind: 'level',
      value,
      ...(variance !== undefined && {
        error: Math.sqrt(variance.variance + chosen),
        freedom: variance.freedom,
      }),
      ...(problem !== undefined && { problem }),
      exposure,
    },
  ];
}

/** The tags of tasks, or of what tasks did where that is told, without what the suite itself did; the busiest first. */
function partsOf(record: RunRecord, { duration, count }: OperationMetrics): Tags[] {
  const found = Object.values(record.metrics).flatMap(({ metric, tags }) => {
    const isPart =
      metric === duration &&
      tags?.user !== undefined &&
      tags.task !== undefined &&
      tags.user !== suiteAsUser &&
      tags.scenario === undefined &&
      tags.status === undefined;
    return isPart ? [tags] : [];
  });
  const most = Math.max(0, ...found.map((tags) => Object.keys(tags).length));
  const countOf = (tags: Tags): number => entryCount(record.metrics[seriesKey(count, tags)]);
  const parts = found
    .filter((tags) => Object.keys(tags).length === most && countOf(tags) > 0)
    .sort((a, b) => countOf(b) - countOf(a));
  // One part alone is the whole.
  return parts.length === 1 && countOf(parts[0]!) === entryCount(record.metrics[count]) ? [] : parts;
}

export function entryCount(entry: MetricEntry | undefined): number {
  return entry !== undefined && 'count' in entry.values ? entry.values.count : 0;
}

function histogramOf(entry: MetricEntry): Histogram | undefined {
  return entry.histogram === undefined ? undefined : Histogram.decode(Buffer.from(entry.histogram, 'base64'));
}

function quantileOf(entry: MetricEntry | undefined, percentile: number): number | undefined {
  if (entry === undefined || entryCount(entry) === 0) return undefined;
  return histogramOf(entry)?.percentile(percentile);
}
