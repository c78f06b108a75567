// What is known of a metric or of a selection of it: this is all that a judge sees of it. views.ts and figure-totals.ts
// make subjects; judge/thresholds.ts reads them.

import type { MetricValues } from '../model/metric.ts';
import type { ThresholdPlan } from '../model/plan.ts';
import type { CutOfThreshold } from '../model/run-record.ts';
import type { Histogram } from '../stats/histogram.ts';
import type { Totals } from './totals.ts';
import type { Unfinished } from './unfinished.ts';
import type { WindowFigures } from './window-course.ts';

/** The values of a series, all merged, and what they are without. */
export interface MetricSubject {
  readonly values: MetricValues;
  /** Of trends; percentiles of any p are read from it. */
  readonly histogram: Histogram | undefined;
  /** True when no sample was recorded. */
  readonly empty: boolean;
  /** Present when work was cut off that would have had samples of it. */
  readonly cutOff?: CutOffSubject;
  /** Some of what is selected is counted under `(other)`: `values` are not all of it. */
  readonly folded?: true;
  /** True for what a monitor reads: without a reading nothing can be said even of a counter. */
  readonly sampled?: true;
  /** Of sampled gauges: share of readings above a value that a threshold names. */
  readonly shareAbove?: (value: number) => number;
  /** Of sampled gauges: robust slope per hour; `undefined` when there were too few readings. It takes a while. */
  readonly growth?: () => number | undefined;
  /** Of a threshold that is judged by windows: its figure in each of them. */
  readonly windowsOf?: (threshold: ThresholdPlan) => WindowFigures | undefined;
}

/** What a series is without because work was cut off, and what follows from it is computed of. */
export interface CutOffSubject {
  readonly totals: Totals;
  readonly unfinished: Unfinished;
  /** What a counter's rate is per second of. */
  readonly durationMs: number;
  /** The least value that a sample can have. */
  readonly floor: number;
  readonly cut: CutOfThreshold;
  /** All that was cut off and has a least value, also what the end of a run always cuts off. */
  readonly known: CutOfThreshold;
}
