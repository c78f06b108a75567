// Whether a run meets each of its objectives. Pure, from a record: analyse.ts and objective-findings.ts call it, and
// compliance.ts scores what it says.

import { type JudgedThreshold, judgedThresholds } from '../judge/judged-thresholds.ts';
import type { BuiltInMetric } from '../model/metric.ts';
import type {
  ObjectiveFigure,
  ObjectivePlan,
  ObjectiveResult,
  ObjectiveStatus,
  ScoreRange,
} from '../model/objective.ts';
import type { Measurements } from '../model/run-record.ts';
import { type FigureUnit, formatFigure, formatLimit } from '../text/format-figure.ts';
import { cutOffReasons } from './cut-off.ts';
import { droppedOfPlan, droppedRatioLimit } from './dropped-iterations.ts';
import { countOf } from './measured.ts';
import { classOf, figureOf } from './objective-figures.ts';
import { unjudgedRecovery } from './outage-findings.ts';
import { unjudgedSpikes } from './spike-findings.ts';
import { breachSentence, closeSentence, undecidedSentence, unreadSentence } from './threshold-words.ts';
import { nothingSucceeded } from './unjudged-failures.ts';
import { gapReasons } from './worker-losses.ts';

/** Why a run cannot show that anything is met. */
export interface Doubt {
  /** In words that go on from "since". */
  readonly since: string;
  /** What it seems to break may be no fault of the target's either. */
  readonly coversFailures: boolean;
}

/**
 * What kept a run from carrying out its plan, so that a limit which holds over what there was of it proves nothing;
 * `undefined` for a whole run.
 */
export function doubtOf(measured: Measurements): Doubt | undefined {
  const { plan, generator, alerts = [], thresholds = [] } = measured;
  const doubt = (since: string, coversFailures = false): Doubt => ({ since, coversFailures });
  if (measured.refusal !== undefined) return doubt('the run was ended for safety', true);
  if (generator.saturated) return doubt('the load generator limited the run', true);
  if (measured.recovery !== undefined) return doubt('the record was rebuilt and lacks a part of the run');
  if (measured.interrupted) return doubt('the run was interrupted');
  if (thresholds.some(({ aborted }) => aborted) || alerts.some(({ aborted }) => aborted)) {
    return doubt('the run was ended early');
  }
  if (gapReasons({ plan, ...generator }).length > 0)
    return doubt('a worker was lost, and its load was missing');
  if (plan.compressed !== undefined)
    return doubt('the run was compressed, and shows nothing of its full length');
  const { dropped, due } = droppedOfPlan(measured);
  if (dropped > due * droppedRatioLimit) return doubt('the planned load was not delivered');
  if (countOf(measured, 'iterations') === 0 && plan.scenarios.length > 0)
    return doubt('no iteration finished');
  if (cutOffReasons(measured).length > 0) return doubt('much of the work was cut off without an answer');
  // Errors are often faster than answers.
  if (nothingSucceeded(measured) !== undefined) return doubt('nothing succeeded');
  return undefined;
}

/** One result per objective of the plan, in its order; empty when it has none. */
export function assessObjectives(measured: Measurements): ObjectiveResult[] {
  const { objectives = [] } = measured.plan;
  if (objectives.length === 0) return [];
  const judged = new Map<string, JudgedThreshold[]>();
  for (const one of judgedThresholds(measured)) {
    const { expression } = one.plan;
    const key = referenceKey({ series: one.key, expression, level: one.result.level });
    judged.set(key, [...(judged.get(key) ?? []), one]);
  }
  const doubt = doubtOf(measured);
  const unrecovered = unrecoveredIn(measured);
  return objectives.map((objective) => assess(objective, { judged, doubt, unrecovered }));
}

/** What all objectives of a run are assessed by. */
interface Judging {
  readonly judged: ReadonlyMap<string, readonly JudgedThreshold[]>;
  readonly doubt: Doubt | undefined;
  readonly unrecovered: ReadonlyMap<string, string>;
}

/** Metrics of times to recovery that the run did not see the end of, each with a sentence that says why. */
function unrecoveredIn(measured: Measurements): ReadonlyMap<string, string> {
  const [outage] = unjudgedRecovery(measured);
  const [spike] = unjudgedSpikes(measured);
  const metrics = new Map<string, string>();
  if (outage !== undefined) metrics.set('recovery_time' satisfies BuiltInMetric, outage);
  if (spike !== undefined) metrics.set('spike_recovery_time' satisfies BuiltInMetric, spike);
  return metrics;
}

function referenceKey({
  series,
  expression,
  level,
}: Record<'series' | 'expression' | 'level', string>): string {
  return JSON.stringify([series, expression, level]);
}

const whole: ScoreRange = { low: 1, high: 1 };
const nothing: ScoreRange = { low: 0, high: 0 };
const anything: ScoreRange = { low: 0, high: 1 };
/** The critical limit holds and the target is missed: half of what the owner wants. */
const half: ScoreRange = { low: 0.5, high: 0.5 };

