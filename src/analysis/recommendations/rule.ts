// What a rule of recommendations is made of. rules.ts writes them, conditions.ts and recommend.ts read them.

import type { BottleneckRuleId } from '../../model/bottleneck.ts';
import type { MonitorKind } from '../../model/monitor.ts';
import type { MonthlyCost, Rank, RecommendationCondition } from '../../model/recommendation.ts';
import type { FindingKind } from '../../model/verdict.ts';
import type { FigureUnit } from '../../text/format-figure.ts';

/**
 * What a rule looks for. Figures of monitors are those of every monitor of the kind that watches the target, the highest of
 * them; `sustained` is the mean of the five minutes in which it was highest.
 */
export type Condition =
  | {
      readonly from: 'monitor';
      readonly monitor: MonitorKind;
      readonly figure: string;
      readonly of: 'avg' | 'max' | 'sustained' | 'per minute' | 'count';
      /** `over`: above the limit; `at-least`: or at it; `under`: below it. */
      readonly is: 'over' | 'at-least' | 'under';
      readonly limit: number;
      readonly unit: FigureUnit | 'per min';
      /** For people: `average CPU`. */
      readonly what: string;
    }
  | { readonly from: 'metric'; readonly condition: RecommendationCondition }
  /** The share of requests whose method only reads. */
  | { readonly from: 'reads'; readonly atLeast: number }
  /** Users at the same time, as they were driven or as the suite expects them. */
  | { readonly from: 'users'; readonly atLeast: number }
  | { readonly from: 'finding'; readonly finding: FindingKind; readonly unit: string }
  /** More users are expected than the recommended maximum of the run. */
  | { readonly from: 'growth' }
  /** A limit broke, and nothing watched the target. */
  | { readonly from: 'unwatched' };

export interface Rule {
  readonly component: string;
  readonly priority: Rank;
  readonly effort: Rank;
  readonly cost?: MonthlyCost;
  readonly improvement?: string;
  readonly source: string;
  /** One of these must hold. */
  readonly when: readonly Condition[];
  /** And one of these, where there are any. */
  readonly and?: readonly Condition[];
  /** Where no figure of the run says more. */
  readonly current: string;
  readonly recommended: string;
  readonly change: string;
  readonly verify: string;
  readonly options?: readonly string[];
  /** Rules of bottlenecks that it helps against. */
  readonly against?: readonly BottleneckRuleId[];
}
