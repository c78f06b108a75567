// One scenario as written becomes one scenario as planned: durations in ms, defaults filled in, the users and
// their mixes resolved. Called by plan.ts.

import { assertNever } from '../model/errors.ts';
import type { ArrivalExecutorPlan } from '../model/executor.ts';
import type { ExecutorPlan, ScenarioPlan, ThinkTimePlan, TimeUnitMs, UserPlan } from '../model/plan.ts';
import type {
  CapacitySearchDefinition,
  ConstantArrivalRateDefinition,
  Duration,
  RampingArrivalRateDefinition,
  ScenarioDefinition,
  SuiteDefinition,
  ThinkTime,
  UserDefinition,
} from '../model/suite.ts';
import { parseDuration } from '../time/duration.ts';

const defaultGracefulStopMs = 30_000;
const defaultGracefulRampDownMs = 30_000;
/** Longest scenario of fixed iterations when `maxDuration` is absent; also its length with `--ops`. */
export const defaultMaxDurationMs = 600_000;

/** Executors that start iterations by a rate. */
const arrivalExecutors: readonly ScenarioDefinition['executor'][] = [
  'constant-arrival-rate',
  'ramping-arrival-rate',
  'capacity-search',
];

export type PlainScenario = Exclude<ScenarioDefinition, CapacitySearchDefinition>;

/** A duration that the schema has accepted, in ms. */
export function msOf(duration: Duration): number {
  const ms = parseDuration(duration);
  if (ms === undefined) throw new TypeError(`not a duration: ${duration}`);
  return ms;
}

/** Arrivals per second of `rate` arrivals in each `timeUnit` (1 s when absent). */
export function ratePerSecOf(rate: number, timeUnit: Duration = 1000): number {
  return (rate * 1000) / msOf(timeUnit);
}

/** How rates are counted, where it is not by the second. */
export function planTimeUnit(timeUnit: Duration = 1000): { readonly timeUnitMs?: TimeUnitMs } {
  const timeUnitMs = msOf(timeUnit);
  return timeUnitMs === 1000 ? {} : { timeUnitMs };
}

function planExecutor(scenario: PlainScenario): ExecutorPlan {
  switch (scenario.executor) {
    case 'constant-vus':
      return {
        kind: 'constant-vus',
        vus: scenario.vus,
        rampUpMs: msOf(scenario.rampUp ?? 0),
        durationMs: msOf(scenario.duration),
      };
    case 'ramping-vus':
      return {
        kind: 'ramping-vus',
        startVUs: scenario.startVUs ?? 1,
        stages: scenario.stages.map(({ duration, target }) => ({ durationMs: msOf(duration), target })),
        gracefulRampDownMs: msOf(scenario.gracefulRampDown ?? defaultGracefulRampDownMs),
      };
    case 'per-vu-iterations':
      return {
        kind: 'per-vu-iterations',
        vus: scenario.vus,
        iterations: scenario.iterations,
        rampUpMs: msOf(scenario.rampUp ?? 0),
        maxDurationMs: msOf(scenario.maxDuration ?? defaultMaxDurationMs),
      };
    case 'shared-iterations':
      return {
        kind: 'shared-iterations',
        vus: scenario.vus,
        iterations: scenario.iterations,
        rampUpMs: msOf(scenario.rampUp ?? 0),
        maxDurationMs: msOf(scenario.maxDuration ?? defaultMaxDurationMs),
      };
    case 'constant-arrival-rate':
      return {
        kind: 'constant-arrival-rate',
        ratePerSec: ratePerSecOf(scenario.rate, scenario.timeUnit),
        ...planTimeUnit(scenario.timeUnit),
        durationMs: msOf(scenario.duration),
        ...planArrivals(scenario),
      };
    case 'ramping-arrival-rate':
      return {
        kind: 'ramping-arrival-rate',
        startRatePerSec: ratePerSecOf(scenario.startRate ?? 0, scenario.timeUnit),
        ...planTimeUnit(scenario.timeUnit),
        stages: scenario.stages.map(({ duration, target }) => ({
          durationMs: msOf(duration),
          target: ratePerSecOf(target, scenario.timeUnit),
        })),
        ...planArrivals(scenario),
      };
    case 'externally-controlled':
      return {
        kind: 'externally-controlled',
        vus: scenario.vus,
        maxVUs: scenario.maxVUs ?? scenario.vus,
        durationMs: msOf(scenario.duration),
      };
    default:
      return assertNever(scenario);
  }
}

function planArrivals({
  preAllocatedVUs,
  maxVUs = preAllocatedVUs,
  arrivals,
}: ConstantArrivalRateDefinition | RampingArrivalRateDefinition): Pick<
  ArrivalExecutorPlan,
  'preAllocatedVUs' | 'maxVUs' | 'arrivals'
> {
  return { preAllocatedVUs, maxVUs, ...(arrivals === 'poisson' && { arrivals }) };
}

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
  const isArrival = arrivalExecutors.includes(scenario.executor);
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
  return { ...planFrame(suite, name, scenario), executor: planExecutor(scenario) };
}
