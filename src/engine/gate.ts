// Where the coordinator waits for its workers: until something holds, fails, or takes too long.

import { type PlimsollError, TargetError } from '../model/errors.ts';
import { cancelTimer, startTimer } from '../time/timer.ts';

export class Gate {
  readonly #waiters = new Set<() => void>();
  /** While set, every wait ends with it. */
  failure: PlimsollError | undefined;

  /** Something has changed: who waits looks again. */
  wake(): void {
    for (const waiter of [...this.#waiters]) waiter();
  }

  /** Resolves once `done` holds; rejects with `failure`, or after `limitMs`. */
  until(done: () => boolean, limitMs: number, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const { failure } = this;
        if (failure !== undefined) finish(() => reject(failure));
        else if (done()) finish(resolve);
      };
      const timer = startTimer(() => {
        finish(() => reject(new TargetError(`${what} took longer than ${Math.round(limitMs / 1000)} s`)));
      }, limitMs);
      const finish = (settle: () => void): void => {
        cancelTimer(timer);
        this.#waiters.delete(check);
        settle();
      };
      this.#waiters.add(check);
      check();
    });
  }
}
