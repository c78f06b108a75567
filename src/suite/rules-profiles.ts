// Rules of profiles and scenarios: who takes part, and what fits together. Called by
// rules.ts.

import type { Mistake } from '../model/errors.ts';
import { mistakeAt, type Path, recordOf } from './mistake.ts';
import { findExecutorMistakes } from './rules-executors.ts';
import {
  findChoiceMistakes,
  findEmptyUsers,
  findNameMistakes,
  findReferenceMistakes,
} from './rules-names.ts';

/** All mistakes of one profile but those of its thresholds. */
export function findProfileMistakes(path: Path, profile: unknown, suite: unknown): Mistake[] {
  const { executor, scenarios, phases, thresholds } = recordOf(profile);
  if ([executor, scenarios, phases].filter((form) => form !== undefined).length > 1) {
    return [
      ...findChoiceMistakes(path, profile, ['executor', 'scenarios', 'phases']),
      ...(executor === undefined ? [] : findScenarioMistakes(path, profile, suite)),
      ...(scenarios === undefined ? [] : findScenariosMistakes([...path, 'scenarios'], scenarios, suite)),
      ...(Array.isArray(phases) ? findPhasesMistakes([...path, 'phases'], phases, suite) : []),
    ];
  }
  if (scenarios !== undefined) return findScenariosMistakes([...path, 'scenarios'], scenarios, suite);
  if (Array.isArray(phases)) return findPhasesMistakes([...path, 'phases'], phases, suite);
  const ownMistakes = findScenarioMistakes(path, profile, suite);
  const hasLimits =
    Object.keys(recordOf(thresholds)).length + Object.keys(recordOf(recordOf(suite).thresholds)).length > 0;
  if (executor === 'capacity-search' && !hasLimits) {
    ownMistakes.push(
      mistakeAt([...path, 'thresholds'], 'at least one threshold, whose breach ends the search'),
    );
  }
  return ownMistakes;
}

function findScenariosMistakes(path: Path, scenarios: unknown, suite: unknown): Mistake[] {
  const entries = Object.entries(recordOf(scenarios));
  if (entries.length === 0) return [mistakeAt(path, 'at least one scenario', scenarios)];
  return entries.flatMap(([name, scenario]) => [
    ...findNameMistakes([...path, name], name),
    ...findNestedSearch([...path, name], scenario),
    ...findScenarioMistakes([...path, name], scenario, suite),
  ]);
}

function findPhasesMistakes(path: Path, phases: readonly unknown[], suite: unknown): Mistake[] {
  const names = phases.map((phase) => recordOf(phase).name);
  return phases.flatMap((phase, i) => {
    const mistakes = [
      ...findNameMistakes([...path, i, 'name'], names[i]),
      ...findNestedSearch([...path, i], phase),
      ...findScenarioMistakes([...path, i], phase, suite),
    ];
    if (names[i] !== undefined && names.indexOf(names[i]) < i) {
      mistakes.push(mistakeAt([...path, i, 'name'], 'a name that no other phase has', names[i]));
    }
    const { startTime } = recordOf(phase);
    if (startTime !== undefined) {
      const expected = 'no startTime, since phases follow one another; write `pause` for a gap after a phase';
      mistakes.push(mistakeAt([...path, i, 'startTime'], expected, startTime));
    }
    return mistakes;
  });
}

function findNestedSearch(path: Path, scenario: unknown): Mistake[] {
  const { executor } = recordOf(scenario);
  return executor === 'capacity-search'
    ? [
        mistakeAt(
          [...path, 'executor'],
          'another executor; a capacity search is a profile of its own',
          executor,
        ),
      ]
    : [];
}

function findScenarioMistakes(path: Path, scenario: unknown, suite: unknown): Mistake[] {
  const userNames = Object.keys(recordOf(recordOf(suite).users));
  const { users, tasks } = recordOf(scenario);
  return [
    ...findExecutorMistakes(path, scenario),
    ...findReferenceMistakes([...path, 'users'], users, userNames, 'a user of the suite'),
    ...findReferenceMistakes([...path, 'tasks'], tasks, userNames, 'a user of the suite'),
    ...Object.entries(recordOf(tasks)).flatMap(([user, mix]) =>
      findMixMistakes([...path, 'tasks', user], user, mix, suite),
    ),
    ...findEmptyUsers([...path, 'users'], users),
  ];
}

function findMixMistakes(path: Path, user: string, mix: unknown, suite: unknown): Mistake[] {
  const definition = recordOf(recordOf(recordOf(suite).users)[user]);
  const isFlow = definition.flow !== undefined;
  const known = Object.keys(recordOf(isFlow ? definition.flow : definition.tasks));
  if (known.length === 0) return [];
  const what = isFlow ? `a step of ${user}` : `a task of ${user}`;
  const shares = Object.entries(recordOf(mix)).flatMap(([task, share]) => {
    if (typeof share !== 'number') return [];
    if (isFlow && share > 1)
      return [mistakeAt([...path, task], 'a probability from 0 to 1, such as 0.25', share)];
    if (!isFlow && share === 0) return [mistakeAt([...path, task], 'a weight above 0, such as 70', share)];
    return [];
  });
  if (Object.keys(recordOf(mix)).length === 0) return [mistakeAt(path, `at least one entry, ${what}`, mix)];
  return [...findReferenceMistakes(path, mix, known, what), ...shares];
}
