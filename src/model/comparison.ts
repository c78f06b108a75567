// Comparisons: how much greater one selection of a trend is than another, measured side by side in one run.

import type { Tags } from './metric.ts';

/** As a suite or a profile writes it. */
export interface ComparisonDefinition {
  /** A trend, such as `sql_op_duration`. */
  readonly metric: string;
  /** Tags of the series that is judged. */
  readonly of: Tags;
  /** Tags of the series it is measured by. */
  readonly against: Tags;
  /** What is compared in each second: `med` (default), which stray values do not move, or `avg`. */
  readonly statistic?: ComparisonStatistic;
  /** Bound on the difference as a share of `against`, such as `"<10%"`; without it the difference is only told. */
  readonly limit?: string;
}

export type ComparisonStatistic = 'med' | 'avg';
export type ComparisonOperator = '<' | '<=' | '>' | '>=';

export interface ComparisonPlan {
  readonly name: string;
  readonly metric: string;
  readonly of: Tags;
  readonly against: Tags;
  readonly statistic: ComparisonStatistic;
  /** Absent without a limit. */
  readonly limit?: {
    /** As written. */
    readonly expression: string;
    readonly operator: ComparisonOperator;
    /** 0.1 for 10 %. */
    readonly ratio: number;
  };
}

/** `unjudged`: there is no limit. `inconclusive`: the interval holds values on both sides of the limit, or there is none. */
export type ComparisonStatus = 'pass' | 'fail' | 'inconclusive' | 'unjudged';

export interface ComparisonResult {
  readonly status: ComparisonStatus;
  /** The statistic over the whole run; `null` without a sample. */
  readonly of: number | null;
  readonly against: number | null;
  readonly ofCount: number;
  readonly againstCount: number;
  /** How much work of either side was cut off overdue; present when it is more than a trace, and leaves the result open. */
  readonly cutOff?: { readonly of: number; readonly against: number };
  /** `of` beyond `against` as a share of it: 0.1 for 10 % more. `null` with too few pairs. */
  readonly difference: number | null;
  /** Ends of the confidence interval of `difference`; `null` with too few pairs. */
  readonly low: number | null;
  readonly high: number | null;
  /** 0.95 */
  readonly confidence: number;
  /** Side by side: one pair for each worker and second, or more seconds where these had few samples. */
  readonly pairs: { readonly of: readonly number[]; readonly against: readonly number[] };
}
