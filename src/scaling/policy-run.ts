// The course of a policy: from whether its conditions hold to what it does, with cooldowns and bounds. replay.ts feeds it
// what was measured, simulate.ts what a model says.

import type { ScalingPlan, ScalingRule } from '../model/scaling.ts';

export interface ScalingDecision {
  readonly atMs: number;
  readonly rule: string;
  readonly kind: 'add' | 'remove' | 'resize';
  /** Instances before and after; the same where bigger ones are advised. */
  readonly from: number;
  readonly to: number;
  /** Since when its condition had held. */
  readonly sinceMs: number;
  /** How long a cooldown kept it back after it was due. */
  readonly heldBackMs: number;
}

/** A rule was due and could do nothing, since the bound was reached. */
export interface BoundHit {
  readonly atMs: number;
  readonly rule: string;
  readonly bound: 'lower' | 'upper';
  readonly instances: number;
}

export interface PolicyStep {
  readonly decisions: readonly ScalingDecision[];
  readonly bounds: readonly BoundHit[];
  /** Instances wanted from now on. */
  readonly instances: number;
}

export interface PolicyRun {
  /**
   * One evaluation. `holds` says whether all conditions of a rule hold now, `undefined` where nobody knows: a rule then
   * begins anew. Times must not go back.
   */
  step(atMs: number, instances: number, holds: (rule: ScalingRule) => boolean | undefined): PolicyStep;
}

interface RuleState {
  sinceMs: number | undefined;
  lastActionMs: number;
  /** Told once for each time that its condition holds. */
  atBound: boolean;
}

/**
 * At most one action an evaluation: of the rules that are due and not kept back by a cooldown the one that adds the most;
 * if none adds, the one that removes the least. A cooldown counts from the last action of any rule, or of the same rule
 * (`cooldownAfter`). A condition that goes on to hold is due again as soon as the cooldown is over. Advice to use bigger
 * instances is given beside that, and begins no cooldown but its own.
 */
export function createPolicyRun(policy: ScalingPlan): PolicyRun {
  const states = new Map<ScalingRule, RuleState>(
    policy.rules.map((rule) => [
      rule,
      { sinceMs: undefined, lastActionMs: Number.NEGATIVE_INFINITY, atBound: false },
    ]),
  );
  let lastActionMs = Number.NEGATIVE_INFINITY;
  return {
    step(atMs, instances, holds) {
      const bounds: BoundHit[] = [];
      const decisions: ScalingDecision[] = [];
      let chosen: { readonly decision: ScalingDecision; readonly state: RuleState } | undefined;
      for (const [rule, state] of states) {
        if (holds(rule) !== true) {
          state.sinceMs = undefined;
          state.atBound = false;
          continue;
        }
        state.sinceMs ??= atMs;
        const dueMs = state.sinceMs + rule.forMs;
        if (atMs < dueMs) continue;
        const isAdvice = rule.action.kind === 'resize';
        const before = isAdvice || policy.cooldownAfter === 'own' ? state.lastActionMs : lastActionMs;
        if (atMs < before + rule.cooldownMs) continue;
        const to = wantedBy(rule, policy, instances);
        const decision: ScalingDecision = {
          atMs,
          rule: rule.name,
          kind: rule.action.kind,
          from: instances,
          to,
          sinceMs: state.sinceMs,
          heldBackMs: atMs - dueMs,
        };
        if (isAdvice) {
          decisions.push(decision);
          state.lastActionMs = atMs;
        } else if (to === instances) {
          if (!state.atBound) bounds.push(boundHit(rule, atMs, instances));
          state.atBound = true;
        } else if (chosen === undefined || to > chosen.decision.to) {
          // Adding comes before removing, and more before less, in either direction.
          chosen = { decision, state };
        }
      }
      if (chosen !== undefined) {
        decisions.push(chosen.decision);
        chosen.state.lastActionMs = atMs;
        lastActionMs = atMs;
      }
      return { decisions, bounds, instances: chosen?.decision.to ?? instances };
    },
  };
}

/** Within the bounds of the rule and of the policy; never the other way than the action says. */
function wantedBy({ action, ...rule }: ScalingRule, policy: ScalingPlan, instances: number): number {
  if (action.kind === 'resize') return instances;
  if (action.kind === 'add') {
    const most = Math.min(
      rule.maxInstances ?? Number.POSITIVE_INFINITY,
      policy.maxInstances ?? Number.POSITIVE_INFINITY,
    );
    return Math.max(instances, Math.min(instances + action.count, most));
  }
  const least = Math.max(rule.minInstances ?? 0, policy.minInstances);
  return Math.min(instances, Math.max(instances - action.count, least));
}

function boundHit({ name, action }: ScalingRule, atMs: number, instances: number): BoundHit {
  return { atMs, rule: name, bound: action.kind === 'add' ? 'upper' : 'lower', instances };
}

/** Times that the direction changed, ascending: at each, the action is the other way than the action before. */
export function reversalsOf(decisions: readonly ScalingDecision[]): number[] {
  const moves = decisions.filter(({ kind }) => kind !== 'resize');
  return moves.flatMap(({ atMs, kind }, i) => (i > 0 && moves[i - 1]!.kind !== kind ? [atMs] : []));
}

/** An action that the opposite one follows within this time was not worth it. */
const soonMs = 600_000;

/** How many actions were undone within `soonMs`: two or more of them are flapping. */
export function undoneSoon(decisions: readonly ScalingDecision[]): number {
  const moves = decisions.filter(({ kind }) => kind !== 'resize');
  return moves.filter(
    ({ atMs, kind }, i) => i > 0 && moves[i - 1]!.kind !== kind && atMs - moves[i - 1]!.atMs <= soonMs,
  ).length;
}
