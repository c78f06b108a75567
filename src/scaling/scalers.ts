// The two ways to scale that a simulation can try: the rules of a policy, and an HPA. Called by assess-scaling.ts.

import type { HpaPlan, ScalingPlan, ScalingRule } from '../model/scaling.ts';
import { signalName } from './find-signals.ts';
import type { HpaReading } from './hpa-replicas.ts';
import { createHpaRun, hpaIntervalMs } from './hpa-run.ts';
import { createPolicyRun } from './policy-run.ts';
import { meets } from './replay.ts';
import type { Scaler, SeenFigures, SeenInstances, SystemModel } from './simulate.ts';

/** What becomes of figures that the model does not have. */
export interface Assumptions {
  /** CPU of an instance at its capacity, 0..1. */
  readonly cpuAtCapacity: number;
  /** Constant figures by word. */
  readonly assume: Readonly<Record<string, number>>;
}

/** A figure of a word in the model; `undefined` where the model has none. */
function figureOf(
  word: string,
  seen: SeenFigures,
  { cpuAtCapacity, assume }: Assumptions,
): number | undefined {
  if (Object.hasOwn(assume, word)) return assume[word];
  if (word === 'cpu_percent') return seen.busy * cpuAtCapacity;
  if (word === 'iteration_rate') return seen.finishedPerSec;
  return isLatency(word) ? seen.responseMs : undefined;
}

function isLatency(word: string): boolean {
  return /^(?:avg|p\d+)_latency$/.test(word);
}

/** Names of the figures among these that a simulation cannot tell. */
export function unmodelled(
  words: readonly string[],
  model: Pick<SystemModel, 'responseMs'>,
  { assume }: Assumptions,
): string[] {
  return [...new Set(words)].filter(
    (word) =>
      !Object.hasOwn(assume, word) &&
      word !== 'cpu_percent' &&
      word !== 'iteration_rate' &&
      !(isLatency(word) && model.responseMs !== undefined),
  );
}

/** Rules on figures that the model does not have never act. */
export function ruleScaler(policy: ScalingPlan, intervalMs: number, assumptions: Assumptions): Scaler {
  const run = createPolicyRun(policy);
  return {
    intervalMs: Math.max(1000, intervalMs),
    look(atMs, { serving, starting }, seen) {
      return run.step(atMs, serving + starting, (rule) => holds(rule, seen, assumptions));
    },
  };
}

function holds(
  { conditions }: ScalingRule,
  seen: SeenFigures | undefined,
  assumptions: Assumptions,
): boolean | undefined {
  if (seen === undefined) return undefined;
  let known = true;
  for (const condition of conditions) {
    const value = figureOf(signalName(condition), seen, assumptions);
    if (value === undefined) known = false;
    else if (!meets(value, condition)) return false;
  }
  return known ? true : undefined;
}

/**
 * An HPA at its own interval. Instances that start are pods that are not ready; those whose figures do not yet cover the
 * time that is seen have none that count.
 */
export function hpaScaler(hpa: HpaPlan, assumptions: Assumptions): Scaler {
  const run = createHpaRun(hpa);
  return {
    intervalMs: hpaIntervalMs,
    look(atMs, instances, seen) {
      const current = instances.serving + instances.starting;
      const readings = hpa.targets.map((target) =>
        seen === undefined ? undefined : readingOf(target, seen, instances, assumptions),
      );
      const { replicas } = run.step(atMs, current, readings);
      const decision = {
        atMs,
        rule: 'HPA',
        kind: replicas > current ? ('add' as const) : ('remove' as const),
        from: current,
        to: replicas,
        sinceMs: atMs,
        heldBackMs: 0,
      };
      return { instances: replicas, decisions: replicas === current ? [] : [decision], bounds: [] };
    },
  };
}

function readingOf(
  { metric, value: target, unit }: HpaPlan['targets'][number],
  seen: SeenFigures,
  { serving, fresh, starting }: SeenInstances,
  assumptions: Assumptions,
): HpaReading | undefined {
  const value = figureOf(metric, seen, assumptions);
  if (value === undefined) return undefined;
  if (metric === 'cpu_percent') {
    const pods = [
      { state: 'ready' as const, value, request: 1, count: serving - fresh },
      { state: 'unready' as const, request: 1, count: fresh + starting },
    ];
    return { kind: 'utilization', pods, target };
  }
  if (metric === 'memory_percent') {
    const pods = [{ state: 'ready' as const, value, request: 1, count: serving + starting }];
    return { kind: 'utilization', pods, target };
  }
  if (unit === 'per s') return { kind: 'total per pod', value, target };
  return { kind: 'total', value, target, readyPods: serving };
}
