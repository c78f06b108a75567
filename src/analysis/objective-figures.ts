// How far the figures of an objective are from their limits, and which class they are of. Called by objectives.ts. All of it
// rests on bounds: where work was cut off, the worst value that it leaves possible counts.

import {
  aggregationName,
  isBroken,
  isUndecided,
  isUnread,
  type JudgedThreshold,
} from '../judge/judged-thresholds.ts';
import { isWithin } from '../judge/operators.ts';
import {
  type ClassPlan,
  type ClassRange,
  type ObjectiveClass,
  type ObjectiveFigure,
  objectiveClasses,
  type ThresholdReference,
} from '../model/objective.ts';
import { subjectWords } from './threshold-words.ts';

/** The least and the greatest value that a figure can have; `undefined` when nothing was recorded. */
function boundsOf({ result }: JudgedThreshold): { least: number; greatest: number } | undefined {
  const { actual, bounds } = result;
  if (bounds !== undefined) {
    return {
      least: bounds.least ?? Number.NEGATIVE_INFINITY,
      greatest: bounds.greatest ?? Number.POSITIVE_INFINITY,
    };
  }
  return actual === null ? undefined : { least: actual, greatest: actual };
}

/** What a run shows: all that it measured, only what it broke, or nothing. */
export type Trust = 'all' | 'breaches' | 'nothing';

/**
 * The figure of one threshold. Of one that holds the margin is that of the worst value possible; of one that does not, that
 * of the best: the figure is at least so far beyond. `isUnrecovered`: of a time to recovery, which may be longer than what
 * the run saw of it, so that it can only break an upper limit.
 */
export function figureOf(
  reference: ThresholdReference,
  threshold: JudgedThreshold,
  trust: Trust,
  isUnrecovered: boolean,
): ObjectiveFigure {
  const { plan, result, unit } = threshold;
  const trusted = trustedState(threshold, trust);
  const isSure = plan.operator.startsWith('<') && (trusted === 'broken' || trusted === 'missed');
  const state = isUnrecovered && !isSure ? 'open' : trusted;
  const common = { ...reference, state, words: subjectWords(threshold), limit: plan.limit, unit };
  const bounds = boundsOf(threshold);
  const isOrdered = /^[<>]/.test(plan.operator);
  if (state === 'open' || bounds === undefined || !isOrdered) {
    return { ...common, actual: result.actual, margin: null, marginRatio: null };
  }
  const isUpper = plan.operator.startsWith('<');
  const holds = state === 'held' || state === 'close';
  const value = holds === isUpper ? bounds.greatest : bounds.least;
  if (!Number.isFinite(value)) return { ...common, actual: result.actual, margin: null, marginRatio: null };
  const margin = isUpper ? plan.limit - value : value - plan.limit;
  const marginRatio = plan.limit === 0 ? null : margin / Math.abs(plan.limit);
  return { ...common, actual: value, margin, marginRatio };
}

function trustedState(threshold: JudgedThreshold, trust: Trust): ObjectiveFigure['state'] {
  const state = stateOf(threshold);
  if (trust === 'all') return state;
  const { plan, type } = threshold;
  // What is missing of the run would have added to it.
  const mayGrow = (type === 'counter' || type === 'gauge') && plan.operator.startsWith('>');
  const isBreach = (state === 'broken' || state === 'missed') && !mayGrow;
  return trust === 'breaches' && isBreach ? state : 'open';
}

function stateOf(threshold: JudgedThreshold): ObjectiveFigure['state'] {
  const { result } = threshold;
  if (isBroken(threshold)) return result.level === 'target' ? 'missed' : 'broken';
  if (isUndecided(threshold) || isUnread(threshold)) return 'open';
  // It held since it is optional, or without an outage: nothing was seen that would show it.
  if (result.actual === null && result.bounds === undefined) return 'open';
  // Broken when it ended the run, and what is missing of the run is not known.
  if (result.aborted) return 'open';
  return result.close ? 'close' : 'held';
}

const openClass: ClassRange = { worst: 'needs-work', best: 'excellent' };

/**
 * The class of a figure: the best of which it holds the limit, by the worst and by the best value possible. Open from end to
 * end when nothing is known of the figure. `thresholds` are those of the objective.
 */
export function classOf(
  { series, aggregation, limits }: ClassPlan,
  thresholds: readonly JudgedThreshold[],
): ClassRange {
  const name = aggregationName({ aggregation });
  // A limit that is judged window by window has the figure of one window.
  const judged = thresholds.find(
    ({ key, plan }) => key === series && plan.windows === undefined && aggregationName(plan) === name,
  );
  const bounds = judged && boundsOf(judged);
  if (judged === undefined || bounds === undefined || judged.result.folded === true) return openClass;
  const at = (value: number): ObjectiveClass =>
    limits.find(({ operator, limit }) => isWithin(operator, value, limit))?.class ?? 'needs-work';
  return rangeOf([at(bounds.least), at(bounds.greatest)]);
}

/** From the worst of some classes to the best of them. */
function rangeOf(classes: readonly ObjectiveClass[]): ClassRange {
  const sorted = [...classes].sort((a, b) => rankOfClass(a) - rankOfClass(b));
  return { best: sorted[0]!, worst: sorted.at(-1)! };
}

/** 0 is the best. */
export function rankOfClass(one: ObjectiveClass): number {
  return objectiveClasses.indexOf(one);
}
