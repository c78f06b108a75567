// A threshold with its figure and its limit as people read it: `95th percentile response time 153 ms (limit 100 ms)`.
// Verdicts, findings and reports take their sentences from here, and the names of figures from model/metric-words.ts.

import { bestOf, isBroken, isUndecided, type JudgedThreshold } from '../judge/judged-thresholds.ts';
import { figureWords } from '../model/metric-words.ts';
import { formatCount, formatFigure, formatLimit } from '../text/format-figure.ts';
import { nounOf, waitText } from './cut-off.ts';
import { openWindowsSentence, tallySentence, windowWords } from './window-words.ts';

/** The subject of a sentence about a threshold; the steps of a search are named elsewhere. */
export function subjectWords({ plan, type, monitors }: JudgedThreshold): string {
  const { scenario: _, ...withoutStep } = plan.tags;
  const tags = plan.level === 'search' ? withoutStep : plan.tags;
  const words = figureWords({ metric: plan.metric, type, tags, aggregation: plan.aggregation }, monitors);
  return plan.windows === undefined ? words : `${words} ${windowWords(plan.windows)}`.trimEnd();
}

/** `limit 100 ms`, `at least 99 %`, `target 50 ms` */
export function limitWords({ plan, unit, result }: JudgedThreshold): string {
  const figure = formatLimit(plan.limit, unit);
  const isTarget = result.level === 'target';
  switch (plan.operator) {
    case '<':
    case '<=':
      return `${isTarget ? 'target' : 'limit'} ${figure}`;
    case '>':
    case '>=': {
      const least = plan.operator === '>' ? `more than ${figure}` : `at least ${figure}`;
      return isTarget ? `target ${least}` : least;
    }
    case '==':
      return `must be ${figure}`;
    case '!=':
      return `must not be ${figure}`;
  }
}

/** `153 ms`, `without a sample`, or `at least 30 s` where what was cut off says more than what completed. */
export function actualWords(threshold: JudgedThreshold): string {
  const { result, unit, plan } = threshold;
  const best = isBroken(threshold) ? bestOf(threshold) : undefined;
  if (best !== undefined) {
    return `${plan.operator.startsWith('<') ? 'at least' : 'at most'} ${formatFigure(best, unit)}`;
  }
  return result.actual === null ? 'without a sample' : formatFigure(result.actual, unit);
}

/** The whole, without a final full stop. Of a floor in a search also what the load of its step offers. */
export function objectiveText(threshold: JudgedThreshold): string {
  const { offered } = threshold.result;
  const ofLoad = offered === undefined ? '' : `, of ${formatFigure(offered, threshold.unit)} offered`;
  return `${subjectWords(threshold)} ${actualWords(threshold)}${ofLoad} (${limitWords(threshold)})`;
}

/** `too high`, `too low`, `not as it must be` */
export function breachWords({ plan, result }: JudgedThreshold): string {
  if (/^[=!]/.test(plan.operator)) return 'not as it must be';
  const which = plan.operator.startsWith('<') ? 'too high' : 'too low';
  return result.level === 'target' ? `${which} for the target` : which;
}

/** `anything above 2.9 ms`, `anything from 0 % to 84.8 %`: what a figure could be. */
function rangeWords({ result, unit }: JudgedThreshold): string {
  const { least = null, greatest = null } = result.bounds ?? {};
  if (least === null) {
    return greatest === null ? 'anything' : `anything below ${formatFigure(greatest, unit)}`;
  }
  if (greatest === null) return `anything above ${formatFigure(least, unit)}`;
  return `anything from ${formatFigure(least, unit)} to ${formatFigure(greatest, unit)}`;
}

/** `339 of 400 requests were cut off after waiting 30 s to 47 s`; empty where nothing was. */
function cutWords({ plan, result }: JudgedThreshold): string {
  if (result.cut === undefined) return result.undecided === true ? 'the run was ended early' : '';
  const { count, of, waitedMs } = result.cut;
  const noun = nounOf(plan.metric);
  const what = `${formatFigure(count, 'count')} of ${formatCount(of, noun)}`;
  return noun === 'check' || noun === 'sample'
    ? `${what} ${count === 1 ? 'is' : 'are'} missing, because iterations were cut off after ${waitText(waitedMs)}`
    : `${what} ${count === 1 ? 'was' : 'were'} cut off after waiting ${waitText(waitedMs)}`;
}

/** A sentence about a threshold that may hold or not. */
export function undecidedSentence(threshold: JudgedThreshold): string {
  if (threshold.result.windows !== undefined) return openWindowsSentence(threshold);
  return `${subjectWords(threshold)} could be ${rangeWords(threshold)} (${limitWords(threshold)}): ${cutWords(threshold)}.`;
}

/** A sentence about a threshold that does not hold, or of which nobody knows. */
export function breachSentence(threshold: JudgedThreshold): string {
  if (isUndecided(threshold)) return undecidedSentence(threshold);
  const ended = threshold.result.aborted ? ', and this ended the run early' : '';
  const isFloorOfSearch = threshold.result.offered !== undefined;
  const what = isFloorOfSearch ? 'has not kept up with the load' : breachWords(threshold);
  if (threshold.result.windows !== undefined) {
    return `${objectiveText(threshold)}: ${what}${ended}. ${tallySentence(threshold)}`.trimEnd();
  }
  const cut = bestOf(threshold) === undefined ? '' : `; ${cutWords(threshold)}`;
  return `${objectiveText(threshold)}: ${what}${ended}${cut}.`;
}

/** About a threshold that was broken when it ended the run, and holds over the whole of what there was of it. */
export function endedSentence(threshold: JudgedThreshold): string {
  const whole = `${subjectWords(threshold)} (${limitWords(threshold)})`;
  return `${whole}: ${breachWords(threshold)} when it ended the run early. Over the whole run it is ${actualWords(threshold)}, which says nothing of the part of the plan that is missing.`;
}

/** A sentence about a threshold that holds, but only just. */
export function closeSentence(threshold: JudgedThreshold): string {
  return `${objectiveText(threshold)}: close to its limit.`;
}

/** A sentence about a threshold of which nothing is known. */
export function unreadSentence(threshold: JudgedThreshold): string {
  const whole = `${subjectWords(threshold)} (${limitWords(threshold)})`;
  if (threshold.isMissing) return `${whole}: the record has no result of it.`;
  if (threshold.result.folded === true) {
    return `${whole}: some of its samples are counted as "(other)", because there are more distinct names or tags than Plimsoll keeps.`;
  }
  // Nothing to set where nothing need be recorded.
  const isFine = threshold.plan.optional === true || threshold.result.ok;
  const advice = isFine ? '' : ' If that is fine, set `optional: true` for the threshold.';
  if (threshold.plan.windows !== undefined) {
    return `${whole}: the run recorded no value for it in any window.${advice}`;
  }
  if (!threshold.isOfMonitor) return `${whole}: the run recorded no value for it.${advice}`;
  return threshold.plan.aggregation.kind === 'growth'
    ? `${whole}: too little was read of it.`
    : `${whole}: nothing was read of it.`;
}
