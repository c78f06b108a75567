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
  | 'errors'
  | 'capacity'
  | 'mix-deviation'
  | 'worker-lost'
  | 'coordinator-lost';

export interface Evidence {
  /** Series key, or a name that explains itself. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly limit?: number;
}

export interface Finding {
  readonly kind: FindingKind;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly title: string;
  readonly detail: string;
  readonly evidence: readonly Evidence[];
  /** What to do about it; absent when nothing is to be done. */
  readonly advice?: string;
}
