// The course of Kubernetes' HorizontalPodAutoscaler: what its metrics want, stabilized, limited by policies and bounds.
// scalers.ts feeds it what a model says.
//
// Source: kubernetes/kubernetes, pkg/controller/podautoscaler/horizontal.go, and the concept page "Horizontal Pod
// Autoscaling" (its defaults: 15 s per period, where the API's reference says 60).

import type { HpaPlan, HpaRules } from '../model/scaling.ts';
import { type HpaReading, hpaReplicas } from './hpa-replicas.ts';

/** How often the controller looks. */
export const hpaIntervalMs = 15_000;

interface ScaleEvent {
  readonly atMs: number;
  readonly change: number;
}

export interface HpaStep {
  readonly replicas: number;
  /** What the metrics alone want; `current` where none of them could be read. */
  readonly wanted: number;
}

export interface HpaRun {
  /**
   * One look at the metrics, each a reading or `undefined` where it could not be read. Times must not go back; `current`
   * is above 0.
   */
  step(atMs: number, current: number, readings: readonly (HpaReading | undefined)[]): HpaStep;
}

/** `plan.maxReplicas` absent is without bound. */
export function createHpaRun(plan: HpaPlan): HpaRun {
  const { minReplicas, maxReplicas = Number.POSITIVE_INFINITY, scaleUp, scaleDown } = plan;
  let recommendations: { readonly atMs: number; readonly replicas: number }[] = [];
  let ups: ScaleEvent[] = [];
  let downs: ScaleEvent[] = [];
  const longestMs = Math.max(
    ...[scaleUp, scaleDown].flatMap(({ stabilizationMs, policies }) => [
      stabilizationMs,
      ...policies.map(({ periodMs }) => periodMs),
    ]),
  );
  const normalised = (atMs: number, current: number, wanted: number): number => {
    const steady = stabilized(recommendations, plan, atMs, current, wanted);
    recommendations.push({ atMs, replicas: wanted });
    if (steady > current) {
      const limit = Math.max(current, scaleUpLimit(current, ups, downs, scaleUp, atMs));
      return Math.min(steady, limit, maxReplicas);
    }
    if (steady < current) {
      const limit = Math.min(current, scaleDownLimit(current, ups, downs, scaleDown, atMs));
      return Math.max(steady, limit, minReplicas);
    }
    return steady;
  };
  return {
    step(atMs, current, readings) {
      const wanted = wantedByAll(readings, current, plan.tolerance);
      // Bounds that were changed meanwhile hold at once, whatever the metrics say.
      const replicas =
        current > maxReplicas
          ? maxReplicas
          : current < minReplicas
            ? minReplicas
            : normalised(atMs, current, wanted);
      if (replicas > current) ups.push({ atMs, change: replicas - current });
      if (replicas < current) downs.push({ atMs, change: current - replicas });
      recommendations = recommendations.filter((one) => one.atMs > atMs - longestMs);
      ups = ups.filter((one) => one.atMs > atMs - longestMs);
      downs = downs.filter((one) => one.atMs > atMs - longestMs);
      return { replicas, wanted };
    },
  };
}

/** The largest of what the metrics want; where one could not be read, never fewer than there are. */
export function wantedByAll(
  readings: readonly (HpaReading | undefined)[],
  current: number,
  tolerance: number,
): number {
  const each = readings.map((one) => (one === undefined ? undefined : hpaReplicas(one, current, tolerance)));
  const known = each.filter((one): one is number => one !== undefined);
  if (known.length === 0) return current;
  const most = Math.max(...known);
  return known.length < each.length ? Math.max(current, most) : most;
}

/** The lowest of the recent recommendations when going up, the highest when going down. */
function stabilized(
  recommendations: readonly { readonly atMs: number; readonly replicas: number }[],
  { scaleUp, scaleDown }: HpaPlan,
  atMs: number,
  current: number,
  wanted: number,
): number {
  const since = (windowMs: number): number[] =>
    recommendations.filter((one) => one.atMs > atMs - windowMs).map(({ replicas }) => replicas);
  const lowest = Math.min(wanted, ...since(scaleUp.stabilizationMs));
  const highest = Math.max(wanted, ...since(scaleDown.stabilizationMs));
  if (current < lowest) return lowest;
  return current > highest ? highest : current;
}

function changeWithin(events: readonly ScaleEvent[], atMs: number, periodMs: number): number {
  return events.filter((event) => event.atMs > atMs - periodMs).reduce((sum, { change }) => sum + change, 0);
}

function limitsOf(
  current: number,
  ups: readonly ScaleEvent[],
  downs: readonly ScaleEvent[],
  { policies }: HpaRules,
  atMs: number,
  proposed: (start: number, policy: HpaRules['policies'][number]) => number,
): number[] {
  return policies.map((policy) => {
    const start =
      current - changeWithin(ups, atMs, policy.periodMs) + changeWithin(downs, atMs, policy.periodMs);
    return proposed(start, policy);
  });
}

/** The most replicas that the policies allow now. */
export function scaleUpLimit(
  current: number,
  ups: readonly ScaleEvent[],
  downs: readonly ScaleEvent[],
  rules: HpaRules,
  atMs: number,
): number {
  if (rules.selectPolicy === 'Disabled' || rules.policies.length === 0) return current;
  // The same expression as the controller's, so that both round alike.
  const limits = limitsOf(current, ups, downs, rules, atMs, (start, { type, value }) =>
    type === 'Pods' ? start + value : Math.ceil(start * (1 + value / 100)),
  );
  return rules.selectPolicy === 'Min' ? Math.min(...limits) : Math.max(...limits);
}

/** The fewest replicas that the policies allow now. */
export function scaleDownLimit(
  current: number,
  ups: readonly ScaleEvent[],
  downs: readonly ScaleEvent[],
  rules: HpaRules,
  atMs: number,
): number {
  if (rules.selectPolicy === 'Disabled' || rules.policies.length === 0) return current;
  const limits = limitsOf(current, ups, downs, rules, atMs, (start, { type, value }) =>
    type === 'Pods' ? start - value : Math.trunc(start * (1 - value / 100)),
  );
  return rules.selectPolicy === 'Min' ? Math.max(...limits) : Math.min(...limits);
}
