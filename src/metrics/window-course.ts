// The figure of one threshold in every window of the load: what thresholds `for 30s` and `in 95%` are judged by.
// window-courses.ts feeds one for each such threshold. The rule is in docs/how-it-measures.md, "Limits over windows".

import type { Aggregation } from '../model/aggregation.ts';
import type { MetricType, SeriesDelta } from '../model/metric.ts';
import type { Plan, ThresholdPlan } from '../model/plan.ts';
import { Histogram } from '../stats/histogram.ts';
import { WindowLayout } from './window-layout.ts';

const secondMs = 1000;
/** Windows so old are decided: what they hold is let go. */
const openMs = 180_000;
const openWindows = 3;

/** What one window can be: its figure lies between the two. */
export interface WindowFigure {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly least: number;
  readonly greatest: number;
  /** Windows of the same number follow one another without a pause of the load. */
  readonly stretch: number;
}

export interface WindowFigures {
  /** Ascending; those in which nothing ended and nothing is known to have waited are left out. */
  readonly windows: readonly WindowFigure[];
  /** What ended after the planned end of the load, when that was long enough after it to be no part of a window. */
  readonly after: readonly WindowFigure[];
  /** Windows of the whole plan. */
  readonly plannedCount: number;
}

/** How many waited, by the least time of their bucket. */
type Waits = Map<number, { readonly to: number; count: number }>;

/** What is known of one window. */
interface Cell {
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

type Waiting = 'waited' | 'cut' | 'maybe';

export interface CourseKind {
  readonly type: MetricType;
  /**
   * What waits through a window is missing in it: in a trend of times at the time it took, in the rate of an operation with
   * an outcome that was not known then. `none`: it shows only where nothing else does.
   */
  readonly waits: 'own' | 'outcome' | 'none';
}

export class WindowCourse {
  readonly threshold: ThresholdPlan;
  readonly #kind: CourseKind;
  readonly #layout: WindowLayout;
  /** One window is a whole stage. */
  readonly #isStage: boolean;
  readonly #cells = new Map<number, Cell>();
  readonly #after = new Map<number, Cell>();
  readonly #least: Float64Array;
  readonly #greatest: Float64Array;
  readonly #changed = new Set<number>();
  #decidedBelow = 0;
  #newest = -1;
  #lastOwnMs = -1;

  constructor(plan: Pick<Plan, 'scenarios'>, threshold: ThresholdPlan, kind: CourseKind) {
    this.threshold = threshold;
    this.#kind = kind;
    this.#layout = new WindowLayout(plan, threshold);
    this.#isStage = threshold.windows?.stage !== undefined && this.#layout.count === 1;
    const empty = kind.type === 'counter' ? 0 : Number.NaN;
    this.#least = new Float64Array(this.#layout.count).fill(empty);
    this.#greatest = new Float64Array(this.#layout.count).fill(empty);
  }

  /** What a series of the metric gained in the second from `atMs` on. */
  add(delta: SeriesDelta, atMs: number): void {
    const cell = this.#cellAt(atMs);
    this.#lastOwnMs = Math.max(this.#lastOwnMs, atMs);
    if (delta.type === 'counter' && cell !== undefined) cell.count += delta.count;
    if (delta.type === 'rate' && cell !== undefined) {
      cell.passes += delta.passes;
      cell.fails += delta.fails;
    }
    if (delta.type !== 'trend') return;
    if (cell !== undefined) {
      cell.histogram ??= new Histogram();
      cell.histogram.mergeEncoded(delta.histogram);
    }
    if (this.#kind.waits === 'own') this.addWaits(delta.histogram, atMs, 'waited');
  }

  /**
   * Times of work that ended in the second from `atMs` on, or was cut off: what had begun before a window, and ended after
   * it, waited through all of it.
   */
  addWaits(encoded: Uint8Array, atMs: number, how: Waiting): void {
    const times = Histogram.decode(encoded);
    // Of a stage as a whole, whatever still waited at its end had been sent in it, or before.
    const spareMs = this.#isStage ? this.#layout.lengthMs : 0;
    if (times.count === 0 || times.max < this.#layout.lengthMs + secondMs - spareMs) return;
    for (const { from, to, count } of times.buckets()) {
      // By whole buckets: the figures must not depend on how the work was split among workers.
      const [first, end] = this.#layout.within({
        fromMs: atMs + secondMs - from - spareMs,
        untilMs: atMs,
      });
      for (let index = first; index < end; index++) this.#addWait(index, { from, to, count }, how);
    }
  }

  #addWait(index: number, bucket: { from: number; to: number; count: number }, how: Waiting): void {
    if (index < this.#decidedBelow) {
      this.#lose(index);
      return;
    }
    const cell = this.#cell(index);
    cell[how] ??= new Map();
    const known = cell[how].get(bucket.from);
    if (known === undefined) cell[how].set(bucket.from, { to: bucket.to, count: bucket.count });
    else known.count += bucket.count;
    this.#changed.add(index);
  }

