// The plan: everything that will happen, decided before any load is driven. Plain JSON throughout.

import type { ExecutorPlan } from '../executors/executors.ts';
import type { SettingsInPlans } from '../protocols/registry.ts';
import type { Aggregation, ThresholdOperator } from './aggregation.ts';
import type { AlertPlan } from './alert.ts';
import type { AnalysisPlan } from './bottleneck.ts';
import type { CapacityPlan } from './capacity-plan.ts';
import type { ComparisonPlan } from './comparison.ts';
import type { FaultPlan, ProcessPlan, ProxyPlan } from './fault.ts';
import type { FeederPlan } from './feeder.ts';
import type { Tags } from './metric.ts';
import type { MonitorPlan } from './monitor-settings.ts';
import type { ObjectivePlan } from './objective.ts';
import type { RecommendationPlan } from './recommendation.ts';
import type { ScalingPlan } from './scaling.ts';

/** Wait between two iterations of one VU, in ms. `suite` means the suite's own function decides each time. */
export type ThinkTimePlan =
  | { readonly kind: 'none' }
  | { readonly kind: 'fixed'; readonly ms: number }
  | { readonly kind: 'uniform'; readonly minMs: number; readonly maxMs: number }
  | { readonly kind: 'suite' };

/** A user class as it takes part in one scenario. */
export interface UserPlan {
  readonly name: string;
  /** Relative weight among the users of the scenario (> 0). */
  readonly weight: number;
  readonly thinkTime: ThinkTimePlan;
  /** `tasks`: one drawn by weight per iteration. `flow`: every step in order, each with its probability. */
  readonly mix: 'tasks' | 'flow';
  /** Task or step names in suite order; `share` is a weight (tasks, > 0) or a probability 0..1 (flow). */
  readonly tasks: readonly { readonly name: string; readonly share: number }[];
}

export interface ScenarioPlan {
  readonly name: string;
  /** Run time at which the scenario starts. */
  readonly startAtMs: number;
  readonly executor: ExecutorPlan;
  /** How long iterations may finish after the regular end before they are cut off. */
  readonly gracefulStopMs: number;
  /** An iteration that takes longer is cut off and counts as failed; 0 means no limit. */
  readonly iterationTimeoutMs: number;
  readonly users: readonly UserPlan[];
  readonly tags: Tags;
}

/** How a limit is judged window by window. Of `forMs` and `share` there is one. */
export interface ThresholdWindows {
  /** Whole seconds. */
  readonly lengthMs: number;
  /** Windows count from so long after the start of the load, or of the scenario that is selected. */
  readonly withinMs: number;
  /** Broken is what is broken for so long on end. */
  readonly forMs?: number;
  /** Broken is what holds in a lesser share of the windows; above 0, up to 1. */
  readonly share?: number;
  /** The stage or fault that the selector names, in run times: windows are those in it, or one is all of it. Faults have no scenario. */
  readonly stage?: { readonly scenario?: string; readonly fromMs: number; readonly untilMs: number };
  /** The selector names the times without faults: windows are those in these, or one is all of each. */
  readonly outside?: readonly { readonly fromMs: number; readonly untilMs: number }[];
}

/** A threshold, parsed: `<aggregation> <operator> <limit>` on one series selector. */
export interface ThresholdPlan {
  /** Metric name without selector, e.g. `http_req_duration`. */
  readonly metric: string;
  /** Tags a series must carry to count; empty selects all. */
  readonly tags: Tags;
  /** As the user wrote it, e.g. `p(95)<100`. */
  readonly expression: string;
  readonly aggregation: Aggregation;
  readonly operator: ThresholdOperator;
  readonly limit: number;
  /** A breach of `critical` fails the run, of `target` warns; `search` ends a capacity search, no more. */
  readonly level: 'target' | 'critical' | 'search';
  readonly abortOnFail: boolean;
  /** With abortOnFail: not before this much of the run has passed. */
  readonly delayAbortEvalMs: number;
  /** Share of the limit (0..1) within which a threshold that still holds is reported as close; 0 = never. */
  readonly warnMargin: number;
  /** A trend, rate, gauge or monitor's figure of which nothing was seen holds. Absent: nobody knows then. */
  readonly optional?: true;
  /** Absent: it is judged on the whole run. */
  readonly windows?: ThresholdWindows;
}

export type SearchUnit = 'iterations/s' | 'users';

