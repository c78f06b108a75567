// The short runs that find out what slows a load down: its highest part held steady, and variants of that which leave one
// thing out or change one. Pure. Called by run/explain.ts.

import type { ExecutorPlan } from '../executors/executors.ts';
import { durationOf, isArrivalRate, isControlled, maxVusOf, peakRatePerSec } from '../executors/of-plan.ts';
import { UsageError } from '../model/errors.ts';
import type { ExperimentKind } from '../model/explanation.ts';
import type { Plan, ScenarioPlan, ThinkTimePlan, UserPlan } from '../model/plan.ts';
import { protocolSettings } from '../protocols/settings-registry.ts';
import { allocate } from '../stats/allocation.ts';

/** Of the load, in the run that shows how fast the target is without it. */
const lightShare = 0.1;
const halfShare = 0.5;
const mostOfLoad = 0.7;

export interface Experiment {
  /** Unique: `without price of buyer`. */
  readonly name: string;
  readonly kind: ExperimentKind;
  /** What takes no part; its operations are compared in no run. */
  readonly without?: { readonly user: string; readonly task?: string };
  readonly plan: Plan;
}

/** Share of the time of a user class that goes to each of its tasks, 0..1, by `user` and `task`. */
export type TimeShares = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * The part of the plan with the highest load, held for `lengthMs`. Nothing judges it: limits, alerts and comparisons are of
 * the whole profile. Throws a `UsageError` for a search, which has no load of its own.
 */
export function steadyPlan(plan: Plan, lengthMs: number): Plan {
  if (plan.search !== undefined) {
    throw new UsageError(
      `profile ${plan.profile} searches for the capacity: expected one with a load to explain`,
      {
        hint: 'choose another with --profile',
      },
    );
  }
  const { alerts: _alerts, comparisons: _comparisons, ...rest } = plan;
  const scenarios = highestPart(plan.scenarios).map((scenario) => ({
    ...scenario,
    startAtMs: 0,
    executor: held(scenario.executor, lengthMs),
    gracefulStopMs: Math.min(scenario.gracefulStopMs, lengthMs / 2),
  }));
  return withScenarios({ ...rest, thresholds: [] }, scenarios);
}

/** Those that run together when most load is driven; of equal ones the first. */
function highestPart(scenarios: readonly ScenarioPlan[]): ScenarioPlan[] {
  const parts = scenarios.map(({ startAtMs: atMs }) =>
    scenarios.filter(
      ({ startAtMs, executor }) => startAtMs <= atMs && atMs < startAtMs + Math.max(1, durationOf(executor)),
    ),
  );
  const usersOf = (part: readonly ScenarioPlan[]): number =>
    part.reduce((sum, { executor }) => sum + maxVusOf(executor), 0);
  return parts.reduce((highest, part) => (usersOf(part) > usersOf(highest) ? part : highest), parts[0] ?? []);
}

function held(executor: ExecutorPlan, durationMs: number): ExecutorPlan {
  if (isArrivalRate(executor)) {
    const { preAllocatedVUs, maxVUs } = executor;
    const ratePerSec = peakRatePerSec(executor);
    return { kind: 'constant-arrival-rate', ratePerSec, durationMs, preAllocatedVUs, maxVUs };
  }
  const vus = isControlled(executor) ? executor.vus : maxVusOf(executor);
  return { kind: 'constant-vus', vus: Math.max(1, vus), rampUpMs: 0, durationMs };
}

/**
 * The experiments that a steady plan allows: the load as it is, a tenth of it, half of it, twice the think time, half the
 * connections, and one for each user class and each task that can be left out while others stay.
 */
export function experimentsOf(base: Plan, shares: TimeShares): Experiment[] {
  return [
    { name: 'the load as it is', kind: 'base', plan: base },
    ...lighter(base, { name: 'a tenth of the load', kind: 'light' }, lightShare),
    ...withoutUsers(base),
    ...withoutTasks(base, shares),
    ...lighter(base, { name: 'half of the load', kind: 'load' }, halfShare),
    ...doubledThinkTime(base),
    ...halvedConnections(base),
  ];
}

function withoutUsers(base: Plan): Experiment[] {
  const names = namesOfUsers(base);
  if (names.length < 2) return [];
  return names.map((user) => ({
    name: `without user ${user}`,
    kind: 'without-user',
    without: { user },
    plan: changedUsers(base, (one, count) => (one.name === user ? undefined : { user: one, count })),
  }));
}

function withoutTasks(base: Plan, shares: TimeShares): Experiment[] {
  const several = base.scenarios.flatMap(({ users }) => users.filter(({ tasks }) => tasks.length > 1));
  const pairs = new Map(
    several.flatMap(({ name, tasks }) =>
      tasks.map((task) => [`${name} ${task.name}`, { user: name, task: task.name }]),
    ),
  );
  return [...pairs.values()].map(({ user, task }) => ({
    name: `without task ${task} of ${user}`,
    kind: 'without-task',
    without: { user, task },
    plan: changedUsers(base, (one, count, isOpen) => {
      if (one.name !== user || !one.tasks.some(({ name }) => name === task)) return { user: one, count };
      const tasks = one.tasks.filter(({ name }) => name !== task);
      if (tasks.length === 0) return undefined;
      return {
        user: { ...one, tasks },
        count: count * (1 - shareOf(one, task, isOpen ? undefined : shares)),
      };
    }),
  }));
}

/**
 * What of a class's load goes with a task, so that the others are done as often as before. At an arrival rate that is its
 * share of the iterations; where users repeat, its share of their time. A flow is done as often without a step.
 */
