// `constant-arrival-rate`: iterations start at a fixed rate, whatever the target does.

import { formatRate } from '../text/format-figure.ts';
import { type Duration, formatDuration, msOf } from '../time/duration.ts';
import {
  type ArrivalDefinition,
  arrivalsField,
  arrivalText,
  findRateMistakes,
  planArrivals,
  planTimeUnit,
  rateFields,
  ratePerSecOf,
  unitText,
  withOpenVus,
} from './arrival-rate.ts';
import type { OpenExecutor, OpenPlan } from './executor.ts';
import { aRate, runLength } from './fields.ts';
import { constantCurve, evenStarts } from './rate-curve.ts';

export interface ConstantArrivalRateDefinition extends ArrivalDefinition {
  readonly executor: 'constant-arrival-rate';
  readonly rate: number;
  readonly duration: Duration;
}

/** Iteration k (from 0) starts at k × timeUnit / rate, whatever the target does. */
export interface ConstantArrivalRatePlan extends OpenPlan {
  readonly kind: 'constant-arrival-rate';
  readonly ratePerSec: number;
  readonly durationMs: number;
}

export const constantArrivalRate: OpenExecutor<ConstantArrivalRateDefinition, ConstantArrivalRatePlan> = {
  model: 'open',
  fields: { ...rateFields, rate: aRate, duration: runLength, arrivals: arrivalsField },
  planFields: {
    ratePerSec: 'count',
    timeUnitMs: 'time-unit',
    durationMs: 'ms',
    preAllocatedVUs: 'count',
    maxVUs: 'count',
    arrivals: 'arrivals',
  },
  findMistakes: (scenario) => findRateMistakes({ ...scenario, stages: undefined }, ['rate']),
  summarize: ({ rate, timeUnit }) => `${rate}${unitText(timeUnit)}`,
  makePlan: (definition) => ({
    kind: 'constant-arrival-rate',
    ratePerSec: ratePerSecOf(definition.rate, definition.timeUnit),
    ...planTimeUnit(definition.timeUnit),
    durationMs: msOf(definition.duration),
    ...planArrivals(definition),
  }),
  describe: (plan) =>
    `${formatRate(plan.ratePerSec)} for ${formatDuration(plan.durationMs)}, ${arrivalText(plan)}`,
  durationMs: ({ durationMs }) => durationMs,
  maxVus: ({ maxVUs }) => maxVUs,
  vuCountAt: ({ preAllocatedVUs }) => preAllocatedVUs,
  changes: () => [],
  peakRatePerSec: ({ ratePerSec }) => ratePerSec,
  rateCurve: constantCurve,
  starts: evenStarts,
  withVus: withOpenVus,
  withRates: ({ timeUnitMs: _, ...perSec }, scaled) => ({ ...perSec, ratePerSec: scaled(perSec.ratePerSec) }),
  stretched: (plan, scaled) => ({ ...plan, durationMs: scaled(plan.durationMs) }),
};
