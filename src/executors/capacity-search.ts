// `capacity-search`: what a profile writes to run steps of rising arrival rate, until a threshold breaks. No executor of
// its own: each step becomes a scenario of `constant-arrival-rate` (plan/layout.ts).

import type { Duration } from '../time/duration.ts';
import { findRateMistakes, type RateDefinition, rateFields, unitText } from './arrival-rate.ts';
import type { FieldMistake, LoadForm, Unchecked } from './executor.ts';
import { aRate, runLength } from './fields.ts';

const mostSteps = 1000;

/** Steps of rising arrival rate; the run ends at the first step whose thresholds break. */
export interface CapacitySearchDefinition extends RateDefinition {
  readonly executor: 'capacity-search';
  readonly startRate: number;
  readonly stepRate: number;
  readonly maxRate: number;
  readonly stepDuration: Duration;
}

function findStepMistakes({ startRate, stepRate, maxRate }: Unchecked): FieldMistake[] {
  if (typeof startRate !== 'number' || typeof maxRate !== 'number' || typeof stepRate !== 'number') return [];
  if (maxRate < startRate) {
    return [{ at: ['maxRate'], expected: `at least startRate, ${startRate}`, found: maxRate }];
  }
  if ((maxRate - startRate) / stepRate < mostSteps) return [];
  return [{ at: ['stepRate'], expected: `a step that makes at most ${mostSteps} of them`, found: stepRate }];
}

export const capacitySearch: LoadForm<CapacitySearchDefinition> = {
  model: 'open',
  fields: {
    ...rateFields,
    startRate: aRate,
    stepRate: aRate,
    maxRate: aRate,
    stepDuration: runLength,
  },
  findMistakes: (scenario) => [
    ...findRateMistakes({ ...scenario, stages: undefined }, ['startRate', 'stepRate', 'maxRate']),
    ...findStepMistakes(scenario),
  ],
  summarize: ({ startRate, maxRate, timeUnit }) => `${startRate}→${maxRate}${unitText(timeUnit)}`,
  endsEarly: true,
};
