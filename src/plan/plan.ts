// The door of plan/: a suite, a profile and the command line's overrides become a plan. Pure: no clock, no I/O.

import { durationOf } from '../executors/of-plan.ts';
import { UsageError } from '../model/errors.ts';
import type { FeederPlan } from '../model/feeder.ts';
import { seriesKey } from '../model/metric.ts';
import { monitorMetric } from '../model/monitor.ts';
import { figureOfMetric } from '../model/monitor-settings.ts';
import type { OperationsReportPlan, Plan, ScenarioPlan, ThresholdPlan } from '../model/plan.ts';
import type { ProfileDefinition, SuiteDefinition } from '../model/suite.ts';
import { makeAlertPlans } from '../suite/alert-expression.ts';
import { planAnalysis } from '../suite/analysis-limits.ts';
import { makeComparisonPlans } from '../suite/comparison-limit.ts';
import { makeCapacityPlan, makeRecommendationPlans } from '../suite/planning.ts';
import { planSettings } from '../suite/protocol-settings.ts';
import { readScaling } from '../suite/read-scaling.ts';
import { metricsOfAll } from '../suite/rules-scaling.ts';
import { knownMetrics, makeThresholdPlans } from '../suite/threshold-expression.ts';
import type { TargetParts } from '../target-kit/target.ts';
import { nearestName } from '../text/nearest-name.ts';
import { msOf } from '../time/duration.ts';
import {
  compressionOf,
  isJudgedShorter,
  shorterAlert,
  shorterFault,
  shorterMonitor,
  shorterThreshold,
} from './compress.ts';
import { withFaultTimes } from './fault-thresholds.ts';
import { behindProxy, faultsAt, planFaults, planRig, rigOf } from './faults.ts';
import { layOut, placed } from './layout.ts';
import { monitorsOf, type PlannedMonitors } from './monitors.ts';
import { type PlannedObjectives, planObjectives, type Sieve } from './objectives.ts';
import { type OccurringLimits, occurringLimits } from './occurring.ts';
import { applyOverrides, type Overrides } from './overrides.ts';
import { withPattern } from './pattern.ts';
import { searchSteps, searchThresholds } from './search.ts';
import { assertWindows, withStageTimes } from './stage-thresholds.ts';

export interface PlanOptions extends Overrides {
  readonly workers: number;
  readonly seed: number;
  /** Name of the environment; a label here, since `loadSuite` has applied it. */
  readonly environment: string;
  /** What a shipped target at the suite's address is made of, where that is known. */
  readonly targetParts?: TargetParts | undefined;
  /** The suite's test data, once they are opened. */
  readonly data?: readonly FeederPlan[] | undefined;
}

/** A plan, and what else became of the suite's monitors: what they need to connect, and those that are left out. */
export interface PlannedProfile {
  readonly plan: Plan;
  readonly monitors: PlannedMonitors;
  /** Thresholds that a compressed run cannot reach, and that are not judged. */
  readonly tooShort: readonly string[];
}

/** The plan of `planProfile` alone. */
export function makePlan(suite: SuiteDefinition, profileName: string, options: PlanOptions): Plan {
  return planProfile(suite, profileName, options).plan;
}

/**
 * Plans one profile of a validated suite. Throws a `UsageError` for an unknown profile, with the nearest name,
 * and for an override that does not fit.
 */
