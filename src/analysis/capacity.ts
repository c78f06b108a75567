// Reads the capacity out of a run that stepped up the load until something broke, or searched for it.

import { isUnread, type JudgedThreshold, judgedThresholds, nameOf } from '../judge/judged-thresholds.ts';
import { isWithin } from '../judge/operators.ts';
import { isFloor } from '../judge/search-floors.ts';
import type { Plan, ScenarioPlan, SearchStepPlan, SearchUnit } from '../model/plan.ts';
import type { Measurements } from '../model/run-record.ts';
import { formatFigure } from '../text/format-figure.ts';
import { boundsOf, decideNext, type SearchAttempt, type SearchResult } from './capacity-search.ts';
import { droppedRatioLimit } from './dropped-iterations.ts';
import { countOfScenario, loadDurationMs, outlastedWarmUp, scenarioDurationMs } from './measured.ts';
import { stepSaturation } from './step-saturation.ts';
import { breachSentence } from './threshold-words.ts';

/** Runs end within a window of their plan; a step that short of its end counts as done. */
const endToleranceMs = 250;

/** One step of the search that was begun, and how it ended. */
export interface SearchStep {
  readonly scenario: string;
  /** Planned load in the search's unit. */
  readonly load: number;
  /** Iterations finished per second of the step. */
  readonly achievedPerSec: number;
  /**
   * `held`: to its end, every limit kept, the load delivered. `cut-short`: ended early, or not seen, without a breach.
   * `saturated`: the generator could not drive it.
   */
  readonly outcome: 'held' | 'broke' | 'cut-short' | 'saturated';
  /** Why it broke: the threshold that ended the run first; or why nothing is known of it. Else empty. */
  readonly reason: string;
  /** Name of what broke, e.g. `p(95) of http_req_duration`; empty otherwise. */
  readonly objective: string;
}

/** What a capacity search found: the highest step that held before the first that did not. */
export interface Capacity {
  readonly unit: SearchUnit;
  /** Adaptive searches only: what the search came to; `undefined` when it did not get to its end. */
  readonly adaptive?: {
    readonly result: SearchResult | undefined;
    readonly stepCount: number;
    readonly endedBy?: string | undefined;
  };
  readonly steps: readonly SearchStep[];
  readonly highest: SearchStep | undefined;
  readonly firstBroken: SearchStep | undefined;
  /** The lowest step that the generator could not drive. */
  readonly limit: SearchStep | undefined;
  /** Lower limits on throughput that the highest step holds as far as its load goes, and does not reach. */
  readonly unreached: readonly JudgedThreshold[];
}

/** The result of a capacity search, or `undefined` when the plan has none. */
export function findCapacity(measured: Measurements): Capacity | undefined {
  const { search, scenarios } = measured.plan;
  if (search === undefined) return undefined;
  if (search.adaptive !== undefined) return findAdaptiveCapacity(measured, search, search.adaptive);
  const ranMs = loadDurationMs(measured);
  const steps = search.steps.flatMap(({ scenario, load }) => {
    const plan = scenarios.find(({ name }) => name === scenario);
    if (plan === undefined || !outlastedWarmUp(measured, plan)) return [];
    const countedMs = Math.min(scenarioDurationMs(plan), ranMs - plan.startAtMs);
    return [judgePlannedStep(measured, plan, load, countedMs)];
  });
  // What the generator could not drive says nothing of the target.
  const driven = steps.filter(({ outcome }) => outcome !== 'saturated');
  const firstFailure = driven.findIndex(({ outcome }) => outcome !== 'held');
  const held = firstFailure === -1 ? driven : driven.slice(0, firstFailure);
  const highest = held.at(-1);
  const firstBroken = driven.find(({ outcome }) => outcome === 'broke');
  const limit = steps.find(({ outcome, load }) => outcome === 'saturated' && load > (highest?.load ?? 0));
  const unreached = unreachedFloors(measured, highest);
  return { unit: search.unit, steps, highest, firstBroken, limit, unreached };
}

