// Reads the capacity out of a run that stepped up the load until something broke, or searched for it.

import type { Plan, ScenarioPlan, SearchStepPlan, SearchUnit } from '../model/plan.ts';
import type { Measurements } from '../model/run-record.ts';
import type { Evidence, Finding } from '../model/verdict.ts';
import { formatFigure } from '../stats/format-figure.ts';
import { decideNext, type SearchAttempt, type SearchResult } from './capacity-search.ts';
import { droppedRatioLimit } from './dropped-iterations.ts';
import {
  breachSentence,
  isUnread,
  type JudgedThreshold,
  judgedThresholds,
  nameOf,
} from './judged-thresholds.ts';
import { countOfScenario, loadDurationMs, outlastedWarmUp, scenarioDurationMs } from './measured.ts';

/** Runs end within a window of their plan; a step that short of its end counts as done. */
const endToleranceMs = 250;

/** One step of the search that was begun, and how it ended. */
interface SearchStep {
  /** Planned load in the search's unit. */
  readonly load: number;
  /** Iterations finished per second of the step. */
  readonly achievedPerSec: number;
  /** `held`: to its end, every limit kept, the load delivered. `cut-short`: ended early, or not seen, without a breach. */
  readonly outcome: 'held' | 'broke' | 'cut-short';
  /** Why it broke: the threshold that ended the run first; or why nothing is known of it. Else empty. */
  readonly reason: string;
  /** Name of what broke, e.g. `p(95) of http_req_duration`; empty otherwise. */
  readonly objective: string;
}

/** What a capacity search found: the highest step that held before the first that did not. */
export interface Capacity {
  readonly unit: SearchUnit;
  /** Adaptive searches only: what the search came to; `undefined` when it did not get to its end. */
  readonly adaptive?: { readonly result: SearchResult | undefined; readonly stepCount: number };
  readonly steps: readonly SearchStep[];
  readonly highest: SearchStep | undefined;
  readonly firstBroken: SearchStep | undefined;
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
    return [judgeStep(measured, plan, load, countedMs)];
  });
  const firstFailure = steps.findIndex(({ outcome }) => outcome !== 'held');
  const held = firstFailure === -1 ? steps : steps.slice(0, firstFailure);
  const firstBroken = steps.find(({ outcome }) => outcome === 'broke');
  return { unit: search.unit, steps, highest: held.at(-1), firstBroken };
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
  const safe = result !== undefined && 'safe' in result ? result.safe : undefined;
  const breaking = result !== undefined && 'breaking' in result ? result.breaking : undefined;
  const steps = search.steps.flatMap((step) => {
    const plan = measured.plan.scenarios.find(({ name }) => name === step.scenario);
    return plan === undefined ? [] : [judgeTrial(measured, plan, step, rules.warmUpMs)];
  });
  // A load may have been tried several times; the last time is what its outcome rests on.
  const last = (load: number | undefined, outcome: SearchStep['outcome']): SearchStep | undefined =>
    steps.findLast((step) => step.load === load && step.outcome === outcome);
  return {
    unit,
    adaptive: { result, stepCount: steps.length },
    steps,
    highest: last(safe, 'held'),
    firstBroken: last(breaking, 'broke'),
  };
}

function judgeTrial(
  measured: Measurements,
  plan: ScenarioPlan,
  { load, trial }: SearchStepPlan,
  warmUpMs: number,
): SearchStep {
  const judged = judgeStep(measured, plan, load, scenarioDurationMs(plan) - warmUpMs);
  switch (trial?.outcome) {
    case 'held':
      return { ...judged, outcome: 'held', reason: '', objective: '' };
    case 'broke':
      return { ...judged, outcome: 'broke' };
    case 'noisy': {
      const reason = 'it held in one half of the step and not in the other.';
      return { ...judged, outcome: 'broke', reason: judged.reason === '' ? reason : judged.reason };
    }
    case 'saturated':
    case undefined:
      return { ...judged, outcome: 'cut-short' };
  }
}

