// The baseline of a suite: the accepted figures of earlier runs, in a file that is reviewed like code.

import type { Acceptance, BaselineGate } from './gate.ts';
import type { ComparedFigure, MeasuredLevel, MeasuredShare } from './regression.ts';
import type { RunRecord } from './run-record.ts';

export const baselineSchemaVersion = 1;

/** What two runs must have in common to be compared. */
export type RunConditions = Pick<RunRecord, 'suite' | 'profile' | 'environment' | 'target' | 'plan'>;

/** A figure with its value in each of the accepted runs, in their order. */
export type BaselineFigure = ComparedFigure & {
  readonly runs: readonly MeasuredLevel[] | readonly MeasuredShare[];
};

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

/** Figures of one endpoint, or of the whole run, in a file that another tool made. */
export interface StatedFigures {
  /** What the file calls the endpoint; absent for the whole run. */
  readonly name?: string;
  /** Percentiles are 0..100, times ms. */
  readonly times: readonly { readonly percentile: number; readonly ms: number }[];
  readonly perSec?: number;
  /** Share that failed, 0..1. */
  readonly failed?: number;
}

/** A baseline file in the layout of another tool: single figures, of which nobody knows the runs. */
export interface StatedBaseline {
  /** `single-user`: of one user alone, so that only runs of one user can be held to it. */
  readonly layout: 'endpoints' | 'single-user';
  readonly entries: readonly StatedFigures[];
  /** How it was read, and what of it was not, one sentence each. */
  readonly notes: readonly string[];
  /** Tasks or endpoints that a user named for names of the file. */
  readonly named: readonly { readonly name: string; readonly part: string }[];
}

/** What runs are held to, with its file as it was named. */
export type Yardstick =
  | { readonly kind: 'accepted'; readonly file: string; readonly baseline: Baseline }
  | { readonly kind: 'stated'; readonly file: string; readonly stated: StatedBaseline };
