// Replays a policy over what a run recorded: when would each rule have acted? The series are those of the instances that
// ran; more instances would have changed them, which is what simulate.ts is for. Called by assess-scaling.ts.

import type { AlertCondition } from '../model/alert.ts';
import type { Measurements } from '../model/run-record.ts';
import type { ScalingPlan, ScalingRule } from '../model/scaling.ts';
import { findSignals, type NoSignal, type Signal, signalName } from './find-signals.ts';
import { compareInstances, type ObservedInstances, observedInstances } from './observed-instances.ts';
import {
  type BoundHit,
  createPolicyRun,
  reversalsOf,
  type ScalingDecision,
  undoneSoon,
} from './policy-run.ts';

/** A reading that is older than so many times the usual interval says nothing about now. */
const staleAfter = 2.5;
const mostDecisions = 500;

/** A condition of a rule against the whole run. */
export interface ReplayedCondition {
  readonly condition: AlertCondition;
  readonly signal: Signal | NoSignal;
  /** The reading that came closest to the limit, or went furthest beyond. */
  readonly extreme?: { readonly atMs: number; readonly value: number };
}

export interface ReplayedRule {
  readonly rule: ScalingRule;
  readonly conditions: readonly ReplayedCondition[];
  /** Some condition has no series: the rule cannot be replayed, and never acts. */
  readonly unreadable: boolean;
  /** Times at which all conditions began to hold. */
  readonly holds: number;
  /** Longest time that they held without a break, ms; 0 for a single reading. */
  readonly longestMs: number;
  /** Actions, or times that it advised bigger instances. */
  readonly actions: number;
  readonly firstAtMs?: number;
  /** From the begin of its condition to its first action. */
  readonly firstDelayMs?: number;
  /** Times that it was due at its bound. */
  readonly bounds: number;
}

export interface Replay {
  /** Run times of the first and last reading; absent when no rule could be replayed. */
  readonly span?: { readonly fromMs: number; readonly untilMs: number };
  readonly startInstances: number;
  /** How the number at the start is known. */
  readonly startFrom: 'observed' | 'given' | 'lower bound';
  readonly endInstances: number;
  readonly rules: readonly ReplayedRule[];
  /** Ascending; the first 500. */
  readonly decisions: readonly ScalingDecision[];
  readonly decisionCount: number;
  readonly bounds: readonly BoundHit[];
  readonly reversals: number;
  /** Actions undone within ten minutes; two or more are flapping. */
  readonly undoneSoon: number;
  readonly observed?: ObservedInstances;
  /** Why observed counts are missing although the suite names a series for them. */
  readonly observedProblem?: string;
}

/** The policy with how many instances ran during the test, unless a metric tells it; a number takes the place of its own. */
export function withInstances(policy: ScalingPlan, instances: number | undefined): ScalingPlan {
  return instances === undefined || typeof policy.instances === 'string' ? policy : { ...policy, instances };
}

/**
 * Replays the rules at each time that a reading came. A condition holds from the first reading that meets it until one that
 * does not, or until readings are missing for 2.5 intervals: what nobody saw did not hold.
 */
