// A threshold with its figure and its limit as people read it: `95th percentile response time 153 ms (limit 100 ms)`.
// Verdicts, findings and reports take their sentences from here, and the names of figures from model/metric-words.ts.

import { figureWords } from '../model/metric-words.ts';
import { formatFigure } from '../stats/format-figure.ts';
import type { JudgedThreshold } from './judged-thresholds.ts';

/** The subject of a sentence about a threshold; the steps of a search are named elsewhere. */
export function subjectWords({ plan, type, monitors }: JudgedThreshold): string {
  const { scenario: _, ...withoutStep } = plan.tags;
  const tags = plan.level === 'search' ? withoutStep : plan.tags;
  return figureWords({ metric: plan.metric, type, tags, aggregation: plan.aggregation }, monitors);
}

/** `limit 100 ms`, `at least 99 %`, `target 50 ms` */
export function limitWords({ plan, unit, result }: JudgedThreshold): string {
  const figure = formatFigure(plan.limit, unit);
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

/** `153 ms`, or `without a sample` */
export function actualWords({ result, unit }: JudgedThreshold): string {
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

/** A sentence about a threshold that does not hold. */
export function breachSentence(threshold: JudgedThreshold): string {
  const ended = threshold.result.aborted ? ', and this ended the run early' : '';
  const isFloorOfSearch = threshold.result.offered !== undefined;
  const what = isFloorOfSearch ? 'has not kept up with the load' : breachWords(threshold);
  return `${objectiveText(threshold)}: ${what}${ended}.`;
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
  if (!threshold.isOfMonitor) {
    return `${whole}: the run recorded no sample of it. Where that may be so, set the threshold's \`optional: true\`.`;
  }
  return threshold.plan.aggregation.kind === 'growth'
    ? `${whole}: too little was read of it.`
    : `${whole}: nothing was read of it.`;
}
