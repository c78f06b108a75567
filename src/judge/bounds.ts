// The least and the greatest value that an aggregation can have, given what was measured and what was cut off. Called by
// thresholds.ts.

import type { Totals } from '../metrics/totals.ts';
import { missingCountOf, type Unfinished } from '../metrics/unfinished.ts';
import type { Aggregation } from '../model/aggregation.ts';
import { Histogram } from '../stats/histogram.ts';

export interface Bounds {
  readonly least: number;
  readonly greatest: number;
}

const infinite = Number.POSITIVE_INFINITY;

/** `durationMs` is what a counter's rate is per second of; `floor` the least value that a sample of the trend can have. */
export function boundsOf(
  aggregation: Aggregation,
  totals: Totals,
  unfinished: Unfinished,
  { durationMs, floor }: { readonly durationMs: number; readonly floor: number },
): Bounds | undefined {
  switch (totals.type) {
    case 'counter': {
      const scale = aggregation.kind === 'rate' ? (durationMs > 0 ? 1000 / durationMs : 0) : 1;
      return { least: totals.count * scale, greatest: (totals.count + unfinished.added) * scale };
    }
    case 'rate': {
      const { passes, fails } = totals;
      const count = missingCountOf(unfinished);
      const all = passes + fails + count;
      return all === 0 ? undefined : { least: passes / all, greatest: (passes + count) / all };
    }
    case 'trend':
      return trendBounds(aggregation, totals.histogram, unfinished, floor);
    case 'gauge':
      return undefined;
  }
}

/**
 * The least value of an aggregation when all that was cut off counts at its least value, also what the end of a run always
 * cuts off: a fact, whatever is usual. `undefined` when there is none.
 */
export function surelyAtLeast(
  aggregation: Aggregation,
  totals: Totals,
  { known, unboundedCount }: Unfinished,
  floor: number,
): number | undefined {
  if (totals.type !== 'trend' || known.count === 0) return undefined;
  const values = merged(totals.histogram, known);
  return aggregate(aggregation, { values, floor, floorCount: unboundedCount, infiniteCount: 0 });
}

/**
 * Every aggregation of a trend grows when a sample grows, so the extremes are where all that is unknown is least, or without
 * bound. What may or may not belong is taken in whichever way makes the extreme more extreme.
 */
function trendBounds(
  aggregation: Aggregation,
  completed: Histogram,
  unfinished: Unfinished,
  floor: number,
): Bounds {
  const surely = merged(completed, unfinished.bounded);
  const withMaybe = merged(surely, unfinished.maybeBounded);
  const mostAtFloor = unfinished.unboundedCount + unfinished.maybeUnboundedCount;
  const of = (values: Histogram, floorCount: number, infiniteCount: number): number =>
    aggregate(aggregation, { values, floor, floorCount, infiniteCount });
  const onlySure = surely.count + unfinished.unboundedCount === 0;
  return {
    least: Math.min(
      onlySure ? infinite : of(surely, unfinished.unboundedCount, 0),
      of(withMaybe, mostAtFloor, 0),
    ),
    greatest: Math.max(
      completed.count === 0 ? Number.NEGATIVE_INFINITY : of(completed, 0, 0),
      of(completed, 0, missingCountOf(unfinished)),
    ),
  };
}

function merged(a: Histogram, b: Histogram): Histogram {
  const both = new Histogram();
  both.merge(a);
  both.merge(b);
  return both;
}

interface Sample {
  readonly values: Histogram;
  readonly floor: number;
  /** Further values, all at the floor. */
  readonly floorCount: number;
  /** Further values, all without bound. */
  readonly infiniteCount: number;
}

function aggregate(aggregation: Aggregation, sample: Sample): number {
  const { values, floor, floorCount, infiniteCount } = sample;
  switch (aggregation.kind) {
    case 'percentile':
      return percentile(sample, aggregation.p);
    case 'med':
      return percentile(sample, 50);
    case 'min':
      if (floorCount > 0) return Math.min(floor, values.min);
      return values.min;
    case 'max':
      if (infiniteCount > 0) return infinite;
      return values.count > 0 ? values.max : floor;
    case 'avg': {
      if (infiniteCount > 0) return infinite;
      const fromFloor = floorCount === 0 ? 0 : floor * floorCount;
      return (values.sum + fromFloor) / (values.count + floorCount);
    }
    default:
      return values.count + floorCount + infiniteCount;
  }
}

/** As `Histogram.percentile`, by k6's rule. */
function percentile({ values, floor, floorCount, infiniteCount }: Sample, p: number): number {
  const position = (p / 100) * (floorCount + values.count + infiniteCount - 1);
  const valueAt = (rank: number): number => {
    if (rank < floorCount) return floor;
    const own = rank - floorCount;
    if (own >= values.count) return infinite;
    return values.count === 1 ? values.min : values.percentile((own / (values.count - 1)) * 100);
  };
  const rank = Math.floor(position);
  const lower = valueAt(rank);
  if (position === rank || !Number.isFinite(lower)) return lower;
  const upper = valueAt(rank + 1);
  return Number.isFinite(upper) ? lower + (upper - lower) * (position - rank) : upper;
}
