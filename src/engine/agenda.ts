// A list of moments and what is due at each: one timer for all of them.

import type { RunClock } from './run-clock.ts';

/** Longest wait `setTimeout` can express. */
const maxTimerMs = 2 ** 31 - 1;

/** Calls `due` for every entry at its time, in order of time; entries must be ascending by `atMs`. */
export class Agenda<Entry extends { readonly atMs: number }> {
  readonly #clock: RunClock;
  readonly #next: () => Entry | undefined;
  readonly #due: (entry: Entry) => void;
  #pending: Entry | undefined;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  /** `next` yields the entries one by one and `undefined` when there are no more (for now). */
  constructor(clock: RunClock, next: () => Entry | undefined, due: (entry: Entry) => void) {
    this.#clock = clock;
    this.#next = next;
    this.#due = due;
  }

  start(): void {
    this.#pending = this.#next();
    this.#advance();
  }

  #advance(): void {
    this.#timer = null;
    while (this.#pending !== undefined && !this.#stopped) {
      // Timers may fire up to a millisecond early, so the clock decides.
      const waitMs = this.#pending.atMs - this.#clock.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#advance(), Math.min(waitMs, maxTimerMs));
        return;
      }
      const entry = this.#pending;
      this.#pending = this.#next();
      this.#due(entry);
    }
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
