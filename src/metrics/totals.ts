// Sums of deltas, by metric type: of a run, of one interval, or of several series. The collector builds on these.

import type { MetricType, MetricValues, SeriesDelta } from '../model/metric.ts';
import { finite } from '../stats/finite.ts';
import { Histogram } from '../stats/histogram.ts';

export type Totals =
  | { readonly type: 'counter'; samples: boolean; count: number }
  | { readonly type: 'rate'; passes: number; fails: number }
  | {
      readonly type: 'gauge';
      samples: boolean;
      value: number;
      min: number;
      max: number;
      /** Start of the window that `value` is from: the latest wins, whatever the order of arrival. */
      valueAtMs: number;
    }
  | { readonly type: 'trend'; readonly histogram: Histogram };

export function createTotals(type: MetricType): Totals {
  switch (type) {
    case 'counter':
      return { type, samples: false, count: 0 };
    case 'rate':
      return { type, passes: 0, fails: 0 };
    case 'gauge':
      return { type, samples: false, value: 0, min: 0, max: 0, valueAtMs: 0 };
    case 'trend':
      return { type, histogram: new Histogram() };
  }
}

/** Adds what a series gained in the window that starts at `startAtMs`. The types must match. */
export function addDelta(totals: Totals, delta: SeriesDelta, startAtMs: number): void {
  if (totals.type === 'counter' && delta.type === 'counter') {
    totals.samples = true;
    totals.count = finite(totals.count + delta.count);
  } else if (totals.type === 'rate' && delta.type === 'rate') {
    totals.passes += delta.passes;
    totals.fails += delta.fails;
  } else if (totals.type === 'trend' && delta.type === 'trend') {
    totals.histogram.mergeEncoded(delta.histogram);
  } else if (totals.type === 'gauge' && delta.type === 'gauge') {
    const first = !totals.samples;
    totals.samples = true;
    totals.min = first ? delta.min : Math.min(totals.min, delta.min);
    totals.max = first ? delta.max : Math.max(totals.max, delta.max);
    if (first || startAtMs >= totals.valueAtMs) {
      totals.value = delta.value;
      totals.valueAtMs = startAtMs;
    }
  } else {
    throw new TypeError(`a ${delta.type} cannot be added to a ${totals.type}`);
  }
}

/** Adds values that are known at once: to a trend all of them, in a gauge the last one stands. */
export function addValues(totals: Totals, values: readonly number[], atMs: number): void {
  for (const value of values) {
    if (totals.type === 'trend') totals.histogram.add(value);
    else if (totals.type === 'gauge') {
      addDelta(totals, { id: 0, type: 'gauge', value, min: value, max: value }, atMs);
    }
  }
}

/** Adds all of `from` to `into`, which is of the same type; `from` stays as it is. */
export function mergeTotals(into: Totals, from: Totals): void {
  if (isEmpty(from)) return;
  if (into.type === 'trend' && from.type === 'trend') into.histogram.merge(from.histogram);
  else if (from.type === 'gauge') addDelta(into, { id: 0, ...from }, from.valueAtMs);
  else if (from.type !== 'trend') addDelta(into, { id: 0, ...from }, 0);
}

export function isEmpty(totals: Totals): boolean {
  switch (totals.type) {
    case 'counter':
    case 'gauge':
      return !totals.samples;
    case 'rate':
      return totals.passes + totals.fails === 0;
    case 'trend':
      return totals.histogram.count === 0;
  }
}

/** Values with k6's keys. `durationMs` is the time that a counter's rate is per second of. */
export function valuesOf(totals: Totals, durationMs: number): MetricValues {
  switch (totals.type) {
    case 'counter':
      return { count: totals.count, rate: durationMs > 0 ? finite((totals.count * 1000) / durationMs) : 0 };
    case 'rate': {
      const { passes, fails } = totals;
      return { rate: passes + fails === 0 ? 0 : passes / (passes + fails), passes, fails };
    }
    case 'gauge':
      return { value: totals.value, min: totals.min, max: totals.max };
    case 'trend':
      return totals.histogram.trendValues();
  }
}
