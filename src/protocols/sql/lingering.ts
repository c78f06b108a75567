// The last second of a connection whose statements were cut off: they may finish by themselves for a while, then they are
// cancelled, then the socket goes. Made by connection.ts.

/** How long the statements may finish by themselves, and how long the socket lives at the most. */
const cancelMs = 250;
const longestMs = 1000;

export class Lingering {
  /** Answers still to come. */
  #leftCount: number;
  readonly #startedAtMs: number;
  #cancelled = false;

  /** `count` statements were cut off at `nowMs`. */
  constructor(count: number, nowMs: number) {
    this.#leftCount = count;
    this.#startedAtMs = nowMs;
  }

  /** One more is answered. Returns true for the last. */
  answered(): boolean {
    this.#leftCount--;
    return this.#leftCount === 0;
  }

  /** What is to be done now; `cancel` is said once. */
  due(nowMs: number): 'nothing' | 'cancel' | 'destroy' {
    const lengthMs = nowMs - this.#startedAtMs;
    if (lengthMs >= longestMs) return 'destroy';
    if (this.#leftCount === 0 || this.#cancelled || lengthMs < cancelMs) return 'nothing';
    this.#cancelled = true;
    return 'cancel';
  }
}
