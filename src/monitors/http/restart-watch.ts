// Counts restarts of a target by one value of its health page: a start time or a process id, which stand still while it
// runs, or an uptime, which grows. Used by the monitor `http`.

/** A value that has stood still for this long is no uptime. Uptimes in whole seconds stand for less. */
const stillForMs = 3000;

export class RestartWatch {
  private count = 0;
  private last: { readonly value: string | number | boolean; readonly sinceMs: number } | undefined;
  private kind: 'unknown' | 'still' | 'growing' = 'unknown';

  /** Whether the target has restarted since the last look. `nowMs` is on a monotonic clock. */
  see(value: string | number | boolean, nowMs: number): boolean {
    const { last } = this;
    if (last === undefined) {
      this.last = { value, sinceMs: nowMs };
      return false;
    }
    if (value === last.value) {
      if (nowMs - last.sinceMs >= stillForMs) this.kind = 'still';
      return false;
    }
    this.last = { value, sinceMs: nowMs };
    if (this.kind !== 'still' && isGrowth(last.value, value, nowMs - last.sinceMs)) {
      this.kind = 'growing';
      return false;
    }
    // A growing value that jumps ahead was stopped with its machine, or set right; only a fall is a new start.
    if (this.kind === 'growing' && Number(value) > Number(last.value)) return false;
    this.count++;
    return true;
  }

  get restarts(): number {
    return this.count;
  }
}

/**
 * Whether a number grew about as much as time went by, in seconds or in milliseconds. Whole seconds are up to one off;
 * in milliseconds, where many a process id would pass for an uptime, less is forgiven.
 */
function isGrowth(
  before: string | number | boolean,
  now: string | number | boolean,
  elapsedMs: number,
): boolean {
  if (typeof before !== 'number' || typeof now !== 'number' || now <= before) return false;
  const grown = now - before;
  const seconds = elapsedMs / 1000;
  const inSeconds = Math.abs(grown - seconds) <= 1.5 + 0.2 * seconds;
  return inSeconds || Math.abs(grown / 1000 - seconds) <= 0.3 + 0.1 * seconds;
}
