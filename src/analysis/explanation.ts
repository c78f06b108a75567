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
 * it is; the ratios of all rounds give an interval (`pairedRatio`). The intervals of all experiments hold together with 95 %
 * confidence (Bonferroni's correction). A change restores when the whole interval of a median or 95th percentile is below 1
 * and the ratio is at most 0.9, or when at least 1 % of the operations failed and less than half as many do in each round.
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

function makeEffect(
  { name, kind, without }: ExperimentSubject,
  rounds: { readonly base: Rounds; readonly light: Rounds; readonly changed: Rounds },
  confidence: number,
): Effect {
  const common = [...rounds.changed.keys()].filter((round) => rounds.base.has(round));
  const pairs = common.map((round) => ({
    round,
    base: othersIn(rounds.base.get(round)!, without),
    changed: othersIn(rounds.changed.get(round)!, without),
  }));
  const ratioAt = (p: number): TimeRatio | null => {
    const times = pairs
      .map(({ base, changed }): [number, number] => [
        changed.durations.percentile(p),
        base.durations.percentile(p),
      ])
      .filter(([a, b]) => a > 0 && b > 0);
    return pairedRatio(times, confidence) ?? null;
  };
  const median = ratioAt(50);
  const p95 = ratioAt(95);
  const failed = {
    base: failedIn(pairs.map(({ base }) => base)),
    changed: failedIn(pairs.map((one) => one.changed)),
  };
  const fails = failsNoMore(pairs);
  const p95Ms = {
    base: typicalP95(pairs.map(({ base }) => base)),
    changed: typicalP95(pairs.map((one) => one.changed)),
  };
  const lightMs = typicalP95(
    common.flatMap((round) => {
      const times = rounds.light.get(round);
      return times === undefined ? [] : [othersIn(times, without)];
    }),
  );
  const slowdown = lightMs > 0 && p95Ms.base > 0 ? Math.log(p95Ms.base / lightMs) : 0;
  const canRestore = kind !== 'light' && p95Ms.changed > 0 && slowdown > Math.log(1 + leastEffect);
  return {
    experiment: name,
    kind,
    ...(without !== undefined && { without }),
    status: fails ? 'restores' : statusOfRatios([median, p95]),
    rounds: pairs.length,
    median,
    p95,
    p95Ms,
    failed,
    ...(canRestore && { restored: Math.log(p95Ms.base / p95Ms.changed) / slowdown }),
  };
}

/** What the tasks that an experiment leaves in did, together. */
function othersIn(
  times: readonly TaskTimes[],
  without: ExperimentSubject['without'],
): Omit<TaskTimes, 'user' | 'task'> {
  const durations = new Histogram();
  let count = 0;
  let failed = 0;
  for (const one of times) {
    const isLeftOut =
      without !== undefined && one.user === without.user && (without.task ?? one.task) === one.task;
    if (isLeftOut) continue;
    durations.merge(one.durations);
    count += one.count;
    failed += one.failed;
  }
  return { durations, count, failed };
}

type Others = ReturnType<typeof othersIn>;

function failedIn(others: readonly Others[]): number {
  const count = others.reduce((sum, one) => sum + one.count, 0);
  return count === 0 ? 0 : others.reduce((sum, one) => sum + one.failed, 0) / count;
}

/** With no effect all of five rounds would be so by chance once in 32 times at most. */
function failsNoMore(pairs: readonly { readonly base: Others; readonly changed: Others }[]): boolean {
  if (pairs.length < fewestPairs) return false;
  return pairs.every(
    ({ base, changed }) => failedIn([base]) >= leastFailures && failedIn([changed]) < failedIn([base]) / 2,
  );
}

function typicalP95(others: readonly Others[]): number {
  const logs = others
    .map(({ durations }) => durations.percentile(95))
    .filter((ms) => ms > 0)
    .map(Math.log);
  return logs.length === 0 ? 0 : Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length);
}

function statusOfRatios(ratios: readonly (TimeRatio | null)[]): EffectStatus {
  const known = ratios.filter((one) => one !== null);
  if (known.some(isFaster)) return 'restores';
  if (known.some(({ ratio, low }) => low > 1 && ratio >= 1 + leastEffect)) return 'slows';
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

function statusOf(hurt: Effect | null, effects: readonly Effect[]): Explanation['status'] {
  if (effects.some(({ status }) => status === 'restores') && hurt?.status !== 'none') return 'explained';
  return hurt?.status === 'none' || hurt?.status === 'slows' ? 'nothing' : 'open';
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
  ];
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
