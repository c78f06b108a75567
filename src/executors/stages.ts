// What the executors share whose load is linear within each of several stages.

import { formatDuration, msOf, parseDuration } from '../time/duration.ts';
import { shortestRunMs } from './bounds.ts';
import type { Change, FieldMistake, Unchecked } from './executor.ts';
import type { StageDefinition, StagePlan } from './load-values.ts';

export function planStages(
  stages: readonly StageDefinition[],
  targetOf = (target: number): number => target,
): StagePlan[] {
  return stages.map(({ duration, target }) => ({ durationMs: msOf(duration), target: targetOf(target) }));
}

export function lengthOfStages(stages: readonly StagePlan[]): number {
  return stages.reduce((sumMs, stage) => sumMs + stage.durationMs, 0);
}

/** The stages that change the level; one that only holds it is none. */
export function stageChanges(startLevel: number, stages: readonly StagePlan[]): Change[] {
  const changes: Change[] = [];
  let atMs = 0;
  let level = startLevel;
  for (const { durationMs, target } of stages) {
    if (target !== level) changes.push({ fromMs: atMs, untilMs: atMs + durationMs });
    atMs += durationMs;
    level = target;
  }
  return changes;
}

export function stretchedStages(stages: readonly StagePlan[], scaled: (ms: number) => number): StagePlan[] {
  return stages.map((stage) => ({ ...stage, durationMs: scaled(stage.durationMs) }));
}

/** `from 0`, then `to 50 within 1m` for each stage. */
export function courseOf(
  startLevel: number,
  stages: readonly StagePlan[],
  format: (level: number) => string,
): string[] {
  const steps = stages.map(
    ({ durationMs, target }) => `to ${format(target)} within ${formatDuration(durationMs)}`,
  );
  return [`from ${format(startLevel)}`, ...steps];
}

/** Stages that take no time, or whose level is 0 throughout. */
export function findStagesMistakes({ stages }: Unchecked, start: unknown): FieldMistake[] {
  if (!Array.isArray(stages)) return [];
  const parts = (stages as unknown[]).map(partsOf);
  const lengthMs = parts.reduce((sumMs, { duration }) => sumMs + (parseDuration(duration) ?? 0), 0);
  if (lengthMs < shortestRunMs) {
    const expected = `stages that last at least ${formatDuration(shortestRunMs)} together`;
    return [{ at: ['stages'], expected, found: stages }];
  }
  const levels = [start, ...parts.map(({ target }) => target)];
  return levels.every((level) => level === 0)
    ? [{ at: ['stages'], expected: 'a target above 0 somewhere', found: stages }]
    : [];
}

/** Of a stage that may be anything. */
export function partsOf(stage: unknown): Unchecked {
  return typeof stage === 'object' && stage !== null && !Array.isArray(stage) ? (stage as Unchecked) : {};
}
