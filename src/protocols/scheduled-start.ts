// The rule that corrects for scheduled starts, for all protocols: what an arrival begins with is measured from when it was
// due, so that a target (or a generator) that delays starts cannot hide it. docs/how-it-measures.md gives the reasons.

import type { CutMark, TrendRecorder } from '../model/metric.ts';

/** An operation that has ended, with times of the process clock. */
interface Timed {
  /** When its iteration was due; -1 for all but the first operation of an arrival. */
  readonly scheduledAtMs: number;
  readonly endedAtMs: number;
  /** How long it took by itself. */
  readonly serviceMs: number;
}

/** Adds the duration of an operation, and beside it, where the two differ, the time that it took by itself. */
export function addDuration(
  timed: Timed,
  duration: TrendRecorder,
  endpoint: { readonly serviceTime: TrendRecorder },
): void {
  if (timed.scheduledAtMs >= 0) {
    duration.add(timed.endedAtMs - timed.scheduledAtMs);
    endpoint.serviceTime.add(timed.serviceMs);
  } else {
    duration.add(timed.serviceMs);
  }
}

/** When an operation begins to count, on the process clock: when its iteration was due, else when it started. */
export function countsFrom(scheduledAtMs: number, startedAtMs: number): number {
  return scheduledAtMs >= 0 ? scheduledAtMs : startedAtMs;
}

/** An operation that the end of the run cut off. */
interface CutOff {
  readonly scheduledAtMs: number;
  readonly endedAtMs: number;
  /** Something of it was sent. */
  readonly sent: boolean;
}

/**
 * How long an operation had waited when it was cut off, in ms: from when it was due, else `ownMs`. That bounds its time from
 * below, unless it would have counted from a sending that was yet to come.
 */
export function cutOffAfter(
  { scheduledAtMs, endedAtMs, sent }: CutOff,
  ownMs: number,
): { readonly waitedMs: number; readonly mark: CutMark } {
  const isScheduled = scheduledAtMs >= 0;
  return {
    waitedMs: isScheduled ? endedAtMs - scheduledAtMs : ownMs,
    mark: { bound: sent || isScheduled ? 'waited' : 'none', due: false },
  };
}
