// The figure of one threshold in every window of the load: what thresholds `for 30s` and `in 95%` are judged by.
// window-courses.ts feeds one for each such threshold. The rule is in docs/how-it-measures.md, "Limits over windows".

import { durationOf } from '../executors/of-plan.ts';
import type { MetricType, SeriesDelta } from '../model/metric.ts';
import type { Plan, ThresholdPlan } from '../model/plan.ts';
import { Histogram } from '../stats/histogram.ts';
import {
  addTo,
  type Cell,
  emptyCell,
  rateBounds,
  shownBounds,
  sumOf,
  trendBounds,
  type Waiting,
  withEdge,
} from './window-cell.ts';
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
  /** The figures are counts, or rates of a counter. */
  readonly isCounter: boolean;
}

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
  /** And the limit is on the stage, not on some length of time in it. */
  readonly #isWholeStage: boolean;
  readonly #cells = new Map<number, Cell>();
  /** By run time. */
  readonly #after = new Map<number, Cell>();
  /** Of a whole stage: seconds that belong to it in part, and outcomes of what it sent that came after the load. */
  readonly #edge = emptyCell();
  readonly #isLastStage: boolean;
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
    const { stage } = threshold.windows ?? {};
    this.#isWholeStage =
      this.#isStage &&
      stage !== undefined &&
      Math.abs(this.#layout.lengthMs - stage.untilMs + stage.fromMs) < secondMs;
    this.#isLastStage = isLastStage(plan, threshold);
    // Of counters these are the counts; figures() makes what the threshold compares of them.
    const empty = kind.type === 'counter' ? 0 : Number.NaN;
    this.#least = new Float64Array(this.#layout.count).fill(empty);
    this.#greatest = new Float64Array(this.#layout.count).fill(empty);
  }

  /** What a series of the metric gained in the second from `atMs` on. */
  add(delta: SeriesDelta, atMs: number): void {
    this.#lastOwnMs = Math.max(this.#lastOwnMs, atMs);
    const cell = this.#isAtEdge(atMs) ? this.#edge : this.#cellAt(atMs);
    if (cell !== undefined) addTo(cell, delta);
    if (cell === this.#edge) {
      this.#cell(0);
      this.#changed.add(0);
    }
    if (delta.type !== 'trend') return;
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
    const { stage } = this.threshold.windows ?? {};
    if (!isEnd && this.#isWholeStage && untilMs < stage!.untilMs) return this.#withWindows([], isEnd);
    const lastMs = isEnd && this.#layout.endsEarly ? Math.min(untilMs, this.#lastOwnMs + secondMs) : untilMs;
    for (let index = 0; index < this.#layout.count; index++) {
      const { fromMs, untilMs: endMs } = this.#layout.spanOf(index);
      const seenMs = Math.min(endMs, lastMs) - fromMs;
      if (seenMs < (isEnd ? (endMs - fromMs) / 2 : endMs - fromMs)) break;
      const [least, greatest] = [this.#least[index]!, this.#greatest[index]!];
      if (Number.isNaN(least)) continue;
      const window = { fromMs, untilMs: endMs, least, greatest, stretch: this.#layout.stretchOf(index) };
      if (this.#kind.type === 'counter') this.#pushCounted(windows, window, lastMs);
      else windows.push(window);
    }
    return this.#withWindows(windows, isEnd);
  }

  #withWindows(windows: readonly WindowFigure[], isEnd: boolean): WindowFigures {
    const isCounter = this.#kind.type === 'counter';
    const after = isEnd ? this.#afterwards() : [];
    return { windows, after, plannedCount: this.#layout.count, isCounter };
  }

  /**
   * A count is never more than what was counted: a window shorter than the others is judged together with the one before, by
   * the mean of both, and alone it is open upwards.
   */
  #pushCounted(windows: WindowFigure[], window: WindowFigure, lastMs: number): void {
    const { lengthMs } = this.#layout;
    const isRate = this.threshold.aggregation.kind === 'rate';
    const times = (one: WindowFigure, by: number): WindowFigure => ({
      ...{ ...one, least: one.least * by, greatest: one.greatest * by },
    });
    const { stage } = this.threshold.windows ?? {};
    if (stage !== undefined && this.#isWholeStage) {
      const seenMs = Math.min(stage.untilMs, lastMs) - stage.fromMs;
      const isCut = lastMs < stage.untilMs;
      if (isRate) windows.push(times(window, secondMs / seenMs));
      else windows.push(isCut ? { ...window, greatest: Number.POSITIVE_INFINITY } : window);
      return;
    }
    const seenMs = Math.min(window.untilMs, lastMs) - window.fromMs;
    if (isRate) windows.push(times(window, secondMs / seenMs));
    else if (seenMs >= lengthMs) windows.push(times(window, lengthMs / seenMs));
    else {
      const before = windows.at(-1);
      if (before?.stretch !== window.stretch) {
        windows.push({ ...window, greatest: Number.POSITIVE_INFINITY });
        return;
      }
      // All but the last are as long as the layout says.
      const both = { ...before, untilMs: window.untilMs };
      both.least += window.least;
      both.greatest += window.greatest;
      windows[windows.length - 1] = times(both, lengthMs / (lengthMs + seenMs));
    }
  }

  #afterwards(): WindowFigure[] {
    const { lengthMs } = this.#layout;
    const isRate = this.threshold.aggregation.kind === 'rate';
    const by = this.#kind.type === 'counter' && isRate ? secondMs / lengthMs : 1;
    return [...this.#after]
      .sort(([a], [b]) => a - b)
      .flatMap(([fromMs, cell]): WindowFigure[] => {
        const [least, greatest] = this.#boundsOf(cell);
        const span = { fromMs, untilMs: fromMs + lengthMs, stretch: -1 };
        return Number.isNaN(least) ? [] : [{ ...span, least: least * by, greatest: greatest * by }];
      });
  }

  /** Whether a second is one of which nobody knows how much belongs to the stage. */
  #isAtEdge(atMs: number): boolean {
    const { stage, withinMs } = this.threshold.windows ?? {};
    if (stage === undefined || !this.#isStage) return false;
    const { type, waits } = this.#kind;
    const untilMs = atMs + secondMs;
    const holdsStart = withinMs === 0 && atMs < stage.fromMs && untilMs > stage.fromMs;
    const holdsEnd = atMs < stage.untilMs && untilMs > stage.untilMs;
    if (holdsStart || holdsEnd) return true;
    // What waited of other kinds is known, and the throughput of no load says nothing of one.
    const isTold = type === 'counter' ? this.threshold.operator.startsWith('<') : type === 'rate';
    return this.#isLastStage && atMs >= stage.untilMs && isTold && waits === 'none';
  }

  #cellAt(atMs: number): Cell | undefined {
    if (atMs < this.#layout.fromMs) return undefined;
    const index = this.#layout.indexAt(atMs);
    if (index === undefined) {
      const { outside } = this.threshold.windows ?? {};
      // What ends while a fault is on is of none of the times without.
      if (outside !== undefined && atMs < (outside.at(-1)?.untilMs ?? Number.POSITIVE_INFINITY))
        return undefined;
      // After a stage comes the next one, and of the last as a whole it is known what waited.
      if (this.threshold.windows?.stage !== undefined && (this.#isStage || !this.#isLastStage))
        return undefined;
      const fromMs = this.#layout.afterwardsAt(atMs);
      const cell = this.#after.get(fromMs) ?? emptyCell();
      this.#after.set(fromMs, cell);
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
    const [least, greatest] = this.#boundsOf(cell, this.#isStage ? this.#edge : undefined);
    this.#least[index] = least;
    this.#greatest[index] = greatest;
  }

  /** The least and the greatest figure of a window, of counters the counts; NaN where there is none. */
  #boundsOf(cell: Cell, edge?: Cell): [number, number] {
    const { aggregation } = this.threshold;
    const waiting = sumOf(cell.waited) + sumOf(cell.cut) + sumOf(cell.maybe);
    switch (this.#kind.type) {
      case 'counter':
        return [cell.count, cell.count + (edge?.count ?? 0)];
      case 'rate': {
        const isKnown = cell.passes + cell.fails > 0;
        return rateBounds(cell, this.#kind.waits === 'outcome' || !isKnown ? waiting : 0, edge);
      }
      default:
        return withEdge(
          (one) =>
            this.#kind.waits === 'own'
              ? trendBounds(aggregation, one)
              : shownBounds(aggregation, one, waiting),
          cell,
          edge,
        );
    }
  }
}

/** Whether a threshold is on the stage that its scenario ends with. */
function isLastStage({ scenarios }: Pick<Plan, 'scenarios'>, { windows }: ThresholdPlan): boolean {
  const stage = windows?.stage;
  const scenario = scenarios.find(({ name }) => name === stage?.scenario);
  if (stage === undefined || scenario === undefined) return false;
  return stage.untilMs >= scenario.startAtMs + durationOf(scenario.executor);
}
