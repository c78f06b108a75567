// The baseline of a suite: the accepted figures of earlier runs, in a file that is reviewed like code.

import type { ComparedFigure, MeasuredLevel, MeasuredShare } from './regression.ts';
import type { RunRecord } from './run-record.ts';

export const baselineSchemaVersion = 1;

/** What two runs must have in common to be compared. */
export type RunConditions = Pick<RunRecord, 'suite' | 'profile' | 'environment' | 'target' | 'plan'>;

/** A figure with its value in each of the accepted runs, in their order. */
export type BaselineFigure = ComparedFigure & {
  readonly runs: readonly MeasuredLevel[] | readonly MeasuredShare[];
};

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

/** The accepted figures of one profile in one environment. */
export interface Baseline extends Acceptance {
  readonly conditions: RunConditions;
  /** Time of the first run, ISO 8601. */
  readonly startedAt: string;
  /** 0..100 */
  readonly percentiles: readonly number[];
  readonly figures: readonly BaselineFigure[];
  readonly gates: readonly BaselineGate[];
  /** What stood here before, the latest first. */
  readonly earlier: readonly Acceptance[];
}

export interface BaselineFile {
  readonly schemaVersion: typeof baselineSchemaVersion;
  readonly suite: string;
  /** One for each profile and environment. */
  readonly baselines: readonly Baseline[];
}
