// How many iterations a scenario will make: exactly, or at most. Used by describe-scenario.ts.

import {
  isArrivalRate,
  isClosed,
  maxVusOf,
  plannedIterations,
  rateCurveOf,
  vuIntervals,
} from '../executors/of-plan.ts';
import { areaUnder } from '../executors/rate-curve.ts';
import type { ScenarioPlan, ThinkTimePlan } from '../model/plan.ts';
import { userOfVu } from './schedule.ts';

/**
 * `exact` where the plan fixes the number; `mean` where the seed decides it, around this mean. `at-most` where VUs loop with a think time: what an infinitely fast
 * target would get, so the true number is lower. `open` where the target alone decides.
 */
export type IterationEstimate =
  | { readonly kind: 'exact'; readonly count: number }
  | { readonly kind: 'mean'; readonly count: number }
  | { readonly kind: 'at-most'; readonly count: number }
  | { readonly kind: 'open' };

/** Mean wait in ms; `undefined` where there is none, or only the suite's code knows it. */
function meanMs(thinkTime: ThinkTimePlan): number | undefined {
  if (thinkTime.kind === 'fixed') return thinkTime.ms;
  return thinkTime.kind === 'uniform' ? (thinkTime.minMs + thinkTime.maxMs) / 2 : undefined;
}

/**
 * Estimates a scenario's iterations. A VU that is active for T ms and waits t ms on average between two
 * iterations starts at most T / t + 1 of them.
 */
export function estimateIterations(scenario: ScenarioPlan): IterationEstimate {
  const { executor, users } = scenario;
  const count = plannedIterations(executor);
  if (count !== undefined) return { kind: 'exact', count };
  if (isArrivalRate(executor)) return { kind: 'mean', count: areaUnder(rateCurveOf(executor)) };
  if (!isClosed(executor)) return { kind: 'open' };
  const waits = users.map((user) => meanMs(user.thinkTime));
  const classOfVu = userOfVu(scenario);
  let most = 0;
  for (let vu = 0; vu < maxVusOf(executor); vu++) {
    const waitMs = waits[classOfVu[vu]!];
    if (waitMs === undefined) return { kind: 'open' };
    for (const { startAtMs, endAtMs } of vuIntervals(executor, vu))
      most += (endAtMs - startAtMs) / waitMs + 1;
  }
  return { kind: 'at-most', count: Math.round(most) };
}
