// The feedback loop of a capacity search: each step is judged, and decides the next. Called by capacity.ts, which says how
// a step is carried out.

import {
  decideNext,
  type SearchAttempt,
  type SearchResult,
  type SearchRules,
} from '../analysis/capacity-search.ts';
import { type JudgedStep, judgeStep } from '../analysis/step-outcome.ts';
import { collectPart } from '../judge/join-steps.ts';
import type { StepAmounts } from '../judge/search-floors.ts';
import { maskText } from '../masking/mask.ts';
import { messageOf } from '../model/errors.ts';
import type { Refusal } from '../model/guard.ts';
import type { SearchStepPlan, SearchTrial } from '../model/plan.ts';
import type { StopSignal } from '../model/platform-types.ts';
import { RefusedError } from '../network/traffic-guard.ts';
import { formatFigure } from '../text/format-figure.ts';
import { delay } from '../time/timer.ts';
import type { SearchStep } from './join-search.ts';

interface SearchHandlers {
  readonly tell: (message: string) => void;
  /** Told how a step ended, before the next one begins. */
  readonly onTrial: (trial: SearchTrial) => void;
  /** Aborting it ends the search after the step that it is in. */
  readonly drainSignal: StopSignal;
}

export interface Searched {
  readonly steps: readonly SearchStep[];
  readonly tried: readonly SearchStepPlan[];
  /** Absent when the search did not come to its end. */
  readonly result?: SearchResult;
  readonly endedBy?: string;
  /** What ended it for safety. */
  readonly refusal?: Refusal | undefined;
}

/** Step after step, until the search is over, interrupted, or cannot go on. Throws what the first step throws. */
export async function searchSteps(
  rules: SearchRules,
  { tell, drainSignal, onTrial }: SearchHandlers,
  carryOutStep: (load: number, scenario: string) => Promise<SearchStep>,
): Promise<Searched> {
  const steps: SearchStep[] = [];
  const tried: SearchStepPlan[] = [];
  const attempts: SearchAttempt[] = [];
  const done: { readonly amounts: StepAmounts; readonly held: boolean }[] = [];
  for (;;) {
    const decision = decideNext(rules, attempts);
    if (decision.kind === 'done') return { steps, tried, result: decision.result };
    const { load, purpose } = decision;
    const scenario = `step-${steps.length + 1}`;
    tell(`${scenario}: ${formatFigure(load, rules.unit)} (${purposeWords[purpose]})`);
    let step: SearchStep;
    try {
      step = await carryOutStep(load, scenario);
    } catch (thrown) {
      if (steps.length === 0) throw thrown;
      if (thrown instanceof RefusedError) return { steps, tried, refusal: thrown.refusal };
      const why = `${scenario} at ${formatFigure(load, rules.unit)} could not be made: ${messageOf(thrown)}`;
      // Servers put into their errors what they like, and this is kept in journal and record.
      const endedBy = maskText(why);
      tell(endedBy);
      return { steps, tried, endedBy };
    }
    steps.push(step);
    if (step.driven.interrupted || step.driven.refusal !== undefined) {
      tried.push({ scenario, load });
      return { steps, tried, refusal: step.driven.refusal };
    }
    const lower = done.filter((one) => one.held && one.amounts.load < load).map(({ amounts }) => amounts);
    const { outcome, reasons, amounts } = judge(step, { unit: rules.unit, load, lower });
    done.push({ amounts, held: outcome === 'held' });
    tell(`${scenario}: ${[outcomeWords[outcome], ...reasons].join(' ')}`);
    const trial = { purpose, outcome, ...(reasons.length > 0 && { reasons }) };
    onTrial(trial);
    tried.push({ scenario, load, trial });
    attempts.push({ load, ...trial });
    // A target that was overloaded gets time to work off what it has queued.
    if (outcome !== 'held') await delay(step.warmUpMs, { signal: drainSignal });
    if (drainSignal.aborted) return { steps, tried };
  }
}

const purposeWords = {
  grow: 'going up',
  narrow: 'narrowing',
  repeat: 'once more, to be sure',
  confirm: 'confirming',
} as const;
const outcomeWords = {
  held: 'held.',
  broke: 'broke.',
  noisy: 'noisy: its two halves disagree.',
  saturated: 'the generator could not drive it.',
} as const;

/** A step without its warm-up, whose rates are those of the time until its planned end. */
function judge(
  { plan, windows, reports, alerts, warmUpMs, saturation }: SearchStep,
  search: Pick<Parameters<typeof judgeStep>[0], 'unit' | 'load' | 'lower'>,
): JudgedStep {
  const endMs = plan.durationMs;
  const middleMs = warmUpMs + Math.floor((endMs - warmUpMs) / 2000) * 1000;
  const part = (fromMs: number, toMs: number) => collectPart(plan, { windows, reports }, fromMs, toMs);
  const ending = alerts.find(({ aborted }) => aborted);
  return judgeStep({
    plan,
    ...search,
    seconds: (endMs - warmUpMs) / 1000,
    counted: part(warmUpMs, endMs),
    firstHalf: part(warmUpMs, middleMs),
    secondHalf: part(middleMs, endMs),
    saturation,
    endedBy: ending === undefined ? undefined : `The alert ${ending.title} ended the step.`,
  });
}
