// The verdict of a run: one status, and the reasons for it in full sentences.

import { isClosed, plannedIterations } from '../executors/of-plan.ts';
import {
  excessOf,
  isBroken,
  isUndecided,
  isUnread,
  type JudgedThreshold,
  judgedThresholds,
  strictestOf,
} from '../judge/judged-thresholds.ts';
import { kindsOfRun, operationMetrics } from '../model/operation.ts';
import type { Measurements } from '../model/run-record.ts';
import type { Finding, Verdict } from '../model/verdict.ts';
import { formatCount, formatFigure } from '../text/format-figure.ts';
import { formatDuration } from '../time/duration.ts';
import { alertReasons } from './alert-findings.ts';
import { findCapacity } from './capacity.ts';
import { capacitySentences, hasResult, unreachedSentences } from './capacity-sentences.ts';
import { comparisonSentences } from './comparisons.ts';
import { cutOffReasons } from './cut-off.ts';
import { droppedOfPlan, droppedRatioLimit } from './dropped-iterations.ts';
import { countOf, loadDurationMs } from './measured.ts';
import { unjudgedRecovery } from './outage-findings.ts';
import { recoverySentences } from './recovery.ts';
import {
  breachSentence,
  closeSentence,
  endedSentence,
  limitWords,
  objectiveText,
  subjectWords,
  undecidedSentence,
  unreadSentence,
} from './threshold-words.ts';
import { nothingSucceeded, unjudgedFailureSentences } from './unjudged-failures.ts';
import { gapReasons } from './worker-losses.ts';

/** A pass names this many thresholds with their figures, and counts the rest. */
const namedThresholdCount = 6;

/**
 * Decides the verdict. The first rule that applies gives the status; the others add their reasons after it.
 *
 * 0. The run was ended for safety: `inconclusive`, and the exit code is another one.
 * 1. The generator was the bottleneck: `inconclusive`, whatever the figures say.
 * 2. A critical threshold is broken, a comparison is beyond its limit, an alert has ended the run, the suite's own
 *    code has found something critical, or nothing at all succeeded: `fail`.
 * 3. Interrupted, or rebuilt from a journal with something missing; or a worker was lost and replaced;
 *    or more than 1 % of the due iterations dropped; or what was cut off leaves a critical threshold open, or is much; or a
 *    comparison may be on either side of its limit; or there is a threshold on `recovery_time` and an outage that never
 *    ended; or nothing was read or recorded of what a threshold is on; or a threshold ended the run that holds over what
 *    there was of it; or nothing finished; or a capacity search has found no load that holds: `inconclusive`.
 * 4. A target threshold is broken or open, one that holds is close, a critical alert was firing, more than 1 % of the
 *    operations, iterations or checks failed and no threshold is on how many may, the suite's own code warns, a few
 *    iterations were dropped, or the load that a capacity search found does not reach a lower limit on
 *    throughput: `warn`.
 * 5. `pass`.
 */
