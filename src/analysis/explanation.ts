// What slows a load down, told from short runs that leave out or change one thing each. Correlation proposes, an experiment
// confirms: what is left out and makes the others faster has slowed them. Pure. Called by run/explain.ts.

import {
  type Effect,
  type EffectStatus,
  type ExperimentKind,
  type Explanation,
  explanationSchemaVersion,
  type TimeRatio,
  type UnusableRun,
} from '../model/explanation.ts';
import type { Measurements } from '../model/run-record.ts';
import { Histogram } from '../stats/histogram.ts';
import { fewestPairs, pairedRatio } from '../stats/paired-ratio.ts';
import { formatCount, formatFigure } from '../text/format-figure.ts';
import { type TaskTimes, timesOfTasks, unusableReason } from './experiment-times.ts';

/** A change of times by less is not worth a change. */
const leastEffect = 0.1;
const familyConfidence = 0.95;
/** Both the median and the 95th percentile are looked at. */
const figuresEach = 2;
/** Below this share failures are no trouble that an experiment could end. */
const leastFailures = 0.01;

/** An experiment as the analysis sees it. */
export interface ExperimentSubject {
  readonly name: string;
  readonly kind: ExperimentKind;
  readonly without?: { readonly user: string; readonly task?: string };
}

export interface ExperimentRun {
  /** Name of the experiment. */
  readonly experiment: string;
  readonly round: number;
  readonly measured: Measurements;
  /** Where its record is kept. */
  readonly folder: string;
}

/** The usable runs of one experiment, by round. */
type Rounds = ReadonlyMap<number, readonly TaskTimes[]>;

/**
 * Explains a load from rounds of runs, in each of which every experiment was driven once.
 *
 * Of each round the operations of the tasks that an experiment leaves in are compared with the same tasks under the load as
 * it is, each task with itself, so that a changed mix is no effect. The ratios of all rounds give an interval
 * (`pairedRatio`); the intervals of all experiments hold together with 95 % confidence (Bonferroni's correction). A change
 * restores when the whole interval of a median or 95th percentile is below 1 and the ratio is at most 0.9, or when at least
 * 1 % of the operations failed and less than half as many do in each round. Where more fail than before, nothing is said of
 * times.
 */
export function explainLoad(
  experiments: readonly ExperimentSubject[],
  runs: readonly ExperimentRun[],
  of: { readonly suite: string; readonly profile: string },
): Explanation {
  const unusable: UnusableRun[] = [];
  const rounds = new Map<string, Map<number, readonly TaskTimes[]>>();
  for (const { experiment, round, measured } of runs) {
    const reason = unusableReason(measured);
    if (reason !== undefined) {
      unusable.push({ experiment, round, reason });
      continue;
    }
    const own = rounds.get(experiment) ?? new Map<number, readonly TaskTimes[]>();
    rounds.set(experiment, own.set(round, timesOfTasks(measured)));
  }
  const named = (kind: ExperimentKind): Rounds =>
    rounds.get(experiments.find((one) => one.kind === kind)?.name ?? '') ?? new Map();
  const changed = experiments.filter(({ kind }) => kind !== 'base');
  const confidence = 1 - (1 - familyConfidence) / Math.max(1, changed.length * figuresEach);
  const [base, light] = [named('base'), named('light')];
  const effectOf = (one: ExperimentSubject): Effect =>
    makeEffect(one, { base, light, changed: rounds.get(one.name) ?? new Map() }, confidence);
  const lightSubject = changed.find(({ kind }) => kind === 'light');
  const hurt = lightSubject === undefined ? null : effectOf(lightSubject);
  const effects = changed
    .filter(({ kind }) => kind !== 'light')
    .map(effectOf)
    .sort((a, b) => rankOf(a) - rankOf(b) || strength(a) - strength(b));
  const status = statusOf(hurt, effects);
  return {
    schemaVersion: explanationSchemaVersion,
    ...of,
    status,
    sentences:
      base.size < fewestPairs ? [tooFewSentence(base.size, unusable)] : sentencesOf(status, hurt, effects),
    hurt,
    effects,
    unusable,
    confidence: familyConfidence,
    runs: runs.map(({ experiment, round, folder }) => ({ experiment, round, folder })),
  };
}

/** One round: the same tasks under the load as it is and under the experiment. */
interface Pair {
  readonly base: readonly TaskTimes[];
  readonly changed: readonly TaskTimes[];
}

