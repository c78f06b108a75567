// The parts of a planned load: the stages of a scenario, and the times in which nothing about the load changes. Metrics and
// analysis ask, plan/ finds the stage that a threshold names.

import type { ExecutorPlan } from './executors.ts';
import { changesOf, durationOf, fixedIterationsOf, isControlled } from './of-plan.ts';

interface Scenario {
  readonly startAtMs: number;
  readonly executor: ExecutorPlan;
}

/** Run times; the second is no part of it. */
export interface LoadPart {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** The stages of a scenario in order; empty for executors that have none. */
export function stagesOf({ startAtMs, executor }: Scenario): LoadPart[] {
  if (!('stages' in executor)) return [];
  let atMs = startAtMs;
  return executor.stages.map(({ durationMs }) => {
    const fromMs = atMs;
    atMs += durationMs;
    return { fromMs, untilMs: atMs };
  });
}

/** When the plan changes the load of a scenario, at once or over a time; also where it starts and ends. */
export function plannedChanges({ startAtMs, executor }: Scenario): LoadPart[] {
  const endAtMs = startAtMs + durationOf(executor);
  return [
    ...changesOf(executor).map(({ fromMs, untilMs }) => ({
      fromMs: startAtMs + fromMs,
      untilMs: startAtMs + untilMs,
    })),
    { fromMs: startAtMs, untilMs: startAtMs },
    { fromMs: endAtMs, untilMs: endAtMs },
  ];
}

/** Whether users leave at times that the plan does not know: when they are done, or when somebody says so. */
export function hasUnplannedUsers({ executor }: Scenario): boolean {
  return isControlled(executor) || fixedIterationsOf(executor) !== undefined;
}

/**
 * The times in which some scenario goes on and none starts, ends or changes its users or its rate; ascending. `undefined`
 * where the plan cannot tell.
 */
export function constantParts(scenarios: readonly Scenario[]): LoadPart[] | undefined {
  if (scenarios.some(hasUnplannedUsers)) return undefined;
  const changes = scenarios.flatMap(plannedChanges).sort((a, b) => a.fromMs - b.fromMs);
  const parts: LoadPart[] = [];
  let fromMs = changes[0]?.fromMs ?? 0;
  for (const change of changes) {
    const isDriven = scenarios.some(
      ({ startAtMs, executor }) => startAtMs <= fromMs && startAtMs + durationOf(executor) > fromMs,
    );
    if (change.fromMs > fromMs && isDriven) parts.push({ fromMs, untilMs: change.fromMs });
    fromMs = Math.max(fromMs, change.untilMs);
  }
  return parts;
}
