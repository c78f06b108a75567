// `shared-iterations`: the VUs share one store of iterations, so a fast one runs more of them than a slow one.

import { formatCount } from '../text/format-figure.ts';
import { type Duration, formatDuration, msOf } from '../time/duration.ts';
import type { ClosedExecutor, FieldMistake, Unchecked } from './executor.ts';
import { aDuration, iterationCount, optional, runLength, someVus } from './fields.ts';
import { defaultMaxDurationMs } from './per-vu-iterations.ts';
import {
  findLongRampUp,
  fromRampUp,
  rampUpChanges,
  rampUpText,
  startedBy,
  stretchedRampUp,
  vusText,
} from './ramp-up.ts';

export interface SharedIterationsDefinition {
  readonly executor: 'shared-iterations';
  readonly vus: number;
  /** In all, at least `vus`. */
  readonly iterations: number;
  readonly rampUp?: Duration;
  readonly maxDuration?: Duration;
}

/** The VUs take `iterations` from one store until it is empty; what is left at maxDurationMs is dropped. */
export interface SharedIterationsPlan {
  readonly kind: 'shared-iterations';
  readonly vus: number;
  readonly iterations: number;
  readonly rampUpMs: number;
  readonly maxDurationMs: number;
}

function findTooFew({ vus, iterations }: Unchecked): FieldMistake[] {
  if (typeof vus !== 'number' || typeof iterations !== 'number' || iterations >= vus) return [];
  return [{ at: ['iterations'], expected: `at least one for each of the ${vus} VUs`, found: iterations }];
}

export const sharedIterations: ClosedExecutor<SharedIterationsDefinition, SharedIterationsPlan> = {
  model: 'closed',
  fields: {
    vus: someVus,
    iterations: iterationCount,
    rampUp: optional(aDuration),
    maxDuration: optional(runLength),
  },
  planFields: { vus: 'count', iterations: 'count', rampUpMs: 'ms', maxDurationMs: 'ms' },
  findMistakes: (scenario) => [...findLongRampUp(scenario, 'maxDuration'), ...findTooFew(scenario)],
  summarize: ({ vus, iterations }) => `${iterations} by ${vus} VUs`,
  endsEarly: true,
  makePlan: ({ vus, iterations, rampUp = 0, maxDuration = defaultMaxDurationMs }) => ({
    kind: 'shared-iterations',
    vus,
    iterations,
    rampUpMs: msOf(rampUp),
    maxDurationMs: msOf(maxDuration),
  }),
  describe: (plan) =>
    `${formatCount(plan.iterations)} among ${vusText(plan.vus)} in at most ${formatDuration(plan.maxDurationMs)}${rampUpText(plan)}`,
  durationMs: ({ maxDurationMs }) => maxDurationMs,
  maxVus: ({ vus }) => vus,
  vuCountAt: startedBy,
  vuIntervals: (plan, vuIndex) => fromRampUp(plan, vuIndex, plan.maxDurationMs),
  fixedIterations: ({ iterations }) => ({ shared: iterations }),
  changes: rampUpChanges,
  withVus: (plan, vus) => ({ ...plan, vus }),
  stretched(plan, scaled) {
    const maxDurationMs = scaled(plan.maxDurationMs);
    return { ...plan, maxDurationMs, rampUpMs: stretchedRampUp(plan, maxDurationMs, scaled) };
  },
};
