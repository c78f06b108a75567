// Alerts: rules that are watched while the load goes on, and what became of them.

import type { Aggregation, ThresholdOperator } from './aggregation.ts';
import type { Tags } from './metric.ts';
import type { MonitorUnit } from './monitor.ts';

/** As a suite or a profile writes it, by name. */
export interface AlertDefinition {
  /** For people; the name when absent. */
  readonly title?: string;
  /**
   * `condition [and condition ...] [for duration]`, a condition being `metric [aggregation] operator value`, such as
   * `monitor_host_cpu_ratio > 80% and http_req_duration p(95) > 200ms for 30s`. A value may have a unit: `%`, `ms`, `s`,
   * `kB`, `MB`, `GB`, and per time: `10/min`. Figures of monitors are taken as they stand, all others over the last 10 s.
   */
  readonly warning?: string;
  readonly critical?: string;
  /**
   * How far the figures must come back before the alert is over, as a share of each limit; 0.05 when absent: an alert
   * for `> 80%` is over below 76 %.
   */
  readonly hysteresis?: number;
  /** What to do about it, a sentence each; shown with the alert. */
  readonly respond?: readonly string[];
  /** Ends the run when the alert is critical. */
  readonly abort?: boolean;
}

export type AlertLevel = 'warning' | 'critical';

export interface AlertCondition {
  readonly metric: string;
  readonly tags: Tags;
  /** Absent for figures of monitors and for what has one natural value: gauges, rates, and counters (per second). */
  readonly aggregation?: Aggregation;
  readonly operator: ThresholdOperator;
  /** Ratios 0..1, times in ms, sizes in bytes, counters per second. */
  readonly limit: number;
  readonly unit: MonitorUnit | 'per s';
}

export interface AlertRule {
  readonly level: AlertLevel;
  /** As written. */
  readonly expression: string;
  /** All must hold. */
  readonly conditions: readonly AlertCondition[];
  readonly forMs: number;
}

export interface AlertPlan {
  readonly name: string;
  readonly title: string;
  readonly rules: readonly AlertRule[];
  readonly hysteresis: number;
  readonly respond: readonly string[];
  readonly abort: boolean;
}

/** A figure that an alert's condition looked at. */
export interface AlertFigure {
  /** `monitor_host_cpu_ratio`, `http_req_duration p(95)`. */
  readonly name: string;
  readonly value: number;
  readonly limit: number;
  readonly unit: MonitorUnit | 'per s';
}

/** An alert begins, changes its level, or ends. */
export interface AlertTransition {
  readonly alert: string;
  readonly title: string;
  readonly state: 'firing' | 'resolved';
  /** The level that it has now; of one that is over, the level that it had. */
  readonly level: AlertLevel;
  /** Run time. */
  readonly atMs: number;
  readonly figures: readonly AlertFigure[];
  readonly respond: readonly string[];
  /** It may end the run now. */
  readonly abort: boolean;
}

/** One time that an alert was firing. */
export interface AlertEpisode {
  /** The highest level it had. */
  readonly level: AlertLevel;
  readonly fromMs: number;
  /** `null`: still firing when the run ended. */
  readonly untilMs: number | null;
  /** The figures when it reached that level. */
  readonly figures: readonly AlertFigure[];
}

/** A rule of an alert in the run record. */
export interface AlertRuleRecord {
  readonly level: AlertLevel;
  /** As written. */
  readonly expression: string;
  /** The figures of its conditions that nothing was recorded for: the rule could not fire. Absent when there are none. */
  readonly unrecorded?: readonly string[];
}

/** An alert in the run record. */
export interface AlertRecord {
  readonly name: string;
  readonly title: string;
  readonly rules: readonly AlertRuleRecord[];
  readonly respond: readonly string[];
  /** Ascending; empty when it never fired. The first 100, of which the last gives way to a later critical one. */
  readonly episodes: readonly AlertEpisode[];
  /** Of all, also those beyond the first 100. */
  readonly episodeCount: number;
  /** It ended the run. */
  readonly aborted: boolean;
}