function shareOf({ name, mix, tasks }: UserPlan, task: string, shares: TimeShares | undefined): number {
  if (shares !== undefined) return shares.get(name)?.get(task) ?? 0;
  if (mix === 'flow') return 0;
  const total = tasks.reduce((sum, { share }) => sum + share, 0);
  return (tasks.find((one) => one.name === task)?.share ?? 0) / total;
}

function doubledThinkTime(base: Plan): Experiment[] {
  const isThinking = ({ thinkTime }: UserPlan): boolean =>
    thinkTime.kind === 'fixed' || thinkTime.kind === 'uniform';
  const closed = base.scenarios.filter(({ executor }) => !isArrivalRate(executor));
  if (!closed.some(({ users }) => users.some(isThinking))) return [];
  const plan = changedUsers(base, (user, count, isOpen) => ({
    user: isOpen ? user : { ...user, thinkTime: doubled(user.thinkTime) },
    count,
  }));
  return [{ name: 'twice the think time', kind: 'think-time', plan }];
}

function doubled(thinkTime: ThinkTimePlan): ThinkTimePlan {
  if (thinkTime.kind === 'fixed') return { kind: 'fixed', ms: thinkTime.ms * 2 };
  if (thinkTime.kind === 'uniform') {
    return { kind: 'uniform', minMs: thinkTime.minMs * 2, maxMs: thinkTime.maxMs * 2 };
  }
  return thinkTime;
}

/** Of a pool that users share; connections of their own cannot be fewer than users. */
function halvedConnections(base: Plan): Experiment[] {
  const settings = base as unknown as Readonly<
    Record<string, { readonly connections?: unknown } | undefined>
  >;
  const halved = protocolSettings.flatMap(({ name }) => {
    const size = poolSizeOf(settings[name]?.connections);
    if (size === undefined || size < 2) return [];
    return [[name, { ...settings[name], connections: { pool: Math.floor(size / 2) } }] as const];
  });
  if (halved.length === 0) return [];
  const plan: Plan = { ...base, ...Object.fromEntries(halved) };
  return [{ name: 'half of the connections', kind: 'connections', plan }];
}

function poolSizeOf(connections: unknown): number | undefined {
  const isPool = typeof connections === 'object' && connections !== null && 'pool' in connections;
  return isPool && typeof connections.pool === 'number' ? connections.pool : undefined;
}

/**
 * A share of the load. Each class keeps one user at least, so that few users cannot be made a tenth: what is more than twice
 * the share, or nearly the whole load, is no such experiment.
 */
function lighter(base: Plan, one: Pick<Experiment, 'name' | 'kind'>, share: number): Experiment[] {
  const plan = changedUsers(base, (user, count) => ({ user, count: count * share }));
  const isLighter = loadOf(plan) <= Math.min(2 * share, mostOfLoad) * loadOf(base);
  return isLighter ? [{ ...one, plan }] : [];
}

/** Users and arrivals per second together: of use only to compare plans with the same executors. */
function loadOf({ scenarios }: Plan): number {
  return scenarios.reduce(
    (sum, { executor }) => sum + (isArrivalRate(executor) ? peakRatePerSec(executor) : maxVusOf(executor)),
    0,
  );
}

type ChangedUser = { readonly user: UserPlan; readonly count: number } | undefined;

/**
 * Changes the users of each scenario, and with them its load: `count` is the number of virtual users that a class has, or
 * its part of the rate. A scenario without users is left out.
 */
function changedUsers(
  base: Plan,
  change: (user: UserPlan, count: number, isOpen: boolean) => ChangedUser,
): Plan {
  const scenarios = base.scenarios.flatMap((scenario): ScenarioPlan[] => {
    const { executor, users } = scenario;
    const isOpen = isArrivalRate(executor);
    const weights = users.map(({ weight }) => weight);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const counts = isOpen
      ? weights.map((weight) => (peakRatePerSec(executor) * weight) / total)
      : allocate(maxVusOf(executor), weights);
    const changed = users
      .map((user, i) => (counts[i] === 0 ? undefined : change(user, counts[i]!, isOpen)))
      .filter((one) => one !== undefined)
      .map(({ user, count }) => ({ user, count: isOpen ? count : Math.max(1, Math.round(count)) }));
    const load = changed.reduce((sum, { count }) => sum + count, 0);
    if (load === 0) return [];
    return [
      {
        ...scenario,
        users: changed.map(({ user, count }) => ({ ...user, weight: count })),
        executor: withLoad(executor, load),
      },
    ];
  });
  return withScenarios(base, scenarios);
}

function withLoad(executor: ExecutorPlan, load: number): ExecutorPlan {
  if (executor.kind === 'constant-vus') return { ...executor, vus: load };
  if (executor.kind === 'constant-arrival-rate') return { ...executor, ratePerSec: load };
  throw new TypeError(`a steady plan has no scenario of ${executor.kind}`);
}

function withScenarios(plan: Plan, scenarios: readonly ScenarioPlan[]): Plan {
  const ends = scenarios.map(({ executor }) => durationOf(executor));
  return {
    ...plan,
    scenarios,
    durationMs: Math.max(0, ...ends),
    maxDurationMs: Math.max(0, ...scenarios.map(({ gracefulStopMs }, i) => ends[i]! + gracefulStopMs)),
  };
}

function namesOfUsers({ scenarios }: Plan): string[] {
  return [...new Set(scenarios.flatMap(({ users }) => users.map(({ name }) => name)))];
}