  /** Something comes minutes later, when the window is decided: nobody knows it any more. */
  #lose(index: number): void {
    this.#least[index] = Number.NEGATIVE_INFINITY;
    this.#greatest[index] = Number.POSITIVE_INFINITY;
  }

  /** All windows that have ended by `untilMs`; at the end of the run also one that it cut short by less than half. */
  figures(untilMs: number, isEnd: boolean): WindowFigures {
    for (const index of this.#changed) this.#decide(index);
    this.#changed.clear();
    const windows: WindowFigure[] = [];
    const lastMs = isEnd && this.#layout.endsEarly ? Math.min(untilMs, this.#lastOwnMs + secondMs) : untilMs;
    for (let index = 0; index < this.#layout.count; index++) {
      const { fromMs, untilMs: endMs } = this.#layout.spanOf(index);
      const seenMs = Math.min(endMs, lastMs) - fromMs;
      if (seenMs < (isEnd ? (endMs - fromMs) / 2 : endMs - fromMs)) break;
      const [least, greatest] = [this.#least[index]!, this.#greatest[index]!];
      if (Number.isNaN(least)) continue;
      windows.push({ fromMs, untilMs: endMs, least, greatest, stretch: this.#layout.stretchOf(index) });
    }
    return { windows, after: isEnd ? this.#afterwards() : [], plannedCount: this.#layout.count };
  }

  #afterwards(): WindowFigure[] {
    return [...this.#after].flatMap(([second, cell]): WindowFigure[] => {
      const fromMs = second * secondMs;
      const [least, greatest] = this.#boundsOf(cell, this.#layout.lengthMs);
      return Number.isNaN(least)
        ? []
        : [{ fromMs, untilMs: fromMs + this.#layout.lengthMs, least, greatest, stretch: -1 }];
    });
  }

  #cellAt(atMs: number): Cell | undefined {
    if (atMs < this.#layout.fromMs) return undefined;
    const index = this.#layout.indexAt(atMs);
    if (index === undefined) {
      // After a stage comes the next one.
      if (this.threshold.windows?.stage !== undefined) return undefined;
      const second = Math.floor(atMs / this.#layout.lengthMs) * (this.#layout.lengthMs / secondMs);
      const cell = this.#after.get(second) ?? emptyCell();
      this.#after.set(second, cell);
      return cell;
    }
    if (index < this.#decidedBelow) {
      this.#lose(index);
      return undefined;
    }
    if (index > this.#newest) this.#letGo(index);
    this.#changed.add(index);
    return this.#cell(index);
  }

  #cell(index: number): Cell {
    const cell = this.#cells.get(index) ?? emptyCell();
    this.#cells.set(index, cell);
    return cell;
  }

  #letGo(newest: number): void {
    this.#newest = newest;
    const kept = Math.max(openWindows, Math.ceil(openMs / this.#layout.lengthMs));
    for (; this.#decidedBelow < newest - kept; this.#decidedBelow++) {
      if (this.#changed.delete(this.#decidedBelow)) this.#decide(this.#decidedBelow);
      this.#cells.delete(this.#decidedBelow);
    }
  }

  #decide(index: number): void {
    const cell = this.#cells.get(index);
    if (cell === undefined) return;
    const { fromMs, untilMs } = this.#layout.spanOf(index);
    const [least, greatest] = this.#boundsOf(cell, untilMs - fromMs);
    this.#least[index] = least;
    this.#greatest[index] = greatest;
  }

  /** The least and the greatest figure of a window; NaN where there is none. */
  #boundsOf(cell: Cell, lengthMs: number): [number, number] {
    const { aggregation } = this.threshold;
    const waiting = sumOf(cell.waited) + sumOf(cell.cut) + sumOf(cell.maybe);
    switch (this.#kind.type) {
      case 'counter': {
        const scale = aggregation.kind === 'rate' ? secondMs / lengthMs : this.#layout.lengthMs / lengthMs;
        return [cell.count * scale, cell.count * scale];
      }
      case 'rate': {
        const known = cell.passes + cell.fails;
        const unknown = this.#kind.waits === 'outcome' || known === 0 ? waiting : 0;
        if (known + unknown === 0) return [Number.NaN, Number.NaN];
        return [cell.passes / (known + unknown), (cell.passes + unknown) / (known + unknown)];
      }
      default:
        return this.#kind.waits === 'own'
          ? trendBounds(aggregation, cell)
          : shownBounds(aggregation, cell, waiting);
    }
  }
}

function emptyCell(): Cell {
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

function sumOf(counts: Waits | undefined): number {
  let sum = 0;
  for (const { count } of counts?.values() ?? []) sum += count;
  return sum;
}

/** A trend whose values are no times: where something waited and nothing ended, it may have any. */
function shownBounds(aggregation: Aggregation, { histogram }: Cell, waiting: number): [number, number] {
  if (histogram !== undefined && histogram.count > 0) {
    const value = aggregateOf(aggregation, histogram, 0);
    return [value, value];
  }
  return waiting > 0 ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] : [Number.NaN, Number.NaN];
}

/** What waited counts as long as it took; what was cut off at least as long as it had waited, and perhaps for ever. */
function trendBounds(aggregation: Aggregation, cell: Cell): [number, number] {
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