export function makeVerdict(measured: Measurements, suiteFindings: readonly Finding[] = []): Verdict {
  const own = judgedThresholds(measured).filter(({ result }) => result.level !== 'search');
  const broken = own.filter(isBroken).sort((a, b) => excessOf(b) - excessOf(a));
  const ownFindings = (severity: Finding['severity']): string[] =>
    suiteFindings.filter((one) => one.severity === severity).map(findingSentence);
  const nothing = nothingSucceeded(measured);
  const failed = [
    ...(nothing === undefined ? [] : [nothing]),
    ...sentencesOf(broken.filter(({ result }) => result.level === 'critical')),
    ...comparisonSentences(measured, 'fail'),
    ...alertReasons(measured, 'fail'),
    ...ownFindings('critical'),
  ];
  const search = findCapacity(measured);
  // What a search came to is told whatever else there is to say.
  const answer = search === undefined ? [] : capacitySentences(search);
  const isUnanswered = search !== undefined && !hasResult(search);
  const open = own.filter(isUndecided);
  const unproven = [
    ...(isUnanswered ? answer : []),
    ...own.filter(({ result }) => result.aborted && result.ok).map(endedSentence),
    ...open.filter(({ result }) => result.level === 'critical').map(undecidedSentence),
    ...unprovenReasons(measured),
    ...own.filter(isUnread).map(unreadSentence),
  ];
  const told = isUnanswered ? [] : answer;
  const warned = [
    ...sentencesOf(broken.filter(({ result }) => result.level === 'target')),
    ...open.filter(({ result }) => result.level === 'target').map(undecidedSentence),
    ...own.filter(({ result }) => result.ok && result.close).map(closeSentence),
    ...alertReasons(measured, 'warn'),
    ...(nothing === undefined ? unjudgedFailureSentences(measured) : []),
    ...ownFindings('warning'),
    ...warningReasons(measured),
  ];
  if (measured.refusal !== undefined) {
    const reasons = [refusalSentence(measured.refusal), ...told, ...failed, ...unproven, ...warned];
    return { status: 'inconclusive', reasons };
  }
  if (measured.generator.saturated) {
    const caution =
      'The load generator limited this run, so its figures do not show how the target performs.';
    const reasons = [...measured.generator.reasons, caution, ...told, ...failed, ...unproven, ...warned];
    return { status: 'inconclusive', reasons };
  }
  if (failed.length > 0) return { status: 'fail', reasons: [...failed, ...told, ...unproven, ...warned] };
  if (unproven.length > 0) return { status: 'inconclusive', reasons: [...unproven, ...told, ...warned] };
  if (warned.length > 0) return { status: 'warn', reasons: [...told, ...warned] };
  return { status: 'pass', reasons: passReasons(measured, own) };
}

function findingSentence({ title }: Finding): string {
  return /[.!?]$/.test(title) ? title : `${title}.`;
}

/** Broken thresholds as sentences, those that ended the run first. */
function sentencesOf(broken: readonly JudgedThreshold[]): string[] {
  const aborting = broken.filter(({ result }) => result.aborted);
  return [...aborting, ...broken.filter(({ result }) => !result.aborted)].map(breachSentence);
}

function unprovenReasons(measured: Measurements): string[] {
  const reasons: string[] = [];
  const iterations = countOf(measured, 'iterations');
  if (measured.recovery !== undefined) reasons.push(...recoverySentences(measured, measured.recovery));
  else if (measured.interrupted) reasons.push(interruptedSentence(measured));
  // A search makes a step again in which a worker was lost; where that ended it, the generator's reasons say so.
  if (measured.plan.search?.adaptive === undefined)
    reasons.push(...gapReasons({ plan: measured.plan, ...measured.generator }));
  const { dropped, due } = droppedOfPlan(measured);
  if (dropped > due * droppedRatioLimit) {
    const share = formatFigure(dropped / due, 'ratio');
    reasons.push(
      `The planned load was not delivered: ${formatFigure(dropped, 'count')} of ${formatCount(due, 'due iteration')} (${share}) were dropped.`,
    );
  }
  reasons.push(...comparisonSentences(measured, 'inconclusive'));
  reasons.push(...unjudgedRecovery(measured));
  if (iterations === 0 && measured.plan.scenarios.length > 0)
    reasons.push('No iteration finished, so nothing was measured.');
  reasons.push(...cutOffReasons(measured));
  return reasons;
}

/** The rest of the run was not driven. */
function refusalSentence({ host, port, reason }: NonNullable<Measurements['refusal']>): string {
  const where = port === 0 ? host : `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return `The run was ended for safety before ${where} was contacted, which looks like production: ${reason}.`;
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

function warningReasons(measured: Measurements): string[] {
  const reasons: string[] = [];
  const { dropped, due } = droppedOfPlan(measured);
  if (dropped > 0 && dropped <= due * droppedRatioLimit) {
    reasons.push(
      `${formatFigure(dropped, 'count')} of ${formatCount(due, 'due iteration')} (${formatFigure(dropped / due, 'ratio')}) were dropped.`,
    );
  }
  const capacity = findCapacity(measured);
  if (capacity !== undefined) reasons.push(...unreachedSentences(capacity));
  return reasons;
}

function passReasons(measured: Measurements, own: readonly JudgedThreshold[]): string[] {
  const capacity = findCapacity(measured);
  const reasons = capacity === undefined ? [] : capacitySentences(capacity);
  reasons.push(...comparisonSentences(measured, 'pass'));
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
  if (reasons.length === 0) reasons.push(...plainFigures(measured));
  return reasons;
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