function makeEffect(
  { name, kind, without }: ExperimentSubject,
  rounds: { readonly base: Rounds; readonly light: Rounds; readonly changed: Rounds },
  confidence: number,
): Effect {
  const paired = (changed: Rounds): Pair[] =>
    [...changed].flatMap(([round, times]) => {
      const base = rounds.base.get(round);
      return base === undefined ? [] : [{ base: left(base, without), changed: left(times, without) }];
    });
  const pairs = paired(rounds.changed);
  const ratioAt = (p: number): TimeRatio | null => ratioOf(pairs, p, confidence);
  const median = ratioAt(50);
  const p95 = ratioAt(95);
  const failed = {
    base: failedIn(pairs.flatMap(({ base }) => base)),
    changed: failedIn(pairs.flatMap(({ changed }) => changed)),
  };
  const baseMs = typicalP95(pairs.map(({ base }) => base));
  const light = kind === 'light' ? null : ratioOf(paired(rounds.light), 95, confidence);
  const isSlowed = light !== null && light.ratio < 1 - leastEffect;
  const canRestore = isSlowed && p95 !== null && p95.ratio < 1;
  return {
    experiment: name,
    kind,
    ...(without !== undefined && { without }),
    status: statusOfEffect(pairs, [median, p95], failed),
    rounds: pairs.length,
    median,
    p95,
    // Of the same mix: what the tasks that both have took, and take then.
    p95Ms: { base: baseMs, changed: baseMs * (p95?.ratio ?? 1) },
    failed,
    ...(canRestore && { restored: Math.log(p95.ratio) / Math.log(light.ratio) }),
  };
}

/** The tasks that an experiment leaves in. */
function left(times: readonly TaskTimes[], without: ExperimentSubject['without']): TaskTimes[] {
  if (without === undefined) return [...times];
  return times.filter(({ user, task }) => user !== without.user || (without.task ?? task) !== task);
}

/**
 * How the p-th percentile changes: of each round the geometric mean of the tasks' own ratios, weighted by how often each was
 * done under the load as it is. A task that is done more often or less often than before so changes nothing by itself.
 */
function ratioOf(pairs: readonly Pair[], p: number, confidence: number): TimeRatio | null {
  const ratios = pairs.flatMap(({ base, changed }): [number, number][] => {
    let logs = 0;
    let weight = 0;
    for (const one of base) {
      const other = changed.find(({ user, task }) => user === one.user && task === one.task);
      const [before, after] = [one.durations.percentile(p), other?.durations.percentile(p) ?? 0];
      if (before <= 0 || after <= 0) continue;
      logs += one.count * Math.log(after / before);
      weight += one.count;
    }
    return weight === 0 ? [] : [[Math.exp(logs / weight), 1]];
  });
  return pairedRatio(ratios, confidence) ?? null;
}

function failedIn(times: readonly TaskTimes[]): number {
  const count = times.reduce((sum, one) => sum + one.count, 0);
  return count === 0 ? 0 : times.reduce((sum, one) => sum + one.failed, 0) / count;
}

/** With no effect all of five rounds would be so by chance once in 32 times at most. */
function failsNoMore(pairs: readonly Pair[]): boolean {
  if (pairs.length < fewestPairs) return false;
  return pairs.every(
    ({ base, changed }) => failedIn(base) >= leastFailures && failedIn(changed) < failedIn(base) / 2,
  );
}

function typicalP95(rounds: readonly (readonly TaskTimes[])[]): number {
  const logs = rounds
    .map((times) => {
      const all = new Histogram();
      for (const { durations } of times) all.merge(durations);
      return all.percentile(95);
    })
    .filter((ms) => ms > 0)
    .map(Math.log);
  return logs.length === 0 ? 0 : Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length);
}

/** Of operations that fail more often than before, times say nothing: failures may be fast. */
function failsMore({ base, changed }: Effect['failed']): boolean {
  return changed - base >= leastFailures;
}

function statusOfEffect(
  pairs: readonly Pair[],
  ratios: readonly (TimeRatio | null)[],
  failed: Effect['failed'],
): EffectStatus {
  if (failsMore(failed)) return 'open';
  const known = ratios.filter((one) => one !== null);
  const isSlower = known.some(({ ratio, low }) => low > 1 && ratio >= 1 + leastEffect);
  if (known.some(isFaster)) return isSlower ? 'open' : 'restores';
  if (failsNoMore(pairs)) return 'restores';
  if (isSlower) return 'slows';
  const isSame = known.every(({ low, high }) => low >= 1 - leastEffect && high <= 1 + leastEffect);
  return known.length === ratios.length && isSame ? 'none' : 'open';
}

function isFaster({ ratio, high }: TimeRatio): boolean {
  return high < 1 && ratio <= 1 - leastEffect;
}

const ranks: Readonly<Record<EffectStatus, number>> = { restores: 0, slows: 1, open: 2, none: 3 };

