// Where a target breaks under a load that rises: in users and in rate, with the greatest throughput and what is left of it
// beyond. Called by analyse.ts.

import { isArrivalRate } from '../executors/of-plan.ts';
import { type JudgedThreshold, nameOf } from '../judge/judged-thresholds.ts';
import { figureWords } from '../model/metric-words.ts';
import { kindsOfRun, operationMetrics } from '../model/operation.ts';
import type { Measurements } from '../model/run-record.ts';
import type { Evidence, Finding } from '../model/verdict.ts';
import { median } from '../stats/median.ts';
import { formatFigure } from '../text/format-figure.ts';
import { formatDuration } from '../time/duration.ts';
import { countOf } from './measured.ts';
import { type Best, type Course, consecutive, courseOf, type Moment } from './rising-load.ts';
import { unjudgedFailureSentences } from './unjudged-failures.ts';

/** Beyond the breaking point this share of the greatest throughput is left where a target degrades gracefully. */
const gracefulShare = 0.5;

/**
 * The breaking point of a run whose planned load rises: the first interval of three in a row that break one of the run's
 * thresholds on response times or failures, where half of all later intervals with as much load break it too. One finding,
 * also when nothing broke, each limit was judged at the highest load, no threshold is broken or open, and no more failed than a healthy target shows; none for searches, for loads that do not rise,
 * without such thresholds, when nothing succeeded, or when the generator was the limit.
 */
export function findBreakingPoint(measured: Measurements): Finding[] {
  const course = courseOf(measured);
  if (course === undefined) return [];
  const { moments, best, first, isJudgedToItsEnd, unlocated } = course;
  if (first !== undefined) return [broken(measured, course, first)];
  const isOpen = unlocated.length > 0 || unjudgedFailureSentences(measured).length > 0;
  return isJudgedToItsEnd && !isOpen ? [unbroken(measured, moments, best)] : [];
}

function broken(
  measured: Measurements,
  { moments, best, unlocated }: Course,
  { at, limit }: NonNullable<Course['first']>,
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
    title: `The target breaks at ${loadWords(measured, moment)} (${rate})${unlocated.length === 0 ? '' : ', or earlier'}`,
    detail: `From ${after} on, the ${words} broke its limit (${limit.expression}) in ${consecutive} intervals in a row, and in most later ones with as much load. ${greatestText(measured, best)} ${collapse}${openText(unlocated)}`,
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

const mostNamed = 3;

function openText(unlocated: readonly JudgedThreshold[]): string {
  if (unlocated.length === 0) return '';
  const more = unlocated.length > mostNamed ? ` and ${unlocated.length - mostNamed} more` : '';
  const names = unlocated.slice(0, mostNamed).map(nameOf).join(', ');
  return ` The intervals do not show at which load other thresholds broke that do not hold or are open (${names}${more}).`;
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
