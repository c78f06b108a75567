// The rule that corrects for scheduled starts, for all protocols: what an arrival begins with is measured from when it was
// due, so that a target (or a generator) that delays starts cannot hide it. docs/how-it-measures.md gives the reasons.

import type { TrendRecorder } from '../model/metric.ts';

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
