// Recommendations: what a suite says of their rules, the rules as a plan has them, and what a record recommends.

import type { Aggregation, ThresholdOperator } from './aggregation.ts';
import type { Evidence } from './verdict.ts';

/** The rules that Plimsoll has by itself; `docs/capacity.md` lists them. */
export const recommendationRuleIds = [
  'cpu',
  'memory',
  'database',
  'read-replicas',
  'query-cache',
  'connection-pool',
  'indexes',
  'cache-hits',
  'cache-memory',
  'scale-out',
  'sharding',
  'memory-leak',
  'open-files',
  'watch-target',
] as const;
export type RecommendationRuleId = (typeof recommendationRuleIds)[number];

export const ranks = ['high', 'medium', 'low'] as const;
export type Rank = (typeof ranks)[number];

/** What something costs in a month, in a currency such as `EUR`; `low` is at most `high`. */
export interface MonthlyCost {
  readonly currency: string;
  readonly low: number;
  readonly high: number;
}

/**
 * A rule as a suite writes it, by its id: the fields that are given take the place of those of Plimsoll's rule of the
 * same id. A rule of the suite's own has `component`, `recommended`, `priority`, `effort` and `when` at the least.
 */
export interface RecommendationDefinition {
  /** What it is about: `CPU`, `Database`. */
  readonly component?: string;
  /** How it is now, such as `2 cores`, where a run cannot tell. */
  readonly current?: string;
  readonly recommended?: string;
  readonly priority?: Rank;
  readonly effort?: Rank;
  readonly cost?: MonthlyCost;
  /** An estimate of what is gained, with where it comes from. */
  readonly improvement?: string;
  /** What would change if it is followed. */
  readonly change?: string;
  /** How to see whether it helped. */
  readonly verify?: string;
  /** Further measures, a sentence each. */
  readonly options?: readonly string[];
  /** By metric, expressions such as `avg>70%` or `rate>10/min`; the rule applies when one of them holds. */
  readonly when?: Readonly<Record<string, string | readonly string[]>>;
}

/** A condition on the whole run's value of a metric. */
export interface RecommendationCondition {
  readonly metric: string;
  /** As written. */
  readonly expression: string;
  readonly aggregation: Aggregation;
  readonly operator: ThresholdOperator;
  readonly limit: number;
}

/** What the suite says of one rule. */
export interface RecommendationPlan extends Omit<RecommendationDefinition, 'when'> {
  readonly id: string;
  /** The rule is switched off. */
  readonly off?: true;
  /** One of them must hold; absent where the rule keeps its own. */
  readonly when?: readonly RecommendationCondition[];
}

/** Something that is expected and was not measured. */
export interface ExpectedImprovement {
  /** `40 % performance gain`. */
  readonly text: string;
  /** Who says so. */
  readonly source: string;
}

export interface Recommendation {
  /** Of its rule. */
  readonly id: string;
  readonly component: string;
  readonly current: string;
  readonly recommended: string;
  readonly priority: Rank;
  readonly effort: Rank;
  /** Absent where nobody has said what it costs. */
  readonly cost?: MonthlyCost;
  /** Absent where nobody has estimated it. */
  readonly improvement?: ExpectedImprovement;
  /** The condition that held, with its figures. */
  readonly trigger: string;
  readonly evidence: readonly Evidence[];
  readonly change: string;
  readonly verify: string;
  readonly options?: readonly string[];
  /** Where the rule comes from. */
  readonly source: string;
  /** Title of the bottleneck of the same component that the run was found to have. */
  readonly bottleneck?: string;
}
