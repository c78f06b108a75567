// The capacity search: which thresholds decide whether a step of rising load has held. Called by plan.ts.

import { durationOf, isArrivalRate, peakRatePerSec } from '../executors/of-plan.ts';
import { UsageError } from '../model/errors.ts';
import { type BuiltInMetric, seriesKey } from '../model/metric.ts';
import type { Plan, ScenarioPlan, ThresholdPlan } from '../model/plan.ts';

/**
 * Share of a step during which a breach does not end the search yet: new connections and cold caches belong to
 * the change of load, not to the load.
 */
const warmUpShare = 0.3;

/** What is computed from the course of a whole run: a step has no such figure, and a limit on it would hold unseen. */
const ofWholeRuns: ReadonlySet<string> = new Set([
  'recovery_time',
  'spike_recovery_time',
  'goodput_kept',
] satisfies BuiltInMetric[]);

/**
 * Throws a `UsageError` for a threshold that is judged by windows, since the steps of a search are too short for them, and for
 * one that is on the course of a whole run.
 */
export function assertWholeSteps(thresholds: readonly ThresholdPlan[]): void {
  const ofCourse = thresholds.find(({ metric }) => ofWholeRuns.has(metric));
  if (ofCourse !== undefined) {
    throw new UsageError(
      `a capacity search judges each step by itself, and ${ofCourse.metric}: ${ofCourse.expression} is about the course of a whole run`,
      {
        hint: 'search with a profile whose critical limits are on response times, failures or throughput, such as p(95)<200',
      },
    );
  }
  const byWindows = thresholds.find(({ windows }) => windows !== undefined);
  if (byWindows === undefined) return;
  const { metric, tags, expression } = byWindows;
  throw new UsageError(
    `a capacity search judges whole steps, and ${seriesKey(metric, tags)}: ${expression} is judged by windows`,
    { hint: 'search with a profile whose limits are on the whole, such as p(95)<200' },
  );
}

/**
 * For each step the profile's thresholds, on that step's samples only. They end the run when they break, which
 * is the result of a search and no failure. Thresholds of level `target` do not decide, unless there are no
 * others.
 */
export function searchThresholds(
  thresholds: readonly ThresholdPlan[],
  steps: readonly ScenarioPlan[],
): ThresholdPlan[] {
  const critical = thresholds.filter((threshold) => threshold.level === 'critical');
  const deciding = critical.length > 0 ? critical : thresholds;
  assertWholeSteps(deciding);
  return steps.flatMap((step) =>
    deciding.map((threshold) => ({
      ...threshold,
      tags: { ...threshold.tags, scenario: step.name },
      level: 'search' as const,
      abortOnFail: true,
      // A delay of the threshold's own counts from the start of each step.
      delayAbortEvalMs:
        step.startAtMs + Math.max(warmUpShare * durationOf(step.executor), threshold.delayAbortEvalMs),
    })),
  );
}

/** The steps by rising load, in iterations per second. */
export function searchSteps(steps: readonly ScenarioPlan[]): NonNullable<Plan['search']>['steps'] {
  return steps.map(({ name, executor }) => ({
    scenario: name,
    load: isArrivalRate(executor) ? peakRatePerSec(executor) : 0,
  }));
}
