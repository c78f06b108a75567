// A list of moments and what is due at each: one waker for all of them.

import { createTimerWaker, type Waker } from './metronome.ts';
import type { RunClock } from './run-clock.ts';

/** Entries that are due together may take this long before timers and sockets have their turn. */
const maxTurnMs = 5;

/** Calls `due` for every entry at its time, in order of time; entries must be ascending by `atMs`. */
export class Agenda<Entry extends { readonly atMs: number }> {
  readonly #clock: RunClock;
  readonly #next: () => Entry | undefined;
  readonly #due: (entry: Entry) => void;
  #pending: Entry | undefined;
  readonly #waker: Waker;
  readonly #wake = (): void => this.#advance();
  #stopped = false;

  /** `next` yields the entries one by one and `undefined` when there are no more (for now). */
  constructor(
    clock: RunClock,
    next: () => Entry | undefined,
    due: (entry: Entry) => void,
    waker: Waker = createTimerWaker(),
  ) {
    this.#waker = waker;
    this.#clock = clock;
    this.#next = next;
    this.#due = due;
  }

  start(): void {
    this.#pending = this.#next();
    this.#advance();
  }

  #advance(): void {
    const turnAtMs = this.#clock.now();
    let nowMs = turnAtMs;
    while (this.#pending !== undefined && !this.#stopped) {
      // A waker may be early, so the clock decides.
      const waitMs = this.#pending.atMs - nowMs;
      if (waitMs > 0) {
        this.#waker.after(waitMs, this.#wake);
        return;
      }
      if (nowMs - turnAtMs >= maxTurnMs) {
        // Ten thousand users that end in one moment must not keep the others' answers waiting.
        setImmediate(this.#wake);
        return;
      }
      const entry = this.#pending;
      this.#pending = this.#next();
      this.#due(entry);
      nowMs = this.#clock.now();
    }
  }

  /** Carries out no more. Returns what was due by now and was not carried out, because the event loop was late. */
  stop(): Entry[] {
    this.#waker.cancel();
    const overdue: Entry[] = [];
    if (this.#stopped) return overdue;
    this.#stopped = true;
    const nowMs = this.#clock.now();
    while (this.#pending !== undefined && this.#pending.atMs <= nowMs) {
      overdue.push(this.#pending);
      this.#pending = this.#next();
    }
    return overdue;
  }
}
