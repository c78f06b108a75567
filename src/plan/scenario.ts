// One scenario as written becomes one scenario as planned: durations in ms, defaults filled in, the users and
// their mixes resolved. Called by layout.ts, overrides.ts and search-step.ts.

import { loadForms } from '../executors/executors.ts';
import { planLoad } from '../executors/of-plan.ts';
import type { ScenarioPlan, ThinkTimePlan, UserPlan } from '../model/plan.ts';
import type {
  CapacitySearchDefinition,
  ScenarioDefinition,
  SuiteDefinition,
  ThinkTime,
  UserDefinition,
} from '../model/suite.ts';
import { msOf } from '../time/duration.ts';

const defaultGracefulStopMs = 30_000;
export type PlainScenario = Exclude<ScenarioDefinition, CapacitySearchDefinition>;

function planThinkTime(thinkTime: ThinkTime | undefined): ThinkTimePlan {
  if (thinkTime === undefined) return { kind: 'none' };
  if (typeof thinkTime === 'function') return { kind: 'suite' };
  if (typeof thinkTime === 'number' || typeof thinkTime === 'string') return fixedThinkTime(msOf(thinkTime));
  const [minMs, maxMs] = [msOf(thinkTime[0]), msOf(thinkTime[1])];
  return minMs === maxMs ? fixedThinkTime(minMs) : { kind: 'uniform', minMs, maxMs };
}

export function fixedThinkTime(ms: number): ThinkTimePlan {
  return ms === 0 ? { kind: 'none' } : { kind: 'fixed', ms };
}

/** The mix of one user: the scenario's own when it has one, which leaves out what it does not name. */
function planMix(
  user: UserDefinition,
  own: Readonly<Record<string, number>> | undefined,
): Pick<UserPlan, 'mix' | 'tasks'> {
  const mix = user.flow === undefined ? 'tasks' : 'flow';
  const shares =
    user.flow === undefined
      ? Object.entries(user.tasks ?? {}).map(([name, task]) => ({ name, share: task.weight ?? 1 }))
      : Object.entries(user.flow).map(([name, step]) => ({ name, share: step.probability ?? 1 }));
  if (own === undefined) return { mix, tasks: shares };
  const taking = shares.filter(({ name }) => Object.hasOwn(own, name));
  return { mix, tasks: taking.map(({ name }) => ({ name, share: own[name]! })) };
}

function planUsers(suite: SuiteDefinition, scenario: ScenarioDefinition): UserPlan[] {
  const { users } = scenario;
  const weightOf = (name: string, user: UserDefinition): number | undefined => {
    if (users === undefined) return user.weight ?? 1;
    if (!isList(users)) return Object.hasOwn(users, name) ? users[name] : undefined;
    return users.includes(name) ? (user.weight ?? 1) : undefined;
  };
  // An arrival starts when the plan says: a pause after it would only keep the VU from the next one.
  const isArrival = loadForms().get(scenario.executor)?.model === 'open';
  return Object.entries(suite.users).flatMap(([name, user]) => {
    const weight = weightOf(name, user);
    if (weight === undefined) return [];
    const thinkTime = isArrival ? undefined : (scenario.thinkTime ?? user.thinkTime);
    const { tasks = {} } = scenario;
    const mix = planMix(user, Object.hasOwn(tasks, name) ? tasks[name] : undefined);
    return [{ name, weight, thinkTime: planThinkTime(thinkTime), ...mix }];
  });
}

function isList(users: NonNullable<ScenarioDefinition['users']>): users is readonly string[] {
  return Array.isArray(users);
}

/** All of a scenario but its executor; `startAtMs` is what the definition says, which phases overwrite. */
export function planFrame(
  suite: SuiteDefinition,
  name: string,
  scenario: ScenarioDefinition,
): Omit<ScenarioPlan, 'executor'> {
  return {
    name,
    startAtMs: msOf(scenario.startTime ?? 0),
    gracefulStopMs: msOf(scenario.gracefulStop ?? defaultGracefulStopMs),
    iterationTimeoutMs: msOf(scenario.iterationTimeout ?? 0),
    users: planUsers(suite, scenario),
    tags: scenario.tags ?? {},
  };
}

export function planScenario(suite: SuiteDefinition, name: string, scenario: PlainScenario): ScenarioPlan {
  return { ...planFrame(suite, name, scenario), executor: planLoad(scenario) };
}
