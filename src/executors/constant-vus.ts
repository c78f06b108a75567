// `constant-vus`: a fixed number of VUs loop for a fixed time.

import { type Duration, formatDuration, msOf } from '../time/duration.ts';
import type { ClosedExecutor } from './executor.ts';
import { aDuration, optional, runLength, someVus } from './fields.ts';
import {
  findLongRampUp,
  fromRampUp,
  rampUpChanges,
  rampUpText,
  startedBy,
  stretchedRampUp,
  vusText,
} from './ramp-up.ts';

export interface ConstantVusDefinition {
  readonly executor: 'constant-vus';
  readonly vus: number;
  readonly duration: Duration;
  readonly rampUp?: Duration;
}

/** VU i (from 0) starts at i × rampUpMs / vus and loops until durationMs. */
export interface ConstantVusPlan {
  readonly kind: 'constant-vus';
  readonly vus: number;
  readonly rampUpMs: number;
  readonly durationMs: number;
}

export const constantVus: ClosedExecutor<ConstantVusDefinition, ConstantVusPlan> = {
  model: 'closed',
  fields: { vus: someVus, duration: runLength, rampUp: optional(aDuration) },
  planFields: { vus: 'count', rampUpMs: 'ms', durationMs: 'ms' },
  findMistakes: (scenario) => findLongRampUp(scenario, 'duration'),
  summarize: ({ vus }) => `${vus} VUs`,
  makePlan: ({ vus, rampUp = 0, duration }) => ({
    kind: 'constant-vus',
    vus,
    rampUpMs: msOf(rampUp),
    durationMs: msOf(duration),
  }),
  describe: (plan) => `${vusText(plan.vus)} for ${formatDuration(plan.durationMs)}${rampUpText(plan)}`,
  durationMs: ({ durationMs }) => durationMs,
  maxVus: ({ vus }) => vus,
  vuCountAt: startedBy,
  vuIntervals: (plan, vuIndex) => fromRampUp(plan, vuIndex, plan.durationMs),
  changes: rampUpChanges,
  withVus: (plan, vus) => ({ ...plan, vus }),
  stretched(plan, scaled) {
    const durationMs = scaled(plan.durationMs);
    return { ...plan, durationMs, rampUpMs: stretchedRampUp(plan, durationMs, scaled) };
  },
};
