// Finds the intervals in which a run that was busy came to a stop although its users were at work: a target that hangs
// answers nothing, so that nothing fails either. Called by outages.ts.

import type { Plan, ThinkTimePlan } from '../model/plan.ts';
import type { TimelineWindow } from '../model/run-record.ts';

/** A shorter stop is none. */
const leastIntervals = 3;
/** So many intervals before it must all have seen something end, else pauses are usual. */
const busyIntervals = 10;
/** At least this share of the users that were at work before must still be. */
const usersShare = 0.5;

/** What the generator records by itself, whatever the target does. */
const ownMetric = /^(generator_.*|vus|vus_max|dropped_iterations)$/;

/**
 * One flag per interval. A stop must be longer than every think time of the plan, and lie within its planned time:
 * after that iterations are only waited for.
 */
export function findSilences(
  plan: Pick<Plan, 'scenarios' | 'durationMs'>,
  timeline: readonly TimelineWindow[],
): boolean[] {
  const silent = timeline.map(() => false);
  const busy = timeline.map(({ metrics }) => Object.keys(metrics).some((name) => !ownMetric.test(name)));
  for (let from = busyIntervals; from < timeline.length; from++) {
    if (busy[from] || !busy.slice(from - busyIntervals, from).every((one) => one)) continue;
    const until = endOfStop(plan, timeline, busy, from);
    if (until - from < leastIntervals) continue;
    const lengthMs = timeline[until - 1]!.endAtMs - timeline[from]!.startAtMs;
    if (lengthMs > longestThinkTimeMs(plan)) silent.fill(true, from, until);
  }
  return silent;
}

/** The first interval from `from` on that is no part of the stop. */
function endOfStop(
  plan: Pick<Plan, 'durationMs'>,
  timeline: readonly TimelineWindow[],
  busy: readonly boolean[],
  from: number,
): number {
  const usersBefore = usersIn(timeline[from - 1]!);
  let until = from;
  while (until < timeline.length && !busy[until]) {
    const window = timeline[until]!;
    // A generator that does not even measure itself stands still, and tells nothing of the target.
    const alive = window.metrics.generator_event_loop_delay !== undefined;
    const users = usersIn(window);
    if (!alive || users === 0 || users < usersBefore * usersShare) break;
    if (window.endAtMs > plan.durationMs) break;
    until++;
  }
  return until;
}

function usersIn({ metrics }: TimelineWindow): number {
  const { vus } = metrics;
  return vus !== undefined && 'value' in vus ? vus.min : 0;
}

function longestThinkTimeMs({ scenarios }: Pick<Plan, 'scenarios'>): number {
  const times = scenarios.flatMap(({ users }) => users.map(({ thinkTime }) => longestMs(thinkTime)));
  return Math.max(0, ...times);
}

function longestMs(thinkTime: ThinkTimePlan): number {
  if (thinkTime.kind === 'fixed') return thinkTime.ms;
  return thinkTime.kind === 'uniform' ? thinkTime.maxMs : 0;
}
