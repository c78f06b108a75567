// Histograms with fixed bounds, made of ours: what Prometheus and OTLP receivers can add up over workers and runs.

import type { MetricContains } from '../model/metric.ts';
import { bucketLowerBound } from '../stats/buckets.ts';
import type { Histogram } from '../stats/histogram.ts';

/** In ms. */
const timeBounds: readonly number[] = [
  0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000,
];
const powers = (base: number, from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, k) => base ** (from + k));
/** 64 B to 4 GiB. */
const dataBounds: readonly number[] = powers(4, 3, 16);
/** 1/128 to about a million. */
const otherBounds: readonly number[] = powers(2, -7, 20);

/** Upper bounds, inclusive and ascending: ms for `time`, bytes for `data`. */
export function boundsOf(contains: MetricContains): readonly number[] {
  switch (contains) {
    case 'time':
      return timeBounds;
    case 'data':
      return dataBounds;
    case 'default':
      return otherBounds;
  }
}

/**
 * How many values are at or below each bound, one count per bound; those above all bounds are the rest of `count`.
 *
 * **Error bound.** A bucket of the histogram counts as below a bound when it begins at or below it. So no value at or
 * below a bound is ever left out, and of those above it only values less than 1/128 (0.8 %) above may be counted in.
 * Bounds outside [min, max] are exact. Negative values lie below every bound.
 */
export function countsUpTo(histogram: Histogram, bounds: readonly number[]): number[] {
  const counts = new Array<number>(bounds.length);
  let upTo = histogram.zeros + (histogram.negative?.total ?? 0);
  let at = 0;
  histogram.positive.forEach((bucket, count) => {
    const from = bucketLowerBound(bucket);
    for (; at < bounds.length && from > bounds[at]!; at++) counts[at] = upTo;
    upTo += count;
  });
  for (; at < bounds.length; at++) counts[at] = upTo;
  for (const [k, bound] of bounds.entries()) {
    if (bound < histogram.min) counts[k] = 0;
    else if (bound >= histogram.max) counts[k] = histogram.count;
  }
  return counts;
}
