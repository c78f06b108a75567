// One running total out of many series that each may begin again: replicas, labels. selection.ts keeps one
// `SeriesTotals` per counter, ../node-exporter.ts too; distribution.ts shares its rules about new series.

import type { NumberSeries } from './metric.ts';

/** Series remembered at the most when they come and go; those of the latest reading always are. */
const seriesLimit = 20_000;

interface KnownSeries {
  readonly key: string;
  readonly startEpochMs?: number;
}

/**
 * Adds up what series gain. A series that fell, or has another start time than before, began again from 0 and gained
 * what it has now, as Prometheus' `increase` counts; the others are not touched by that.
 */
export class SeriesTotals {
  private readonly last = new Map<string, NumberSeries>();
  private firstLookEpochMs: number | undefined;
  private total = 0;

  /** The total after this reading. It begins with what the series had at the first one. */
  add(series: readonly NumberSeries[], nowEpochMs: number): number {
    const isFirst = this.firstLookEpochMs === undefined;
    this.firstLookEpochMs ??= nowEpochMs;
    // What is no number says nothing, and would be in the total for ever.
    const told = series.filter(({ value }) => Number.isFinite(value));
    for (const now of told) {
      const before = this.last.get(now.key);
      if (before === undefined) {
        if (isFirst || countsFromZero(now, this.firstLookEpochMs)) this.total += Math.max(0, now.value);
      } else {
        const beganAgain = now.startEpochMs !== before.startEpochMs || now.value < before.value;
        this.total += Math.max(0, beganAgain ? now.value : now.value - before.value);
      }
    }
    rememberBounded(this.last, told);
    return this.total;
  }
}

/**
 * Whether all that a series has when it is first seen was counted since we look: yes, unless its own start time says
 * otherwise. Sources make a series when they first count something for it, such as the first answer with status 500.
 */
export function countsFromZero({ startEpochMs }: KnownSeries, firstLookEpochMs: number): boolean {
  return startEpochMs === undefined || startEpochMs >= firstLookEpochMs;
}

/** Keeps the latest of each series, also of those not in `series`: they may come back. */
export function rememberBounded<Kind extends KnownSeries>(
  last: Map<string, Kind>,
  series: readonly Kind[],
): void {
  if (last.size + series.length > seriesLimit) last.clear();
  for (const one of series) last.set(one.key, one);
}