/** Causes come before cures: half of the load is faster whatever the cause is. */
function rankOf({ status, kind }: Effect): number {
  const isCause = kind === 'without-user' || kind === 'without-task' || kind === 'connections';
  return ranks[status] * 2 + (isCause ? 0 : 1);
}

function strength({ p95, median }: Effect): number {
  return Math.min(p95?.ratio ?? 1, median?.ratio ?? 1);
}

/** Failures are trouble that times do not show. */
function statusOf(hurt: Effect | null, effects: readonly Effect[]): Explanation['status'] {
  if (effects.some(({ status }) => status === 'restores'))
    return hurt?.status === 'none' ? 'open' : 'explained';
  const isUnhurt = hurt?.status === 'none' || hurt?.status === 'slows';
  return isUnhurt && hurt.failed.base < leastFailures ? 'nothing' : 'open';
}

function tooFewSentence(rounds: number, unusable: readonly UnusableRun[]): string {
  const [first] = unusable;
  const why = first === undefined ? '' : ` One run was left out, since ${first.reason}.`;
  return `The load as it is was measured in ${formatCount(rounds, 'round')} only, and ${fewestPairs} are needed to tell an effect from noise.${why}`;
}

function sentencesOf(
  status: Explanation['status'],
  hurt: Effect | null,
  effects: readonly Effect[],
): string[] {
  if (status === 'nothing') {
    return [
      'The load does not slow the target down: its response times are no longer than at a tenth of the load. There is nothing to explain.',
    ];
  }
  const restoring = effects.filter((effect) => effect.status === 'restores');
  const causes = restoring.filter(({ kind }) => kind !== 'load' && kind !== 'think-time');
  const cures = restoring.filter(({ kind }) => kind === 'load' || kind === 'think-time');
  const told = [...causes, ...cures].map(effectSentence);
  const slowing = hurt?.status === 'restores' ? [hurtSentence(hurt)] : [];
  if (told.length > 0 && causes.length === 0) {
    return [
      'No single task or user class slows the others down: the load as a whole does.',
      ...told,
      ...slowing,
    ];
  }
  if (told.length > 0) return [...told, ...slowing];
  return [
    'No experiment tells what slows the target down: noise hides the answer, or no single task, user class or setting does.',
    ...slowing,
    ...failureSentences(hurt, effects),
  ];
}

function failureSentences(hurt: Effect | null, effects: readonly Effect[]): string[] {
  const under = hurt?.failed ?? effects[0]?.failed;
  const fails =
    under !== undefined && under.base >= leastFailures
      ? [
          `Under the load as it is ${formatFigure(under.base, 'ratio')} of the operations fail${hurt === null ? '' : `, and ${formatFigure(under.changed, 'ratio')} at a tenth of it`}.`,
        ]
      : [];
  const more = effects
    .filter(({ failed }) => failsMore(failed))
    .map(
      ({ experiment, without, failed }) =>
        `The times ${without === undefined ? 'with ' : ''}${experiment} say nothing: ${formatFigure(failed.changed, 'ratio')} of the operations fail then, and ${formatFigure(failed.base, 'ratio')} before.`,
    );
  return [...fails, ...more];
}

function hurtSentence({ p95Ms }: Effect): string {
  return `At a tenth of the load the 95th percentile of the response time is ${formatFigure(p95Ms.changed, 'ms')}; under the load as it is it is ${formatFigure(p95Ms.base, 'ms')}.`;
}

function effectSentence({ experiment, without, p95, median, p95Ms, failed, restored }: Effect): string {
  const how = without === undefined ? `with ${experiment}` : experiment;
  const [best] = [p95, median]
    .filter((one) => one !== null && isFaster(one))
    .sort((a, b) => a!.ratio - b!.ratio);
  if (best === undefined || best === null) {
    const shares = `${formatFigure(failed.base, 'ratio')} of them failed, and ${formatFigure(failed.changed, 'ratio')} then`;
    return `Fewer operations fail ${how}: ${shares}.`;
  }
  const whose = without === undefined ? 'Operations are' : 'All other operations are';
  const name = best === p95 ? '95th percentile' : 'median';
  const times = `95th percentile ${formatFigure(p95Ms.base, 'ms')}, and ${formatFigure(p95Ms.changed, 'ms')} then`;
  const part =
    restored === undefined
      ? ''
      : `, which is ${formatFigure(Math.min(1, restored), 'ratio')} of the slowdown`;
  return `${whose} faster ${how}: ${name} ${percentText(best)}${part}; ${times}.`;
}

/** `-62.1 % (interval -70 % to -51 %)` */
export function percentText({ ratio, low, high }: TimeRatio): string {
  const change = (value: number): string => `${value < 1 ? '' : '+'}${formatFigure(value - 1, 'ratio')}`;
  return `${change(ratio)} (interval ${change(low)} to ${change(high)})`;
}
