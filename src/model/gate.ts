// The gates of baselines, and what came of holding runs to them: the part of a baseline that run records have.

import type { Regression } from './regression.ts';
import type { Verdict } from './verdict.ts';

/** A limit that runs are held to. Exactly one of the limits is there. */
export interface BaselineGate {
  /** As `plimsoll baseline show` names it: `http_req_duration p(95)`. */
  readonly figure: string;
  /** In the unit of the figure: ms, a share of 0..1, or per second. */
  readonly most?: number;
  readonly least?: number;
  /** As a factor of the baseline: 1.1 for 10 % more. */
  readonly mostOfBaseline?: number;
  readonly leastOfBaseline?: number;
  /** What a broken gate means: `critical` (default) fails, `warning` is only told. */
  readonly level?: 'critical' | 'warning';
  /** The gate holds only where the whole interval of the change does. */
  readonly proof?: true;
}

/** Why and from which runs figures were accepted. */
export interface Acceptance {
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly acceptedAt: string;
  /** Ids, ascending by time. */
  readonly runs: readonly string[];
}

/**
 * `unproven`: the figure is beyond the gate and noise may explain it, or the gate asks for a proof and has none.
 * `unjudged`: there is nothing to judge it by.
 */
export type GateStatus = 'held' | 'broken' | 'unproven' | 'unjudged';

export interface GateResult {
  readonly gate: BaselineGate;
  readonly status: GateStatus;
  /** One sentence. */
  readonly text: string;
  /** The figure and its limit in the unit of the figure; absent where there is no figure. */
  readonly evidence?: { readonly value: number; readonly limit: number; readonly unit: string };
}

/** What came of holding runs to a baseline. */
export interface BaselineOutcome {
  /** The baseline file, as it was named. */
  readonly file: string;
  /** Why the figures were accepted, and when (ISO 8601); absent for files of other tools. */
  readonly accepted?: Pick<Acceptance, 'reason' | 'acceptedAt'>;
  /** In the order of the file. */
  readonly gates: readonly GateResult[];
  /** Why nobody can judge the runs by the baseline, one sentence each. */
  readonly obstacles: readonly string[];
  /** What should be known, one sentence each: how names of the file were understood, for instance. */
  readonly notes: readonly string[];
  /** Figure by figure; absent for files of other tools. */
  readonly comparison?: Regression;
}

/** A run held to its baseline. */
export interface BaselineCheck extends BaselineOutcome {
  /** Ids of the runs that were held to it together, this one among them. */
  readonly runs: readonly string[];
  /** What the verdict would be without the baseline. */
  readonly own: Verdict;
}
