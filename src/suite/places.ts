// Who does what under a profile: which scenario, user and task a sample can be of. The rules of tags and plan/ ask, to
// tell selectors that can never select anything. Reads raw values, as rules do.

import { loadForms } from '../executors/executors.ts';
import { suiteAsUser, type Tags } from '../model/metric.ts';
import { recordOf } from './mistake.ts';

/** A user in a scenario, or the suite itself in `setup` and `teardown`, which belong to none. */
export interface Place {
  readonly scenario: string | undefined;
  readonly user: string;
  /** Every `task` that its samples can have. */
  readonly tasks: readonly string[];
  /** Those of whole iterations: the tasks that are drawn, and none of a flow, whose iterations go through all steps. */
  readonly iterationTasks: readonly string[];
  /** Iterations that are dropped are known by user: where each user has a number of its own to do. */
  readonly dropsByUser: boolean;
}

type Raw = Readonly<Record<string, unknown>>;

const wholeIterations: ReadonlySet<string> = new Set([
  'iterations',
  'iterations_failed',
  'iteration_duration',
]);

/** Scenarios with their names, as a profile of any form has them. */
export function scenariosOf(profile: unknown): { readonly name: string; readonly scenario: Raw }[] {
  const { scenarios, phases, executor } = recordOf(profile);
  if (scenarios !== undefined) {
    return Object.entries(recordOf(scenarios)).map(([name, one]) => ({ name, scenario: recordOf(one) }));
  }
  if (Array.isArray(phases)) {
    return phases.map((one) => ({ name: String(recordOf(one).name), scenario: recordOf(one) }));
  }
  const scenario = recordOf(profile);
  if (executor !== 'capacity-search') return [{ name: 'default', scenario }];
  const [start, step, most] = [scenario.startRate, scenario.stepRate, scenario.maxRate].map(Number);
  const stepCount = Math.floor((most! - start!) / step! + 1e-9) + 1;
  const known = Number.isFinite(stepCount) ? Math.min(1000, Math.max(1, stepCount)) : 1;
  return Array.from({ length: known }, (_, i) => ({ name: `step-${i + 1}`, scenario }));
}

/** The places of one profile. */
export function placesOf(suite: unknown, profile: unknown): Place[] {
  const own = scenariosOf(profile).flatMap(({ name, scenario }) =>
    usersOf(suite, scenario).map((user) =>
      placeOf(suite, name, user, scenario, recordOf(recordOf(scenario.tasks)[user])),
    ),
  );
  return [...own, ...placesOfSuiteItself(suite)];
}

/** Any user of the suite with any of its tasks, in the scenarios of any profile: what a limit of the suite may name. */
export function placesOfAllProfiles(suite: unknown): Place[] {
  const scenarios = Object.values(recordOf(recordOf(suite).profiles)).flatMap(scenariosOf);
  const byName = new Map(scenarios.map((one) => [`${one.name} ${dropsByUser(one.scenario)}`, one]));
  const own = [...byName.values()].flatMap(({ name, scenario }) =>
    Object.keys(recordOf(recordOf(suite).users)).map((user) => placeOf(suite, name, user, scenario, {})),
  );
  return [...own, ...placesOfSuiteItself(suite)];
}

/** Of a series with these tags of place, whether anything under these places can be recorded. */
export function canOccur(metric: string, { scenario, user, task }: Tags, places: readonly Place[]): boolean {
  return places.some(
    (place) =>
      (scenario === undefined || place.scenario === scenario) &&
      (user === undefined ||
        (place.user === user && (metric !== 'dropped_iterations' || place.dropsByUser))) &&
      (task === undefined || tasksFor(metric, place).includes(task)),
  );
}

/** The tasks that samples of a metric can have at a place. */
export function tasksFor(metric: string, { tasks, iterationTasks }: Place): readonly string[] {
  return wholeIterations.has(metric) ? iterationTasks : tasks;
}

function usersOf(suite: unknown, { users }: Raw): string[] {
  const all = Object.keys(recordOf(recordOf(suite).users));
  if (users === undefined) return all;
  return all.filter((name) =>
    Array.isArray(users) ? users.includes(name) : Object.hasOwn(recordOf(users), name),
  );
}

function placeOf(suite: unknown, scenario: string, user: string, definition: Raw, ownMix: Raw): Place {
  const { tasks, flow, onStart, onStop } = recordOf(recordOf(recordOf(suite).users)[user]);
  const mix = Object.entries(recordOf(flow ?? tasks));
  const hasOwnMix = Object.keys(ownMix).length > 0;
  const share = (name: string, action: unknown): unknown =>
    hasOwnMix ? (Object.hasOwn(ownMix, name) ? ownMix[name] : 0) : recordOf(action).probability;
  const names = mix.filter(([name, action]) => share(name, action) !== 0).map(([name]) => name);
  const hooks = Object.entries({ onStart, onStop }).flatMap(([name, hook]) =>
    hook === undefined ? [] : [name],
  );
  return {
    scenario,
    user,
    tasks: [...names, ...hooks],
    iterationTasks: flow === undefined ? names : [],
    dropsByUser: dropsByUser(definition),
  };
}

/** `--ops` turns executors of users into `per-vu-iterations`. */
function dropsByUser({ executor }: Raw): boolean {
  return typeof executor === 'string' && loadForms().get(executor)?.model === 'closed';
}

function placesOfSuiteItself(suite: unknown): Place[] {
  const { setup, teardown } = recordOf(suite);
  const tasks = Object.entries({ setup, teardown }).flatMap(([name, hook]) =>
    hook === undefined ? [] : [name],
  );
  if (tasks.length === 0) return [];
  return [{ scenario: undefined, user: suiteAsUser, tasks, iterationTasks: [], dropsByUser: false }];
}
