// What an OTLP export of metrics says, whichever way it was encoded. decode-json.ts and decode-protobuf.ts make it,
// metric-store.ts keeps it.

import {
  assertBounds,
  assertBucketCount,
  assertLabels,
  ForeignDataError,
  observationsOf,
  type ReadSoFar,
} from '../foreign-data.ts';
import type { Distribution } from '../prometheus/metric.ts';
import { checkedNative } from '../prometheus/native-limits.ts';

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

/** Names for suggestions: so many of an export, and so many in all. */
export const namesLimit = 1000;

export interface OtlpExport {
  readonly metrics: readonly OtlpMetric[];
  /** Of all metrics, kept or not; 1000 at the most. */
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
  if (counts.length !== bounds.length + 1) {
    throw new ForeignDataError('a histogram must have one count more than it has bounds');
  }
  assertBucketCount(counts.length);
  assertBounds(bounds);
  let sum = 0;
  const cumulative = counts.map((count) => {
    sum += observationsOf(count, 'the count of a bucket of a histogram');
    return sum;
  });
  // Some write the bound that is always there.
  if (bounds.at(-1) === Number.POSITIVE_INFINITY)
    return { bounds, counts: [...cumulative.slice(0, -2), sum] };
  return { bounds: [...bounds, Number.POSITIVE_INFINITY], counts: cumulative };
}

/** Bucket `offset + i` holds (base^(offset+i), base^(offset+i+1)], which Prometheus counts as one index higher. */
export function exponentialBuckets(offset: number, counts: readonly number[]): ReadonlyMap<number, number> {
  assertBucketCount(counts.length);
  return new Map(counts.map((count, i) => [offset + i + 1, count]));
}

/** The point. Throws a `ForeignDataError` for what no series and no histogram can have. */
export function checkedPoint(point: OtlpPoint, soFar: ReadSoFar): OtlpPoint {
  soFar.sample();
  assertLabels(point.labels);
  if (point.distribution !== undefined) assertDistribution(point.distribution, soFar);
  return point;
}

function assertDistribution({ count, classic, native }: Distribution, soFar: ReadSoFar): void {
  observationsOf(count, 'the count of a histogram');
  if (native !== undefined) checkedNative(native);
  soFar.buckets((classic?.bounds.length ?? 0) + (native?.positive.size ?? 0) + (native?.negative.size ?? 0));
}

/** Values of attributes are cut off beyond this: command lines and the like are on every series of a service. */
const longestValue = 1024;

export function attributeText(text: string): string {
  return text.length <= longestValue ? text : text.slice(0, longestValue);
}
