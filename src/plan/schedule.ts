// What each worker has of a plan: its starts, its VUs, its part of a store. Pure functions of an executor's plan, without
// clock or state; the engine follows them on every worker.

import type { ArrivalExecutorPlan } from '../executors/executors.ts';
import { maxVusOf, rateCurveOf, startsOf } from '../executors/of-plan.ts';
import { ascendingTimes } from '../executors/rate-curve.ts';
import type { ScenarioPlan } from '../model/plan.ts';
import { allocate, interleave } from '../stats/allocation.ts';

/** One planned start of an arrival-rate executor: global iteration number from 0, ms from scenario start. */
export interface Arrival {
  readonly index: number;
  readonly atMs: number;
}

/**
 * The starts that one of `workerCount` workers makes, ascending: iteration k belongs to worker k % workerCount.
 * At a constant rate it starts at k × timeUnit / rate, so the first starts at 0 and none at or after the end;
 * at a ramping one when the integral of the rate reaches k + 1, as in k6. Poisson arrivals need `random`, the
 * same in every worker, since each draws the gaps of all. The union over all workers is the whole plan (test
 * "the workers' arrivals together are the whole plan").
 */
export function* arrivalTimes(
  executor: ArrivalExecutorPlan,
  workerIndex: number,
  workerCount: number,
  random?: () => number,
): Generator<Arrival, void, undefined> {
  if (executor.arrivals === 'poisson') {
    if (random === undefined) throw new TypeError('poisson arrivals need a random stream');
    yield* poissonTimes(executor, workerIndex, workerCount, random);
    return;
  }
  const { count, atMs } = startsOf(executor);
  for (let index = workerIndex; index < count; index += workerCount) yield { index, atMs: atMs(index) };
}

/**
 * A Poisson process by time change: unit-rate arrivals on the axis of the integrated rate, mapped back to time.
 * **Source:** E. Çinlar, Introduction to Stochastic Processes (1975), section 4.7.
 */
function* poissonTimes(
  executor: ArrivalExecutorPlan,
  workerIndex: number,
  workerCount: number,
  random: () => number,
): Generator<Arrival, void, undefined> {
  const timeOf = ascendingTimes(rateCurveOf(executor));
  let area = 0;
  for (let index = 0; ; index++) {
    area -= Math.log(1 - random());
    const atMs = timeOf(area);
    if (atMs === undefined) return;
    if (index % workerCount === workerIndex) yield { index, atMs };
  }
}

/** The VU indexes (of `total`, from 0) that one of `workerCount` workers runs: those with i % workerCount = it. */
export function segmentVus(total: number, workerIndex: number, workerCount: number): number[] {
  const indexes: number[] = [];
  for (let index = workerIndex; index < total; index += workerCount) indexes.push(index);
  return indexes;
}

/**
 * How many VUs of each user class (in the order of `scenario.users`) one of `workerCount` workers makes beforehand for
 * an arrival rate. Over all workers they are the exact shares by weight, and each worker has its fair part of every
 * class, give or take one: arrivals of any class may come to any worker.
 */
export function preallocatedVus(
  { executor, users }: { readonly executor: ArrivalExecutorPlan; readonly users: ScenarioPlan['users'] },
  workerIndex: number,
  workerCount: number,
): number[] {
  const weights = users.map(({ weight }) => weight);
  let position = 0;
  // Dealt out class by class, like cards.
  return allocate(executor.preAllocatedVUs, weights).map((count) => {
    const from = position;
    position += count;
    return dealtBefore(position, workerIndex, workerCount) - dealtBefore(from, workerIndex, workerCount);
  });
}

/** How many of the first `position` cards one of `handCount` hands has got. */
function dealtBefore(position: number, hand: number, handCount: number): number {
  return Math.max(0, Math.ceil((position - hand) / handCount));
}

/**
 * The part of a shared store of iterations that one worker's VUs take from: numbers `from` <= n < `to`. The parts
 * are in proportion to the workers' VUs, so a worker without VUs has none, and together they are 0 to iterations.
 */
export function segmentIterations(
  { iterations, vus }: { readonly iterations: number; readonly vus: number },
  workerIndex: number,
  workerCount: number,
): { readonly from: number; readonly to: number } {
  const parts = Array.from({ length: workerCount }, (_, i) => segmentVus(vus, i, workerCount).length);
  const shares = allocate(iterations, parts);
  const from = shares.slice(0, workerIndex).reduce((sum, share) => sum + share, 0);
  return { from, to: from + shares[workerIndex]! };
}

/**
 * Which user class each VU of a scenario is: `result[vuIndex]` is an index into `scenario.users`. The counts
 * are exact by weight, and the classes are spread evenly over the indexes, so that a ramp has the right mix
 * at every height and every worker gets its fair part of each class.
 */
export function userOfVu(scenario: Pick<ScenarioPlan, 'executor' | 'users'>): Uint16Array {
  return interleave(userCounts(scenario));
}

/** How many of the scenario's VUs are of each user class, in the order of `scenario.users`; the sum is exact. */
export function userCounts(scenario: Pick<ScenarioPlan, 'executor' | 'users'>): number[] {
  return allocate(
    maxVusOf(scenario.executor),
    scenario.users.map((user) => user.weight),
  );
}
