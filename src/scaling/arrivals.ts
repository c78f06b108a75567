// Instances on their way: those that start, and those that have just come to serve. Called by simulate.ts.

/** A queue by time, whose operations cost nothing however long it is. */
export class Arrivals {
  readonly #entries: { readonly readyAtMs: number; count: number }[] = [];
  #head = 0;
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /** Times must not go back. */
  push(readyAtMs: number, count: number): void {
    if (count <= 0) return;
    this.#entries.push({ readyAtMs, count });
    this.#total += count;
  }

  /** Takes out all up to a time, and returns how many those are. */
  takeUntil(atMs: number): number {
    let taken = 0;
    while (this.#head < this.#entries.length && this.#entries[this.#head]!.readyAtMs <= atMs) {
      taken += this.#entries[this.#head++]!.count;
    }
    this.#total -= taken;
    return taken;
  }

  /** Takes the latest away; returns how many of `count` there were not. */
  takeLatest(count: number): number {
    let left = count;
    while (left > 0 && this.#entries.length > this.#head) {
      const last = this.#entries.at(-1)!;
      const taken = Math.min(left, last.count);
      last.count -= taken;
      left -= taken;
      if (last.count === 0) this.#entries.pop();
    }
    this.#total -= count - left;
    return left;
  }
}
