// Metrics as they stood at one moment, whichever way they came: text pages, protobuf pages, OTLP. The decoders make
// them, selection.ts reads figures off them.

import type { NativeHistogram } from './native-histogram.ts';

export type MetricType =
  | 'counter'
  | 'gauge'
  | 'histogram'
  | 'gaugehistogram'
  | 'summary'
  | 'info'
  | 'stateset'
  | 'unknown';

export type Labels = ReadonlyMap<string, string>;

interface Series {
  /** Tells the series from others of its metric, and is the same in each reading. */
  readonly key: string;
  readonly labels: Labels;
  /** Wall clock time from which on it counts, where the source tells. */
  readonly startEpochMs?: number;
}

export interface NumberSeries extends Series {
  readonly value: number;
}

/** Cumulative counts by upper bound: `counts[i]` observations were `bounds[i]` at most. The last bound is Infinity. */
export interface ClassicBuckets {
  /** Ascending. */
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

/** What a histogram or summary has observed. A summary has no buckets, a histogram has one kind or both. */
export interface Distribution {
  readonly count: number;
  /** NaN where the source does not tell. */
  readonly sum: number;
  readonly classic?: ClassicBuckets;
  readonly native?: NativeHistogram;
}

export interface DistributionSeries extends Series {
  readonly distribution: Distribution;
}

export interface Metric {
  readonly type: MetricType;
  /** Of all types but histograms; of summaries the quantiles, each with its label `quantile`. */
  readonly numbers: readonly NumberSeries[];
  /** Of histograms and summaries. */
  readonly distributions: readonly DistributionSeries[];
}

/** By name: counters and infos as their samples are called (`requests_total`), all others as their family. */
export type Metrics = ReadonlyMap<string, Metric>;

/** The key of a series: its labels in a fixed order. */
export function seriesKey(labels: Labels): string {
  if (labels.size === 0) return '';
  if (labels.size === 1) return JSON.stringify([...labels]);
  return JSON.stringify([...labels].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The name of a metric without the ending of one of its samples: `x` for `x_count`. */
export function familyNames(name: string): readonly string[] {
  const match = /^(.+)_(?:total|count|sum|bucket|gcount|gsum|info)$/.exec(name);
  return match === null ? [name] : [name, match[1]!];
}
