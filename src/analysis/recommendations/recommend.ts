// What a run recommends: the rules of rules.ts and of the suite whose conditions hold in the record, the most pressing first.
// Called by ../analyse.ts.

import type { BottleneckRuleId } from '../../model/bottleneck.ts';
import {
  type Rank,
  type Recommendation,
  type RecommendationPlan,
  type RecommendationRuleId,
  ranks,
  recommendationRuleIds,
} from '../../model/recommendation.ts';
import type { Measurements } from '../../model/run-record.ts';
import type { Finding } from '../../model/verdict.ts';
import { type Fired, firedBy, type Seen } from './conditions.ts';
import type { Condition, Rule } from './rule.ts';
import { rules } from './rules.ts';
import { sizesOf } from './sizes.ts';

/** A rule with what the suite changed of it. */
interface ActiveRule extends Rule {
  readonly id: string;
  /** Fields that the suite has written itself, which nothing else takes the place of. */
  readonly own: ReadonlySet<string>;
  readonly improvementSource: string;
}

const ofSuite = 'the suite';
const mostOptions = 20;
const mostEvidence = 20;

/**
 * The recommendations of a run, those for a component that was found to be a bottleneck first, then by priority and effort.
 * None when the generator limited the run, or the run was refused: its figures do not show how the target performs.
 */
export function recommend(
  measured: Measurements,
  findings: readonly Finding[],
  excess: Fired | undefined = undefined,
): Recommendation[] {
  if (measured.generator.saturated || measured.refusal !== undefined) return [];
  const seen: Seen = { measured, findings, excess };
  const found = activeRules(measured.plan.recommendations ?? []).flatMap((rule): Recommendation[] => {
    const fired = firstOf(rule.when, seen);
    const and = rule.and === undefined ? [] : firstOf(rule.and, seen);
    return fired === undefined || and === undefined ? [] : [made(rule, [...fired, ...and], seen)];
  });
  const rank = (one: Recommendation): number =>
    (one.bottleneck === undefined ? 100 : 0) + 10 * rankOf(one.priority) - rankOf(one.effort);
  return found.sort((a, b) => rank(a) - rank(b));
}

function rankOf(rank: Rank): number {
  return ranks.indexOf(rank);
}

/** Those conditions that hold; `undefined` when none does. */
function firstOf(conditions: readonly Condition[], seen: Seen): Fired[] | undefined {
  const fired = conditions.flatMap((one) => firedBy(one, seen) ?? []);
  return fired.length === 0 ? undefined : fired;
}

function made(rule: ActiveRule, fired: readonly Fired[], seen: Seen): Recommendation {
  const { measured, findings } = seen;
  const sizes = sizesOf(rule.id, fired, measured);
  const pick = (field: 'current' | 'recommended' | 'change'): string =>
    (rule.own.has(field) ? undefined : sizes[field]) ?? rule[field];
  const bottleneck = bottleneckOf(rule.against ?? [], findings);
  const { improvement, cost, options } = rule;
  return {
    id: rule.id,
    component: rule.component,
    current: pick('current'),
    recommended: pick('recommended'),
    priority: rule.priority,
    effort: rule.effort,
    ...(cost !== undefined && { cost }),
    ...(improvement !== undefined && { improvement: { text: improvement, source: rule.improvementSource } }),
    trigger: `${capitalised(fired.map(({ text }) => text).join('; '))}.`,
    evidence: fired.flatMap(({ evidence }) => evidence).slice(0, mostEvidence),
    change: pick('change'),
    verify: rule.own.has('verify') ? rule.verify : `${rule.verify} ${againSentence(measured)}`,
    ...(options !== undefined && { options: options.slice(0, mostOptions) }),
    source: rule.source,
    ...(bottleneck !== undefined && { bottleneck }),
  };
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * The run to make again, with its flags where their values need no quotes. Records know the name of a suite, and not the file
 * that it is run by.
 */
function againSentence({ plan, id }: Measurements): string {
  const isPlain = [plan.suite, plan.profile, id].every((one) => /^[\w.-]+$/.test(one));
  if (!isPlain) return 'Make the same run again with the same seed, and compare both runs.';
  if (plan.search?.adaptive !== undefined) {
    return `Search again with \`plimsoll capacity\` on the file or name that the suite ${plan.suite} was run by, with \`--profile ${plan.profile}\`, and compare the loads found.`;
  }
  return `Make the run again with \`plimsoll run\` on the file or name that the suite ${plan.suite} was run by, with \`--profile ${plan.profile} --seed ${plan.seed}\`, and compare it with run ${id} (\`plimsoll compare\`).`;
}

/** Title of the first bottleneck that a run was found to have and that a rule helps against. */
function bottleneckOf(
  against: readonly BottleneckRuleId[],
  findings: readonly Finding[],
): string | undefined {
  return findings.find(
    ({ kind, rule }) => kind === 'bottleneck' && rule !== undefined && against.some((one) => one === rule),
  )?.title;
}

/** Plimsoll's rules with the suite's changes, then the suite's own. */
function activeRules(plans: readonly RecommendationPlan[]): ActiveRule[] {
  const byId = new Map(plans.map((plan) => [plan.id, plan]));
  const known = new Set<string>(recommendationRuleIds);
  return [
    ...recommendationRuleIds.flatMap((id: RecommendationRuleId) => changed(id, rules[id], byId.get(id))),
    ...plans.flatMap((plan) => (known.has(plan.id) ? [] : changed(plan.id, undefined, plan))),
  ];
}

function changed(id: string, base: Rule | undefined, plan: RecommendationPlan | undefined): ActiveRule[] {
  if (plan?.off === true) return [];
  const { id: _id, off: _off, when, ...fields } = plan ?? { id };
  const written = when === undefined ? undefined : { when: when.map(metricCondition) };
  const improvementSource = fields.improvement === undefined ? (base?.source ?? ofSuite) : ofSuite;
  const own = new Set(Object.keys(fields));
  if (base !== undefined) {
    // Conditions of the suite's own stand for all that the rule asks.
    const { and, ...rest } = base;
    const kept = written === undefined && and !== undefined ? { ...rest, and } : rest;
    const source =
      own.size > 0 || written !== undefined ? `${base.source}, changed by the suite` : base.source;
    return [{ ...kept, ...fields, ...written, id, own, source, improvementSource }];
  }
  const { component, recommended, priority, effort } = fields;
  if (component === undefined || recommended === undefined) return [];
  if (priority === undefined || effort === undefined || written === undefined) return [];
  const defaults = {
    current: 'as it is today',
    change: 'The suite does not say.',
    verify: 'The condition must no longer hold at the same load.',
  };
  const rule: Rule = {
    ...defaults,
    ...fields,
    ...written,
    component,
    recommended,
    priority,
    effort,
    source: ofSuite,
  };
  return [{ ...rule, id, own, improvementSource }];
}

function metricCondition(condition: NonNullable<RecommendationPlan['when']>[number]): Condition {
  return { from: 'metric', condition };
}
