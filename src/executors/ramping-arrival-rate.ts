// `ramping-arrival-rate`: iterations start at a rate that follows stages, whatever the target does.

import { formatRate } from '../text/format-figure.ts';
import { formatDuration } from '../time/duration.ts';
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
import { anyRate, optional } from './fields.ts';
import type { StageDefinition, StagePlan } from './load-values.ts';
import { rampCurve, startsUnder } from './rate-curve.ts';
import {
  courseOf,
  findStagesMistakes,
  lengthOfStages,
  planStages,
  stageChanges,
  stretchedStages,
} from './stages.ts';

export interface RampingArrivalRateDefinition extends ArrivalDefinition {
  readonly executor: 'ramping-arrival-rate';
  /** 0 when absent. */
  readonly startRate?: number;
  /** Each `target` is a rate, per `timeUnit`. */
  readonly stages: readonly StageDefinition[];
}

/** The rate is linear within each stage; iteration k (from 0) starts when its integral reaches k + 1. */
export interface RampingArrivalRatePlan extends OpenPlan {
  readonly kind: 'ramping-arrival-rate';
  readonly startRatePerSec: number;
  /** Each `target` is a rate per second. */
  readonly stages: readonly StagePlan[];
}

function peakRatePerSec({ startRatePerSec, stages }: RampingArrivalRatePlan): number {
  return Math.max(startRatePerSec, ...stages.map(({ target }) => target));
}

export const rampingArrivalRate: OpenExecutor<RampingArrivalRateDefinition, RampingArrivalRatePlan> = {
  model: 'open',
  fields: {
    ...rateFields,
    startRate: optional(anyRate),
    stages: { kind: 'stages', target: anyRate },
    arrivals: arrivalsField,
  },
  planFields: {
    startRatePerSec: 'count',
    timeUnitMs: 'time-unit',
    stages: 'rate-stages',
    preAllocatedVUs: 'count',
    maxVUs: 'count',
    arrivals: 'arrivals',
  },
  findMistakes: (scenario) => [
    ...findRateMistakes(scenario, ['startRate']),
    ...findStagesMistakes(scenario, scenario.startRate ?? 0),
  ],
  summarize: ({ startRate = 0, stages, timeUnit }) =>
    `${[startRate, ...stages.map(({ target }) => target)].join('→')}${unitText(timeUnit)}`,
  makePlan: (definition) => ({
    kind: 'ramping-arrival-rate',
    startRatePerSec: ratePerSecOf(definition.startRate ?? 0, definition.timeUnit),
    ...planTimeUnit(definition.timeUnit),
    stages: planStages(definition.stages, (target) => ratePerSecOf(target, definition.timeUnit)),
    ...planArrivals(definition),
  }),
  describe: (plan) =>
    `up to ${formatRate(peakRatePerSec(plan))} over ${formatDuration(lengthOfStages(plan.stages))}, ${arrivalText(plan)}`,
  describeCourse: ({ startRatePerSec, stages }) => courseOf(startRatePerSec, stages, formatRate),
  durationMs: ({ stages }) => lengthOfStages(stages),
  maxVus: ({ maxVUs }) => maxVUs,
  vuCountAt: ({ preAllocatedVUs }) => preAllocatedVUs,
  changes: ({ startRatePerSec, stages }) => stageChanges(startRatePerSec, stages),
  peakRatePerSec,
  rateCurve: rampCurve,
  starts: (plan) => startsUnder(rampCurve(plan)),
  withVus: withOpenVus,
  withRates({ timeUnitMs: _, ...perSec }, scaled) {
    const stages = perSec.stages.map((stage) => ({ ...stage, target: scaled(stage.target) }));
    return { ...perSec, startRatePerSec: scaled(perSec.startRatePerSec), stages };
  },
  stretched: (plan, scaled) => ({ ...plan, stages: stretchedStages(plan.stages, scaled) }),
};
