// What a part of the load came to: a scenario or phase, a stage of one, or a time in which all was steady. Made by
// metrics/phase-book.ts and metrics/steady-state.ts.

import type { TrendValues } from './metric.ts';
import type { OperationKind } from './operation.ts';

/** Operations of one kind in a part of the load. */
export interface PhaseFigures {
  readonly kind: OperationKind;
  /** Those that ended in it; of the last stage, and of a scenario, also those that ended after its planned end. */
  readonly count: number;
  /** Of those that ended within its time. */
  readonly perSec: number;
  readonly failed: number;
  readonly durations: TrendValues;
}

interface Part {
  /** Run times; of a run that was cut short, as far as it came. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** The kinds that speak for it, as of the run. */
  readonly figures: readonly PhaseFigures[];
}

export interface PhaseRecord extends Part {
  readonly scenario: string;
  /** From 1; absent for a scenario as a whole. */
  readonly stage?: number;
}

/** A time of constant planned load, without its warm-up. */
export interface SteadyRecord extends Part {
  /** What was left out at its start. */
  readonly warmUpMs: number;
  /** Why nothing of it is steady, the end of a sentence; `figures` are empty then. */
  readonly reason?: string;
}
