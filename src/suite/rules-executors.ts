// Which executors there are, and what is said of others. Used by schema-profiles.ts and rules-profiles.ts.

import type { Mistake } from '../model/errors.ts';
import type { ScenarioDefinition } from '../model/suite.ts';
import { nearestName } from '../text/nearest-name.ts';
import { listNames, mistakeAt, type Path, recordOf } from './mistake.ts';

/** All executors, in the order in which messages list them. */
export const executorNames = [
  'constant-vus',
  'ramping-vus',
  'per-vu-iterations',
  'shared-iterations',
  'constant-arrival-rate',
  'ramping-arrival-rate',
  'externally-controlled',
  'capacity-search',
] as const satisfies readonly ScenarioDefinition['executor'][];

/** A mistake when a scenario names no executor, or one that does not exist. */
export function findExecutorMistakes(path: Path, scenario: unknown): Mistake[] {
  if (typeof scenario !== 'object' || scenario === null) return [];
  const { executor } = recordOf(scenario);
  if (executorNames.some((name) => name === executor)) return [];
  const expected = `one of the executors ${listNames(executorNames)}`;
  const at = [...path, 'executor'];
  if (typeof executor !== 'string') return [mistakeAt(at, expected, executor)];
  return [mistakeAt(at, expected, executor, nearestName(executor, executorNames))];
}
