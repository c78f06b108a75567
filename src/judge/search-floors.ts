// Lower limits on throughput in a capacity search. Ten users cannot make 100 requests/s, which says nothing about the
// target: a step is asked whether throughput kept up with the load offered. Used by judge.ts and by
// analysis/step-outcome.ts.

import { isArrivalRate } from '../executors/of-plan.ts';
import { ratedMs } from '../metrics/rated-time.ts';
import { type MetricType, seriesKey, type Tags } from '../model/metric.ts';
import type { Plan, SearchUnit, ThresholdPlan } from '../model/plan.ts';
import type { JudgedRun, MetricEntry, ThresholdResult } from '../model/run-record.ts';
import { identifyThresholds } from './threshold-outcomes.ts';

/** Metrics with the results of thresholds on them, and all results. */
export type Judged = Pick<JudgedRun, 'metrics' | 'thresholds'>;

/** Throughput keeps up with the load while it is at least this share of what is offered. */
const keptUpShare = 0.9;
/** Iterations keep up with their arrivals, whose number is planned, while at least this share of them finishes. */
const finishedShare = 0.95;
/** Counts scatter by their square root: that many of these are no shortfall. */
const scatters = 3;

/** What one step did, as far as the floors of steps at higher loads ask. */
export interface StepAmounts {
  /** Users, or iterations per second. */
  readonly load: number;
  /** Time of the step that counts. */
  readonly seconds: number;
  readonly iterations: number;
  /** Mean time of an iteration, ms. */
  readonly iterationMs: number;
  /** What each floor is on, by its series without the step's scenario. */
  readonly amounts: ReadonlyMap<string, number>;
}

/** Whether a threshold is a lower limit on an amount, which grows with the load: requests, rows, orders. */
export function isFloor({ aggregation, operator, limit }: ThresholdPlan, type: MetricType): boolean {
  const isAmount = aggregation.kind === 'count' || (aggregation.kind === 'rate' && type === 'counter');
  return isAmount && (operator.startsWith('>') || (operator === '==' && limit > 0));
}

/** Reads what a step did from its metrics; `entryOf` finds the entry of a metric with the tags in the step. */
export function amountsOf(
  thresholds: readonly ThresholdPlan[],
  entryOf: (metric: string, tags: Tags) => MetricEntry | undefined,
  { load, seconds }: { readonly load: number; readonly seconds: number },
): StepAmounts {
  const durations = entryOf('iteration_duration', {})?.values;
  const amounts = new Map<string, number>();
  for (const { metric, tags } of thresholds) {
    const own = withoutScenario(tags);
    amounts.set(seriesKey(metric, own), countIn(entryOf(metric, own)));
  }
  return {
    load,
    seconds,
    iterations: countIn(entryOf('iterations', {})),
    iterationMs: durations !== undefined && 'avg' in durations ? durations.avg : 0,
    amounts,
  };
}

/**
 * The result of a floor in a search. It holds when its limit is met, or else when the amount is what the load offers:
 * as much per user, or per iteration, as the steps at lower loads made that held. Where there is no such step, nothing
 * is known of what is offered, so the floor holds. With arrival rates the iterations themselves must keep up, too:
 * how many are offered is planned.
 */
function judgeFloor(
  threshold: ThresholdPlan,
  result: Pick<ThresholdResult, 'ok'>,
  own: StepAmounts,
  lower: readonly StepAmounts[],
  unit: SearchUnit,
): Pick<ThresholdResult, 'ok' | 'close' | 'offered'> {
  const key = seriesKey(threshold.metric, withoutScenario(threshold.tags));
  const amount = own.amounts.get(key) ?? 0;
  const known = offeredOf(key, own, lower, unit);
  const keptUp = known === undefined || amount >= keptUpShare * known - scatters * Math.sqrt(known);
  const offered = known ?? offeredByIterations(amount, own, unit);
  const ok = (result.ok || keptUp) && (unit === 'users' || iterationsKeepUp(own, lower));
  const perActual = threshold.aggregation.kind === 'rate' ? own.seconds : 1;
  return {
    ok,
    close: false,
    ...(offered !== undefined && perActual > 0 && { offered: offered / perActual }),
  };
}

