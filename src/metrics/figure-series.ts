// One figure of a monitor over a run: what thresholds ask of it, and its course in the record, bounded in size.
// monitor-book.ts keeps one for each figure.

import type { SampledValues } from '../model/metric.ts';
import type { FigureSeries } from '../model/monitor.ts';
import { Histogram } from '../stats/histogram.ts';
import { theilSen } from '../stats/theil-sen.ts';

/** The most entries that the course of a monitor has. */
export const maxEntryCount = 600;
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
  count: number;
  sum: number;
  min: number;
  max: number;
}

/** A gauge's readings, or a counter's gains per second. */
export class FigureCourse {
  #entries: (Entry | undefined)[] = [];

  add(index: number, value: number): void {
    const entry = this.#entries[index];
    if (entry === undefined) {
      this.#entries[index] = { count: 1, sum: value, min: value, max: value };
      return;
    }
    entry.count++;
    entry.sum += value;
    entry.min = Math.min(entry.min, value);
    entry.max = Math.max(entry.max, value);
  }

  join(): void {
    joinPairs(this.#entries, (first, second) => {
      if (first === undefined || second === undefined) return first ?? second;
      return {
        count: first.count + second.count,
        sum: first.sum + second.sum,
        min: Math.min(first.min, second.min),
        max: Math.max(first.max, second.max),
      };
    });
  }

  /** Means by entry, `null` where nothing was read. */
  means(entryCount: number): (number | null)[] {
    return this.#map(entryCount, ({ sum, count }) => sum / count);
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

/** What thresholds ask of a gauge: exact sums and extremes, percentiles from a histogram. */
export class GaugeTotals {
  readonly histogram = new Histogram();
  last = 0;
  /** Readings above each limit that a threshold asks about. */
  readonly #above: Map<number, number>;

  constructor(limits: readonly number[]) {
    this.#above = new Map(limits.map((limit) => [limit, 0]));
  }

  add(value: number): void {
    this.histogram.add(value);
    this.last = value;
    for (const [limit, count] of this.#above) if (value > limit) this.#above.set(limit, count + 1);
  }

  /** Share of the readings above one of the limits, 0..1; 0 without readings. */
  shareAbove(limit: number): number {
    const { count } = this.histogram;
    return count === 0 ? 0 : (this.#above.get(limit) ?? 0) / count;
  }

  /** `growth` is the robust slope per hour of the course (`times` in ms). */
  values(times: readonly number[], means: readonly (number | null)[]): SampledValues {
    const {
      avg,
      min,
      med,
      max,
      'p(90)': p90,
      'p(95)': p95,
      'p(99)': p99,
      count,
    } = this.histogram.trendValues();
    const growth = growthPerHour(times, means);
    return {
      value: this.last,
      min,
      max,
      avg,
      med,
      'p(90)': p90,
      'p(95)': p95,
      'p(99)': p99,
      count,
      last: this.last,
      ...(growth !== undefined && { growth }),
    };
  }
}

/**
 * Robust slope per hour of values over times in ms; `undefined` where fewer than 3 were read.
 *
 * **Source:** Theil (1950) and Sen (1968), see stats/theil-sen.ts.
 */
function growthPerHour(times: readonly number[], means: readonly (number | null)[]): number | undefined {
  const read = times.flatMap((atMs, i) => {
    const value = means[i];
    return value === null || value === undefined ? [] : [{ atMs, value }];
  });
  const slope = theilSen(
    read.map(({ atMs }) => atMs),
    read.map(({ value }) => value),
  );
  return slope === undefined ? undefined : slope.slope * msPerHour;
}
