// `shared-iterations`: the VUs share one store of iterations, so a fast one runs more of them than a slow one.

import { formatCount } from '../text/format-figure.ts';
import { formatDuration } from '../time/duration.ts';
import type { ClosedExecutor, FieldMistake, Unchecked } from './executor.ts';
import {
  courseOfFixed,
  type FixedIterationsFields,
  type FixedIterationsLoad,
  fixedFields,
  fixedPlanFields,
  planFixed,
} from './fixed-iterations.ts';
import { findLongRampUp, rampUpText, vusText } from './ramp-up.ts';

/** `iterations` are those of all VUs together, at least `vus`. */
export interface SharedIterationsDefinition extends FixedIterationsFields {
  readonly executor: 'shared-iterations';
}

/** The VUs take `iterations` from one store until it is empty; what is left at maxDurationMs is dropped. */
export interface SharedIterationsPlan extends FixedIterationsLoad {
  readonly kind: 'shared-iterations';
}

function findTooFew({ vus, iterations }: Unchecked): FieldMistake[] {
  if (typeof vus !== 'number' || typeof iterations !== 'number' || iterations >= vus) return [];
  return [{ at: ['iterations'], expected: `at least one for each of the ${vus} VUs`, found: iterations }];
}

export const sharedIterations: ClosedExecutor<SharedIterationsDefinition, SharedIterationsPlan> = {
  model: 'closed',
  fields: fixedFields,
  planFields: fixedPlanFields,
  findMistakes: (scenario) => [...findLongRampUp(scenario, 'maxDuration'), ...findTooFew(scenario)],
  summarize: ({ vus, iterations }) => `${iterations} by ${vus} VUs`,
  endsEarly: true,
  makePlan: (definition) => ({ kind: 'shared-iterations', ...planFixed(definition) }),
  describe: (plan) =>
    `${formatCount(plan.iterations)} among ${vusText(plan.vus)} in at most ${formatDuration(plan.maxDurationMs)}${rampUpText(plan)}`,
  fixedIterations: ({ iterations }) => ({ shared: iterations }),
  ...courseOfFixed<SharedIterationsPlan>(),
};
