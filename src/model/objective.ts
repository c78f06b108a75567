// Objectives: what the owner of a system requires of it, as a plan has them and as a run answers them. Read by plan/,
// analysis/ and report/; what users write is in suite.ts.

import type { Aggregation, ThresholdOperator } from './aggregation.ts';
import type { VerdictStatus } from './verdict.ts';

/** What an objective is about. */
export const objectiveDimensions = [
  'latency',
  'throughput',
  'reliability',
  'cache',
  'resources',
  'capacity',
  'stability',
  'other',
] as const;
export type ObjectiveDimension = (typeof objectiveDimensions)[number];

/** Classes of a figure, the best first. What is not even acceptable needs work. */
export const objectiveClasses = ['excellent', 'good', 'acceptable', 'needs-work'] as const;
export type ObjectiveClass = (typeof objectiveClasses)[number];

/** Bands of the compliance score, the best first. */
export const complianceBands = ['excellent', 'good', 'acceptable', 'needs-work'] as const;
export type ComplianceBand = (typeof complianceBands)[number];

/** A threshold of the plan, found by what it says. */
export interface ThresholdReference {
  /** Series key. */
  readonly series: string;
  /** As written. */
  readonly expression: string;
  readonly level: 'target' | 'critical';
}

/** The limit that a figure must hold to be of a class. */
export interface ClassLimit {
  readonly class: Exclude<ObjectiveClass, 'needs-work'>;
  readonly expression: string;
  readonly operator: ThresholdOperator;
  readonly limit: number;
}

export interface ClassPlan {
  /** Series key of the figure. */
  readonly series: string;
  readonly aggregation: Aggregation;
  /** The best class first. */
  readonly limits: readonly ClassLimit[];
}

/** An objective as it applies to one profile. */
export interface ObjectivePlan {
  readonly name: string;
  readonly title: string;
  readonly description?: string;
  readonly dimension: ObjectiveDimension;
  /** Its part in the score, above 0. */
  readonly weight: number;
  /** The thresholds of the plan that decide it: all must hold. */
  readonly thresholds: readonly ThresholdReference[];
  readonly classes?: ClassPlan;
  readonly impact?: string;
  readonly remediation?: string;
  /** The profiles that judge it. */
  readonly profiles: readonly string[];
  /** This profile is none of them. */
  readonly isElsewhere?: true;
  /** Present: what it takes that this profile does not do or does not watch, in words. */
  readonly untested?: readonly string[];
}

/**
 * `warning`: a target is missed, or a limit is close. `unjudged`: nobody knows whether it is met, which is never counted as
 * met.
 */
export type ObjectiveStatus = 'pass' | 'warning' | 'fail' | 'unjudged';

/** How far a figure is from one limit of an objective. */
export interface ObjectiveFigure extends ThresholdReference {
  /** `missed`: a target. `broken`: a critical limit. `open`: nobody knows. */
  readonly state: 'held' | 'close' | 'missed' | 'broken' | 'open';
  /** What the figure is called, such as `95th percentile response time`. */
  readonly words: string;
  /** The figure that decides; `null` when nothing was recorded, or only bounds without end are known. */
  readonly actual: number | null;
  readonly limit: number;
  /** `ms`, `ratio`, `per s`, ... */
  readonly unit: string;
  /** From the figure to its limit, in the unit: above 0 headroom, below 0 how far it is beyond. `null` where unknown. */
  readonly margin: number | null;
  /** The margin as a share of the limit; `null` where unknown, and for a limit of 0. */
  readonly marginRatio: number | null;
}

/** From the worst to the best that is possible; both alike when it is known. */
export interface ClassRange {
  readonly worst: ObjectiveClass;
  readonly best: ObjectiveClass;
}

/** Shares, 0 to 1: what is surely earned, and what would be if all that is open were met. */
export interface ScoreRange {
  readonly low: number;
  readonly high: number;
}

export interface ObjectiveResult {
  readonly name: string;
  readonly title: string;
  readonly dimension: ObjectiveDimension;
  readonly weight: number;
  readonly status: ObjectiveStatus;
  /** Why, in a sentence. */
  readonly reason: string;
  /** What it adds to the score, as a share of its weight. */
  readonly credit: ScoreRange;
  /** It has a critical limit: when nobody knows whether it is met, the run proves nothing. */
  readonly isCritical: boolean;
  /** This run could not show it, whatever it measured: the profile does not do, or watch, what it is about. */
  readonly isUntested?: true;
  /** The profiles that judge it. */
  readonly profiles: readonly string[];
  /** The run is of none of them: it is no part of the score. */
  readonly isElsewhere?: true;
  /** The profile whose run decides; present where several runs are judged together. */
  readonly decidedBy?: string;
  readonly figures: readonly ObjectiveFigure[];
  /** Absent for an objective without classes. */
  readonly class?: ClassRange;
  readonly impact?: string;
  readonly remediation?: string;
}

export interface DimensionResult {
  readonly dimension: ObjectiveDimension;
  /** The worst of its objectives. */
  readonly status: ObjectiveStatus;
  readonly objectives: number;
  /** The worst of its objectives; absent when none has classes. */
  readonly class?: ClassRange;
}

/**
 * `ready`: every profile that judges an objective was run as written and passed, the score is above 90 %, and nothing is left
 * open. `conditional`: the same with warnings.
 * `not-ready`: something failed, or the score cannot reach 90 %. `open`: nobody knows.
 */
export type ReadinessStatus = 'ready' | 'conditional' | 'not-ready' | 'open';

export interface Readiness {
  readonly status: ReadinessStatus;
  /** One sentence each; never empty. */
  readonly reasons: readonly string[];
}

/** One run that compliance is judged over. */
export interface CountedRun {
  readonly profile: string;
  readonly runId: string;
  readonly status: VerdictStatus;
  /** The load was not that of the profile as written. */
  readonly isOverridden?: true;
}

/** How far a run, or several of one suite, comply with the objectives. */
export interface Compliance {
  /** In the order of the suite. */
  readonly objectives: readonly ObjectiveResult[];
  readonly score: ScoreRange;
  readonly band: { readonly low: ComplianceBand; readonly high: ComplianceBand };
  /** In the order of `objectiveDimensions`; only those that some objective is about. */
  readonly dimensions: readonly DimensionResult[];
  /** The worst dimension and its class; absent when no objective has classes. */
  readonly class?: ClassRange & { readonly dimensions: readonly ObjectiveDimension[] };
  readonly readiness: Readiness;
}
