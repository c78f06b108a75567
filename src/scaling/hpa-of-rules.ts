// The HPA that comes closest to the rules of a policy, and what it cannot do as they say. Called by assess-scaling.ts.

import type { AlertCondition } from '../model/alert.ts';
import type { HpaPlan, HpaRules, ScalingPlan, ScalingRule } from '../model/scaling.ts';
import { formatDuration } from '../time/duration.ts';
import { signalName } from './find-signals.ts';

const second = 1000;
/** Kubernetes takes no longer ones. */
const longestWindowMs = 3600 * second;
const longestPeriodMs = 1800 * second;
const tolerance = 0.1;

export interface HpaOfPolicy {
  /** Absent where there is none, for the reason in `refusal`. */
  readonly plan?: HpaPlan;
  readonly refusal?: string;
  /** What it does otherwise than the rules, a sentence each. */
  readonly notes: readonly string[];
}

/** The HPA that the suite states, or one made of the rules. */
export function hpaOfPolicy(policy: ScalingPlan): HpaOfPolicy {
  if (policy.hpa === undefined) return hpaOfRules(policy);
  if (policy.hpa.maxReplicas === undefined) return { refusal: noBound, notes: [] };
  return { plan: policy.hpa, notes: ['It is the one that the suite states, not one made of the rules.'] };
}

const noBound =
  'An HPA needs an upper bound: set maxInstances of the policy, or of the rules that add instances.';

function hpaOfRules(policy: ScalingPlan): HpaOfPolicy {
  const notes: string[] = [];
  const adding = policy.rules.filter(({ action }) => action.kind === 'add');
  const removing = policy.rules.filter(({ action }) => action.kind === 'remove');
  for (const { name } of policy.rules.filter(({ action }) => action.kind === 'resize')) {
    notes.push(
      `Rule ${name} is left out: an HPA changes how many instances there are, not how big they are.`,
    );
  }
  const sources = adding.filter((rule) => targetOf(rule) !== undefined);
  for (const { name, trigger } of adding.filter((rule) => !sources.includes(rule))) {
    notes.push(
      `Rule ${name} is left out: an HPA holds each metric at a target, and has no form for "${trigger}".`,
    );
  }
  const targets = new Map<string, HpaPlan['targets'][number]>();
  for (const rule of sources) {
    const target = targetOf(rule)!;
    const known = targets.get(target.metric);
    if (known !== undefined) {
      notes.push(`Several rules are on ${target.metric}: the HPA has one target, the lowest limit of them.`);
    }
    if (known === undefined || target.value < known.value) targets.set(target.metric, target);
  }
  if (targets.size === 0) {
    return {
      refusal: 'No rule that adds instances has a form that an HPA knows: one metric above a limit.',
      notes,
    };
  }
  const maxReplicas = upperBound(policy, sources);
  if (maxReplicas === undefined) return { refusal: noBound, notes };
  if (new Set(sources.map(({ maxInstances }) => maxInstances)).size > 1) {
    notes.push(`Rules have upper bounds of their own: the HPA has one for all, ${maxReplicas}.`);
  }
  const minReplicas = Math.min(
    maxReplicas,
    Math.max(policy.minInstances, ...removing.map(({ minInstances = 0 }) => minInstances)),
  );
  notes.push(...differences(sources, removing, [...targets.values()]));
  return {
    plan: {
      targets: [...targets.values()],
      minReplicas,
      maxReplicas,
      tolerance,
      scaleUp: rulesOf(sources, 'up', notes),
      scaleDown: rulesOf(removing, 'down', notes),
    },
    notes,
  };
}

/** Of a rule with one condition that asks for more than a limit above 0. */
function targetOf({ conditions }: ScalingRule): HpaPlan['targets'][number] | undefined {
  const [condition, ...more] = conditions;
  if (condition === undefined || more.length > 0 || Object.keys(condition.tags).length > 0) return undefined;
  const { operator, limit, unit } = condition;
  if ((operator !== '>' && operator !== '>=') || limit <= 0) return undefined;
  return { metric: signalName(condition), value: limit, unit };
}

