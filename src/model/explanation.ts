// What short experiments found out about a load: which part of it, or which setting, slows the others down. Made by
// analysis/explanation.ts, drawn by report/view/explanation.ts.

export const explanationSchemaVersion = 1;

/** What an experiment changes. `base` is the load as it is, `light` a tenth of it. */
export type ExperimentKind =
  | 'base'
  | 'light'
  | 'without-user'
  | 'without-task'
  | 'load'
  | 'think-time'
  | 'connections';

/** A ratio with its interval: 0.5 for half the time. */
export interface TimeRatio {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/**
 * `restores`: the operations that both runs have are faster, or fail no more. `slows`: they are slower. `none`: they take as
 * long. `open`: noise hides the answer.
 */
export type EffectStatus = 'restores' | 'slows' | 'none' | 'open';

/** What one change did to the operations that it leaves in. Times are in ms. */
export interface Effect {
  readonly experiment: string;
  readonly kind: ExperimentKind;
  readonly without?: { readonly user: string; readonly task?: string };
  readonly status: EffectStatus;
  /** Rounds in which both the load as it is and the experiment were measured. */
  readonly rounds: number;
  readonly median: TimeRatio | null;
  readonly p95: TimeRatio | null;
  /** Geometric means over the rounds, of the same operations. */
  readonly p95Ms: { readonly base: number; readonly changed: number };
  /** Share of the operations that failed, 0..1. */
  readonly failed: { readonly base: number; readonly changed: number };
  /**
   * Part of the slowdown that the change takes away: 0 for none of it, 1 for as fast as at a tenth of the load. Absent where
   * the load slows nothing down.
   */
  readonly restored?: number;
}

/** A run that says nothing, and why. */
export interface UnusableRun {
  readonly experiment: string;
  readonly round: number;
  readonly reason: string;
}

export interface Explanation {
  readonly schemaVersion: typeof explanationSchemaVersion;
  readonly suite: string;
  readonly profile: string;
  /** `explained`: something restores. `nothing`: the load slows nothing down. `open`: no experiment tells what does. */
  readonly status: 'explained' | 'nothing' | 'open';
  /** Full sentences, the most telling first. */
  readonly sentences: readonly string[];
  /** Whether the load slows anything down at all. */
  readonly hurt: Effect | null;
  /** The most telling first. */
  readonly effects: readonly Effect[];
  readonly unusable: readonly UnusableRun[];
  /** Of each interval over all experiments together. */
  readonly confidence: number;
  /** Records of the runs, in the order in which they were driven. */
  readonly runs: readonly { readonly experiment: string; readonly round: number; readonly folder: string }[];
}
