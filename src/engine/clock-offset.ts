// How far the clock of a worker's machine is ahead of the coordinator's. Kept for each worker by worker-book.ts.

/** One question and its answer, as readings of `machineMs`. */
interface Answer {
  /** The coordinator's clock when it asked and when it heard the answer. */
  readonly sentMs: number;
  readonly receivedMs: number;
  /** The worker's clock in between. */
  readonly machineMs: number;
}

/** The shortest of so many round trips says most: its error is half of it at the most. */
const mostAnswers = 8;

/**
 * Estimates the offset as NTP does: the worker's reading is taken for that of the middle of the round trip. Processes of
 * one machine share a clock, and its readings need no correction: where an offset of 0 explains an answer, it is 0.
 */
export class ClockOffset {
  #best: { readonly roundTripMs: number; readonly offsetMs: number } | undefined;
  #answerCount = 0;
  #isShared = false;

  add({ sentMs, machineMs, receivedMs }: Answer): void {
    this.#answerCount++;
    if (machineMs >= sentMs && machineMs <= receivedMs) this.#isShared = true;
    const roundTripMs = receivedMs - sentMs;
    if (this.#best !== undefined && this.#best.roundTripMs <= roundTripMs) return;
    this.#best = { roundTripMs, offsetMs: machineMs - (sentMs + receivedMs) / 2 };
  }

  /** Further answers are not worth asking for. */
  get isKnown(): boolean {
    return this.#isShared || this.#answerCount >= mostAnswers;
  }

  /** What the worker's clock reads more than the coordinator's, ms; 0 before the first answer. */
  get offsetMs(): number {
    return this.#isShared ? 0 : (this.#best?.offsetMs ?? 0);
  }
}
