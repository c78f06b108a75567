// `externally-controlled`: VUs whose number is changed, and which are paused and resumed, while the run goes on.

import { formatCount } from '../text/format-figure.ts';
import { type Duration, formatDuration, msOf } from '../time/duration.ts';
import type { ControlledExecutor, FieldMistake, Unchecked } from './executor.ts';
import { anyVus, optional, runLength, someVus } from './fields.ts';
import { vusText } from './ramp-up.ts';

export interface ExternallyControlledDefinition {
  readonly executor: 'externally-controlled';
  /** At the start. */
  readonly vus: number;
  /** The most that may be asked for; `vus` when absent. */
  readonly maxVUs?: number;
  readonly duration: Duration;
}

/** As many VUs loop as were asked for last, `vus` at first; VU i is active while that number exceeds i. */
export interface ExternallyControlledPlan {
  readonly kind: 'externally-controlled';
  readonly vus: number;
  readonly maxVUs: number;
  readonly durationMs: number;
}

function findMistakes({ vus, maxVUs }: Unchecked): FieldMistake[] {
  if (typeof vus !== 'number') return [];
  if (typeof maxVUs === 'number' && maxVUs < vus) {
    return [{ at: ['maxVUs'], expected: `at least vus, ${vus}`, found: maxVUs }];
  }
  return vus === 0 && maxVUs === undefined
    ? [{ at: ['maxVUs'], expected: 'the most VUs that may be asked for, since vus is 0' }]
    : [];
}

export const externallyControlled: ControlledExecutor<
  ExternallyControlledDefinition,
  ExternallyControlledPlan
> = {
  model: 'controlled',
  fields: { vus: anyVus, maxVUs: optional(someVus), duration: runLength },
  planFields: { vus: 'count', maxVUs: 'count', durationMs: 'ms' },
  findMistakes,
  summarize: ({ vus, maxVUs = vus }) => `${vus} to ${maxVUs} VUs`,
  makePlan: ({ vus, maxVUs = vus, duration }) => ({
    kind: 'externally-controlled',
    vus,
    maxVUs,
    durationMs: msOf(duration),
  }),
  describe: ({ vus, maxVUs, durationMs }) =>
    `${vusText(vus)} at the start and at most ${formatCount(maxVUs)} for ${formatDuration(durationMs)}`,
  durationMs: ({ durationMs }) => durationMs,
  maxVus: ({ maxVUs }) => maxVUs,
  vuCountAt: ({ vus }) => vus,
  changes: () => [],
  withVus: (plan, vus) => ({ ...plan, maxVUs: vus, vus: Math.round((plan.vus * vus) / plan.maxVUs) }),
  stretched: (plan, scaled) => ({ ...plan, durationMs: scaled(plan.durationMs) }),
};
