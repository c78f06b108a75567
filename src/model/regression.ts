// What comes of comparing runs: one row for each figure, and one answer over all.

import type { Tags } from './metric.ts';

/** `unjudged`: noise, or what the runs do not have in common, hides the answer. */
export type RegressionStatus = 'better' | 'same' | 'worse' | 'unjudged';

/** Which figure of a run a row is about. */
export interface ComparedFigure {
  /** `http_req_duration`, or the counter or rate of the same operations. */
  readonly metric: string;
  /** Of one task, endpoint or operation; absent for the whole run. */
  readonly tags?: Tags;
  /** A percentile such as `p(95)`, the share that failed, or how many there were per second. */
  readonly statistic: `p(${number})` | 'failed' | 'per second';
}

/** A time or a rate of one run: its logarithm is what is compared. */
export interface MeasuredLevel {
  readonly kind: 'level';
  readonly value: number;
  /** Relative standard error within the run, with its degrees of freedom. */
  readonly error?: number;
  readonly freedom?: number;
  /** Why it has no error: too few operations, a run of too few windows, or a value of 0. */
  readonly problem?: 'few' | 'short' | 'zero';
  /** How much of what runs differ by reaches it, 0..1. */
  readonly exposure: number;
  /** Work was cut off that may have taken longer, so that the value may be too low. */
  readonly isLeast?: true;
}

/** A share of the operations of one run. */
export interface MeasuredShare {
  readonly kind: 'share';
  readonly count: number;
  readonly of: number;
  /** How many times greater its variance is than that of independent trials, at least 1. */
  readonly inflation: number;
}

export interface RegressionRow extends ComparedFigure {
  readonly unit: 'ms' | 'ratio' | 'per s';
  /** Means over the runs of each side (times and rates: geometric); `null` where no run has the figure. */
  readonly before: number | null;
  readonly after: number | null;
  /** Of shares: `after` less `before`. Of all others as a share of `before`: 0.1 for 10 % more. */
  readonly change: number | null;
  /** Ends of the confidence interval of `change`; `null` where there is none. */
  readonly low: number | null;
  readonly high: number | null;
  /** The least change that matters, in the form of `change`. */
  readonly minimum: number;
  /** That nothing changed, adjusted for the number of rows; `null` where there is no interval. */
  readonly pValue: number | null;
  readonly status: RegressionStatus;
  /** Why it is unjudged, as the rest of a sentence. */
  readonly reason?: string;
  /** Answers that nobody may give, since times are bounds only: work was cut off, or more failed than before. */
  readonly open?: readonly RegressionStatus[];
}

/** The runs of one side. */
export interface ComparedSide {
  /** As they were named: a folder, for instance. */
  readonly name: string;
  readonly suite: string;
  readonly profile: string;
  /** Ids of the runs that were compared, ascending by time. */
  readonly runs: readonly string[];
  /** Time of the first run, ISO 8601. */
  readonly startedAt: string;
  /** Runs that could not be used, each with the reason. */
  readonly left: readonly { readonly run: string; readonly reason: string }[];
}

/** Later runs compared with earlier ones. */
export interface Regression {
  readonly status: RegressionStatus;
  /** One sentence each, the most important first; never empty. */
  readonly reasons: readonly string[];
  readonly before: ComparedSide;
  readonly after: ComparedSide;
  /** What the sides do not have in common, one sentence each. */
  readonly differences: readonly string[];
  /** What should be known and changes no status. */
  readonly notes: readonly string[];
  /** Whole metrics first, then tasks and endpoints, the busiest first. */
  readonly rows: readonly RegressionRow[];
}
