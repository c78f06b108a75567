// What comes of a policy in words, the same in findings and sections. Called by find-scaling.ts and the section
// report/view/scaling.ts.

import { formatObserved } from '../analysis/observed-series.ts';
import type { AlertCondition } from '../model/alert.ts';
import type { ScalingAction, ScalingRule } from '../model/scaling.ts';
import { formatFigure, formatLimit } from '../text/format-figure.ts';
import { formatDuration } from '../time/duration.ts';
import { describeSignal } from './find-signals.ts';
import type { Replay, ReplayedCondition, ReplayedRule } from './replay.ts';

/** `add 1 instance`, `use bigger instances`. */
export function actionText(action: ScalingAction): string {
  if (action.kind === 'resize') return 'use bigger instances';
  return `${action.kind} ${action.count} ${action.count === 1 ? 'instance' : 'instances'}`;
}

/** `cpu_percent at most 62 % of the 75 % it needs (monitor_app_cpu_ratio, every 5s)`. */
function closestText({ condition, signal, extreme }: ReplayedCondition): string {
  if ('problem' in signal) return `${signal.name}: ${signal.problem}`;
  if (extreme === undefined) return `${signal.name}: no reading`;
  const isUpper = condition.operator === '>' || condition.operator === '>=';
  const seen = formatObserved(extreme.value, signal.unit);
  return `${signal.name} was ${seen} at ${isUpper ? 'most' : 'least'}, limit ${limitText(condition)} (${describeSignal(signal)})`;
}

function limitText({ limit, unit }: AlertCondition): string {
  return formatLimit(limit, unit);
}

/** What a rule did, or why it did nothing, in a few sentences. */
export function ruleSentences({
  rule,
  conditions,
  unreadable,
  holds,
  longestMs,
  actions,
}: ReplayedRule): string[] {
  if (unreadable) {
    return [
      'It cannot be replayed:',
      ...conditions.filter(({ signal }) => 'problem' in signal).map((one) => `${closestText(one)}.`),
    ];
  }
  const cautions = conditions.flatMap(({ signal }) => ('problem' in signal ? [] : signal.cautions));
  const told = conditions.map((one) => `${closestText(one)}.`);
  if (actions > 0) return [...told, ...cautions];
  const why =
    holds === 0
      ? 'Its condition never held.'
      : longestMs < rule.forMs
        ? `Its condition held for ${formatDuration(longestMs)} at the longest, and needs ${formatDuration(rule.forMs)}.`
        : 'Its condition held long enough, but other rules, cooldowns or a bound kept it back.';
  return [why, ...told, ...cautions];
}

/** How the number of instances at the start is known. */
export function startText({ startInstances, startFrom }: Replay): string {
  const from = {
    observed: 'as the run observed',
    given: 'as stated',
    'lower bound': 'the lower bound, since nothing says how many ran',
  }[startFrom];
  return `${formatFigure(startInstances, 'count')} (${from})`;
}

/** Rules that nothing in the run can answer. */
export function unreadableRules({ rules }: Replay): ScalingRule[] {
  return rules.filter(({ unreadable }) => unreadable).map(({ rule }) => rule);
}

/** A bound that a rule ran into: it was due, and could do nothing. */
export function boundText({ atMs, rule, bound, instances }: Replay['bounds'][number]): string {
  return `Rule ${rule} was due at ${formatDuration(atMs)}, at its ${bound} bound of ${formatFigure(instances, 'count')}.`;
}
