// How a run stands while it goes on, for whoever judges it meanwhile. The collector is one; judge/ reads it.

import type { AlertCondition } from '../model/alert.ts';
import type { MetricType } from '../model/metric.ts';
import type { ThresholdPlan } from '../model/plan.ts';
import type { MeasuredEntry } from './metric-entries.ts';
import type { MetricSubject } from './metric-subject.ts';

/** A figure, and the run time of what it was told from. */
export interface KnownFigure {
  readonly value: number;
  readonly atMs: number;
}

/** What a threshold is on. */
export type Selector = Pick<ThresholdPlan, 'metric' | 'tags'>;

export interface Standing {
  /** Run time of the newest that came in, of monitors or workers. */
  newestMs(): number;
  /** Run time up to which all workers have told of the load: some are ahead, and monitors are, too. */
  loadUntilMs(): number;
  /** A figure of a monitor as it stands, one of the load over the last seconds; `undefined` while it is not known. */
  figureOf(condition: AlertCondition): KnownFigure | undefined;
  /**
   * Whether anything was recorded so far of what a condition looks at. A counter is known to be 0 without that, so a
   * condition on its rate or a count always is; the figure of a monitor is when it was read once.
   */
  wasRecorded(condition: AlertCondition): boolean;
  /** Whether a metric is a figure of a monitor. */
  isWatched(metric: string): boolean;
  /** Of a metric that a threshold of the plan names. */
  typeOf(metric: string): MetricType;
  /** What a threshold of the plan looks at, as it stands. */
  subjectOf(selector: Selector): MetricSubject;
  /** All metrics as the record would have them if the run ended now. */
  entries(): readonly MeasuredEntry[];
}