/** The same for a search that decided each step itself: its rules say what its steps amount to. */
function findAdaptiveCapacity(
  measured: Measurements,
  search: NonNullable<Plan['search']>,
  rules: NonNullable<NonNullable<Plan['search']>['adaptive']>,
): Capacity {
  const { unit } = search;
  const tried = search.steps.flatMap(({ load, trial }): SearchAttempt[] =>
    trial === undefined ? [] : [{ load, ...trial }],
  );
  const decision = decideNext({ ...rules, unit }, tried);
  const result = decision.kind === 'done' ? decision.result : undefined;
  const steps = search.steps.flatMap((step) => {
    const plan = measured.plan.scenarios.find(({ name }) => name === step.scenario);
    return plan === undefined ? [] : [judgeTrial(measured, plan, step, rules.warmUpMs)];
  });
  // A load may have been tried several times; the last time is what its outcome rests on.
  const last = (load: number | undefined, outcome: SearchStep['outcome']): SearchStep | undefined =>
    steps.findLast((step) => step.load === load && step.outcome === outcome);
  const { safe, breaking, limited } = boundsOf(tried);
  // The safe load of a search that came to nothing is the highest that held so far.
  const highest = last(safe, 'held');
  return {
    unit,
    adaptive: { result, stepCount: steps.length, endedBy: rules.endedBy },
    steps,
    highest,
    firstBroken: result?.kind === 'generator-limit' ? undefined : last(breaking, 'broke'),
    limit: last(limited, 'saturated'),
    unreached: unreachedFloors(measured, highest),
  };
}

/** Floors of a step that are not met as written. */
function unreachedFloors(measured: Measurements, step: SearchStep | undefined): JudgedThreshold[] {
  if (step === undefined) return [];
  return searchThresholdsOf(measured, step.scenario).filter(
    ({ plan, result, isCounter }) =>
      isFloor(plan, isCounter ? 'counter' : 'trend') &&
      result.actual !== null &&
      !isWithin(plan.operator, result.actual, plan.limit),
  );
}

function judgeTrial(
  measured: Measurements,
  plan: ScenarioPlan,
  { load, trial }: SearchStepPlan,
  warmUpMs: number,
): SearchStep {
  const judged = judgeStep(measured, plan, load, scenarioDurationMs(plan) - warmUpMs);
  const told = trial?.reasons?.join(' ');
  switch (trial?.outcome) {
    case 'held':
      return { ...judged, outcome: 'held', reason: '', objective: '' };
    case 'broke':
      return { ...judged, outcome: 'broke', reason: told ?? judged.reason };
    case 'noisy': {
      const unsure = 'it held in one half of the step and not in the other.';
      const reason = told ?? (judged.reason === '' ? unsure : judged.reason);
      return { ...judged, outcome: 'broke', reason };
    }
    case 'saturated':
      return { ...judged, outcome: 'saturated', reason: told ?? '', objective: '' };
    case undefined:
      return { ...judged, outcome: 'cut-short', reason: '', objective: '' };
  }
}

function judgePlannedStep(
  measured: Measurements,
  plan: ScenarioPlan,
  load: number,
  stepRanMs: number,
): SearchStep {
  const judged = judgeStep(measured, plan, load, stepRanMs);
  const saturation = stepSaturation(measured.timeline, plan);
  if (saturation.length === 0) return judged;
  return { ...judged, outcome: 'saturated', reason: saturation.join(' '), objective: '' };
}

/** `stepRanMs` is how much of the step counts. */
function judgeStep(measured: Measurements, plan: ScenarioPlan, load: number, stepRanMs: number): SearchStep {
  const durationMs = scenarioDurationMs(plan);
  const done = countOfScenario(measured, 'iterations', plan.name);
  const dropped = countOfScenario(measured, 'dropped_iterations', plan.name);
  const step = { scenario: plan.name, load, achievedPerSec: (done * 1000) / stepRanMs };
  const broken = firstBroken(measured, plan.name);
  if (broken !== undefined) {
    return { ...step, outcome: 'broke', reason: breachSentence(broken), objective: nameOf(broken) };
  }
  if (dropped > droppedRatioLimit * (done + dropped)) {
    const share = formatFigure(dropped / (done + dropped), 'ratio');
    return {
      ...step,
      outcome: 'broke',
      reason: `${share} of its iterations were dropped, as no VU was free.`,
      objective: 'dropped_iterations',
    };
  }
  const unseen = searchThresholdsOf(measured, plan.name).find(isUnread);
  if (unseen !== undefined) {
    const reason = `nothing was recorded of ${nameOf(unseen)}.`;
    return { ...step, outcome: 'cut-short', reason, objective: '' };
  }
  const complete = stepRanMs >= durationMs - endToleranceMs && done > 0;
  return { ...step, outcome: complete ? 'held' : 'cut-short', reason: '', objective: '' };
}

/** The threshold that ended the run, or else the first in the plan's order that does not hold. */
function firstBroken(measured: Measurements, scenario: string): JudgedThreshold | undefined {
  const broken = searchThresholdsOf(measured, scenario).filter((one) => !one.result.ok && !isUnread(one));
  return broken.find(({ result }) => result.aborted) ?? broken[0];
}

function searchThresholdsOf(measured: Measurements, scenario: string): JudgedThreshold[] {
  return judgedThresholds(measured).filter(
    ({ plan }) => plan.level === 'search' && plan.tags.scenario === scenario,
  );
}