/** How much of a series the load offers in the step's time; `undefined` when nothing is known of it. */
function offeredOf(
  key: string,
  { load, seconds }: StepAmounts,
  lower: readonly StepAmounts[],
  unit: SearchUnit,
): number | undefined {
  if (key === 'iterations' && unit === 'iterations/s') return load * seconds;
  const loadSeconds = lower.reduce((sum, one) => sum + one.load * one.seconds, 0);
  if (loadSeconds === 0) return undefined;
  const made = lower.reduce((sum, one) => sum + (one.amounts.get(key) ?? 0), 0);
  return (made / loadSeconds) * load * seconds;
}

/** By what the iterations that finished made each; of arrival rates only, whose iterations are planned. */
function offeredByIterations(amount: number, own: StepAmounts, unit: SearchUnit): number | undefined {
  if (unit === 'users' || own.iterations === 0) return undefined;
  return (amount / own.iterations) * own.load * own.seconds;
}

/** Those that are still under way at the end, as many as by Little's law at lower loads, are not missing. */
function iterationsKeepUp(own: StepAmounts, lower: readonly StepAmounts[]): boolean {
  const iterationMs = lower.length === 0 ? own.iterationMs : Math.min(...lower.map((one) => one.iterationMs));
  const due = own.load * own.seconds;
  const underWay = (own.load * iterationMs) / 1000;
  return own.iterations >= finishedShare * due - underWay - scatters * Math.sqrt(due);
}

/** Judges the floors of every step of a plan that is a search, in the order of its steps. */
export function judgeFloorsOfSteps(plan: Plan, measured: Judged, runMs: number): Judged {
  const { search } = plan;
  if (search === undefined) return measured;
  let judged = measured;
  const done: { amounts: StepAmounts; held: boolean }[] = [];
  for (const { scenario, load, trial } of search.steps) {
    const own = plan.thresholds.filter(({ tags }) => tags.scenario === scenario);
    const entryOf = (metric: string, tags: Tags): MetricEntry | undefined =>
      measured.metrics[seriesKey(metric, { ...tags, scenario })];
    const seconds = ratedMs(plan, { scenario }, runMs) / 1000;
    const amounts = amountsOf(own, entryOf, { load, seconds });
    const lower = done.filter((one) => one.held && one.amounts.load < load).map((one) => one.amounts);
    judged = judgeFloors(plan, judged, scenario, { own: amounts, lower, unit: search.unit });
    // In a search of planned steps all that follows a step that broke is of no account.
    done.push({ amounts, held: search.adaptive === undefined || trial?.outcome === 'held' });
  }
  return judged;
}

/** What was judged, with the results of one step's floors in place of what their limits alone say. */
export function judgeFloors(
  plan: Plan,
  { metrics, thresholds }: Judged,
  scenario: string | undefined,
  step: { readonly own: StepAmounts; readonly lower: readonly StepAmounts[]; readonly unit: SearchUnit },
): Judged {
  const ids = identifyThresholds(plan.thresholds);
  const plans = new Map(plan.thresholds.map((one, i) => [ids[i]!, one]));
  const entries = new Map(Object.entries(metrics));
  const outcomes = thresholds.map((outcome) => {
    const threshold = plans.get(outcome.id);
    const entry = entries.get(outcome.series);
    if (threshold === undefined || entry === undefined || threshold.tags.scenario !== scenario)
      return outcome;
    // What a monitor has not read is not known, whatever the load.
    if (!isFloor(threshold, entry.type) || outcome.actual === null) return outcome;
    const verdict = judgeFloor(threshold, outcome, step.own, step.lower, step.unit);
    const known = entry.thresholds?.[outcome.expression];
    const result = known === undefined ? undefined : { ...known, ...verdict };
    if (result !== undefined) {
      const own = { ...entry.thresholds, [outcome.expression]: result };
      entries.set(outcome.series, { ...entry, thresholds: own });
    }
    return { ...outcome, ...verdict };
  });
  return { metrics: Object.fromEntries(entries), thresholds: outcomes };
}

/** Run time from which the floors of a planned step can be judged: all its iterations have ended. */
export function floorsJudgedAtMs({ scenarios }: Plan, scenario: string | undefined): number {
  const step = scenarios.find(({ name }) => name === scenario);
  if (step === undefined || !isArrivalRate(step.executor) || !('durationMs' in step.executor)) return 0;
  return step.startAtMs + step.executor.durationMs + step.gracefulStopMs;
}

function withoutScenario({ scenario: _, ...tags }: Tags): Tags {
  return tags;
}

function countIn(entry: MetricEntry | undefined): number {
  const values = entry?.values;
  return values !== undefined && 'count' in values ? values.count : 0;
}
