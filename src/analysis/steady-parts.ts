// Finds the parts of a run in which the planned load stays the same, since within these alone does a change of a figure
// mean something. Used by series-of-run.ts and scaling-levels.ts.

import { hasUnplannedUsers, plannedChanges } from '../executors/load-parts.ts';
import type { Measurements } from '../model/run-record.ts';
import { loadDurationMs } from './measured.ts';

/** Of each part the first tenth is left out as warm-up, within these bounds; */
const warmUpShare = 0.1;
const leastWarmUpMs = 5000;
const mostWarmUpMs = 60_000;
/** and its end, in which iterations are cut short. */
const endMs = 1000;

/** A time of steady load; run times. */
export interface SteadyPart {
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * The parts of a run, ascending, in which no scenario starts, ends or changes its planned users or rate, without their
 * warm-up (a tenth, 5 s to 60 s) and their last second. What follows the regular end of the plan is in no part, nor are
 * times in which the load of a lost worker was missing. Where the plan does not say when users leave (fixed iterations,
 * users controlled from outside), every change of the measured number of users ends a part.
 */
export function findSteadyParts(measured: Measurements): SteadyPart[] {
  const { plan, generator } = measured;
  const unsteady = [
    ...plan.scenarios.flatMap(plannedChanges),
    ...(plan.scenarios.some(hasUnplannedUsers) ? measuredChanges(measured) : []),
    ...generator.gaps.map(({ measuredUntilMs, untilMs }) => ({
      fromMs: measuredUntilMs,
      untilMs: untilMs ?? Number.POSITIVE_INFINITY,
    })),
  ].sort((a, b) => a.fromMs - b.fromMs);
  const lastMs = Math.min(loadDurationMs(measured), plan.durationMs);
  const parts: SteadyPart[] = [];
  let steadyFromMs = 0;
  for (const { fromMs, untilMs } of [...unsteady, { fromMs: lastMs, untilMs: lastMs }]) {
    const part = withoutEdges(steadyFromMs, Math.min(fromMs, lastMs));
    if (part.untilMs > part.fromMs) parts.push(part);
    steadyFromMs = Math.max(steadyFromMs, untilMs);
  }
  return parts;
}

function withoutEdges(fromMs: number, untilMs: number): SteadyPart {
  const warmUpMs = Math.min(mostWarmUpMs, Math.max(leastWarmUpMs, warmUpShare * (untilMs - fromMs)));
  return { fromMs: fromMs + warmUpMs, untilMs: untilMs - endMs };
}

/** The intervals of the timeline in which the number of users changed. */
function measuredChanges({ timeline }: Measurements): SteadyPart[] {
  let users: number | undefined;
  return timeline.flatMap(({ startAtMs, endAtMs, metrics }) => {
    const values = metrics.vus;
    if (values === undefined || !('value' in values)) return [];
    const changes = values.value !== users || values.min !== values.max;
    users = values.value;
    return changes ? [{ fromMs: startAtMs, untilMs: endAtMs }] : [];
  });
}
