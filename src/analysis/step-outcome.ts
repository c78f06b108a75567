// Judges one step of an adaptive capacity search from what it measured. Called while the search runs.

import {
  isBroken,
  isUndecided,
  isUnread,
  type JudgedThreshold,
  judgedThresholds,
} from '../judge/judged-thresholds.ts';
import { amountsOf, isFloor, type Judged, judgeFloors, type StepAmounts } from '../judge/search-floors.ts';
import { seriesKey, type Tags } from '../model/metric.ts';
import type { Plan, SearchOutcome, SearchUnit, ThresholdPlan } from '../model/plan.ts';
import type { MetricEntry } from '../model/run-record.ts';
import { formatFigure } from '../text/format-figure.ts';
import { droppedRatioLimit } from './dropped-iterations.ts';
import {
  actualWords,
  breachSentence,
  limitWords,
  subjectWords,
  undecidedSentence,
  unreadSentence,
} from './threshold-words.ts';

export interface MeasuredStep {
  /** With one scenario, the step. */
  readonly plan: Plan;
  readonly unit: SearchUnit;
  /** Users, or iterations per second. */
  readonly load: number;
  /** The time of the step that counts. */
  readonly seconds: number;
  /** What steps at lower loads made that held: floors are judged by it. */
  readonly lower: readonly StepAmounts[];
  /** The step without its warm-up, and the two halves of that. */
  readonly counted: Judged;
  readonly firstHalf: Judged;
  readonly secondHalf: Judged;
  /** Why the generator could not drive the step; empty when it could. */
  readonly saturation: readonly string[];
  /** What ended it early, such as an alert; absent when nothing did. */
  readonly endedBy?: string | undefined;
}

export interface JudgedStep {
  readonly outcome: SearchOutcome;
  /** Why it did not hold, one sentence each; empty when it held. */
  readonly reasons: readonly string[];
  readonly amounts: StepAmounts;
}

/**
 * `saturated` goes before all. A step is `noisy` when its objectives hold in one half and not in the other: either
 * something disturbed it, or the load is so near the limit that it would not last. Thresholds on amounts are left out of
 * the halves, which have half of it, and so are those on what a monitor has not read in both. Otherwise it `held` or
 * `broke` as a whole; dropped iterations above 1 % break it, since the load was then not what it should be, and so does
 * an alert that ended it. When a monitor has read nothing of an objective it is `noisy`: nobody knows.
 */
export function judgeStep(step: MeasuredStep): JudgedStep {
  const { plan, unit, load, seconds, lower, saturation, endedBy } = step;
  const scenario = plan.scenarios[0]?.name;
  const entryOf = (metric: string, tags: Tags): MetricEntry | undefined =>
    step.counted.metrics[seriesKey(metric, { ...tags, ...(scenario !== undefined && { scenario }) })] ??
    step.counted.metrics[seriesKey(metric, tags)];
  const amounts = amountsOf(plan.thresholds, entryOf, { load, seconds });
  const as = (outcome: SearchOutcome, ...reasons: string[]): JudgedStep => ({ outcome, reasons, amounts });
  if (saturation.length > 0) return as('saturated', ...saturation);
  if (endedBy !== undefined) return as('broke', endedBy);
  const counted = judgeFloors(plan, step.counted, scenario, { own: amounts, lower, unit });
  const disagreeing = disagreements(plan, step.firstHalf, step.secondHalf);
  if (disagreeing.length > 0) return as('noisy', ...disagreeing);
  const all = judgedThresholds({ plan, ...counted });
  const broken = [...all.filter(isBroken).map(breachSentence), ...undrivenReasons(counted)];
  if (broken.length > 0) return as('broke', ...broken);
  const unknown = [
    ...all.filter(isUndecided).map(undecidedSentence),
    ...all.filter(isUnread).map(unreadSentence),
  ];
  return unknown.length > 0 ? as('noisy', ...unknown) : as('held');
}

/** One sentence for each objective that holds in one half only. */
function disagreements(plan: Plan, firstHalf: Judged, secondHalf: Judged): string[] {
  const isComparable = (one: JudgedThreshold): boolean =>
    !isUnread(one) && !isFloor(one.plan, one.isCounter ? 'counter' : 'trend') && !isCount(one.plan);
  const first = judgedThresholds({ plan, ...firstHalf }).filter(isComparable);
  const second = judgedThresholds({ plan, ...secondHalf }).filter(isComparable);
  const sentences = first.flatMap((one) => {
    const other = second.find(
      ({ plan: { expression }, key }) => expression === one.plan.expression && key === one.key,
    );
    if (other === undefined || one.result.ok === other.result.ok) return [];
    return [
      `${subjectWords(one)} ${actualWords(one)} in the first half and ${actualWords(other)} in the second (${limitWords(one)}).`,
    ];
  });
  const [undrivenFirst, undrivenSecond] = [undrivenReasons(firstHalf), undrivenReasons(secondHalf)];
  if (undrivenFirst.length > 0 === undrivenSecond.length > 0) return sentences;
  const half = undrivenFirst.length > 0 ? 'first' : 'second';
  return [...sentences, ...[...undrivenFirst, ...undrivenSecond].map((one) => `In its ${half} half: ${one}`)];
}

function isCount({ aggregation }: ThresholdPlan): boolean {
  return aggregation.kind === 'count';
}

/** Why a step was not the load that it should have been. */
function undrivenReasons({ metrics }: Judged): string[] {
  const done = Math.max(countIn(metrics, 'iterations'), countIn(metrics, 'iteration_duration'));
  const dropped = countIn(metrics, 'dropped_iterations');
  if (done === 0) return ['No iteration finished.'];
  if (dropped <= droppedRatioLimit * (done + dropped)) return [];
  const share = formatFigure(dropped / (done + dropped), 'ratio');
  return [`${share} of its iterations were dropped, as no VU was free.`];
}

function countIn(metrics: Judged['metrics'], name: string): number {
  const values = metrics[name]?.values;
  return values !== undefined && 'count' in values ? values.count : 0;
}
