// Values that several executors have in their definitions and plans.

import type { Duration } from '../time/duration.ts';

/** One stage of a ramp as written. */
export interface StageDefinition {
  readonly duration: Duration;
  readonly target: number;
}

export interface StagePlan {
  readonly durationMs: number;
  readonly target: number;
}

/**
 * What the suite counts its rates by; absent: 1000. Rates per second are the nearest numbers to rate × 1000 / timeUnit,
 * so the rate itself can be found again, and starts be counted exactly.
 */
export type TimeUnitMs = number;

/**
 * Absent: the starts of an arrival rate are evenly spaced. `poisson`: on the axis of the integrated rate the gaps
 * are exponential with mean 1, drawn from the plan's seed, as independent visitors would come.
 */
export type PoissonArrivals = 'poisson';
