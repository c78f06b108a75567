// What is known of one window of a threshold, and between which two figures that leaves it. window-course.ts keeps the cells.

import type { Aggregation } from '../model/aggregation.ts';
import type { SeriesDelta } from '../model/metric.ts';
import { Histogram } from '../stats/histogram.ts';

/** How many waited, by the least time of their bucket. */
type Waits = Map<number, { readonly to: number; count: number }>;

/** What is known of one window. */
export interface Cell {
  histogram: Histogram | undefined;
  passes: number;
  fails: number;
  count: number;
  /** Of operations that waited through the whole of it: what they took in the end, or of unknown outcome. */
  waited: Waits | undefined;
  /** The same of work that was cut off, by what it had waited. */
  cut: Waits | undefined;
  /** And of such as belongs here only by an outcome that it did not come to. */
  maybe: Waits | undefined;
}

export type Waiting = 'waited' | 'cut' | 'maybe';

/** What a series gained within the window. */
export function addTo(cell: Cell, delta: SeriesDelta): void {
  if (delta.type === 'counter') cell.count += delta.count;
  if (delta.type === 'rate') {
    cell.passes += delta.passes;
    cell.fails += delta.fails;
  }
  if (delta.type === 'trend') {
    cell.histogram ??= new Histogram();
    cell.histogram.mergeEncoded(delta.histogram);
  }
}

/**
 * A share of passes, 0..1; NaN where there is none. `unknown` may have passed or not; of `edge` each may be in the window or
 * not.
 */
export function rateBounds({ passes, fails }: Cell, unknown: number, edge?: Cell): [number, number] {
  const all = passes + fails + unknown;
  const [edgePasses, edgeFails] = [edge?.passes ?? 0, edge?.fails ?? 0];
  if (all === 0) return [Number.NaN, Number.NaN];
  return [passes / (all + edgeFails), (passes + unknown + edgePasses) / (all + edgePasses)];
}

/** The bounds of a trend without and with what may be in the window or not: the farthest of both. */
export function withEdge(
  boundsOf: (cell: Cell) => [number, number],
  cell: Cell,
  edge: Cell | undefined,
): [number, number] {
  const [least, greatest] = boundsOf(cell);
  if (edge?.histogram === undefined) return [least, greatest];
  const histogram = new Histogram();
  if (cell.histogram !== undefined) histogram.merge(cell.histogram);
  histogram.merge(edge.histogram);
  const [leastOfAll, greatestOfAll] = boundsOf({ ...cell, histogram });
  return Number.isNaN(least)
    ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
    : [Math.min(least, leastOfAll), Math.max(greatest, greatestOfAll)];
}

export function emptyCell(): Cell {
  return {
    histogram: undefined,
    passes: 0,
    fails: 0,
    count: 0,
    waited: undefined,
    cut: undefined,
    maybe: undefined,
  };
}

export function sumOf(counts: Waits | undefined): number {
  let sum = 0;
  for (const { count } of counts?.values() ?? []) sum += count;
  return sum;
}

/** A trend whose values are no times: where something waited and nothing ended, it may have any. */
export function shownBounds(
  aggregation: Aggregation,
  { histogram }: Cell,
  waiting: number,
): [number, number] {
  if (histogram !== undefined && histogram.count > 0) {
    const value = aggregateOf(aggregation, histogram, 0);
    return [value, value];
  }
  return waiting > 0 ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] : [Number.NaN, Number.NaN];
}

/** What waited counts as long as it took; what was cut off at least as long as it had waited, and perhaps for ever. */
export function trendBounds(aggregation: Aggregation, cell: Cell): [number, number] {
  const known = merged(cell.histogram, cell.waited, 'least');
  const endless = sumOf(cell.cut) + sumOf(cell.maybe);
  if (known.count + endless === 0) return [Number.NaN, Number.NaN];
  const slowest = merged(cell.histogram, cell.waited, 'greatest');
  const greatest = aggregateOf(aggregation, slowest, endless);
  if (endless === 0) return [aggregateOf(aggregation, known, 0), greatest];
  const least = [
    merged(known, cell.cut, 'least'),
    merged(merged(known, cell.cut, 'least'), cell.maybe, 'least'),
  ]
    .filter(({ count }) => count > 0)
    .map((values) => aggregateOf(aggregation, values, 0));
  return [Math.min(...least), greatest];
}

/** With what waited, each at the least or the greatest time of its bucket. */
function merged(
  histogram: Histogram | undefined,
  more: Waits | undefined,
  at: 'least' | 'greatest',
): Histogram {
  if (histogram !== undefined && more === undefined) return histogram;
  const all = new Histogram();
  if (histogram !== undefined) all.merge(histogram);
  for (const [from, { to, count }] of more ?? []) {
    for (let i = 0; i < count; i++) all.add(at === 'least' ? from : to);
  }
  return all;
}

/** As of a whole trend, with further values that are without bound. */
function aggregateOf({ kind, ...rest }: Aggregation, values: Histogram, endless: number): number {
  const infinite = Number.POSITIVE_INFINITY;
  switch (kind) {
    case 'min':
      return values.min;
    case 'max':
      return endless > 0 ? infinite : values.max;
    case 'avg':
      return endless > 0 ? infinite : values.sum / values.count;
    default: {
      const p = 'p' in rest ? Number(rest.p) : 50;
      const position = (p / 100) * (values.count + endless - 1);
      if (endless === 0) return values.percentile(p);
      if (Math.ceil(position) >= values.count) return infinite;
      return values.count === 1 ? values.min : values.percentile((position / (values.count - 1)) * 100);
    }
  }
}
