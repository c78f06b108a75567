// How far apart two readings must be for a share of the time between them. Every monitor that tells such shares asks here.

/**
 * Ticks of the kernel are 10 ms long, and counters are read one after another: over a few milliseconds, as there may be
 * between the look before the load and the first reading of it, a busy process may seem to use six cores of two. A reading
 * that comes sooner tells no share, and the next one tells it of the whole time.
 */
export const leastSpanMs = 50;
/** Enough for a tick to be 2 %. */
const mostSpanMs = 500;

/** For a monitor that reads at this interval: a late reading makes the next one come soon after it. */
export function leastSpanOf(intervalMs: number): number {
  return Math.min(mostSpanMs, Math.max(leastSpanMs, intervalMs / 2));
}
