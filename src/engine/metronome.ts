// Wakes the event loop on time. Node's timers count whole milliseconds, so a start due between two of them is
// half a millisecond late at the median; a thread that sleeps until the exact moment is not.

import { Worker } from 'node:worker_threads';
import { machineMs } from '../time/clock.ts';
import { cancelTimer, startTimer, type Timer } from '../time/timer.ts';

/** Calls back once after a wait; a new wait replaces the one before. */
export interface Waker {
  after(waitMs: number, wake: () => void): void;
  cancel(): void;
}

/** Wakes by Node's own timers: up to a millisecond late, and at times a little early. */
export function createTimerWaker(): Waker {
  let timer: Timer | undefined;
  return {
    after(waitMs, wake) {
      cancelTimer(timer);
      timer = startTimer(wake, waitMs);
    },
    cancel() {
      cancelTimer(timer);
    },
  };
}

/** Hands out wakers that one thread serves. The thread starts with the first of them. */
export interface Metronome {
  createWaker(): Waker;
  close(): void;
}

/** What the two threads share: `sequence` counts the orders, `dueMs` is when the next one is due (0: never). */
interface Shared {
  readonly sequence: Int32Array;
  readonly dueMs: Float64Array;
}

/**
 * The thread: sleeps until the time it was last given, says so, and sleeps until it is given another. It runs
 * from its own source text, so it refers to nothing outside itself and contains no function.
 */
function keepTime(): void {
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads');
  const { sequence, dueMs } = workerData as Shared;
  for (;;) {
    const order = Atomics.load(sequence, 0);
    const dueAtMs = dueMs[0]!;
    if (dueAtMs > 0) {
      const waitMs = dueAtMs - Number(process.hrtime.bigint()) / 1e6;
      // Woken early means there is a new order.
      if (waitMs > 0 && Atomics.wait(sequence, 0, order, waitMs) !== 'timed-out') continue;
      parentPort!.postMessage(0);
    }
    Atomics.wait(sequence, 0, order);
  }
}

export function createMetronome(): Metronome {
  const shared: Shared = {
    sequence: new Int32Array(new SharedArrayBuffer(4)),
    dueMs: new Float64Array(new SharedArrayBuffer(8)),
  };
  const waiting = new Map<Waker, { readonly atMs: number; readonly wake: () => void }>();
  let thread: Worker | undefined;

  const order = (): void => {
    let nextMs = 0;
    for (const { atMs } of waiting.values()) if (nextMs === 0 || atMs < nextMs) nextMs = atMs;
    shared.dueMs[0] = nextMs;
    Atomics.add(shared.sequence, 0, 1);
    Atomics.notify(shared.sequence, 0);
  };
  const ring = (): void => {
    const nowMs = machineMs();
    // A busy event loop finds several due at once: the one due first goes first.
    const due = [...waiting].filter(([, { atMs }]) => atMs <= nowMs).sort(([, a], [, b]) => a.atMs - b.atMs);
    for (const [waker, { wake }] of due) {
      waiting.delete(waker);
      wake();
    }
    if (waiting.size > 0) order();
  };

  return {
    createWaker() {
      if (thread === undefined) {
        thread = new Worker(`(${keepTime.toString()})()`, { eval: true, workerData: shared, execArgv: [] });
        thread.on('message', ring);
        thread.unref();
      }
      const waker: Waker = {
        after(waitMs, wake) {
          waiting.set(waker, { atMs: machineMs() + waitMs, wake });
          order();
        },
        cancel() {
          waiting.delete(waker);
        },
      };
      return waker;
    },
    close() {
      waiting.clear();
      // Its end is nothing to wait for: it holds no resources.
      void thread?.terminate();
    },
  };
}
