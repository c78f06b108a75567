// Virtual time for tests: whatever waits by timer.ts and reads clock.ts is told that the time has passed, as soon as
// nothing is left to do before it. A minute of waiting takes as long as what happens in it.

/** Each reading of a clock takes this long, so that code which only computes comes to an end of its turn as well. */
const readingMs = 0.001;
/** Node's own timers wait for whole milliseconds, and at least for one. */
const shortestWaitMs = 1;

interface Entry {
  atMs: number;
  readonly callback: () => void;
  /** Of a repeating timer. */
  readonly everyMs: number | undefined;
  cancelled: boolean;
  unref(): Entry;
  ref(): Entry;
  hasRef(): boolean;
}

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  setImmediate: globalThis.setImmediate,
  bigint: process.hrtime.bigint,
};
let isVirtual = false;

/**
 * Runs `body` with virtual timers and clocks, and puts the real ones back when it has ended. Within virtual time it
 * simply runs it, so that several may share one. Rejects when `body` waits for something that is no timer.
 */
export async function inVirtualTime<Result>(body: () => Promise<Result>): Promise<Result> {
  if (isVirtual) return await body();
  isVirtual = true;
  let nowMs = 1000;
  /** Ascending; of equal times the one set first comes first. */
  const timers: Entry[] = [];
  let immediates: (() => void)[] = [];

  const insert = (entry: Entry): void => {
    let position = timers.length;
    while (position > 0 && timers[position - 1]!.atMs > entry.atMs) position--;
    timers.splice(position, 0, entry);
  };
  const start = (callback: () => void, waitMs: number | undefined, repeats: boolean): Entry => {
    const legMs = Math.max(shortestWaitMs, Math.trunc(waitMs ?? 0));
    const entry: Entry = {
      atMs: nowMs + legMs,
      callback,
      everyMs: repeats ? legMs : undefined,
      cancelled: false,
      unref: () => entry,
      ref: () => entry,
      hasRef: () => true,
    };
    insert(entry);
    return entry;
  };
  const cancel = (entry: Entry | undefined): void => {
    if (entry !== undefined) entry.cancelled = true;
  };
  const fire = (entry: Entry): void => {
    if (entry.everyMs !== undefined) {
      entry.atMs = nowMs + entry.everyMs;
      insert(entry);
    }
    entry.callback();
  };

  Object.assign(globalThis, {
    setTimeout: (callback: () => void, waitMs?: number) => start(callback, waitMs, false),
    setInterval: (callback: () => void, waitMs?: number) => start(callback, waitMs, true),
    clearTimeout: cancel,
    clearInterval: cancel,
    setImmediate: (callback: () => void) => void immediates.push(callback),
  });
  const read = (): number => (nowMs += readingMs);
  Object.defineProperty(performance, 'now', { value: read, configurable: true });
  process.hrtime.bigint = () => BigInt(Math.round(read() * 1e6));

  let ended = false;
  const result = body().finally(() => {
    ended = true;
  });
  try {
    for (;;) {
      await turn();
      if (ended) return await result;
      const next = timers.find((entry) => !entry.cancelled);
      if (immediates.length === 0) {
        if (next === undefined) throw new Error('nothing is left that virtual time could wait for');
        nowMs = Math.max(nowMs, next.atMs);
      }
      // As the event loop does: first the timers that are due, then what waits for the next turn.
      while (timers[0] !== undefined && (timers[0].cancelled || timers[0].atMs <= nowMs)) {
        const due = timers.shift()!;
        if (due.cancelled) continue;
        fire(due);
        await turn();
      }
      const batch = immediates;
      immediates = [];
      for (const callback of batch) {
        callback();
        await turn();
      }
    }
  } finally {
    const { bigint, ...timing } = real;
    Object.assign(globalThis, timing);
    process.hrtime.bigint = bigint;
    Reflect.deleteProperty(performance, 'now');
    isVirtual = false;
  }
}

/** All promises that can go on have gone on. */
function turn(): Promise<void> {
  return new Promise((resolve) => void real.setImmediate(resolve));
}
