// What analysis concludes: findings with their evidence, and one verdict.

export type VerdictStatus = 'pass' | 'warn' | 'fail' | 'inconclusive';

export interface Verdict {
  readonly status: VerdictStatus;
  /** One sentence each, the most important first; never empty. */
  readonly reasons: readonly string[];
}

export type FindingKind =
  | 'threshold-breach'
  | 'threshold-close'
  | 'generator-saturation'
  | 'dropped-iterations'
  | 'resent-requests'
  | 'errors'
  | 'capacity'
  | 'scalability'
  | 'breaking-point'
  | 'scaling'
  | 'mix-deviation'
  | 'cut-off'
  | 'worker-lost'
  | 'coordinator-lost'
  | 'comparison'
  | 'alert'
  | 'alert-blind'
  | 'monitor-gap'
  | 'outage'
  | 'fault'
  | 'spike'
  | 'leak'
  | 'degradation'
  | 'anomaly'
  | 'objective'
  | 'bottleneck'
  | 'regression'
  | 'data'
  | 'suite';

export interface Evidence {
  /** Series key, or a name that explains itself. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly limit?: number;
  /** Run times from which and until when it was seen; absent where it is of the run as a whole. */
  readonly fromMs?: number;
  readonly untilMs?: number;
}

/** What `setup` and `teardown` report by `finding`. */
export interface SuiteFinding {
  /** `critical` fails the run, `warning` warns, `info` is only shown. */
  readonly severity: Finding['severity'];
  /** In a few words. */
  readonly title: string;
  /** In sentences; the title when absent. */
  readonly detail?: string;
  /** Figures that show it. */
  readonly evidence?: readonly Evidence[];
  /** What to do about it. */
  readonly advice?: string;
}

export interface Finding {
  readonly kind: FindingKind;
  /** `suite`: the suite's own code has found it. Absent: the analysis. */
  readonly source?: 'suite';
  readonly severity: 'info' | 'warning' | 'critical';
  /** Of a bottleneck: the rule that it was found by, and its place among all of them, 1 first. */
  readonly rule?: string;
  readonly rank?: number;
  readonly title: string;
  readonly detail: string;
  readonly evidence: readonly Evidence[];
  /** What to do about it; absent when nothing is to be done. */
  readonly advice?: string;
}
