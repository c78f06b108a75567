// Rules of profiles and scenarios: who takes part, what fits together, and what must be ordered. Called by
// rules.ts.

import { mostRatePerSec } from '../model/bounds.ts';
import type { Mistake } from '../model/errors.ts';
import { formatDuration, parseDuration } from '../time/duration.ts';
import { mistakeAt, type Path, recordOf } from './mistake.ts';
import { findExecutorMistakes } from './rules-executors.ts';
import {
  findChoiceMistakes,
  findEmptyUsers,
  findNameMistakes,
  findReferenceMistakes,
} from './rules-names.ts';

const mostSteps = 1000;
const shortestRampMs = 100;

/** All mistakes of one profile but those of its thresholds. */
export function findProfileMistakes(path: Path, profile: unknown, suite: unknown): Mistake[] {
  const { executor, scenarios, phases, thresholds } = recordOf(profile);
  const forms = [executor, scenarios, phases].filter((form) => form !== undefined).length;
  if (forms > 1) return findChoiceMistakes(path, profile, ['executor', 'scenarios', 'phases']);
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
    ...findOrderMistakes(path, recordOf(scenario)),
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

/** Fields that must not be greater than another one, or must add up to something. */
function findOrderMistakes(path: Path, scenario: Readonly<Record<string, unknown>>): Mistake[] {
  const { executor, stages, startVUs, startRate, stepRate, maxRate, vus, iterations } = scenario;
  const mistakes = [
    ...findOverlong(path, scenario, 'rampUp', 'duration'),
    ...findOverlong(path, scenario, 'rampUp', 'maxDuration'),
    ...findHighRates(path, scenario),
  ];
  const { preAllocatedVUs, maxVUs } = scenario;
  if (typeof maxVUs === 'number' && typeof preAllocatedVUs === 'number' && maxVUs < preAllocatedVUs) {
    mistakes.push(mistakeAt([...path, 'maxVUs'], `at least preAllocatedVUs, ${preAllocatedVUs}`, maxVUs));
  }
  if (executor === 'ramping-vus' && Array.isArray(stages)) {
    mistakes.push(...findStagesMistakes([...path, 'stages'], stages, startVUs ?? 1));
  }
  if (executor === 'ramping-arrival-rate' && Array.isArray(stages)) {
    mistakes.push(...findStagesMistakes([...path, 'stages'], stages, startRate ?? 0));
  }
  if (executor === 'externally-controlled' && typeof vus === 'number') {
    if (typeof maxVUs === 'number' && maxVUs < vus) {
      mistakes.push(mistakeAt([...path, 'maxVUs'], `at least vus, ${vus}`, maxVUs));
    } else if (vus === 0 && maxVUs === undefined) {
      mistakes.push(mistakeAt([...path, 'maxVUs'], 'the most VUs that may be asked for, since vus is 0'));
    }
  }
  if (executor === 'shared-iterations' && typeof vus === 'number' && typeof iterations === 'number') {
    if (iterations < vus) {
      mistakes.push(
        mistakeAt([...path, 'iterations'], `at least one for each of the ${vus} VUs`, iterations),
      );
    }
  }
  if (typeof startRate === 'number' && typeof maxRate === 'number' && typeof stepRate === 'number') {
    if (maxRate < startRate) {
      mistakes.push(mistakeAt([...path, 'maxRate'], `at least startRate, ${startRate}`, maxRate));
    } else if ((maxRate - startRate) / stepRate >= mostSteps) {
      mistakes.push(
        mistakeAt([...path, 'stepRate'], `a step that makes at most ${mostSteps} of them`, stepRate),
      );
    }
  }
  return mistakes;
}

/** Rates are per time unit, and what bounds them is per second. */
function findHighRates(path: Path, scenario: Readonly<Record<string, unknown>>): Mistake[] {
  const { executor, stages, timeUnit = 1000 } = scenario;
  const unitMs = parseDuration(timeUnit);
  if (unitMs === undefined || unitMs === 0) return [];
  const most = (mostRatePerSec * unitMs) / 1000;
  const check = (at: Path, rate: unknown): Mistake[] =>
    typeof rate === 'number' && rate > most
      ? [mistakeAt(at, `a rate of at most ${mostRatePerSec} per second, here ${most}`, rate)]
      : [];
  const ofStages =
    executor === 'ramping-arrival-rate' && Array.isArray(stages)
      ? stages.flatMap((stage, i) => check([...path, 'stages', i, 'target'], recordOf(stage).target))
      : [];
  const own = ['rate', 'startRate', 'stepRate', 'maxRate'];
  return [...own.flatMap((name) => check([...path, name], scenario[name])), ...ofStages];
}

function findStagesMistakes(path: Path, stages: readonly unknown[], start: unknown): Mistake[] {
  const lengthMs = stages.reduce<number>(
    (sum, stage) => sum + (parseDuration(recordOf(stage).duration) ?? 0),
    0,
  );
  if (lengthMs < shortestRampMs) {
    return [mistakeAt(path, `stages that last at least ${formatDuration(shortestRampMs)} together`, stages)];
  }
  const levels = [start, ...stages.map((stage) => recordOf(stage).target)];
  return levels.every((level) => level === 0) ? [mistakeAt(path, 'a target above 0 somewhere', stages)] : [];
}

function findOverlong(
  path: Path,
  scenario: Readonly<Record<string, unknown>>,
  part: string,
  whole: string,
): Mistake[] {
  const partMs = parseDuration(scenario[part]);
  const wholeMs = parseDuration(scenario[whole]);
  if (partMs === undefined || wholeMs === undefined || partMs <= wholeMs) return [];
  return [mistakeAt([...path, part], `at most the ${whole}, ${formatDuration(wholeMs)}`, scenario[part])];
}
