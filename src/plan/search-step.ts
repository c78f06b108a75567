// One step of `plimsoll capacity` as a plan of its own: a profile's users, mix and objectives at a given load.

import { mostVus } from '../executors/bounds.ts';
import type { ExecutorPlan } from '../executors/executors.ts';
import { maxVusOf } from '../executors/of-plan.ts';
import { UsageError } from '../model/errors.ts';
import type { Plan, ScenarioPlan, SearchUnit, ThresholdPlan } from '../model/plan.ts';
import type { ProfileDefinition, ScenarioDefinition, SuiteDefinition } from '../model/suite.ts';
import { canOccur, placesOf } from '../suite/places.ts';
import { withPattern } from './pattern.ts';
import { makePlan, type PlannedProfile, type PlanOptions, planProfile } from './plan.ts';
import { fixedThinkTime, planFrame } from './scenario.ts';
import { assertWholeSteps } from './search.ts';

export interface SearchStepOptions extends PlanOptions {
  /** Name of the step's scenario. */
  readonly name: string;
  readonly unit: SearchUnit;
  /** Users, or iterations per second. */
  readonly load: number;
  readonly durationMs: number;
  /** Users start within this part; nothing of it counts. */
  readonly warmUpMs: number;
}

/** Iterations still running at the end of a step get this long: the next step must not wait for them. */
const mostGraceMs = 5000;
/** VUs of an arrival rate: as many as are busy when each iteration takes this many times the longest limit. */
const longestLimitTimes = 4;
const leastBusyMs = 2000;
const leastVus = 50;

/**
 * The unit that fits a profile best: iterations per second where it has arrival rates, users elsewhere. Throws a
 * `UsageError` for an unknown profile.
 */
export function unitOf(suite: SuiteDefinition, profile: string, options: PlanOptions): SearchUnit {
  const { executor } = heaviest(makePlan(suite, profile, options).scenarios);
  return 'preAllocatedVUs' in executor ? 'iterations/s' : 'users';
}

/**
 * Plans one step. Users, mix and think time are those of the profile's scenario with the most VUs; the thresholds
 * are its critical ones, or all when it has none of these. Throws a `UsageError` when it has no thresholds.
 */
export function planSearchStep(
  suite: SuiteDefinition,
  profile: string,
  options: SearchStepOptions,
): PlannedProfile {
  const { name, unit, load, durationMs, warmUpMs, thinkTimeMs, ...rest } = options;
  const { users: _users, ops: _ops, ratePerSec: _rate, rampUpMs: _rampUp, ...common } = rest;
  const { plan: base, monitors } = planProfile(suite, profile, { ...common, durationMs: undefined });
  const model = heaviest(base.scenarios);
  const driven = withPattern(suite, suite.profiles[profile]!, common.pattern);
  const places = placesOf(suite, driven).filter(({ scenario }) => scenario === model.name);
  // Of several scenarios only one is searched with: what only others do, no step can show.
  const thresholds = objectivesOf(base, model.name, name).filter(
    ({ metric, tags: { scenario: _, ...tags } }) =>
      canOccur(metric, tags, places) &&
      Object.entries(model.tags).every(([tag, value]) => !Object.hasOwn(tags, tag) || tags[tag] === value),
  );
  assertWholeSteps(thresholds);
  if (thresholds.length === 0) {
    throw new UsageError(`the profile ${profile} has no thresholds, so no load could break any`, {
      hint: 'give it at least one, such as http_req_duration: ["p(95)<200"]',
    });
  }
  const written = definitionOf(suite.profiles[profile]!, model.name);
  const kind = unit === 'users' ? 'constant-vus' : 'constant-arrival-rate';
  // Only the kind of executor matters to the frame: users of an arrival rate do not think.
  const frame = planFrame(suite, name, { ...written, executor: kind } as ScenarioDefinition);
  const users =
    thinkTimeMs === undefined || unit !== 'users'
      ? frame.users
      : frame.users.map((user) => ({ ...user, thinkTime: fixedThinkTime(thinkTimeMs) }));
  const gracefulStopMs = Math.min(frame.gracefulStopMs, mostGraceMs);
  const scenario: ScenarioPlan = {
    ...frame,
    users,
    startAtMs: 0,
    gracefulStopMs,
    tags: model.tags,
    executor: executorOf(unit, load, durationMs, warmUpMs, { model, thresholds }),
  };
  const { search: _search, objectives: _objectives, ...plan } = base;
  const maxDurationMs = durationMs + gracefulStopMs;
  return {
    plan: { ...plan, scenarios: [scenario], thresholds, durationMs, maxDurationMs },
    monitors,
    tooShort: [],
  };
}

function heaviest(scenarios: readonly ScenarioPlan[]): ScenarioPlan {
  return scenarios.reduce((most, one) => (maxVusOf(one.executor) > maxVusOf(most.executor) ? one : most));
}

/** The scenario as written; for profiles written inline, and searches, the profile itself. */
function definitionOf(profile: ProfileDefinition, scenario: string): ScenarioDefinition {
  if ('phases' in profile) return profile.phases.find(({ name }) => name === scenario)!;
  return 'scenarios' in profile ? profile.scenarios[scenario]! : profile;
}

function objectivesOf(base: Plan, model: string, step: string): ThresholdPlan[] {
  // A profile that is a search itself has its thresholds once per step.
  const own =
    base.search === undefined
      ? base.thresholds
      : base.thresholds.filter(({ tags }) => tags.scenario === model);
  const critical = own.filter(({ level }) => level !== 'target');
  return (critical.length > 0 ? critical : own).map((threshold) => ({
    ...threshold,
    tags: { ...threshold.tags, scenario: step },
    level: 'search',
    abortOnFail: false,
    delayAbortEvalMs: 0,
    warnMargin: 0,
  }));
}

function executorOf(
  unit: SearchUnit,
  load: number,
  durationMs: number,
  warmUpMs: number,
  { model, thresholds }: { model: ScenarioPlan; thresholds: readonly ThresholdPlan[] },
): ExecutorPlan {
  if (unit === 'users') {
    return { kind: 'constant-vus', vus: load, rampUpMs: warmUpMs / 2, durationMs };
  }
  const limitsMs = thresholds.flatMap(({ metric, operator, limit }) =>
    /duration|time$/.test(metric) && operator.startsWith('<') ? [limit] : [],
  );
  const busyMs = Math.max(leastBusyMs, ...limitsMs.map((limitMs) => limitMs * longestLimitTimes));
  const own = 'preAllocatedVUs' in model.executor ? model.executor.maxVUs : 0;
  const maxVUs = Math.min(mostVus, Math.max(leastVus, own, Math.ceil((load * busyMs) / 1000)));
  const preAllocatedVUs = Math.min(maxVUs, Math.max(10, Math.ceil(load / 10)));
  return { kind: 'constant-arrival-rate', ratePerSec: load, durationMs, preAllocatedVUs, maxVUs };
}
