// The rows of a shared feeder that a worker may hand to its users without asking: a few ranges, refilled in time. The
// coordinator's side is feeders/row-ledger.ts. Kept by worker-feeders.ts.

import type { RowRange } from '../model/feeder.ts';

const firstAsk = 16;
const mostAsked = 1024;

export class RowStock {
  readonly #ask: (count: number) => void;
  #ranges: RowRange[] = [];
  #count = 0;
  /** Users that wait for a row, the first to come first. */
  readonly #waiting: ((row: number | undefined) => void)[] = [];
  /** An ask is on its way. */
  #asked = false;
  #askCount = firstAsk;
  /** Rows have become rare: nothing is asked for that no user waits for. */
  #isScarce = false;
  #hasEnded = false;

  constructor(ask: (count: number) => void) {
    this.#ask = ask;
  }

  /** Asks for the first rows, before a user does. */
  fill(): void {
    this.#refill();
  }

  /** The number of the next row, or `undefined` when none is left; a promise when the coordinator must be asked. */
  take(): number | undefined | Promise<number | undefined> {
    if (this.#count > 0 && this.#waiting.length === 0) {
      const row = this.#shift();
      if (this.#count * 2 < this.#askCount) this.#refill();
      return row;
    }
    if (this.#hasEnded) return undefined;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#refill();
    });
  }

  /** What the coordinator has sent. */
  receive(ranges: readonly RowRange[], ended: boolean): void {
    this.#asked = false;
    this.#hasEnded = ended;
    for (const range of ranges) {
      this.#ranges.push(range);
      this.#count += range.to - range.from;
    }
    // It came while users had to wait: the next ask is for more.
    if (this.#waiting.length > 0) this.#askCount = Math.min(mostAsked, this.#askCount * 2);
    while (this.#count > 0 && this.#waiting.length > 0) this.#waiting.shift()!(this.#shift());
    if (ended) for (const resolve of this.#waiting.splice(0)) resolve(undefined);
    else if (this.#waiting.length > 0) this.#refill();
  }

  /** Gives up what no user has got. */
  giveBack(): readonly RowRange[] {
    this.#isScarce = true;
    const ranges = this.#ranges;
    // None was left beside these: from now on they may come back.
    if (ranges.length > 0) this.#hasEnded = false;
    this.#ranges = [];
    this.#count = 0;
    return ranges;
  }

  #refill(): void {
    if (this.#asked || this.#hasEnded || (this.#isScarce && this.#waiting.length === 0)) return;
    this.#asked = true;
    this.#ask(this.#isScarce ? this.#waiting.length : Math.max(this.#askCount, this.#waiting.length));
  }

  #shift(): number {
    const { from, to } = this.#ranges[0]!;
    if (from + 1 === to) this.#ranges.shift();
    else this.#ranges[0] = { from: from + 1, to };
    this.#count--;
    return from;
  }
}
