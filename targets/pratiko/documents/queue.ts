// A queue of work: so many at once, and so many that may wait. Called by documents.ts.

export interface QueueState {
  readonly waiting: number;
  readonly processing: number;
  /** 0 for no limit. */
  readonly mostAtOnce: number;
}

export interface Queue {
  /** False when as many wait as may. Work never throws. */
  add(id: number, work: () => Promise<void>): boolean;
  /** Whether one more may wait. */
  hasRoom(): boolean;
  /** Place in the queue from 1; `undefined` for work that does not wait. */
  positionOf(id: number): number | undefined;
  state(): QueueState;
  /** Most that were in work at the same time. */
  peak(): number;
  /** Forgets what waits, and resolves once what is in work has ended. */
  close(): Promise<void>;
}

interface Options {
  /** 0 for no limit, as for the next. */
  readonly mostAtOnce: number;
  readonly mostWaiting: number;
}

export function createQueue({ mostAtOnce, mostWaiting }: Options): Queue {
  const waiting: { readonly id: number; readonly work: () => Promise<void> }[] = [];
  const running = new Set<Promise<void>>();
  let peak = 0;
  const hasRoom = () => mostWaiting === 0 || waiting.length < mostWaiting;

  function begin(): void {
    while (mostAtOnce === 0 || running.size < mostAtOnce) {
      const next = waiting.shift();
      if (next === undefined) return;
      const done = next.work().finally(() => {
        running.delete(done);
        begin();
      });
      running.add(done);
      peak = Math.max(peak, running.size);
    }
  }

  return {
    add(id, work) {
      if (!hasRoom()) return false;
      waiting.push({ id, work });
      begin();
      return true;
    },
    hasRoom,
    positionOf(id) {
      const index = waiting.findIndex((one) => one.id === id);
      return index < 0 ? undefined : index + 1;
    },
    state: () => ({ waiting: waiting.length, processing: running.size, mostAtOnce }),
    peak: () => peak,
    async close() {
      waiting.length = 0;
      await Promise.allSettled(running);
    },
  };
}