export function planProfile(
  suite: SuiteDefinition,
  profileName: string,
  options: PlanOptions,
): PlannedProfile {
  const profile = withPattern(suite, findProfile(suite, profileName), options.pattern);
  const whole = layOut(suite, profile);
  const compression = compressionOf(whole, options);
  const layout = applyOverrides(compression?.layout ?? whole, profileName, options);
  const scenarios = placed(layout);
  const baseUrl = checkedBaseUrl(options.baseUrl) ?? suite.baseUrl;
  const each = <One>(all: readonly One[], shorter: (one: One, factor: number) => One): readonly One[] =>
    compression === undefined ? all : all.map((one) => shorter(one, compression.factor));
  const definedRig = rigOf(suite, profile);
  const found = monitorsOf(suite, profileName, {
    baseUrl: behindProxy(baseUrl, definedRig),
    targetParts: options.targetParts,
  });
  const monitors = { ...found, plans: each(found.plans, shorterMonitor) };
  const isWatched = watchedMetrics(monitors);
  const metrics = metricsWith(suite, profile);
  const limits = limitsOf(suite, profile, metrics, options.tags);
  const isJudged = (one: ThresholdPlan): boolean => compression === undefined || isJudgedShorter(one);
  const written = limits.thresholds.filter((one) => isWatched(one) && isJudged(one));
  for (const { metric } of written) assertMeasured(metric, metrics, profileName);
  const isMeasured = (one: ThresholdPlan): boolean =>
    Object.hasOwn(metrics, one.metric) && isWatched(one) && isJudged(one);
  const alerts = each(
    limits.alerts.filter(({ rules }) => rules.every((rule) => rule.conditions.every(isWatched))),
    shorterAlert,
  );
  const isSearch = layout.kind === 'search';
  const objectives = planObjectives(
    suite,
    profileName,
    written,
    sieveOf(suite, profile, options.tags, isMeasured),
  );
  const inTime = each(objectives.thresholds, shorterThreshold);
  const durationMs = Math.max(...scenarios.map(endAtMs));
  const rig = planRig(definedRig, baseUrl);
  const ownTags = { ...suite.tags, ...profile.tags, ...options.tags };
  const staged = Object.hasOwn(ownTags, 'stage') ? inTime : withStageTimes(inTime, scenarios);
  const faults = each(planFaults(rig, faultsAt(profile.faults, baseUrl), metrics).faults ?? [], shorterFault);
  const judged = Object.hasOwn(ownTags, 'fault') ? staged : withFaultTimes(staged, faults, durationMs);
  assertWindows(judged, scenarios);
  const isOverridden =
    JSON.stringify(scenarios) !== JSON.stringify(placed(layOut(suite, findProfile(suite, profileName))));
  const thresholds = isSearch ? searchThresholds(judged, scenarios) : judged;
  const { comparisons } = limits;
  const plan: Plan = {
    suite: suite.name,
    profile: profileName,
    description: profile.description ?? suite.description ?? '',
    ...(profile.whenToRun === undefined ? {} : { whenToRun: profile.whenToRun }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
    environment: options.environment,
    ...(compression === undefined ? {} : { compressed: compression.factor }),
    seed: options.seed,
    tags: { ...suite.tags, ...profile.tags, ...options.tags },
    workers: options.workers,
    ...planSettings(suite, profileName),
    scenarios,
    ...(options.data !== undefined && options.data.length > 0 && { data: options.data }),
    monitors: monitors.plans,
    thresholds: options.abortOnFail === true ? thresholds.map(abortingOnFail) : thresholds,
    ...(alerts.length === 0 ? {} : { alerts }),
    ...(comparisons.length === 0 ? {} : { comparisons }),
    ...rig,
    ...(faults.length === 0 ? {} : { faults }),
    ...planScaling(suite),
    ...(isSearch ? {} : objectivesIn(objectives, isOverridden)),
    ...planAnalysis(suite),
    ...planOperationsReport(suite),
    ...(suite.recommendations === undefined
      ? {}
      : { recommendations: makeRecommendationPlans(suite.recommendations) }),
    ...(suite.capacity === undefined ? {} : { capacity: makeCapacityPlan(suite.capacity) }),
    metrics: declaredMetrics(suite),
    ...(isSearch ? { search: { unit: 'iterations/s', steps: searchSteps(scenarios) } } : {}),
    durationMs,
    maxDurationMs: Math.max(...scenarios.map((one) => endAtMs(one) + one.gracefulStopMs)),
  };
  const tooShort = compression === undefined ? [] : limits.thresholds.filter((one) => !isJudgedShorter(one));
  return {
    plan,
    monitors,
    tooShort: tooShort.map(({ metric, tags, expression }) => `${seriesKey(metric, tags)}: ${expression}`),
  };
}

/** Rules may be on monitors that only other profiles have: what is not measured is told where a run is held against them. */
export function planScaling(suite: SuiteDefinition): Pick<Plan, 'scaling'> {
  if (suite.scaling === undefined) return {};
  return { scaling: readScaling(['scaling'], suite.scaling, metricsOfAll(suite)).plan };
}

const defaultTargetResponseTime = '500ms';

function planOperationsReport({ operationsReport }: SuiteDefinition): {
  readonly operationsReport?: OperationsReportPlan;
} {
  if (operationsReport === undefined) return {};
  const { users, targetResponseTime = defaultTargetResponseTime, recommendation } = operationsReport;
  const targetMs = msOf(targetResponseTime);
  return { operationsReport: { users, targetMs, ...(recommendation !== undefined && { recommendation }) } };
}

function endAtMs(scenario: ScenarioPlan): number {
  return scenario.startAtMs + durationOf(scenario.executor);
}

export function findProfile(suite: SuiteDefinition, name: string): ProfileDefinition {
  const profile = Object.hasOwn(suite.profiles, name) ? suite.profiles[name] : undefined;
  if (profile !== undefined) return profile;
  throw noProfileError(suite, name);
}

/** `typed` says where the name comes from, when the user did not write it. */
export function noProfileError(
  { name: suite, profiles }: SuiteDefinition,
  name: string,
  typed = '',
): UsageError {
  const names = Object.keys(profiles);
  const nearest = nearestName(name, names);
  return new UsageError(
    `${typed}the suite ${suite} has no profile "${name}"${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
    { hint: `choose one of its profiles: ${names.join(', ')}` },
  );
}

/** The limits of the suite and of the profile, without those on what the profile never does. */
function limitsOf(
  suite: SuiteDefinition,
  profile: ProfileDefinition,
  metrics: ReturnType<typeof knownMetrics>,
  tags: Overrides['tags'],
): OccurringLimits {
  const thresholds = makeThresholdPlans(mergeThresholds(suite, profile));
  const alerts = makeAlertPlans({ ...suite.alerts, ...profile.alerts }, metrics);
  const comparisons = makeComparisonPlans({ ...suite.comparisons, ...profile.comparisons });
  return occurringLimits({ thresholds, alerts, comparisons }, suite, profile, tags);
}

function objectivesIn(
  { objectives }: PlannedObjectives,
  isOverridden: boolean,
): Pick<Plan, 'objectives' | 'isOverridden'> {
  return objectives.length === 0 ? {} : { objectives, ...(isOverridden && { isOverridden }) };
}

/** What a profile can judge of the thresholds of an objective. */
function sieveOf(
  suite: SuiteDefinition,
  profile: ProfileDefinition,
  tags: Overrides['tags'],
  isMeasured: (one: ThresholdPlan) => boolean,
): Sieve {
  return (thresholds) => {
    const occurring = occurringLimits({ thresholds, alerts: [], comparisons: [] }, suite, profile, tags);
    const unwatched = occurring.thresholds.filter((one) => !isMeasured(one));
    return {
      kept: occurring.thresholds.filter(isMeasured),
      leftOut: [
        ...new Set([...occurring.leftOut, ...unwatched.map(({ metric }) => `the threshold on ${metric}`)]),
      ],
    };
  };
}

/** In words, the limits that are left out of the plan of a profile, since it never does what they are on. */
export function limitsLeftOut(
  suite: SuiteDefinition,
  profileName: string,
  { pattern, tags }: Pick<Overrides, 'pattern' | 'tags'>,
): readonly string[] {
  const profile = withPattern(suite, findProfile(suite, profileName), pattern);
  return limitsOf(suite, profile, metricsWith(suite, profile), tags).leftOut;
}

/** The suite's thresholds and the profile's; where both have a metric, the suite's come first. */
function mergeThresholds(
  suite: SuiteDefinition,
  profile: ProfileDefinition,
): NonNullable<SuiteDefinition['thresholds']> {
  const merged = { ...suite.thresholds };
  for (const [metric, own] of Object.entries(profile.thresholds ?? {})) {
    merged[metric] = [...(Object.hasOwn(merged, metric) ? merged[metric]! : []), ...own];
  }
  return merged;
}

/** The suite's metrics with those of a profile's own monitors. */
function metricsWith(suite: SuiteDefinition, profile: ProfileDefinition): ReturnType<typeof knownMetrics> {
  return knownMetrics({
    metrics: suite.metrics ?? {},
    monitors: { ...suite.monitors, ...profile.monitors },
  });
}

/** Tells what may be judged: all but the figures of monitors that are left out. */
function watchedMetrics({ plans, leftOut }: PlannedMonitors): (one: { readonly metric: string }) => boolean {
  return ({ metric }) =>
    figureOfMetric(plans, metric) !== undefined ||
    !leftOut.some(({ monitor }) => metric.startsWith(monitorMetric(monitor, '')));
}

/** A threshold of the suite may be on a monitor that only other profiles, or other environments, have. */
function assertMeasured(metric: string, known: ReturnType<typeof knownMetrics>, profileName: string): void {
  if (Object.hasOwn(known, metric)) return;
  throw new UsageError(
    `the threshold on ${metric} cannot be judged: profile ${profileName} does not measure this metric`,
    {
      hint: 'add the monitor that reads it to this profile, or move the threshold to the profiles that have the monitor',
    },
  );
}

function abortingOnFail(threshold: ThresholdPlan): ThresholdPlan {
  return threshold.level === 'critical' ? { ...threshold, abortOnFail: true } : threshold;
}

function declaredMetrics(suite: SuiteDefinition): Plan['metrics'] {
  const known = knownMetrics(suite);
  return Object.fromEntries(Object.keys(suite.metrics ?? {}).map((name) => [name, known[name]!]));
}

function checkedBaseUrl(baseUrl: string | undefined): string | undefined {
  if (baseUrl === undefined) return undefined;
  if (URL.canParse(baseUrl) && /^http(s|\+unix)?:$/.test(new URL(baseUrl).protocol)) return baseUrl;
  throw new UsageError(`--base-url ${baseUrl}: expected an http or https URL such as http://127.0.0.1:8000`);
}
