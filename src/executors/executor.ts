// What every executor is on the side of the plan: one object per kind, in a file of its own, listed in executors.ts.
// Pure throughout: the suite's schema, the plan, the engine, the analysis and the reports all ask here.

import type { FieldsOf, PlanFieldsOf } from './fields.ts';
import type { PoissonArrivals, TimeUnitMs } from './load-values.ts';
import type { Interval } from './ramp.ts';
import type { RateCurve, StartTimes } from './rate-curve.ts';

/** A value that nothing is known of yet, by key. */
export type Unchecked = Readonly<Record<string, unknown>>;

/** A mistake in one scenario that no field alone can show. */
export interface FieldMistake {
  /** From the scenario on: `['stages', 0, 'target']`. */
  readonly at: readonly (string | number)[];
  readonly expected: string;
  /** The value found; absent where nothing stood. */
  readonly found?: unknown;
}

/** Which rule starts iterations. `closed`: VUs loop when the plan says. `open`: iterations start when they are due. */
export type LoadModel = 'closed' | 'open' | 'controlled';

/** What a suite may write as `executor`: an executor, or what becomes several scenarios. */
export interface LoadForm<Definition> {
  readonly model: LoadModel;
  /** What a scenario has beside the fields of every scenario. */
  readonly fields: FieldsOf<Definition>;
  /** What does not fit together in a scenario as written, whose fields may be wrong as well. */
  findMistakes(scenario: Unchecked): readonly FieldMistake[];
  /** The load in a few words, for listings: `20 VUs × 5`. */
  summarize(definition: Definition): string;
  /** It ends before its planned length when everything is done. */
  readonly endsEarly?: true;
}

/** A span in which the plan changes the load, at once or over a time; ms from the start of the scenario. */
export interface Change {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What holds of every executor, whatever its model. */
export interface Executor<Definition, Plan> extends LoadForm<Definition> {
  readonly planFields: PlanFieldsOf<Plan>;
  /** The plan of a checked definition: durations in ms, defaults filled in. */
  makePlan(definition: Definition): Plan;
  /** The plan in words, for `inspect` and reports: `10 VUs for 1m`. */
  describe(plan: Plan): string;
  /** The steps of its course in words, where it has several: `to 50 within 1m`. */
  describeCourse?(plan: Plan): readonly string[];
  /** Regular length in ms, without the graceful stop; for fixed iterations the longest. */
  durationMs(plan: Plan): number;
  /** The most VUs that it ever uses; VU indexes run from 0 to one below it. */
  maxVus(plan: Plan): number;
  /** VUs planned to be active `atMs` after its start, which lies within its length. */
  vuCountAt(plan: Plan, atMs: number): number;
  /** When the load changes between its start and its end. */
  changes(plan: Plan): readonly Change[];
  /** The plan with `vus` as its most VUs, everything below in proportion. */
  withVus(plan: Plan, vus: number): Plan;
  /** The plan with other times: `scaled` gives the new length of any time of it. */
  stretched(plan: Plan, scaled: (ms: number) => number): Plan;
}

/** How many iterations are made whatever the target does: so many by each VU, or so many by all together. */
export type FixedIterations = { readonly perVu: number } | { readonly shared: number };

export interface ClosedExecutor<Definition, Plan> extends Executor<Definition, Plan> {
  readonly model: 'closed';
  /**
   * When VU `vuIndex` is active: ascending, disjoint intervals in ms from the scenario's start, each half-open. Where
   * the iterations are fixed a VU may be done before the end given here, which is the longest possible.
   */
  vuIntervals(plan: Plan, vuIndex: number): Interval[];
  /** Absent where the VUs loop until the end. */
  fixedIterations?(plan: Plan): FixedIterations;
  /** How long the iterations of a VU may go on that leaves before the end; the graceful stop when absent. */
  gracefulLeaveMs?(plan: Plan): number;
}

/** What the plans of all arrival rates have. */
export interface OpenPlan {
  readonly kind: string;
  readonly timeUnitMs?: TimeUnitMs;
  readonly preAllocatedVUs: number;
  readonly maxVUs: number;
  readonly arrivals?: PoissonArrivals;
}

export interface OpenExecutor<Definition, Plan extends OpenPlan> extends Executor<Definition, Plan> {
  readonly model: 'open';
  peakRatePerSec(plan: Plan): number;
  rateCurve(plan: Plan): RateCurve;
  /** The starts where they are not drawn at random. */
  starts(plan: Plan): StartTimes;
  /** The plan with other rates per second, counted by the second; `scaled` gives the new rate for any of it. */
  withRates(plan: Plan, scaled: (ratePerSec: number) => number): Plan;
}

/** What the plans of executors have whose VUs are asked for while the run goes on. */
export interface ControlledPlan {
  readonly kind: string;
  /** At the start. */
  readonly vus: number;
  readonly maxVUs: number;
}

export interface ControlledExecutor<Definition, Plan extends ControlledPlan>
  extends Executor<Definition, Plan> {
  readonly model: 'controlled';
}
