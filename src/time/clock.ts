// The one place that reads clocks. Everything measured is on the monotonic clock.

const { performance } = globalThis;

/** Ms on this process's monotonic clock, with microsecond resolution. Only differences mean anything. */
export function monotonicMs(): number {
  return performance.now();
}

/**
 * Ms on the machine's monotonic clock, which all processes of one machine share. Slower than `monotonicMs`;
 * used once per process to carry the start of the run over.
 */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Wall-clock time, for people and file names only, never for measuring. */
export function wallClock(): Date {
  return new Date();
}
