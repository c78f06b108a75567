// When everything starts: pure functions of an executor's plan, without clock or state. The engine follows
// them on every worker, and `inspect` prints them before any load.

import { assertNever } from '../model/errors.ts';
import type { ExecutorPlan, ScenarioPlan } from '../model/plan.ts';
import { allocate, interleave } from '../stats/allocation.ts';
import { type Interval, rampCountAt, rampIntervals } from './ramp.ts';

export type { Interval } from './ramp.ts';

/** Executors of the closed model: VUs that loop. */
export type VuExecutorPlan = Exclude<ExecutorPlan, { kind: 'constant-arrival-rate' }>;
export type ArrivalExecutorPlan = Extract<ExecutorPlan, { kind: 'constant-arrival-rate' }>;

/** One planned start of an arrival-rate executor: global iteration number from 0, ms from scenario start. */
export interface Arrival {
  readonly index: number;
  readonly atMs: number;
}

/** Regular length of an executor in ms, without its graceful stop; for per-vu-iterations the longest. */
export function durationOf(executor: ExecutorPlan): number {
  switch (executor.kind) {
    case 'constant-vus':
    case 'constant-arrival-rate':
      return executor.durationMs;
    case 'per-vu-iterations':
      return executor.maxDurationMs;
    case 'ramping-vus':
      return executor.stages.reduce((sumMs, stage) => sumMs + stage.durationMs, 0);
    default:
      return assertNever(executor);
  }
}

/** The most VUs that an executor ever uses; VU indexes run from 0 to one below it. */
export function maxVusOf(executor: ExecutorPlan): number {
  switch (executor.kind) {
    case 'constant-vus':
    case 'per-vu-iterations':
      return executor.vus;
    case 'constant-arrival-rate':
      return executor.maxVUs;
    case 'ramping-vus':
      return Math.max(executor.startVUs, ...executor.stages.map((stage) => stage.target));
    default:
      return assertNever(executor);
  }
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
 * For arrival rates these are the VUs held ready, `preAllocatedVUs`; how many are busy depends on the target.
 */
export function vuCountAt(executor: ExecutorPlan, atMs: number): number {
  if (atMs < 0 || atMs >= durationOf(executor)) return 0;
  switch (executor.kind) {
    case 'constant-vus':
    case 'per-vu-iterations':
      return startedBy(executor.vus, executor.rampUpMs, atMs);
    case 'constant-arrival-rate':
      return executor.preAllocatedVUs;
    case 'ramping-vus':
      return rampCountAt(executor.startVUs, executor.stages, atMs);
    default:
      return assertNever(executor);
  }
}

/**
 * When VU `vuIndex` (global, from 0) is active: ascending, disjoint intervals in ms from the scenario's start,
 * each half-open. Empty when the VU never gets a turn. With per-vu-iterations a VU may of course be done
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
 * The starts that one of `workerCount` workers makes, ascending: iteration k belongs to worker k % workerCount
 * and starts at k × 1000 / ratePerSec, so the first starts at 0 and none at or after the end. The union over
 * all workers is the whole plan (test "the workers' arrivals together are the whole plan").
 */
export function* arrivalTimes(
  executor: ArrivalExecutorPlan,
  workerIndex: number,
  workerCount: number,
): Generator<Arrival, void, undefined> {
  const { ratePerSec, durationMs } = executor;
  for (let index = workerIndex; ; index += workerCount) {
    // From the index each time, never by adding up steps, so that no rounding error piles up.
    const atMs = (index * 1000) / ratePerSec;
    if (!(atMs < durationMs)) return;
    yield { index, atMs };
  }
}

/** Iterations the plan fixes in advance; `undefined` where it depends on how fast the target answers. */
export function plannedIterations(executor: ExecutorPlan): number | undefined {
  switch (executor.kind) {
    case 'constant-vus':
    case 'ramping-vus':
      return undefined;
    case 'per-vu-iterations':
      return executor.vus * executor.iterations;
    case 'constant-arrival-rate': {
      const { ratePerSec, durationMs } = executor;
      let count = Math.ceil((durationMs * ratePerSec) / 1000);
      while (count > 0 && ((count - 1) * 1000) / ratePerSec >= durationMs) count -= 1;
      while ((count * 1000) / ratePerSec < durationMs) count += 1;
      return count;
    }
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
