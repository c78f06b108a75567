// The run's course: one entry per interval and metric, bounded however long the run is. The collector fills it.

import type { MetricType, MetricValues, SeriesDelta } from '../model/metric.ts';
import type { TimelineWindow } from '../model/run-record.ts';
import { Histogram } from '../stats/histogram.ts';
import { addDelta, createTotals, mergeTotals, type Totals, valuesOf } from './totals.ts';

/** Intervals beyond this are merged in pairs: 15 minutes at 1 s, 30 at 2 s, 3 hours at 16 s. */
export const maxWindowCount = 900;
const firstIntervalMs = 1000;
/** Workers' windows arrive within about a second; older intervals are packed. */
const openWindowCount = 3;
/** A shorter last interval, as a share of the others, joins the one before: its rates would be noise. */
const shortestTailRatio = 0.25;

/** One metric in one interval; the histograms of old intervals are packed as encoded bytes. */
type Cell = Totals | { readonly type: 'packed'; readonly bytes: Uint8Array };
type Window = Map<string, Cell>;

export class Timeline {
  /** Doubles whenever there would be more than `maxWindowCount` intervals. */
  #intervalMs = firstIntervalMs;
  #windows: (Window | undefined)[] = [];
  #packedBelow = 0;
  /** Emptied, to be filled anew: an interval leaves its own behind when it is packed. */
  readonly #spare: Histogram[] = [];

  /** Adds what a metric gained in a worker's window that starts at `startAtMs`. */
  add(metric: string, delta: SeriesDelta, startAtMs: number): void {
    while (startAtMs >= this.#intervalMs * maxWindowCount) this.#halve();
    const index = Math.floor(startAtMs / this.#intervalMs);
    const isNewest = index >= this.#windows.length;
    let window = this.#windows[index];
    if (window === undefined) {
      window = new Map();
      this.#windows[index] = window;
    }
    const cell = window.get(metric);
    const totals = cell === undefined ? this.#createTotals(delta.type) : unpacked(cell);
    addDelta(totals, delta, startAtMs);
    window.set(metric, index < this.#packedBelow ? packed(totals) : totals);
    if (isNewest) this.#packOld();
  }

  /** One window per interval, ascending and without gaps, the last one ending at `durationMs`. */
  finish(durationMs: number): TimelineWindow[] {
    // Of a run without load nothing was added that would have done it.
    while (durationMs > this.#intervalMs * (maxWindowCount + 1)) this.#halve();
    const intervalMs = this.#intervalMs;
    let windowCount = Math.max(Math.ceil(durationMs / intervalMs), this.#windows.length);
    const tailMs = durationMs - (windowCount - 1) * intervalMs;
    if (windowCount > 1 && tailMs < intervalMs * shortestTailRatio) {
      const tail = this.#windows[windowCount - 1];
      this.#windows[windowCount - 2] = joined(this.#windows[windowCount - 2], tail);
      windowCount--;
    }
    return Array.from({ length: windowCount }, (_, index) => {
      const startAtMs = index * intervalMs;
      const isLast = index === windowCount - 1;
      const endAtMs = isLast && durationMs > startAtMs ? durationMs : startAtMs + intervalMs;
      const metrics = Array.from(this.#windows[index] ?? [], ([metric, cell]): [string, MetricValues] => [
        metric,
        valuesOf(unpacked(cell), endAtMs - startAtMs),
      ]);
      return { startAtMs, endAtMs, metrics: Object.fromEntries(metrics) };
    });
  }

  /** What some metrics gained in all intervals within a time, as deltas; call it after `finish`. */
  over(
    fromMs: number,
    untilMs: number,
    metrics: ReadonlySet<string>,
    take: (metric: string, delta: SeriesDelta) => void,
  ): void {
    const first = Math.ceil(fromMs / this.#intervalMs);
    const end = Math.min(this.#windows.length, Math.ceil(untilMs / this.#intervalMs));
    for (let index = first; index < end; index++) {
      for (const [metric, cell] of this.#windows[index] ?? []) {
        if (metrics.has(metric)) take(metric, deltaOf(cell));
      }
    }
  }

  #createTotals(type: MetricType): Totals {
    const histogram = type === 'trend' ? this.#spare.pop() : undefined;
    return histogram === undefined ? createTotals(type) : { type: 'trend', histogram };
  }

  #packOld(): void {
    for (; this.#packedBelow < this.#windows.length - openWindowCount; this.#packedBelow++) {
      const window = this.#windows[this.#packedBelow];
      for (const [metric, cell] of window ?? []) {
        if (cell.type !== 'trend') continue;
        window?.set(metric, packed(cell));
        cell.histogram.reset();
        this.#spare.push(cell.histogram);
      }
    }
  }

  #halve(): void {
    const halved: (Window | undefined)[] = [];
    for (let i = 0; i < this.#windows.length; i += 2) {
      halved.push(joined(this.#windows[i], this.#windows[i + 1]));
    }
    this.#windows = halved;
    this.#intervalMs *= 2;
    this.#packedBelow = Math.floor(this.#packedBelow / 2);
  }
}

function joined(first: Window | undefined, second: Window | undefined): Window | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  const both: Window = new Map(first);
  for (const [metric, cell] of second) {
    const earlier = first.get(metric);
    if (earlier === undefined) {
      both.set(metric, cell);
      continue;
    }
    const totals = unpacked(earlier);
    mergeTotals(totals, unpacked(cell));
    both.set(metric, earlier.type === 'packed' ? packed(totals) : totals);
  }
  return both;
}

function packed(cell: Cell): Cell {
  return cell.type === 'trend' ? { type: 'packed', bytes: cell.histogram.encode() } : cell;
}

function unpacked(cell: Cell): Totals {
  return cell.type === 'packed' ? { type: 'trend', histogram: Histogram.decode(cell.bytes) } : cell;
}

function deltaOf(cell: Cell): SeriesDelta {
  if (cell.type === 'packed') return { id: 0, type: 'trend', histogram: cell.bytes };
  return cell.type === 'trend'
    ? { id: 0, type: 'trend', histogram: cell.histogram.encode() }
    : { id: 0, ...cell };
}
