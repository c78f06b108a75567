// How a target fares under a load that rises: what was driven and finished in each interval, and the load at which a limit
// breaks for good. Called by breaking-point.ts, capacity-plan/carried-load.ts and
// scaling/system-model.ts.

import { isArrivalRate, isClosed, rateCurveOf } from '../executors/of-plan.ts';
import { isUndecided, type JudgedThreshold, judgedThresholds, nameOf } from '../judge/judged-thresholds.ts';
import { isWithin } from '../judge/operators.ts';
import { failedCountOf as amountOf, kindsOfRun, operationMetrics } from '../model/operation.ts';
import type { SearchUnit, ThresholdPlan } from '../model/plan.ts';
import type { Measurements, TimelineWindow } from '../model/run-record.ts';
import { median } from '../stats/median.ts';
import { countOf, valueAt } from './measured.ts';

/** A limit must be broken in so many intervals, one after the other, */
export const consecutive = 3;
/** and in this share of all later intervals with as much load: a cold start is no limit of the target. */
const leastBroken = 0.5;
/** An interval with fewer operations says nothing. */
const fewestOperations = 20;
/** The load must rise by this factor. */
const leastRise = 1.5;
/** and nearly reach its greatest after this share of the run, not before. */
const leastRisingShare = 1 / 3;
const nearlyAll = 0.95;
/** The greatest throughput is the mean of so long. */
const leastHeldMs = 5000;

/** What was driven and what came of it in one interval. */
export interface Moment {
  readonly window: TimelineWindow;
  /** Users, or iterations due per second: whichever the plan raises. */
  readonly load: number;
  readonly users: number;
  /** Iterations and operations finished per second. */
  readonly iterationsPerSec: number;
  readonly operationsPerSec: number;
  /** Operations per second that did not fail. */
  readonly goodPerSec: number;
}

/** The means of a time. */
export interface Best extends Moment {
  readonly heldMs: number;
}

/** What a load that rises shows of the load that a target carries. */
interface BreakingLoad {
  readonly unit: SearchUnit;
  /** The highest load at which the limits held. */
  readonly held: number;
  /** Iterations finished per second there. */
  readonly iterationsPerSec: number;
  /** The load at which one broke, and iterations finished per second there; absent when none did. */
  readonly broke?: number;
  readonly brokePerSec?: number;
  /** Names of thresholds that do not hold, or are open, and of which no load is known at which they broke. */
  readonly unlocated: readonly string[];
}

/** The same as figures; `held` is 0 where the lowest load broke a limit already. `undefined` where limits were not judged up to the highest load. */
export function breakingLoadOf(measured: Measurements): BreakingLoad | undefined {
  const course = courseOf(measured);
  if (course === undefined) return undefined;
  const { moments, first, isJudgedToItsEnd, unlocated } = course;
  if (first === undefined && !isJudgedToItsEnd) return undefined;
  const broke = first === undefined ? undefined : moments[first.at]!.load;
  const before = moments.slice(0, first?.at).filter(({ load }) => broke === undefined || load < broke);
  const held = Math.max(0, ...before.map(({ load }) => load));
  const there = before.filter(({ load }) => load >= nearlyAll * held);
  const unit = measured.plan.scenarios.every(({ executor }) => isArrivalRate(executor))
    ? 'iterations/s'
    : 'users';
  const rateOf = (some: readonly Moment[]): number =>
    some.length === 0 ? 0 : median(some.map((one) => one.iterationsPerSec));
  return {
    unit,
    held,
    iterationsPerSec: rateOf(there),
    unlocated: unlocated.map(nameOf),
    ...(first !== undefined &&
      broke !== undefined && {
        broke,
        brokePerSec: rateOf(moments.slice(first.at, first.at + consecutive)),
      }),
  };
}

