// A run interval by interval: the load that the plan drives, and what came of it. spikes.ts and goodput.ts read it.

import { isArrivalRate, isClosed, rateCurveOf, vuCountAt } from '../executors/of-plan.ts';
import { failedCountOf, kindsOfRun, operationMetrics } from '../model/operation.ts';
import type { Plan, ScenarioPlan } from '../model/plan.ts';
import type { TimelineWindow } from '../model/run-record.ts';

export interface LoadMoment {
  readonly fromMs: number;
  readonly untilMs: number;
  /** Planned in the middle of the interval: virtual users, or iterations due per second. */
  readonly load: number;
  /** Operations that ended, and the share of them that failed (0..1; 0 when none ended). */
  readonly count: number;
  readonly failedRatio: number;
  /** `null` when nothing ended. */
  readonly p95Ms: number | null;
  /** Operations per second that did not fail. */
  readonly goodPerSec: number;
}

export interface LoadCourse {
  readonly unit: 'users' | 'iterations/s';
  readonly moments: readonly LoadMoment[];
}

/**
 * The intervals within the planned time. `undefined` for a search, for scenarios of several models, whose loads do not add
 * up, and when nothing ended.
 */
export function loadCourseOf({
  plan,
  timeline,
}: {
  readonly plan: Pick<Plan, 'search' | 'scenarios' | 'durationMs'>;
  readonly timeline: readonly TimelineWindow[];
}): LoadCourse | undefined {
  const { scenarios, search, durationMs } = plan;
  const isOpen = scenarios.every(({ executor }) => isArrivalRate(executor));
  if (search !== undefined || !(isOpen || scenarios.every(({ executor }) => isClosed(executor))))
    return undefined;
  const [kind] = kindsOfRun((metric) => timeline.reduce((sum, one) => sum + countIn(one, metric), 0));
  if (kind === undefined) return undefined;
  const { count: counted, failed, duration } = operationMetrics[kind];
  const moments = timeline.flatMap((window): LoadMoment[] => {
    const { startAtMs: fromMs, endAtMs: untilMs, metrics } = window;
    if (untilMs <= fromMs || untilMs > durationMs + 1) return [];
    const middleMs = (fromMs + untilMs) / 2;
    const count = countIn(window, counted);
    const bad = Math.min(count, failedCountOf(metrics[failed]));
    const times = metrics[duration];
    return [
      {
        ...{ fromMs, untilMs, count },
        load: scenarios.reduce((sum, one) => sum + loadOf(one, middleMs), 0),
        failedRatio: count === 0 ? 0 : bad / count,
        p95Ms: times !== undefined && 'p(95)' in times && times.count > 0 ? times['p(95)'] : null,
        goodPerSec: ((count - bad) * 1000) / (untilMs - fromMs),
      },
    ];
  });
  return { unit: isOpen ? 'iterations/s' : 'users', moments };
}

function loadOf({ startAtMs, executor }: ScenarioPlan, runMs: number): number {
  const atMs = runMs - startAtMs;
  if (!isArrivalRate(executor)) return vuCountAt(executor, atMs);
  const line = rateCurveOf(executor).find((one) => one.startAtMs <= atMs && atMs < one.endAtMs);
  if (line === undefined) return 0;
  const share = (atMs - line.startAtMs) / (line.endAtMs - line.startAtMs);
  return line.fromPerSec + share * (line.toPerSec - line.fromPerSec);
}

function countIn({ metrics }: TimelineWindow, metric: string): number {
  const values = metrics[metric];
  return values !== undefined && 'count' in values ? values.count : 0;
}
