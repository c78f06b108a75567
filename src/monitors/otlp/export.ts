// What an OTLP export of metrics says, whichever way it was encoded. decode-json.ts and decode-protobuf.ts make it,
// metric-store.ts keeps it.

import type { Distribution } from '../prometheus/metric.ts';

export interface OtlpPoint {
  /** Attributes of the resource and of the point, which win. Those that are lists or maps are left out. */
  readonly labels: ReadonlyMap<string, string>;
  /** Wall clock; absent when it was not told. */
  readonly startEpochMs?: number;
  /** The source says that the series has ended. */
  readonly isEnd: boolean;
  /** Of gauges and sums. */
  readonly value?: number;
  /** Of histograms and summaries. */
  readonly distribution?: Distribution;
  /** Of summaries. */
  readonly quantiles?: readonly { readonly quantile: number; readonly value: number }[];
}

export interface OtlpMetric {
  readonly name: string;
  /** Instrumentation scope: two libraries may have metrics of one name. */
  readonly scope: string;
  readonly kind: 'gauge' | 'sum' | 'histogram' | 'summary';
  /** Points hold what was added since the last export, and not since `startEpochMs`. */
  readonly isDelta: boolean;
  /** Of sums: they never fall. */
  readonly isMonotonic: boolean;
  readonly points: readonly OtlpPoint[];
}

export interface OtlpExport {
  readonly metrics: readonly OtlpMetric[];
  /** Of all metrics, kept or not. */
  readonly names: readonly string[];
}

/** `AggregationTemporality` in the protocol. */
export const deltaTemporality = 1;

/** The bit of `flags` that says that a series has ended. */
export const noRecordedValue = 1;

/** Explicit bounds and the counts between them, as cumulative counts by upper bound. */
export function explicitBuckets(
  bounds: readonly number[],
  counts: readonly number[],
): Distribution['classic'] {
  if (counts.length === 0) return undefined;
  if (counts.length !== bounds.length + 1) throw new Error('a histogram has not one count more than bounds');
  let sum = 0;
  return {
    bounds: [...bounds, Number.POSITIVE_INFINITY],
    counts: counts.map((count) => {
      sum += count;
      return sum;
    }),
  };
}

/** Bucket `offset + i` holds (base^(offset+i), base^(offset+i+1)], which Prometheus counts as one index higher. */
export function exponentialBuckets(offset: number, counts: readonly number[]): ReadonlyMap<number, number> {
  return new Map(counts.map((count, i) => [offset + i + 1, count]));
}
