// The sentences of a verdict that no other file has: about the run as a whole, and those of a pass. Called by verdict.ts.

import { isClosed, plannedIterations } from '../executors/of-plan.ts';
import { type JudgedThreshold, strictestOf } from '../judge/judged-thresholds.ts';
import { kindsOfRun, operationMetrics } from '../model/operation.ts';
import type { Measurements } from '../model/run-record.ts';
import type { Finding } from '../model/verdict.ts';
import { factorText, formatCount, formatFigure } from '../text/format-figure.ts';
import { formatDuration } from '../time/duration.ts';
import type { Capacity } from './capacity.ts';
import { capacitySentences } from './capacity-sentences.ts';
import { comparisonSentences } from './comparisons.ts';
import { droppedOfPlan, droppedRatioLimit } from './dropped-iterations.ts';
import { gateReasons } from './gate-reasons.ts';
import { countOf, loadDurationMs } from './measured.ts';
import { recoverySentences } from './recovery.ts';
import { limitWords, objectiveText, subjectWords } from './threshold-words.ts';
import { gapReasons } from './worker-losses.ts';

/** A pass names this many thresholds with their figures, and counts the rest. */
const namedThresholdCount = 6;

/** What the suite's own code has found. */
export function findingSentences(findings: readonly Finding[], severity: Finding['severity']): string[] {
  return findings
    .filter((finding) => finding.severity === severity)
    .map(({ title }) => (/[.!?]$/.test(title) ? title : `${title}.`));
}

/** Thresholds that ended the run come first. */
export function abortingFirst(broken: readonly JudgedThreshold[]): JudgedThreshold[] {
  return [
    ...broken.filter(({ result }) => result.aborted),
    ...broken.filter(({ result }) => !result.aborted),
  ];
}

export function generatorSentences({ generator }: Measurements): string[] {
  if (!generator.saturated) return [];
  const caution = 'The load generator limited this run, so its figures do not show how the target performs.';
  return [...generator.reasons, caution];
}

/** Interrupted, or rebuilt from a journal with something missing. */
export function unfinishedSentences(measured: Measurements): string[] {
  if (measured.recovery !== undefined) return recoverySentences(measured, measured.recovery);
  return measured.interrupted ? [interruptedSentence(measured)] : [];
}

/** What was judged is only a part of the profile. */
export function compressedSentences({ plan: { compressed, durationMs } }: Measurements): string[] {
  if (compressed === undefined) return [];
  return [
    `The run was compressed ${factorText(compressed)} to ${formatDuration(Math.round(durationMs))}: what holds in it need not hold at full length, so it shows no compliance.`,
  ];
}

/** A search makes a step again in which a worker was lost; where that ended it, the generator's reasons say so. */
export function lostWorkerSentences({ plan, generator }: Measurements): string[] {
  return plan.search?.adaptive === undefined ? gapReasons({ plan, ...generator }) : [];
}

/** More than 1 % of the due iterations were dropped. */
export function manyDropped(measured: Measurements): string[] {
  const { dropped, due } = droppedOfPlan(measured);
  return dropped > due * droppedRatioLimit
    ? [`The planned load was not delivered: ${droppedOfDue(dropped, due)} were dropped.`]
    : [];
}

export function fewDropped(measured: Measurements): string[] {
  const { dropped, due } = droppedOfPlan(measured);
  return dropped > 0 && dropped <= due * droppedRatioLimit
    ? [`${droppedOfDue(dropped, due)} were dropped.`]
    : [];
}

function droppedOfDue(dropped: number, due: number): string {
  return `${formatFigure(dropped, 'count')} of ${formatCount(due, 'due iteration')} (${formatFigure(dropped / due, 'ratio')})`;
}

export function nothingFinished(measured: Measurements): string[] {
  const isLoad = measured.plan.scenarios.length > 0;
  return isLoad && countOf(measured, 'iterations') === 0
    ? ['No iteration finished, so nothing was measured.']
    : [];
}

/** The rest of the run was not driven. */
export function refusalSentences({ refusal }: Measurements): string[] {
  if (refusal === undefined) return [];
  const { host, port, reason } = refusal;
  const where = port === 0 ? host : `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return [
    `The run was ended for safety before ${where} was contacted, which looks like production: ${reason}.`,
  ];
}

function interruptedSentence(measured: Measurements): string {
  const { plan } = measured;
  if (plan.search?.adaptive !== undefined) {
    return `The search was interrupted in its step ${plan.search.steps.length}.`;
  }
  const iterations = countOf(measured, 'iterations');
  const planned = plan.scenarios.reduce(
    (sum, { executor }) =>
      sum + ((isClosed(executor) ? plannedIterations(executor) : undefined) ?? Number.POSITIVE_INFINITY),
    0,
  );
  if (Number.isFinite(planned) && planned > 0) {
    const share = formatFigure(iterations / planned, 'ratio');
    return `The run was interrupted after ${formatFigure(iterations, 'count')} of ${formatCount(planned, 'planned iteration')} (${share}).`;
  }
  const ranMs = loadDurationMs(measured);
  // Letting iterations finish takes time, too, so that nobody knows how much of the plan is missing.
  if (ranMs >= plan.durationMs)
    return `The run was interrupted before its planned end (${formatDuration(plan.durationMs)} planned).`;
  const share = formatFigure(ranMs / plan.durationMs, 'ratio');
  return `The run was interrupted after ${formatDuration(ranMs)} of ${formatDuration(plan.durationMs)} planned (${share}).`;
}

/** A search tells what it found, comparisons and thresholds with what they hold; a run without limits what it did. */
export function passReasons(
  measured: Measurements,
  own: readonly JudgedThreshold[],
  search: Capacity | undefined,
): string[] {
  const reasons = search === undefined ? [] : capacitySentences(search);
  reasons.push(...comparisonSentences(measured, 'pass'), ...gateReasons(measured, 'pass'));
  const strictest = strictestOf(own);
  for (const threshold of strictest.slice(0, namedThresholdCount)) {
    reasons.push(
      threshold.result.actual === null
        ? `${subjectWords(threshold)} had no sample to compare (${limitWords(threshold)}).`
        : `${objectiveText(threshold)}.`,
    );
  }
  const more = strictest.length - namedThresholdCount;
  if (more > 0)
    reasons.push(`${formatCount(more, 'further threshold')} ${more === 1 ? 'holds' : 'hold'}, too.`);
  return reasons.length === 0 ? plainFigures(measured) : reasons;
}

/** For a run without load and limits. */
function watchedSentence(measured: Measurements): string {
  const watched = Object.values(measured.monitors).filter(({ readings }) => readings > 0);
  return `${formatCount(watched.length, 'monitor')} read for ${formatDuration(loadDurationMs(measured))}, and there was no limit to judge them by.`;
}

/** For a run without limits: what it did. */
function plainFigures(measured: Measurements): string[] {
  if (measured.plan.scenarios.length === 0) return [watchedSentence(measured)];
  const iterations = formatCount(countOf(measured, 'iterations'), 'iteration');
  const sent = kindsOfRun((metric) => countOf(measured, metric)).filter((kind) => kind !== 'iteration');
  return [
    `${iterations} finished and the profile has no thresholds to judge them by.`,
    ...sent.map((kind) => {
      const { count, failed, noun } = operationMetrics[kind];
      const outcome = measured.metrics[failed]?.values;
      const share = outcome !== undefined && 'rate' in outcome ? formatFigure(outcome.rate, 'ratio') : '0 %';
      return `${share} of ${formatCount(countOf(measured, count), noun)} failed.`;
    }),
  ];
}
