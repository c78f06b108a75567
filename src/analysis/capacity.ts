// Reads the capacity out of a run that stepped up the load until something broke.

import type { ScenarioPlan } from '../model/plan.ts';
import type { Measurements } from '../model/run-record.ts';
import type { Evidence, Finding } from '../model/verdict.ts';
import { formatFigure } from '../stats/format-figure.ts';
import { droppedRatioLimit } from './dropped-iterations.ts';
import { breachSentence, type JudgedThreshold, judgedThresholds } from './judged-thresholds.ts';
import { countOfScenario, loadDurationMs, scenarioDurationMs } from './measured.ts';

/** Runs end within a window of their plan; a step that short of its end counts as done. */
const endToleranceMs = 250;

/** One step of the search that was begun, and how it ended. */
interface SearchStep {
  /** Planned load in the search's unit. */
  readonly load: number;
  /** Iterations finished per second of the step. */
  readonly achievedPerSec: number;
  /** `held`: to its end, every limit kept, the load delivered. `cut-short`: ended early without a breach. */
  readonly outcome: 'held' | 'broke' | 'cut-short';
  /** Why it broke: the threshold that ended the run first; empty otherwise. */
  readonly reason: string;
}

/** What a capacity search found: the highest step that held before the first that did not. */
export interface Capacity {
  readonly steps: readonly SearchStep[];
  readonly highest: SearchStep | undefined;
  readonly firstBroken: SearchStep | undefined;
}

/** The result of a capacity search, or `undefined` when the plan has none. */
export function findCapacity(measured: Measurements): Capacity | undefined {
  const { search, scenarios } = measured.plan;
  if (search === undefined) return undefined;
  const ranMs = loadDurationMs(measured);
  const steps = search.steps.flatMap(({ scenario, load }) => {
    const plan = scenarios.find(({ name }) => name === scenario);
    if (plan === undefined || plan.startAtMs >= ranMs) return [];
    return [judgeStep(measured, plan, load, ranMs)];
  });
  const firstFailure = steps.findIndex(({ outcome }) => outcome !== 'held');
  const held = firstFailure === -1 ? steps : steps.slice(0, firstFailure);
  return { steps, highest: held.at(-1), firstBroken: steps.find(({ outcome }) => outcome === 'broke') };
}

function judgeStep(measured: Measurements, plan: ScenarioPlan, load: number, ranMs: number): SearchStep {
  const durationMs = scenarioDurationMs(plan);
  const stepRanMs = Math.min(durationMs, ranMs - plan.startAtMs);
  const done = countOfScenario(measured, 'iterations', plan.name);
  const dropped = countOfScenario(measured, 'dropped_iterations', plan.name);
  const step = { load, achievedPerSec: (done * 1000) / stepRanMs };
  const broken = firstBroken(measured, plan.name);
  if (broken !== undefined) return { ...step, outcome: 'broke', reason: breachSentence(broken) };
  if (dropped > droppedRatioLimit * (done + dropped)) {
    const share = formatFigure(dropped / (done + dropped), 'ratio');
    return {
      ...step,
      outcome: 'broke',
      reason: `${share} of its iterations were dropped, as no VU was free.`,
    };
  }
  const complete = stepRanMs >= durationMs - endToleranceMs && done > 0;
  return { ...step, outcome: complete ? 'held' : 'cut-short', reason: '' };
}

/** The threshold that ended the run, or else the first in the plan's order that does not hold. */
function firstBroken(measured: Measurements, scenario: string): JudgedThreshold | undefined {
  const broken = judgedThresholds(measured).filter(
    ({ plan, result }) => plan.level === 'search' && plan.tags.scenario === scenario && !result.ok,
  );
  return broken.find(({ result }) => result.aborted) ?? broken[0];
}

/** The finding of a capacity search; none when the plan has no search. */
export function capacityFindings(measured: Measurements): Finding[] {
  const capacity = findCapacity(measured);
  if (capacity === undefined) return [];
  const { highest, firstBroken } = capacity;
  const evidence: Evidence[] = [];
  if (highest !== undefined) {
    evidence.push(
      { name: 'highest load that held', value: highest.load, unit: 'iterations/s' },
      { name: 'achieved at that load', value: highest.achievedPerSec, unit: 'iterations/s' },
    );
  }
  if (firstBroken !== undefined) {
    evidence.push({ name: 'lowest load that broke', value: firstBroken.load, unit: 'iterations/s' });
  }
  return [
    {
      kind: 'capacity',
      severity: 'info',
      title:
        highest === undefined
          ? 'No step of the capacity search held'
          : `Capacity: ${firstBroken === undefined ? 'at least ' : ''}${formatFigure(highest.load, 'iterations/s')}`,
      detail: capacitySentences(capacity).join(' '),
      evidence,
      ...(firstBroken === undefined && {
        advice: 'Nothing broke: search again from here with a higher maximum to find the limit.',
      }),
    },
  ];
}

/** The result of a search as sentences, for findings and verdicts. */
export function capacitySentences({ highest, firstBroken, steps }: Capacity): string[] {
  const sentences: string[] = [];
  if (highest === undefined) {
    sentences.push('No step of the capacity search ran to its end within its limits.');
  } else {
    const load = formatFigure(highest.load, 'iterations/s');
    const achieved = formatFigure(highest.achievedPerSec, 'iterations/s');
    sentences.push(`The highest load that held was ${load} (${achieved} finished).`);
  }
  if (firstBroken !== undefined) {
    sentences.push(`At ${formatFigure(firstBroken.load, 'iterations/s')} it broke: ${firstBroken.reason}`);
  } else if (steps.at(-1)?.outcome === 'cut-short') {
    sentences.push(`The step at ${formatFigure(steps.at(-1)!.load, 'iterations/s')} was cut short.`);
  } else {
    sentences.push('No step broke a limit.');
  }
  return sentences;
}
