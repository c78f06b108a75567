// `per-vu-iterations`: each VU runs a fixed number of iterations.

import { formatCount } from '../text/format-figure.ts';
import { type Duration, formatDuration, msOf } from '../time/duration.ts';
import type { ClosedExecutor } from './executor.ts';
import { aDuration, iterationCount, optional, runLength, someVus } from './fields.ts';
import {
  findLongRampUp,
  fromRampUp,
  rampUpChanges,
  rampUpText,
  startedBy,
  stretchedRampUp,
  vusText,
} from './ramp-up.ts';

/** Longest scenario of fixed iterations when `maxDuration` is absent; also its length with `--ops`. */
export const defaultMaxDurationMs = 600_000;

export interface PerVuIterationsDefinition {
  readonly executor: 'per-vu-iterations';
  readonly vus: number;
  readonly iterations: number;
  readonly rampUp?: Duration;
  readonly maxDuration?: Duration;
}

/** Every VU makes exactly `iterations`; those not started by maxDurationMs are dropped. */
export interface PerVuIterationsPlan {
  readonly kind: 'per-vu-iterations';
  readonly vus: number;
  readonly iterations: number;
  readonly rampUpMs: number;
  readonly maxDurationMs: number;
}

export const perVuIterations: ClosedExecutor<PerVuIterationsDefinition, PerVuIterationsPlan> = {
  model: 'closed',
  fields: {
    vus: someVus,
    iterations: iterationCount,
    rampUp: optional(aDuration),
    maxDuration: optional(runLength),
  },
  planFields: { vus: 'count', iterations: 'count', rampUpMs: 'ms', maxDurationMs: 'ms' },
  findMistakes: (scenario) => findLongRampUp(scenario, 'maxDuration'),
  summarize: ({ vus, iterations }) => `${vus} VUs × ${iterations}`,
  endsEarly: true,
  makePlan: ({ vus, iterations, rampUp = 0, maxDuration = defaultMaxDurationMs }) => ({
    kind: 'per-vu-iterations',
    vus,
    iterations,
    rampUpMs: msOf(rampUp),
    maxDurationMs: msOf(maxDuration),
  }),
  describe: (plan) =>
    `${vusText(plan.vus)} × ${formatCount(plan.iterations)} in at most ${formatDuration(plan.maxDurationMs)}${rampUpText(plan)}`,
  durationMs: ({ maxDurationMs }) => maxDurationMs,
  maxVus: ({ vus }) => vus,
  vuCountAt: startedBy,
  vuIntervals: (plan, vuIndex) => fromRampUp(plan, vuIndex, plan.maxDurationMs),
  fixedIterations: ({ iterations }) => ({ perVu: iterations }),
  changes: rampUpChanges,
  withVus: (plan, vus) => ({ ...plan, vus }),
  stretched(plan, scaled) {
    const maxDurationMs = scaled(plan.maxDurationMs);
    return { ...plan, maxDurationMs, rampUpMs: stretchedRampUp(plan, maxDurationMs, scaled) };
  },
};
