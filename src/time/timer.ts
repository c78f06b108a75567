// The one place that sets timers. A timer of Node's holds 31 bits of milliseconds, and fires after 1 ms when it is
// given more: a wait of 25 days would be none at all. Waits of these timers may have any length.

/** Longest wait that Node's own timers can express, 24.8 days. */
export const longestLegMs = 2 ** 31 - 1;

/** A timer that was started: to be given to `cancelTimer`, or told by `unref` not to keep the process alive. */
export type Timer = NodeJS.Timeout;

/** Calls `callback` once after `waitMs`, never before, save for the millisecond by which Node's timers are early. */
export function startTimer(callback: () => void, waitMs: number): Timer {
  if (waitMs <= longestLegMs) return setTimeout(callback, waitMs);
  const legs = legsOf(waitMs);
  let leftCount = legs.count;
  const timer = setInterval(() => {
    leftCount--;
    if (leftCount > 0) return;
    clearInterval(timer);
    callback();
  }, legs.legMs);
  return timer;
}

/** Calls `callback` again and again, `everyMs` apart, until the timer is cancelled. */
export function startRepeating(callback: () => void, everyMs: number): Timer {
  if (everyMs <= longestLegMs) return setInterval(callback, everyMs);
  const legs = legsOf(everyMs);
  let passedCount = 0;
  return setInterval(() => {
    passedCount++;
    if (passedCount % legs.count === 0) callback();
  }, legs.legMs);
}

/** Ends a timer of either kind; one that is over, or none, is left as it is. */
export function cancelTimer(timer: Timer | null | undefined): void {
  // Node's `clearTimeout` ends intervals as well.
  if (timer !== null) clearTimeout(timer);
}

export interface DelayOptions {
  /** The wait does not keep the process alive on its own. */
  readonly unref?: boolean;
  /** Ends the wait, which then resolves at once. */
  readonly signal?: AbortSignal;
}

/** Resolves after `waitMs`, or as soon as the signal is aborted. */
export function delay(waitMs: number, { unref, signal }: DelayOptions = {}): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const end = (): void => {
      cancelTimer(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = startTimer(end, waitMs);
    signal?.addEventListener('abort', end);
    if (unref) timer.unref();
  });
}

/** Parts of equal length, each within what a timer can express; without an end when the wait has none. */
function legsOf(waitMs: number): { readonly count: number; readonly legMs: number } {
  // Node would take it for 1 ms.
  if (Number.isNaN(waitMs)) throw new RangeError('a timer cannot wait for NaN ms');
  const count = Math.ceil(waitMs / longestLegMs);
  return { count, legMs: Number.isFinite(count) ? Math.ceil(waitMs / count) : longestLegMs };
}