/** The largest that any rule may reach; `undefined` when one has no bound. */
function upperBound({ maxInstances }: ScalingPlan, adding: readonly ScalingRule[]): number | undefined {
  const each = adding.map((rule) =>
    Math.min(rule.maxInstances ?? Number.POSITIVE_INFINITY, maxInstances ?? Number.POSITIVE_INFINITY),
  );
  const most = Math.max(...each);
  return Number.isFinite(most) ? most : undefined;
}

function rulesOf(rules: readonly ScalingRule[], way: 'up' | 'down', notes: string[]): HpaRules {
  if (rules.length === 0) return { stabilizationMs: 0, selectPolicy: 'Disabled', policies: [] };
  const windows = rules.map(({ forMs }) => forMs);
  const periods = rules.map(({ cooldownMs }) => cooldownMs);
  // Towards more instances what is quicker counts, towards fewer what is slower: the cautious choice.
  const pick = way === 'up' ? Math.min : Math.max;
  const [windowMs, periodMs] = [pick(...windows), pick(...periods)];
  const counts = rules.map(({ action }) => (action.kind === 'resize' ? 0 : action.count));
  if (new Set([...windows.map((ms) => `w${ms}`), ...periods.map((ms) => `p${ms}`)]).size > 2) {
    notes.push(
      `Rules that scale ${way} differ in their times: the HPA has one set, the ${way === 'up' ? 'shortest' : 'longest'}.`,
    );
  }
  const word = way === 'up' ? 'scaling up' : 'scaling down';
  if (windowMs > longestWindowMs) {
    notes.push(`The window for ${word} is cut to ${formatDuration(longestWindowMs)}, the longest there is.`);
  }
  if (periodMs > longestPeriodMs) {
    notes.push(`The period for ${word} is cut to ${formatDuration(longestPeriodMs)}, the longest there is.`);
  }
  return {
    stabilizationMs: Math.min(windowMs, longestWindowMs),
    selectPolicy: 'Max',
    policies: [
      {
        type: 'Pods',
        value: way === 'up' ? Math.max(...counts) : Math.min(...counts),
        periodMs: Math.min(Math.max(periodMs, second), longestPeriodMs),
      },
    ],
  };
}

/** What any HPA does otherwise than rules with limits. */
function differences(
  adding: readonly ScalingRule[],
  removing: readonly ScalingRule[],
  targets: HpaPlan['targets'],
): string[] {
  const shares = targets.filter(({ unit }) => unit === 'ratio');
  const example =
    shares.length === 0
      ? ''
      : ` (${shares[0]!.metric}: beyond ${percent(shares[0]!.value * (1 + tolerance))}, and below ${percent(shares[0]!.value * (1 - tolerance))})`;
  return [
    `The limits of rules become targets: an HPA acts where a metric is further than 10 % from its target${example}.`,
    ...(adding.some(({ forMs }) => forMs > 0)
      ? ['The time of "for" becomes the stabilization window: an HPA acts on the mildest value within it.']
      : []),
    ...removing.map(({ name, trigger }) => {
      return `Rule ${name} ("${trigger}") gives the HPA its pace for scaling down alone: it goes down as soon as fewer instances hold the targets.`;
    }),
    ...(removing.length === 0 ? ['No rule removes instances, so that scaling down is disabled.'] : []),
    ...targets
      .filter(({ metric }) => metric === 'cpu_percent' || metric === 'memory_percent')
      .map(({ metric }) => `${metric} is in percent of what the containers request, not of their limit.`),
    ...targets
      .filter(
        ({ metric, unit }) => unit !== 'per s' && metric !== 'cpu_percent' && metric !== 'memory_percent',
      )
      .map(
        ({ metric }) =>
          `${metric} does not fall in proportion to instances: held at a target, it may add far more of them than the rule would.`,
      ),
  ];
}

function percent(ratio: number): string {
  return `${Number((100 * ratio).toFixed(1))} %`;
}

/** For people and manifests: `75 %`, `200 ms`. */
export function targetText({ value, unit }: { value: number; unit: AlertCondition['unit'] }): string {
  if (unit === 'ratio') return percent(value);
  return unit === 'count' ? String(value) : unit === 'per s' ? `${value}/s` : `${value} ${unit}`;
}