/** `stepRanMs` is how much of the step counts. */
function judgeStep(measured: Measurements, plan: ScenarioPlan, load: number, stepRanMs: number): SearchStep {
  const durationMs = scenarioDurationMs(plan);
  const done = countOfScenario(measured, 'iterations', plan.name);
  const dropped = countOfScenario(measured, 'dropped_iterations', plan.name);
  const step = { load, achievedPerSec: (done * 1000) / stepRanMs };
  const broken = firstBroken(measured, plan.name);
  if (broken !== undefined) {
    const objective = nameOf(broken).replace(/\{scenario:[^,}]*\}|,?scenario:[^,}]*/, '');
    return { ...step, outcome: 'broke', reason: breachSentence(broken), objective };
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

/** The finding of a capacity search; none when the plan has no search. */
export function capacityFindings(measured: Measurements): Finding[] {
  const capacity = findCapacity(measured);
  if (capacity === undefined) return [];
  const { highest, firstBroken, unit, adaptive } = capacity;
  const isInconclusive = adaptive !== undefined && adaptive.result?.kind === 'inconclusive';
  const isOver = adaptive === undefined || adaptive.result !== undefined;
  const evidence: Evidence[] = [];
  if (highest !== undefined) {
    evidence.push(
      { name: 'highest load that held', value: highest.load, unit },
      { name: 'achieved at that load', value: highest.achievedPerSec, unit: 'iterations/s' },
    );
  }
  if (firstBroken !== undefined) {
    evidence.push({ name: 'lowest load that broke', value: firstBroken.load, unit });
  }
  return [
    {
      kind: 'capacity',
      severity: 'info',
      title:
        isInconclusive || !isOver
          ? 'The capacity search came to no result'
          : highest === undefined
            ? 'No step of the capacity search held'
            : `Capacity: ${firstBroken === undefined ? 'at least ' : ''}${formatFigure(highest.load, unit)}`,
      detail: capacitySentences(capacity).join(' '),
      evidence,
      ...(firstBroken === undefined &&
        highest !== undefined && {
          advice: 'Nothing broke: search again from here with a higher maximum to find the limit.',
        }),
    },
  ];
}

/** The result of a search as sentences, for findings and verdicts. */
export function capacitySentences(capacity: Capacity): string[] {
  const { highest, firstBroken, steps, unit, adaptive } = capacity;
  if (adaptive !== undefined) return adaptiveSentences(capacity, adaptive);
  const sentences: string[] = [];
  if (highest === undefined) {
    sentences.push('No step of the capacity search ran to its end within its limits.');
  } else {
    const load = formatFigure(highest.load, unit);
    const achieved = formatFigure(highest.achievedPerSec, 'iterations/s');
    sentences.push(`The highest load that held was ${load} (${achieved} finished).`);
  }
  if (firstBroken !== undefined) {
    sentences.push(`At ${formatFigure(firstBroken.load, unit)} it broke: ${firstBroken.reason}`);
  } else if (steps.at(-1)?.outcome === 'cut-short') {
    const { load, reason } = steps.at(-1)!;
    const how = reason === '' ? 'was cut short.' : `does not count: ${reason}`;
    sentences.push(`The step at ${formatFigure(load, unit)} ${how}`);
  } else {
    sentences.push('No step broke a limit.');
  }
  return sentences;
}

function adaptiveSentences(
  { highest, firstBroken, unit }: Capacity,
  { result, stepCount }: NonNullable<Capacity['adaptive']>,
): string[] {
  const figure = (load: number): string => formatFigure(load, unit);
  const steps = stepCount === 1 ? '1 step' : `${stepCount} steps`;
  if (result === undefined) return [`The search ended after ${steps}, before it came to a result.`];
  if (result.kind === 'inconclusive') {
    return [
      `The load generator could not drive ${figure(result.load)}, so the search ended after ${steps} without a result.`,
    ];
  }
  const sentences: string[] = [];
  if (highest !== undefined) {
    const achieved = formatFigure(highest.achievedPerSec, 'iterations/s');
    const again = result.kind === 'found' ? ', and held again when confirmed' : '';
    sentences.push(`The safe load is ${figure(highest.load)} (${achieved} finished): it held${again}.`);
  } else sentences.push('No load that was tried held.');
  if (firstBroken !== undefined) {
    const what =
      firstBroken.objective === '' ? '' : ` The objective that broke first: ${firstBroken.objective}.`;
    sentences.push(`The breaking point is ${figure(firstBroken.load)}: ${firstBroken.reason}${what}`);
  } else if (result.kind === 'at-least') sentences.push('No step broke an objective.');
  return sentences;
}