export function replayScaling(measured: Measurements, policy: ScalingPlan): Replay {
  const signals = findSignals(measured, policy);
  const observed = observedInstances(measured, policy);
  const first = observed !== undefined && 'readings' in observed ? observed.readings[0] : undefined;
  const startInstances = Math.max(
    0,
    first !== undefined
      ? Math.round(first.value)
      : typeof policy.instances === 'number'
        ? policy.instances
        : policy.minInstances,
  );
  const readable = policy.rules.filter((rule) => !isUnreadable(rule, signals));
  const used = [
    ...new Set(readable.flatMap(({ conditions }) => conditions.map((one) => signals.get(signalName(one))))),
  ].filter((one): one is Signal => one !== undefined && !('problem' in one));
  const times = [...new Set(used.flatMap(timesOf))].sort((a, b) => a - b);
  const cursors = new Map(used.map((signal) => [signal.name, createCursor(signal)]));
  const run = createPolicyRun(policy);
  const held = new Map(policy.rules.map((rule) => [rule, { count: 0, sinceMs: -1, longestMs: 0 }]));
  const decisions: ScalingDecision[] = [];
  const bounds: BoundHit[] = [];
  let instances = startInstances;
  for (const atMs of times) {
    for (const cursor of cursors.values()) cursor.moveTo(atMs);
    const holds = new Map(readable.map((rule) => [rule, holdsNow(rule, cursors)]));
    for (const rule of readable) noteHold(held.get(rule)!, holds.get(rule), atMs);
    const step = run.step(atMs, instances, (rule) => holds.get(rule));
    decisions.push(...step.decisions);
    bounds.push(...step.bounds);
    instances = step.instances;
  }
  const rules = policy.rules.map((rule) => {
    const { count, longestMs } = held.get(rule)!;
    const own = decisions.filter((one) => one.rule === rule.name);
    return {
      rule,
      conditions: rule.conditions.map((condition) => replayedCondition(condition, signals)),
      unreadable: isUnreadable(rule, signals),
      holds: count,
      longestMs,
      actions: own.length,
      ...(own[0] !== undefined && { firstAtMs: own[0].atMs, firstDelayMs: own[0].atMs - own[0].sinceMs }),
      bounds: bounds.filter((one) => one.rule === rule.name).length,
    };
  });
  return {
    ...(times.length > 0 && { span: { fromMs: times[0]!, untilMs: times.at(-1)! } }),
    startInstances,
    startFrom:
      first !== undefined ? 'observed' : typeof policy.instances === 'number' ? 'given' : 'lower bound',
    endInstances: instances,
    rules,
    decisions: decisions.slice(0, mostDecisions),
    decisionCount: decisions.length,
    bounds: bounds.slice(0, mostDecisions),
    reversals: reversalsOf(decisions).length,
    undoneSoon: undoneSoon(decisions),
    ...(observed !== undefined &&
      ('problem' in observed
        ? { observedProblem: observed.problem }
        : { observed: compareInstances(observed, decisions, startInstances) })),
  };
}

function isUnreadable({ conditions }: ScalingRule, signals: ReturnType<typeof findSignals>): boolean {
  return conditions.some((one) => {
    const signal = signals.get(signalName(one));
    return signal === undefined || 'problem' in signal;
  });
}

/** The times of all readings, and in each silence the time from which on nobody knew. */
function timesOf({ readings, intervalMs }: Signal): number[] {
  const staleMs = staleTime(intervalMs);
  return readings.flatMap(({ atMs }, i) => {
    const next = readings[i + 1];
    return next !== undefined && next.atMs - atMs > staleMs ? [atMs, atMs + staleMs + 1] : [atMs];
  });
}

function staleTime(intervalMs: number): number {
  return staleAfter * Math.max(1, intervalMs);
}

interface Cursor {
  moveTo(atMs: number): void;
  /** The latest reading up to then; `undefined` where there is none that is recent enough. */
  value(): number | undefined;
}

function createCursor({ readings, intervalMs }: Signal): Cursor {
  const staleMs = staleTime(intervalMs);
  let next = 0;
  let nowMs = 0;
  return {
    moveTo(atMs) {
      nowMs = atMs;
      while (next < readings.length && readings[next]!.atMs <= atMs) next++;
    },
    value() {
      const last = readings[next - 1];
      return last === undefined || nowMs - last.atMs > staleMs ? undefined : last.value;
    },
  };
}

/** `undefined` while a series is silent, unless another condition fails anyway. */
function holdsNow(rule: ScalingRule, cursors: ReadonlyMap<string, Cursor>): boolean | undefined {
  let known = true;
  for (const condition of rule.conditions) {
    const value = cursors.get(signalName(condition))?.value();
    if (value === undefined) known = false;
    else if (!meets(value, condition)) return false;
  }
  return known ? true : undefined;
}

export function meets(
  value: number,
  { operator, limit }: Pick<AlertCondition, 'operator' | 'limit'>,
): boolean {
  switch (operator) {
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
    case '==':
      return value === limit;
    default:
      return value !== limit;
  }
}

interface Hold {
  count: number;
  sinceMs: number;
  longestMs: number;
}

function noteHold(hold: Hold, holds: boolean | undefined, atMs: number): void {
  if (holds !== true) {
    hold.sinceMs = -1;
    return;
  }
  if (hold.sinceMs < 0) {
    hold.sinceMs = atMs;
    hold.count++;
  }
  hold.longestMs = Math.max(hold.longestMs, atMs - hold.sinceMs);
}

function replayedCondition(
  condition: AlertCondition,
  signals: ReturnType<typeof findSignals>,
): ReplayedCondition {
  const signal = signals.get(signalName(condition)) ?? { name: signalName(condition), problem: 'no series' };
  if ('problem' in signal) return { condition, signal };
  const isUpper = condition.operator === '>' || condition.operator === '>=';
  const extreme = signal.readings.reduce((best, one) =>
    (isUpper ? one.value > best.value : one.value < best.value) ? one : best,
  );
  return { condition, signal, extreme };
}
