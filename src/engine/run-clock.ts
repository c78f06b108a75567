// Run time: ms since the run's scheduled start, the same in every worker. And the turn guard.

import { machineMs, monotonicMs } from '../time/clock.ts';

/** Longest time virtual users may go on from one to the next without letting timers and sockets in. */
const maxTurnMs = 10;

export class RunClock {
  /** Process clock at run time 0; before the start is set, the clock stands at its creation. */
  #startAtMs = monotonicMs();
  #turnAtMs = 0;
  #turnCount = 0;

  /** Sets run time 0 to the moment at which the machine's clock reads `atMachineMs`. */
  startAt(atMachineMs: number): void {
    this.#startAtMs = monotonicMs() + (atMachineMs - machineMs());
  }

  /** Ms since the start of the run; negative before it. */
  now(): number {
    return monotonicMs() - this.#startAtMs;
  }

  /** Run time as a reading of the process clock. */
  toProcessMs(runMs: number): number {
    return this.#startAtMs + runMs;
  }

  fromProcessMs(processMs: number): number {
    return processMs - this.#startAtMs;
  }

  /**
   * May a virtual user go straight on to its next step? False when they have had the event loop for long
   * enough: user code that never waits for anything must not keep timers from firing. Then `afterTurn`.
   */
  mayGoOn(nowProcessMs: number): boolean {
    return nowProcessMs - this.#turnAtMs < maxTurnMs;
  }

  /** Runs `next` after the event loop has turned once. */
  afterTurn(next: () => void): void {
    // All that wait share one turn: with a turn of its own each, a thousand users would keep the loop for a
    // thousand times as long. Each gets at least one step in it, so none starves.
    const turn = this.#turnCount;
    setImmediate(() => {
      if (turn === this.#turnCount) {
        this.#turnCount++;
        this.#turnAtMs = monotonicMs();
      }
      next();
    });
  }
}
