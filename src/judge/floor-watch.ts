// The floors of a search of planned steps while it runs: each step's are judged once, when all its iterations have
// ended. Used by judge.ts.

import { seriesKey } from '../model/metric.ts';
import type { Plan, ThresholdPlan } from '../model/plan.ts';
import type { MetricEntry } from '../model/run-record.ts';
import { floorsJudgedAtMs, isFloor, type Judged, judgeFloorsOfSteps } from './search-floors.ts';

export class FloorWatch {
  readonly #plan: Plan;
  readonly #judged = new Set<string>();
  #broken: readonly ThresholdPlan[] = [];

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** Whether a threshold is one that this watch decides on. */
  has(threshold: ThresholdPlan, type: MetricEntry['type']): boolean {
    return this.#plan.search !== undefined && isFloor(threshold, type);
  }

  /** The floors that may end the run and are broken in steps that are over; `judged` is asked once for each step. */
  broken(runMs: number, judged: () => Judged): readonly ThresholdPlan[] {
    const { search, thresholds } = this.#plan;
    const over = (search?.steps ?? []).filter(
      ({ scenario }) => !this.#judged.has(scenario) && runMs >= floorsJudgedAtMs(this.#plan, scenario),
    );
    if (over.length === 0) return this.#broken;
    for (const { scenario } of over) this.#judged.add(scenario);
    const { metrics } = judgeFloorsOfSteps(this.#plan, judged(), runMs);
    const isBroken = (one: ThresholdPlan): boolean => {
      const entry = metrics[seriesKey(one.metric, one.tags)];
      if (entry === undefined || !isFloor(one, entry.type)) return false;
      return this.#judged.has(one.tags.scenario ?? '') && entry.thresholds?.[one.expression]?.ok === false;
    };
    this.#broken = thresholds.filter((one) => one.abortOnFail && isBroken(one));
    return this.#broken;
  }
}
