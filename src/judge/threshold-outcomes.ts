// Judges the thresholds of a plan at the end of a run and keeps each result under an identity of its own: what is
// written alike at two levels is judged twice. judge.ts asks it for each metric of the record.

import type { MetricSubject } from '../metrics/metric-subject.ts';
import { seriesKey } from '../model/metric.ts';
import type { ThresholdPlan } from '../model/plan.ts';
import type { ThresholdOutcome, ThresholdResult } from '../model/run-record.ts';
import { formatDuration } from '../time/duration.ts';
import { evaluateThreshold } from './thresholds.ts';

export class ThresholdOutcomes {
  readonly #plans: readonly ThresholdPlan[];
  readonly #abortedBy: readonly ThresholdPlan[];
  readonly #stoppedEarly: boolean;
  readonly #results = new Map<ThresholdPlan, ThresholdResult>();

  /** `abortedBy` are those that ended the run early; `stoppedEarly` says that somebody or something did. */
  constructor(plans: readonly ThresholdPlan[], abortedBy: readonly ThresholdPlan[], stoppedEarly = false) {
    this.#stoppedEarly = stoppedEarly || abortedBy.length > 0;
    this.#plans = plans;
    this.#abortedBy = abortedBy;
  }

  /**
   * Judges the thresholds on the series with this key. By expression, as readers of k6's summaries look for them: of
   * those that share one the worst result. `undefined` when there are none.
   */
  judge(key: string, subject: MetricSubject): Record<string, ThresholdResult> | undefined {
    const thresholds = this.#plans.filter(({ metric, tags }) => seriesKey(metric, tags) === key);
    if (thresholds.length === 0) return undefined;
    const byExpression = new Map<string, ThresholdResult>();
    for (const threshold of thresholds) {
      const result = evaluateThreshold(
        threshold,
        subject,
        this.#abortedBy.includes(threshold),
        this.#stoppedEarly,
      );
      this.#results.set(threshold, result);
      const known = byExpression.get(threshold.expression);
      if (known === undefined || badnessOf(result) > badnessOf(known))
        byExpression.set(threshold.expression, result);
    }
    return Object.fromEntries(byExpression);
  }

  /** Of every threshold, in the order of the plan. */
  all(): ThresholdOutcome[] {
    const ids = identifyThresholds(this.#plans);
    return this.#plans.flatMap((plan, i) => {
      const result = this.#results.get(plan);
      if (result === undefined) return [];
      const series = seriesKey(plan.metric, plan.tags);
      const { expression, abortOnFail, delayAbortEvalMs } = plan;
      return [{ id: ids[i]!, series, expression, abortOnFail, delayAbortEvalMs, ...result }];
    });
  }
}

/** A breach before what only is close, what is critical before what is a target, what ended the run first of all. */
function badnessOf({ ok, level, close, aborted, undecided }: ThresholdResult): number {
  return (ok ? 0 : undecided ? 8 : 16) + (level === 'target' ? 0 : 4) + (aborted ? 2 : 0) + (close ? 1 : 0);
}

/** A name for each, all different: series and expression, and of what tells namesakes apart as much as there is. */
export function identifyThresholds(plans: readonly ThresholdPlan[]): string[] {
  const plain = plans.map(({ metric, tags, expression, level }) => {
    const ofLevel = level === 'critical' ? '' : ` (${level})`;
    return `${seriesKey(metric, tags)}: ${expression}${ofLevel}`;
  });
  const taken = new Map<string, number>();
  return plans.map(({ abortOnFail, delayAbortEvalMs, optional }, i) => {
    const own = plain[i]!;
    const isAlone = plain.indexOf(own) === plain.lastIndexOf(own);
    const marks = [
      ...(abortOnFail ? ['abortOnFail'] : []),
      ...(abortOnFail && delayAbortEvalMs > 0 ? [`after ${formatDuration(delayAbortEvalMs)}`] : []),
      ...(optional === true ? ['optional'] : []),
    ];
    const name = isAlone || marks.length === 0 ? own : `${own} [${marks.join(', ')}]`;
    const times = (taken.get(name) ?? 0) + 1;
    taken.set(name, times);
    return times === 1 ? name : `${name} #${times}`;
  });
}
