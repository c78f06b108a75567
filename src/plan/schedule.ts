// When everything starts: pure functions of an executor's plan, without clock or state. The engine follows
// them on every worker, and `inspect` prints them before any load.

import { assertNever } from '../model/errors.ts';
import { type ArrivalExecutorPlan, durationOf, maxVusOf } from '../model/executor.ts';
import type { ExecutorPlan, ScenarioPlan } from '../model/plan.ts';
import { allocate, interleave } from '../stats/allocation.ts';
import { type Interval, rampCountAt, rampIntervals } from './ramp.ts';
import { ascendingTimes, evenStartsOf, rateCurveOf, wholeStarts } from './rate-curve.ts';

export type { Interval } from './ramp.ts';
export { type ArrivalExecutorPlan, durationOf, maxVusOf };

/** VUs that loop, as many as are asked for while the run goes on. */
export type ControlledExecutorPlan = Extract<ExecutorPlan, { kind: 'externally-controlled' }>;
/** Executors of the closed model whose VUs loop when the plan says. */
export type VuExecutorPlan = Exclude<ExecutorPlan, ArrivalExecutorPlan | ControlledExecutorPlan>;

/** One planned start of an arrival-rate executor: global iteration number from 0, ms from scenario start. */
export interface Arrival {
  readonly index: number;
  readonly atMs: number;
}

function rampStartMs(vuIndex: number, vus: number, rampUpMs: number): number {
  return (vuIndex * rampUpMs) / vus;
}

/** How many of `vus` have started by `atMs` when VU i starts at i × rampUpMs / vus. */
function startedBy(vus: number, rampUpMs: number, atMs: number): number {
  if (rampUpMs === 0) return vus;
  let count = Math.min(vus, Math.floor((atMs * vus) / rampUpMs) + 1);
  while (count > 0 && rampStartMs(count - 1, vus, rampUpMs) > atMs) count -= 1;
  while (count < vus && rampStartMs(count, vus, rampUpMs) <= atMs) count += 1;
  return count;
}

/**
 * VUs planned to be active at `atMs` ms after the scenario's start; 0 before it and from its regular end on.
 * For arrival rates these are the VUs held ready, `preAllocatedVUs`; how many are busy depends on the target. For
 * externally-controlled they are the VUs of the start.
 */
export function vuCountAt(executor: ExecutorPlan, atMs: number): number {
  if (atMs < 0 || atMs >= durationOf(executor)) return 0;
  switch (executor.kind) {
    case 'constant-vus':
    case 'per-vu-iterations':
    case 'shared-iterations':
      return startedBy(executor.vus, executor.rampUpMs, atMs);
    case 'constant-arrival-rate':
    case 'ramping-arrival-rate':
      return executor.preAllocatedVUs;
    case 'externally-controlled':
      return executor.vus;
    case 'ramping-vus':
      return rampCountAt(executor.startVUs, executor.stages, atMs);
    default:
      return assertNever(executor);
  }
}

/**
 * When VU `vuIndex` (global, from 0) is active: ascending, disjoint intervals in ms from the scenario's start,
 * each half-open. Empty when the VU never gets a turn. Where the iterations are fixed a VU may of course be done
 * before the end given here, which is the longest possible.
 */
export function vuIntervals(executor: VuExecutorPlan, vuIndex: number): Interval[] {
  if (vuIndex < 0 || vuIndex >= maxVusOf(executor)) return [];
  if (executor.kind === 'ramping-vus') return rampIntervals(executor.startVUs, executor.stages, vuIndex);
  const startAtMs = rampStartMs(vuIndex, executor.vus, executor.rampUpMs);
  const endAtMs = durationOf(executor);
  return startAtMs < endAtMs ? [{ startAtMs, endAtMs }] : [];
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
  if (executor.kind === 'constant-arrival-rate') {
    const { count, atMs } = evenStartsOf(executor);
    for (let index = workerIndex; index < count; index += workerCount) yield { index, atMs: atMs(index) };
    return;
  }
  const curve = rateCurveOf(executor);
  const timeOf = ascendingTimes(curve);
  const count = wholeStarts(curve);
  for (let index = workerIndex; index < count; index += workerCount) {
    yield { index, atMs: timeOf(index + 1)! };
  }
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

/** Iterations the plan fixes in advance; `undefined` where it depends on the target, or on chance. */
export function plannedIterations(executor: ExecutorPlan): number | undefined {
  switch (executor.kind) {
    case 'constant-vus':
    case 'ramping-vus':
    case 'externally-controlled':
      return undefined;
    case 'per-vu-iterations':
      return executor.vus * executor.iterations;
    case 'shared-iterations':
      return executor.iterations;
    case 'ramping-arrival-rate':
      return executor.arrivals === 'poisson' ? undefined : wholeStarts(rateCurveOf(executor));
    case 'constant-arrival-rate':
      return executor.arrivals === 'poisson' ? undefined : evenStartsOf(executor).count;
    default:
      return assertNever(executor);
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
  executor: Extract<ExecutorPlan, { kind: 'shared-iterations' }>,
  workerIndex: number,
  workerCount: number,
): { readonly from: number; readonly to: number } {
  const vus = Array.from({ length: workerCount }, (_, i) => segmentVus(executor.vus, i, workerCount).length);
  const shares = allocate(executor.iterations, vus);
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
