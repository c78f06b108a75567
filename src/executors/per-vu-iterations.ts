// `per-vu-iterations`: each VU runs a fixed number of iterations.

import { formatCount } from '../text/format-figure.ts';
import { formatDuration } from '../time/duration.ts';
import type { ClosedExecutor } from './executor.ts';
import {
  courseOfFixed,
  type FixedIterationsFields,
  type FixedIterationsLoad,
  fixedFields,
  fixedPlanFields,
  planFixed,
} from './fixed-iterations.ts';
import { findLongRampUp, rampUpText, vusText } from './ramp-up.ts';

/** `iterations` are those of each VU. */
export interface PerVuIterationsDefinition extends FixedIterationsFields {
  readonly executor: 'per-vu-iterations';
}

/** Every VU makes exactly `iterations`; those not started by maxDurationMs are dropped. */
export interface PerVuIterationsPlan extends FixedIterationsLoad {
  readonly kind: 'per-vu-iterations';
}

export const perVuIterations: ClosedExecutor<PerVuIterationsDefinition, PerVuIterationsPlan> = {
  model: 'closed',
  fields: fixedFields,
  planFields: fixedPlanFields,
  findMistakes: (scenario) => findLongRampUp(scenario, 'maxDuration'),
  summarize: ({ vus, iterations }) => `${vus} VUs × ${iterations}`,
  endsEarly: true,
  makePlan: (definition) => ({ kind: 'per-vu-iterations', ...planFixed(definition) }),
  describe: (plan) =>
    `${vusText(plan.vus)} × ${formatCount(plan.iterations)} in at most ${formatDuration(plan.maxDurationMs)}${rampUpText(plan)}`,
  fixedIterations: ({ iterations }) => ({ perVu: iterations }),
  ...courseOfFixed<PerVuIterationsPlan>(),
};
