// Where a target breaks under a load that rises: in users and in rate, with the greatest throughput and what is left of it
// beyond. Called by analyse.ts.

import { isArrivalRate, isClosed, rateCurveOf } from '../executors/of-plan.ts';
import { isWithin } from '../judge/operators.ts';
import { figureWords } from '../model/metric-words.ts';
import { failedCountOf as amountOf, kindsOfRun, operationMetrics } from '../model/operation.ts';
import type { SearchUnit, ThresholdPlan } from '../model/plan.ts';
import type { Measurements, TimelineWindow } from '../model/run-record.ts';
import type { Evidence, Finding } from '../model/verdict.ts';
import { median } from '../stats/median.ts';
import { formatFigure } from '../text/format-figure.ts';
import { formatDuration } from '../time/duration.ts';
import { countOf, valueAt } from './measured.ts';

/** A limit must be broken in so many intervals, one after the other, */
const consecutive = 3;
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
/** Beyond the breaking point this share of the greatest throughput is left where a target degrades gracefully. */
const gracefulShare = 0.5;

/** What was driven and what came of it in one interval. */
interface Moment {
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
interface Best extends Moment {
  readonly heldMs: number;
}

/**
 * The breaking point of a run whose planned load rises: the first interval of three in a row that break one of the run's
 * thresholds on response times or failures, where half of all later intervals with as much load break it too. One finding,
 * also when nothing broke and each limit was judged at the highest load; none for searches, for loads that do not rise,
 * without such thresholds, when nothing succeeded, or when the generator was the limit.
 */
export function findBreakingPoint(measured: Measurements): Finding[] {
  const course = courseOf(measured);
  if (course === undefined) return [];
  const { moments, best, first, isJudgedToItsEnd } = course;
  if (first !== undefined) return [broken(measured, moments, best, first.at, first.limit)];
  return isJudgedToItsEnd ? [unbroken(measured, moments, best)] : [];
}

/** What a load that rises shows of the load that a target carries. */
export interface BreakingLoad {
  readonly unit: SearchUnit;
  /** The highest load at which the limits held. */
  readonly held: number;
  /** Iterations finished per second there. */
  readonly iterationsPerSec: number;
  /** The load at which one broke; absent when none did. */
  readonly broke?: number;
}

/** The same as figures; `undefined` where there is no finding, and where the lowest load broke a limit already. */
export function breakingLoadOf(measured: Measurements): BreakingLoad | undefined {
  const course = courseOf(measured);
  if (course === undefined) return undefined;
  const { moments, first, isJudgedToItsEnd } = course;
  if (first === undefined && !isJudgedToItsEnd) return undefined;
  const broke = first === undefined ? undefined : moments[first.at]!.load;
  const before = moments.slice(0, first?.at).filter(({ load }) => broke === undefined || load < broke);
  const held = Math.max(0, ...before.map(({ load }) => load));
  if (!(held > 0)) return undefined;
  const there = before.filter(({ load }) => load >= nearlyAll * held);
  const unit = measured.plan.scenarios.every(({ executor }) => isArrivalRate(executor))
    ? 'iterations/s'
    : 'users';
  const iterationsPerSec = median(there.map((one) => one.iterationsPerSec));
  return { unit, held, iterationsPerSec, ...(broke !== undefined && { broke }) };
}

interface Course {
  readonly moments: readonly Moment[];
  readonly best: Best;
  /** The limit that broke at the lowest load, and the index of the moment. */
  readonly first: { readonly limit: ThresholdPlan; readonly at: number } | undefined;
  readonly isJudgedToItsEnd: boolean;
}

function courseOf(measured: Measurements): Course | undefined {
  if (measured.plan.search !== undefined || measured.generator.saturated) return undefined;
  if (!isOfOneModel(measured)) return undefined;
  const moments = momentsOf(measured);
  const limits = limitsOf(measured);
  if (limits.length === 0 || moments.length < 2 * consecutive || !rises(moments)) return undefined;
  // The verdict says that nothing succeeded, and no load is to blame for that.
  const best = greatestOf(moments);
  if (best.goodPerSec === 0) return undefined;
  const [first] = limits
    .flatMap((limit) => {
      const at = breakOf(moments, limit);
      return at === undefined ? [] : [{ limit, at }];
    })
    .sort((a, b) => a.at - b.at);
  return { moments, best, first, isJudgedToItsEnd: limits.every((limit) => isJudged(moments, limit)) };
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

function broken(
  measured: Measurements,
  moments: readonly Moment[],
  best: Best,
  at: number,
  limit: ThresholdPlan,
): Finding {
  const moment = moments[at]!;
  const beyond = moments.slice(at).filter(({ load }) => load >= moment.load);
  const left = median(beyond.map(({ goodPerSec }) => goodPerSec)) / best.goodPerSec;
  const rate = rateText(measured, moment.operationsPerSec);
  const words = figureWords({ ...limit, type: limit.metric.endsWith('_failed') ? 'rate' : 'trend' });
  const after = formatDuration(Math.round(moment.window.startAtMs / 1000) * 1000);
  const collapse =
    left >= gracefulShare
      ? `Beyond it, ${share(left)} of the greatest throughput without failures was left: it degrades, and does not collapse.`
      : `Beyond it, only ${share(left)} of the greatest throughput without failures was left: it collapses.`;
  return {
    kind: 'breaking-point',
    severity: 'info',
    title: `The target breaks at ${loadWords(measured, moment)} (${rate})`,
    detail: `From ${after} on, the ${words} broke its limit (${limit.expression}) in ${consecutive} intervals in a row, and in most later ones with as much load. ${greatestText(measured, best)} ${collapse}`,
    evidence: [
      ...momentEvidence('breaking point', measured, moment),
      ...momentEvidence('greatest throughput', measured, best),
      { name: 'throughput left beyond the breaking point', value: left, unit: 'ratio', limit: gracefulShare },
    ],
    ...(left < gracefulShare && {
      advice:
        'Refuse or queue what exceeds the capacity early (limits on connections and queues, load shedding), so that the rest is still served.',
    }),
  };
}

function unbroken(measured: Measurements, moments: readonly Moment[], best: Best): Finding {
  const highest = moments.reduce((a, b) => (b.load > a.load ? b : a));
  return {
    kind: 'breaking-point',
    severity: 'info',
    title: `Nothing broke up to ${loadWords(measured, highest)}`,
    detail: `No limit on times or failures was broken for ${consecutive} intervals in a row. ${greatestText(measured, best)}`,
    evidence: momentEvidence('greatest throughput', measured, best),
    advice: 'Raise the load further to find the breaking point.',
  };
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

function greatestText(measured: Measurements, best: Best): string {
  const held = formatDuration(Math.round(best.heldMs / 1000) * 1000);
  return `The greatest throughput without failures, over ${held}, was ${rateText(measured, best.goodPerSec)} at ${loadWords(measured, best)}.`;
}

/** `340 users`, or of an arrival rate `120 iterations/s`. */
function loadWords({ plan }: Measurements, { load }: Moment): string {
  const isOpen = plan.scenarios.every(({ executor }) => isArrivalRate(executor));
  return isOpen ? formatFigure(Math.round(load), 'iterations/s') : formatFigure(Math.round(load), 'users');
}

function rateText(measured: Measurements, perSec: number): string {
  const [kind = 'iteration'] = kindsOfRun((metric) => countOf(measured, metric));
  return `${formatFigure(Math.round(perSec), 'count')} ${operationMetrics[kind].perSec}`;
}

function share(ratio: number): string {
  return formatFigure(ratio, 'ratio');
}

function momentEvidence(name: string, measured: Measurements, moment: Moment): Evidence[] {
  const [kind = 'iteration'] = kindsOfRun((metric) => countOf(measured, metric));
  return [
    { name: `${name}: users`, value: Math.round(moment.users), unit: 'users' },
    { name: `${name}: iterations`, value: moment.iterationsPerSec, unit: 'iterations/s' },
    ...(kind === 'iteration'
      ? []
      : [
          {
            name: `${name}: ${operationMetrics[kind].perSec}`,
            value: moment.operationsPerSec,
            unit: 'per s',
          },
        ]),
  ];
}
