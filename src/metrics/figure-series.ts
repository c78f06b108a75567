// The course of a monitor's figures over a run, bounded in size, and how steep it is. monitor-pages.ts keeps one for
// each figure.

import type { FigureSeries } from '../model/monitor.ts';
import { theilSen } from '../stats/theil-sen.ts';

/** The most entries that the course of a monitor has. */
export const maxEntryCount = 600;
const maxSlopePoints = 200;
const msPerHour = 3_600_000;
/** Digits that the course keeps: a pixel of any chart shows fewer. */
const seriesDigits = 7;

/** The moments of a monitor's readings. Its figures keep their values in entries of the same numbering. */
export class EntryClock {
  readonly times: number[] = [];
  readonly #lastAtMs: number[] = [];
  readingsPerEntry = 1;
  #inNewest = 0;

  /** The entry that a reading at `atMs` belongs to. `join` is called first when neighbours are to be joined. */
  next(atMs: number, join: () => void): number {
    if (this.times.length > 0 && this.#inNewest < this.readingsPerEntry) {
      this.#lastAtMs[this.times.length - 1] = atMs;
      this.#inNewest++;
      return this.times.length - 1;
    }
    if (this.times.length === maxEntryCount) {
      joinPairs(this.times, (first) => first);
      joinPairs(this.#lastAtMs, (_first, second) => second);
      this.readingsPerEntry *= 2;
      join();
    }
    this.times.push(atMs);
    this.#lastAtMs.push(atMs);
    this.#inNewest = 1;
    return this.times.length - 1;
  }

  /** The middle of each entry, between its first reading and its last. */
  middles(): number[] {
    return this.times.map((first, i) => Math.round((first + this.#lastAtMs[i]!) / 2));
  }
}

interface Entry {
  weight: number;
  sum: number;
  min: number;
  max: number;
}

/** A gauge's readings, or a counter's gains per second. */
export class FigureCourse {
  #entries: (Entry | undefined)[] = [];

  /** `weight`: what the value counts in means; of a gain per second the time in which it was gained. */
  add(index: number, value: number, weight = 1): void {
    const entry = this.#entries[index];
    if (entry === undefined) {
      this.#entries[index] = { weight, sum: value * weight, min: value, max: value };
      return;
    }
    entry.weight += weight;
    entry.sum += value * weight;
    entry.min = Math.min(entry.min, value);
    entry.max = Math.max(entry.max, value);
  }

  join(): void {
    joinPairs(this.#entries, (first, second) => {
      if (first === undefined || second === undefined) return first ?? second;
      return {
        weight: first.weight + second.weight,
        sum: first.sum + second.sum,
        min: Math.min(first.min, second.min),
        max: Math.max(first.max, second.max),
      };
    });
  }

  /** Means by entry, `null` where nothing was read. */
  means(entryCount: number): (number | null)[] {
    return this.#map(entryCount, ({ sum, weight }) => sum / weight);
  }

  series(entryCount: number, readingsPerEntry: number): FigureSeries {
    const avg = this.means(entryCount);
    if (readingsPerEntry === 1) return { avg };
    return {
      avg,
      min: this.#map(entryCount, ({ min }) => min),
      max: this.#map(entryCount, ({ max }) => max),
    };
  }

  #map(entryCount: number, value: (entry: Entry) => number): (number | null)[] {
    return Array.from({ length: entryCount }, (_, i) => {
      const entry = this.#entries[i];
      return entry === undefined ? null : Number(value(entry).toPrecision(seriesDigits));
    });
  }
}

function joinPairs<T>(entries: T[], join: (first: T, second: T) => T): void {
  const half = Math.ceil(entries.length / 2);
  for (let i = 0; i < half; i++) {
    entries[i] = 2 * i + 1 < entries.length ? join(entries[2 * i]!, entries[2 * i + 1]!) : entries[2 * i]!;
  }
  entries.length = half;
}

/**
 * Robust slope per hour of a course; `undefined` where fewer than 3 of its entries were read. Beyond 200 entries, means
 * of neighbours stand for them: the work grows with the square, and it is done for every gauge at the end of a run.
 *
 * **Source:** Theil (1950) and Sen (1968), see stats/theil-sen.ts.
 */
export function growthPerHour(
  times: readonly number[],
  means: readonly (number | null)[],
): number | undefined {
  const read = times.flatMap((atMs, i) => {
    const value = means[i];
    return value === null || value === undefined ? [] : [{ atMs, value }];
  });
  const groupSize = Math.max(1, Math.ceil(read.length / maxSlopePoints));
  const points = Array.from({ length: Math.ceil(read.length / groupSize) }, (_, i) => {
    const group = read.slice(i * groupSize, (i + 1) * groupSize);
    const meanOf = (key: 'atMs' | 'value'): number =>
      group.reduce((sum, one) => sum + one[key], 0) / group.length;
    return { atMs: meanOf('atMs'), value: meanOf('value') };
  });
  const slope = theilSen(
    points.map(({ atMs }) => atMs),
    points.map(({ value }) => value),
  );
  return slope === undefined ? undefined : slope.slope * msPerHour;
}
