// What the executors share that make a fixed number of iterations: fields, plan, schedule. Each says whose iterations they are.

import { type Duration, msOf } from '../time/duration.ts';
import type { ClosedExecutor } from './executor.ts';
import {
  aDuration,
  type FieldsOf,
  iterationCount,
  optional,
  type PlanFieldsOf,
  runLength,
  someVus,
} from './fields.ts';
import { fromRampUp, rampUpChanges, startedBy, stretchedRampUp } from './ramp-up.ts';

/** Longest scenario of fixed iterations when `maxDuration` is absent; also its length with `--ops`. */
export const defaultMaxDurationMs = 600_000;

/** What a suite writes beside the executor. */
export interface FixedIterationsFields {
  readonly vus: number;
  readonly iterations: number;
  readonly rampUp?: Duration;
  readonly maxDuration?: Duration;
}

/** Iterations that have not started by maxDurationMs are dropped. */
export interface FixedIterationsLoad {
  readonly vus: number;
  readonly iterations: number;
  readonly rampUpMs: number;
  readonly maxDurationMs: number;
}

export const fixedFields: FieldsOf<FixedIterationsFields> = {
  vus: someVus,
  iterations: iterationCount,
  rampUp: optional(aDuration),
  maxDuration: optional(runLength),
};

export const fixedPlanFields: PlanFieldsOf<FixedIterationsLoad> = {
  vus: 'count',
  iterations: 'count',
  rampUpMs: 'ms',
  maxDurationMs: 'ms',
};

export function planFixed({
  vus,
  iterations,
  rampUp = 0,
  maxDuration = defaultMaxDurationMs,
}: FixedIterationsFields): FixedIterationsLoad {
  return { vus, iterations, rampUpMs: msOf(rampUp), maxDurationMs: msOf(maxDuration) };
}

type Course<Plan> = Pick<
  ClosedExecutor<never, Plan>,
  'durationMs' | 'maxVus' | 'vuCountAt' | 'vuIntervals' | 'changes' | 'withVus' | 'stretched'
>;

/** VUs that start one after the other and loop until they have no iteration left, at most to the end. */
export function courseOfFixed<Plan extends FixedIterationsLoad>(): Course<Plan> {
  return {
    durationMs: ({ maxDurationMs }) => maxDurationMs,
    maxVus: ({ vus }) => vus,
    vuCountAt: startedBy,
    vuIntervals: (plan, vuIndex) => fromRampUp(plan, vuIndex, plan.maxDurationMs),
    changes: rampUpChanges,
    withVus: (plan, vus) => ({ ...plan, vus }),
    stretched(plan, scaled) {
      const maxDurationMs = scaled(plan.maxDurationMs);
      return { ...plan, maxDurationMs, rampUpMs: stretchedRampUp(plan, maxDurationMs, scaled) };
    },
  };
}