export interface Course {
  readonly moments: readonly Moment[];
  readonly best: Best;
  /** The limit that broke at the lowest load, and the index of the moment. */
  readonly first: { readonly limit: ThresholdPlan; readonly at: number } | undefined;
  readonly isJudgedToItsEnd: boolean;
  /** Thresholds of the whole run that do not hold, or are open, without a load at which they broke. */
  readonly unlocated: readonly JudgedThreshold[];
}

/** `undefined` where a record cannot show at which load a limit breaks. */
export function courseOf(measured: Measurements): Course | undefined {
  if (measured.plan.search !== undefined || measured.generator.saturated) return undefined;
  if (!isOfOneModel(measured)) return undefined;
  const moments = momentsOf(measured);
  const limits = limitsOf(measured);
  if (limits.length === 0 || moments.length < 2 * consecutive || !rises(moments)) return undefined;
  // The verdict says that nothing succeeded, and no load is to blame for that.
  const best = greatestOf(moments);
  if (best.goodPerSec === 0) return undefined;
  const located = limits
    .flatMap((limit) => {
      const at = breakOf(moments, limit);
      return at === undefined ? [] : [{ limit, at }];
    })
    .sort((a, b) => a.at - b.at);
  const unlocated = judgedThresholds(measured).filter(
    (one) =>
      one.plan.level !== 'search' &&
      (!one.result.ok || isUndecided(one)) &&
      !located.some(({ limit }) => limit === one.plan),
  );
  const isJudgedToItsEnd = limits.every((limit) => isJudged(moments, limit));
  return { moments, best, first: located[0], isJudgedToItsEnd, unlocated };
}

/** All scenarios open, or all closed: else there is no one load that rises. */
function isOfOneModel({ plan: { scenarios } }: Measurements): boolean {
  return (
    scenarios.every(({ executor }) => isArrivalRate(executor)) ||
    scenarios.every(({ executor }) => isClosed(executor))
  );
}

/** Whether the load still grows after a third of the run; one that users only start with is reached before. */
function rises(moments: readonly Moment[]): boolean {
  const loads = moments.map(({ load }) => load);
  const greatest = Math.max(...loads);
  if (greatest < leastRise * Math.min(...loads.slice(0, consecutive))) return false;
  return loads.findIndex((load) => load >= nearlyAll * greatest) >= loads.length * leastRisingShare;
}

function momentsOf(measured: Measurements): Moment[] {
  const [kind] = kindsOfRun((metric) => countOf(measured, metric));
  if (kind === undefined) return [];
  const { count, failed } = operationMetrics[kind];
  return measured.timeline.flatMap((window): Moment[] => {
    const { startAtMs, endAtMs, metrics } = window;
    const seconds = (endAtMs - startAtMs) / 1000;
    const { vus } = metrics;
    const users = vus !== undefined && 'min' in vus && 'max' in vus ? (vus.min + vus.max) / 2 : 0;
    const planned = plannedRate(measured, (startAtMs + endAtMs) / 2);
    const operations = amountOf(metrics[count]);
    if (seconds <= 0 || endAtMs > measured.plan.durationMs + 1) return [];
    return [
      {
        ...{ window, users, load: planned ?? users },
        iterationsPerSec: amountOf(metrics.iterations) / seconds,
        operationsPerSec: operations / seconds,
        goodPerSec: (operations - amountOf(metrics[failed])) / seconds,
      },
    ];
  });
}

/** Iterations due per second of all scenarios; `undefined` in the closed model. */
function plannedRate({ plan: { scenarios } }: Measurements, atMs: number): number | undefined {
  let rate: number | undefined;
  for (const { executor, startAtMs } of scenarios) {
    if (!isArrivalRate(executor)) return undefined;
    const at = atMs - startAtMs;
    const line = rateCurveOf(executor).find((one) => one.startAtMs <= at && at < one.endAtMs);
    const share = line === undefined ? 0 : (at - line.startAtMs) / (line.endAtMs - line.startAtMs);
    rate =
      (rate ?? 0) + (line === undefined ? 0 : line.fromPerSec + share * (line.toPerSec - line.fromPerSec));
  }
  return rate;
}