function assess(objective: ObjectivePlan, { judged, doubt, unrecovered }: Judging): ObjectiveResult {
  const {
    name,
    title,
    dimension,
    weight,
    impact,
    remediation,
    profiles,
    isElsewhere,
    untested = [],
  } = objective;
  const isCritical = objective.thresholds.some(({ level }) => level === 'critical');
  const common = {
    name,
    title,
    dimension,
    weight,
    profiles,
    isCritical,
    ...(impact !== undefined && { impact }),
    ...(remediation !== undefined && { remediation }),
  };
  if (isElsewhere === true) {
    const where = profiles.length === 0 ? 'no profile' : listed(profiles);
    const reason = `This profile does not judge it; ${where} ${profiles.length > 1 ? 'do' : 'does'}.`;
    return { ...common, status: 'unjudged', reason, credit: anything, isElsewhere, figures: [] };
  }
  const own = objective.thresholds.map((reference) => ({
    reference,
    thresholds: judged.get(referenceKey(reference)) ?? [],
  }));
  const trust = doubt === undefined ? 'all' : doubt.coversFailures ? 'nothing' : 'breaches';
  const found = own.flatMap(({ thresholds }) => thresholds);
  const isUnrecovered = ({ plan }: JudgedThreshold): boolean => unrecovered.has(plan.metric);
  const figures = own.flatMap(({ reference, thresholds }) =>
    thresholds.map((threshold) => figureOf(reference, threshold, trust, isUnrecovered(threshold))),
  );
  const isMissing = own.some(({ thresholds }) => thresholds.length === 0);
  const answer = answerOf({ found, figures, untested, isMissing, isCritical, unrecovered }, doubt);
  return {
    ...common,
    ...answer,
    figures,
    ...(objective.classes !== undefined && {
      class:
        doubt === undefined
          ? classOf(
              objective.classes,
              found.filter((one) => !isUnrecovered(one)),
            )
          : { worst: 'needs-work', best: 'excellent' },
    }),
  };
}

interface Answered {
  /** Of the same thresholds as `figures`. */
  readonly found: readonly JudgedThreshold[];
  readonly figures: readonly ObjectiveFigure[];
  readonly untested: readonly string[];
  /** A threshold has no result at all. */
  readonly isMissing: boolean;
  readonly isCritical: boolean;
  readonly unrecovered: ReadonlyMap<string, string>;
}

type Answer = Pick<ObjectiveResult, 'status' | 'reason' | 'credit' | 'isUntested'>;

function answerOf(answered: Answered, doubt: Doubt | undefined): Answer {
  const { found, figures, untested, isMissing, isCritical, unrecovered } = answered;
  const first = (...states: ObjectiveFigure['state'][]): JudgedThreshold | undefined => {
    const index = figures.findIndex(({ state }) => states.includes(state));
    return index === -1 ? undefined : found[index];
  };
  if (doubt?.coversFailures === true) return unjudged(`Not judged, since ${doubt.since}.`);
  const broken = first('broken');
  if (broken !== undefined) return { status: 'fail', reason: breachSentence(broken), credit: nothing };
  if (untested.length > 0) {
    const reason = `Not judged: this profile measures nothing for ${listed(untested)}.`;
    return { ...unjudged(reason), isUntested: true };
  }
  if (doubt !== undefined) return unjudged(`Not judged, since ${doubt.since}.`);
  if (isMissing || figures.length === 0) return unjudged('Not judged: the run has no result for it.');
  const missed = first('missed');
  const open = found.filter((_, i) => figures[i]!.state === 'open');
  const openCritical = open.find(({ result }) => result.level === 'critical');
  if (openCritical !== undefined) {
    return unjudgedBy(openCritical, unrecovered, missed === undefined ? anything : { low: 0, high: 0.5 });
  }
  // Without a critical limit the target is all that is asked.
  if (missed !== undefined) {
    return { status: 'warning', reason: breachSentence(missed), credit: isCritical ? half : nothing };
  }
  const [openTarget] = open;
  if (openTarget !== undefined) {
    return unjudgedBy(openTarget, unrecovered, isCritical ? { low: 0.5, high: 1 } : anything);
  }
  const close = first('close');
  if (close !== undefined) return { status: 'warning', reason: closeSentence(close), credit: whole };
  return { status: 'pass', reason: passSentence(figures), credit: whole };
}

function unjudged(reason: string, credit = anything): Answer {
  return { status: 'unjudged', reason, credit };
}

function unjudgedBy(
  threshold: JudgedThreshold,
  unrecovered: Judging['unrecovered'],
  credit: ScoreRange,
): Answer {
  const reason = unrecovered.get(threshold.plan.metric) ?? openSentence(threshold);
  // Nothing need be seen of it: the run is none the worse then, and the objective still open.
  const isUntested = threshold.result.ok && !unrecovered.has(threshold.plan.metric);
  return { ...unjudged(reason, credit), ...(isUntested && { isUntested: true as const }) };
}

function openSentence(threshold: JudgedThreshold): string {
  if (threshold.result.undecided === true) return undecidedSentence(threshold);
  if (threshold.result.aborted) return 'Not judged, since the run was ended early.';
  return unreadSentence(threshold);
}

/** The figure that comes nearest to its limit, which says most. */
function passSentence(figures: readonly ObjectiveFigure[]): string {
  const measured = figures.filter(({ marginRatio }) => marginRatio !== null);
  const [nearest] = measured.sort((a, b) => a.marginRatio! - b.marginRatio!);
  if (nearest === undefined) return 'All its limits hold.';
  const { words, actual, limit, unit, marginRatio } = nearest;
  const figure = formatFigure(actual!, unit as FigureUnit);
  const headroom = formatFigure(marginRatio!, 'ratio');
  return `${words} ${figure}, with ${headroom} of headroom to ${formatLimit(limit, unit as FigureUnit)}.`;
}

/** `a, b and c` */
function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

const statusRank: Readonly<Record<ObjectiveStatus, number>> = { fail: 0, unjudged: 1, warning: 2, pass: 3 };

/** The worst of some statuses: what failed, then what nobody knows. */
export function worstStatus(statuses: readonly ObjectiveStatus[]): ObjectiveStatus {
  return [...statuses].sort((a, b) => statusRank[a] - statusRank[b])[0] ?? 'unjudged';
}
