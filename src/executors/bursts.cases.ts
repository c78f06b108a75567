// The plan's side of an executor that no suite can use: `bursts`. run/added-executor.test.ts adds it to the record, to
// show that one file per side is all that a new executor needs.

import { type Duration, formatDuration, msOf } from '../time/duration.ts';
import type { ClosedExecutor, FieldMistake, Unchecked } from './executor.ts';
import { iterationCount, runLength, someVus } from './fields.ts';
import { vusText } from './ramp-up.ts';

interface BurstsDefinition {
  readonly executor: 'bursts';
  readonly vus: number;
  readonly bursts: number;
  readonly every: Duration;
}

/** At each burst, `everyMs` apart, every VU starts one iteration in the same moment. */
export interface BurstsPlan {
  readonly kind: 'bursts';
  readonly vus: number;
  readonly bursts: number;
  readonly everyMs: number;
}

const mostAtOnce = 1000;

function findMistakes({ vus }: Unchecked): FieldMistake[] {
  if (typeof vus !== 'number' || vus <= mostAtOnce) return [];
  return [{ at: ['vus'], expected: `at most ${mostAtOnce} that start at once`, found: vus }];
}

function lengthMs({ bursts, everyMs }: BurstsPlan): number {
  return bursts * everyMs;
}

export const bursts: ClosedExecutor<BurstsDefinition, BurstsPlan> = {
  model: 'closed',
  fields: { vus: someVus, bursts: iterationCount, every: runLength },
  planFields: { vus: 'count', bursts: 'count', everyMs: 'ms' },
  findMistakes,
  summarize: (definition) => `${definition.vus} VUs at once × ${definition.bursts}`,
  makePlan: ({ vus, bursts: count, every }) => ({ kind: 'bursts', vus, bursts: count, everyMs: msOf(every) }),
  describe: (plan) =>
    `${vusText(plan.vus)} at once every ${formatDuration(plan.everyMs)}, ${plan.bursts} times`,
  durationMs: lengthMs,
  maxVus: ({ vus }) => vus,
  vuCountAt: ({ vus }) => vus,
  vuIntervals: (plan) => [{ startAtMs: 0, endAtMs: lengthMs(plan) }],
  fixedIterations: (plan) => ({ perVu: plan.bursts }),
  changes: () => [],
  withVus: (plan, vus) => ({ ...plan, vus }),
  stretched: (plan, scaled) => ({ ...plan, everyMs: scaled(plan.everyMs) }),
};