/** Upper limits of the whole run on times and failures, whose values intervals hold. */
function limitsOf({ plan }: Measurements): ThresholdPlan[] {
  const metrics = Object.values(operationMetrics).flatMap(({ duration, failed }): string[] => [
    duration,
    failed,
  ]);
  return plan.thresholds.filter(
    ({ metric, tags, operator, level, aggregation }) =>
      level !== 'search' &&
      Object.keys(tags).length === 0 &&
      operator.startsWith('<') &&
      metrics.includes(metric) &&
      keyOf(aggregation) !== undefined,
  );
}

/** Of the values of an interval. The greatest time of an interval says nothing of a limit. */
function keyOf(aggregation: ThresholdPlan['aggregation']): string | undefined {
  if (aggregation.kind !== 'percentile') {
    return aggregation.kind === 'avg' || aggregation.kind === 'med' || aggregation.kind === 'rate'
      ? aggregation.kind
      : undefined;
  }
  return [90, 95, 99].includes(aggregation.p) ? `p(${aggregation.p})` : undefined;
}

/** Index of the moment at which a limit breaks for good. */
function breakOf(moments: readonly Moment[], limit: ThresholdPlan): number | undefined {
  const states = moments.map(({ window }) => isOver(window, limit));
  const at = states.findIndex((_, i) => {
    if (!states.slice(i, i + consecutive).every((over) => over === true)) return false;
    if (i + consecutive > states.length) return false;
    const later = states.filter(
      (over, j) => j >= i && over !== undefined && moments[j]!.load >= moments[i]!.load,
    );
    return later.filter((over) => over === true).length >= leastBroken * later.length;
  });
  return at === -1 ? undefined : at;
}

/** Whether so many intervals in a row, up to the highest load, had enough operations for the limit. */
function isJudged(moments: readonly Moment[], limit: ThresholdPlan): boolean {
  const greatest = Math.max(...moments.map(({ load }) => load));
  return moments.some((_, i) => {
    const row = moments.slice(i, i + consecutive);
    return (
      row.length === consecutive &&
      row.some(({ load }) => load >= nearlyAll * greatest) &&
      row.every(({ window }) => isOver(window, limit) !== undefined)
    );
  });
}

/** `undefined` where an interval has too few operations to say. */
function isOver({ metrics }: TimelineWindow, { metric, aggregation, operator, limit }: ThresholdPlan) {
  const values = metrics[metric];
  if (values === undefined) return undefined;
  const seen = 'passes' in values ? values.passes + values.fails : 'count' in values ? values.count : 0;
  const actual = valueAt(values, keyOf(aggregation) ?? '');
  return seen < fewestOperations || actual === undefined ? undefined : !isWithin(operator, actual, limit);
}

/** The means of the five seconds in which the most operations did not fail, or of one interval that is longer. */
function greatestOf(moments: readonly Moment[]): Best {
  let best: Best | undefined;
  for (const [i, first] of moments.entries()) {
    const untilMs = first.window.startAtMs + leastHeldMs;
    if (best !== undefined && moments.at(-1)!.window.endAtMs < untilMs) break;
    const held = [first];
    for (let j = i + 1; j < moments.length && moments[j]!.window.endAtMs <= untilMs; j++)
      held.push(moments[j]!);
    const meanOf = (key: Exclude<keyof Moment, 'window'>): number =>
      held.reduce((sum, one) => sum + one[key], 0) / held.length;
    if (best !== undefined && meanOf('goodPerSec') <= best.goodPerSec) continue;
    best = {
      window: first.window,
      load: meanOf('load'),
      users: meanOf('users'),
      iterationsPerSec: meanOf('iterationsPerSec'),
      operationsPerSec: meanOf('operationsPerSec'),
      goodPerSec: meanOf('goodPerSec'),
      heldMs: held.at(-1)!.window.endAtMs - first.window.startAtMs,
    };
  }
  return best!;
}