/** Why an adaptive search made a step: to go higher, to go between, to see again, to be sure. */
export type SearchPurpose = 'grow' | 'narrow' | 'repeat' | 'confirm';
/** `noisy`: its two halves disagreed. `saturated`: the generator could not drive it. */
export type SearchOutcome = 'held' | 'broke' | 'noisy' | 'saturated';

export interface SearchTrial {
  readonly purpose: SearchPurpose;
  readonly outcome: SearchOutcome;
  /** Why it did not hold, one sentence each; absent for one that held. */
  readonly reasons?: readonly string[];
}

export interface SearchStepPlan {
  readonly scenario: string;
  readonly load: number;
  /** In an adaptive search: absent when the step was interrupted. */
  readonly trial?: SearchTrial;
}

/** What an adaptive search was told. */
export interface AdaptiveSearch {
  /** First and highest load. */
  readonly from: number;
  readonly to: number;
  /** Largest difference between the load found and the lowest that broke, as a share of the former. */
  readonly precision: number;
  /** What the start of each step does not count. */
  readonly warmUpMs: number;
  /** What ended the search before it came to a result; absent where nothing did, and for an interruption. */
  readonly endedBy?: string;
}

/** What the text report on operations estimates, and from what. */
export interface OperationsReportPlan {
  readonly users: number;
  readonly targetMs: number;
  readonly recommendation?: string;
}

export interface Plan extends SettingsInPlans {
  readonly suite: string;
  readonly profile: string;
  readonly description: string;
  /** Why and when to run the profile, as its suite says. */
  readonly whenToRun?: string;
  /** The first URL of all relative request paths; absent when the suite has none. */
  readonly baseUrl?: string;
  readonly environment: string;
  /** How many times shorter the load is than the profile says, above 1; absent for a profile at its full length. */
  readonly compressed?: number;
  readonly seed: number;
  readonly tags: Tags;
  readonly workers: number;
  readonly scenarios: readonly ScenarioPlan[];
  /** Test data of the suite; absent when it has none. */
  readonly data?: readonly FeederPlan[];
  /** What is watched beside the load; absent in records of versions that watched nothing. */
  readonly monitors?: readonly MonitorPlan[];
  readonly thresholds: readonly ThresholdPlan[];
  /** Absent when there are none. */
  readonly alerts?: readonly AlertPlan[];
  /** Absent when there are none. */
  readonly comparisons?: readonly ComparisonPlan[];
  /** What stands before addresses, and what is started for the run; absent when there is none. */
  readonly proxies?: readonly ProxyPlan[];
  readonly processes?: readonly ProcessPlan[];
  /** Ascending by `atMs`; absent when there are none. */
  readonly faults?: readonly FaultPlan[];
  /** Absent when the suite has none. */
  readonly scaling?: ScalingPlan;
  /** Absent when the suite has none, and in capacity searches, which look for the load that breaks them. */
  readonly objectives?: readonly ObjectivePlan[];
  /** The load is not that of the profile as written; told where there are objectives. */
  readonly isOverridden?: true;
  /** What the suite changes of the rules about bottlenecks; absent when nothing. */
  readonly analysis?: AnalysisPlan;
  /** Present when the suite asks for a text report on operations. */
  readonly operationsReport?: OperationsReportPlan;
  /** What the suite says of rules of recommendations; absent when it says nothing. */
  readonly recommendations?: readonly RecommendationPlan[];
  /** Present when the suite says what capacity is planned with. */
  readonly capacity?: CapacityPlan;
  /** Declared custom metrics, by name. */
  readonly metrics: Readonly<Record<string, { readonly type: string; readonly contains: string }>>;
  /** Present when the profile searches for the capacity: its scenarios are steps of rising load. */
  readonly search?: {
    readonly unit: SearchUnit;
    /**
     * In the order in which they are carried out; each names one of `scenarios`, whose `search` thresholds decide
     * whether the step held. Ascending by load, unless `adaptive` is there.
     */
    readonly steps: readonly SearchStepPlan[];
    /** Present when each step was decided by the outcome of those before it. */
    readonly adaptive?: AdaptiveSearch;
  };
  /** Regular end of the last scenario, without graceful stops. */
  readonly durationMs: number;
  /** The longest the run may take: regular end plus the graceful stop, of the scenario that ends last. */
  readonly maxDurationMs: number;
}
