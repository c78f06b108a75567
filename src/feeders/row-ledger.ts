// Hands out the rows of one feeder that all workers share: the coordinator's side. A worker gets a range and asks for the next
// when that comes to its end; the fewer rows are left, the smaller the ranges. When none is left, workers give back what they
// have not used, so that a row is missing only when every row was used. What a lost worker had is not given again. Pure;
// engine/row-desk.ts keeps one per feeder.

import type { RowRange } from '../model/feeder.ts';

/** What the ledger tells a worker, which it knows by a number of its own for every process. */
export interface RowDelivery {
  /** Rows for a worker that has asked; none when `ended`. */
  rows(holder: number, ranges: readonly RowRange[], ended: boolean): void;
  /** Give back what is not used. */
  recall(holder: number): void;
}

const mostAtOnce = 1024;
/** A worker gets this part of its even share of what is left. */
const shareOfLeft = 1 / 4;

export class RowLedger {
  readonly #rows: number;
  readonly #deliver: RowDelivery;
  #next: number;
  #returned: RowRange[] = [];
  /** By holder: rows that it was given and has not given back. */
  readonly #held = new Map<number, number>();
  readonly #waiting: { readonly holder: number; readonly count: number }[] = [];
  /** Those that were asked to give back, and have not answered. */
  readonly #recalled = new Set<number>();
  /** Those that may have rows they have not used: they were given some since they last gave back. */
  readonly #lent = new Set<number>();
  readonly #workerCount: number;

  /**
   * `rows`: `Infinity` for what never ends, such as the courses of a circular feeder. `first`: the first row that may be
   * given, from 0.
   */
  constructor(rows: number, workerCount: number, deliver: RowDelivery, first = 0) {
    this.#rows = rows;
    this.#next = Math.min(first, rows);
    this.#workerCount = workerCount;
    this.#deliver = deliver;
  }

  /** The first row that nobody has had, from 0. */
  get next(): number {
    return this.#next;
  }

  /** Rows that `holder` has, whether used or not. */
  heldBy(holder: number): number {
    return this.#held.get(holder) ?? 0;
  }

  ask(holder: number, count: number): void {
    this.#waiting.push({ holder, count });
    this.#serve();
  }

  giveBack(holder: number, ranges: readonly RowRange[]): void {
    if (!this.#recalled.delete(holder)) return;
    this.#lent.delete(holder);
    this.#returned.push(...ranges);
    this.#held.set(holder, this.heldBy(holder) - sizeOf(ranges));
    this.#serve();
  }

  /** The worker is lost: nobody waits for it. */
  forget(holder: number): void {
    this.#lent.delete(holder);
    this.#recalled.delete(holder);
    this.#waiting.splice(0, Infinity, ...this.#waiting.filter((one) => one.holder !== holder));
    this.#serve();
  }

  get #leftCount(): number {
    return this.#rows - this.#next + sizeOf(this.#returned);
  }

  #serve(): void {
    while (this.#waiting.length > 0 && this.#recalled.size === 0) {
      const { holder, count } = this.#waiting[0]!;
      if (this.#leftCount > 0) {
        this.#waiting.shift();
        const ranges = this.#take(count);
        this.#lent.add(holder);
        this.#held.set(holder, this.heldBy(holder) + sizeOf(ranges));
        this.#deliver.rows(holder, ranges, false);
        continue;
      }
      const others = [...this.#lent].filter((other) => other !== holder);
      if (others.length === 0) {
        this.#waiting.shift();
        this.#deliver.rows(holder, [], true);
        continue;
      }
      for (const other of others) this.#recalled.add(other);
      for (const other of others) this.#deliver.recall(other);
    }
  }

  #take(asked: number): RowRange[] {
    const share = Math.floor((this.#leftCount / this.#workerCount) * shareOfLeft);
    let wanted = Math.min(asked, mostAtOnce, Math.max(1, share));
    const ranges: RowRange[] = [];
    for (; wanted > 0 && this.#returned.length > 0; ) {
      const { from, to } = this.#returned.shift()!;
      const end = Math.min(to, from + wanted);
      if (end < to) this.#returned.unshift({ from: end, to });
      ranges.push({ from, to: end });
      wanted -= end - from;
    }
    const end = Math.min(this.#rows, this.#next + wanted);
    if (end > this.#next) ranges.push({ from: this.#next, to: end });
    this.#next = end;
    return ranges;
  }
}

function sizeOf(ranges: readonly RowRange[]): number {
  return ranges.reduce((sum, { from, to }) => sum + to - from, 0);
}
