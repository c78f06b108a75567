// When the VUs of one worker come and go in the closed model, also when it takes over from a lost one. Pure;
// the runner of the closed model follows it.

import type { VuExecutorPlan } from '../../executors/executors.ts';
import { durationOf, gracefulLeaveMs, vuIntervals } from '../../executors/of-plan.ts';

export interface VuChange {
  readonly atMs: number;
  readonly vuIndex: number;
  /** Which of its intervals; a VU that was ramped up again is not ended by an earlier interval. */
  readonly interval: number;
  readonly action: 'start' | 'drain' | 'cut';
}

/** The users of a lost worker come back evenly over this time: all at once would be a burst nobody planned. */
const comeBackMs = 1000;

interface ScenarioTimes {
  readonly startAtMs: number;
  readonly gracefulStopMs: number;
}

/**
 * All changes of the VUs `vuIndexes`, ascending by run time. With `resumeAtMs` those that the plan has at work then
 * start from that moment on, the ones that had started first again first; what came before is left out.
 */
export function vuChanges(
  scenario: ScenarioTimes,
  executor: VuExecutorPlan,
  vuIndexes: readonly number[],
  resumeAtMs = Number.NEGATIVE_INFINITY,
): VuChange[] {
  const endAtMs = scenario.startAtMs + durationOf(executor);
  const changes: VuChange[] = [];
  const missing: { readonly start: VuChange; readonly drainAtMs: number }[] = [];
  for (const vuIndex of vuIndexes) {
    vuIntervals(executor, vuIndex).forEach((interval, number) => {
      const startAtMs = scenario.startAtMs + interval.startAtMs;
      const drainAtMs = scenario.startAtMs + interval.endAtMs;
      if (drainAtMs <= resumeAtMs) return;
      const leaveMs = drainAtMs < endAtMs ? gracefulLeaveMs(executor) : undefined;
      const graceMs = leaveMs ?? scenario.gracefulStopMs;
      const cutAtMs = Math.min(drainAtMs + graceMs, endAtMs + scenario.gracefulStopMs);
      const common = { vuIndex, interval: number };
      const start: VuChange = { ...common, atMs: startAtMs, action: 'start' };
      if (startAtMs < resumeAtMs) missing.push({ start, drainAtMs });
      else changes.push(start);
      changes.push(
        { ...common, atMs: drainAtMs, action: 'drain' },
        { ...common, atMs: cutAtMs, action: 'cut' },
      );
    });
  }
  missing.sort((a, b) => a.start.atMs - b.start.atMs);
  missing.forEach(({ start, drainAtMs }, position) => {
    const atMs = resumeAtMs + (position * comeBackMs) / missing.length;
    // One that is to leave before its turn comes back at once.
    changes.push({ ...start, atMs: atMs < drainAtMs ? atMs : resumeAtMs });
  });
  return changes.sort((a, b) => a.atMs - b.atMs);
}
