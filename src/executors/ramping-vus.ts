// `ramping-vus`: the number of looping VUs follows stages.

import { type Duration, formatDuration, msOf } from '../time/duration.ts';
import type { ClosedExecutor } from './executor.ts';
import { aDuration, anyVus, optional } from './fields.ts';
import type { StageDefinition, StagePlan } from './load-values.ts';
import { rampCountAt, rampIntervals } from './ramp.ts';
import { vusText } from './ramp-up.ts';
import {
  courseOf,
  findStagesMistakes,
  lengthOfStages,
  planStages,
  stageChanges,
  stretchedStages,
} from './stages.ts';

const defaultStartVus = 1;
const defaultGracefulRampDown = '30s';

export interface RampingVusDefinition {
  readonly executor: 'ramping-vus';
  /** 1 when absent. */
  readonly startVUs?: number;
  readonly stages: readonly StageDefinition[];
  readonly gracefulRampDown?: Duration;
}

/** The VU count is linear within each stage; VU i is active while the count exceeds i (last in, first out). */
export interface RampingVusPlan {
  readonly kind: 'ramping-vus';
  readonly startVUs: number;
  readonly stages: readonly StagePlan[];
  readonly gracefulRampDownMs: number;
}

function maxVus({ startVUs, stages }: RampingVusPlan): number {
  return Math.max(startVUs, ...stages.map(({ target }) => target));
}

export const rampingVus: ClosedExecutor<RampingVusDefinition, RampingVusPlan> = {
  model: 'closed',
  fields: {
    startVUs: optional(anyVus),
    stages: { kind: 'stages', target: anyVus },
    gracefulRampDown: optional(aDuration),
  },
  planFields: { startVUs: 'count', stages: 'stages', gracefulRampDownMs: 'ms' },
  findMistakes: (scenario) => findStagesMistakes(scenario, scenario.startVUs ?? defaultStartVus),
  summarize: ({ startVUs = defaultStartVus, stages }) =>
    `${[startVUs, ...stages.map(({ target }) => target)].join('→')} VUs`,
  makePlan: ({ startVUs = defaultStartVus, stages, gracefulRampDown = defaultGracefulRampDown }) => ({
    kind: 'ramping-vus',
    startVUs,
    stages: planStages(stages),
    gracefulRampDownMs: msOf(gracefulRampDown),
  }),
  describe: (plan) => `up to ${vusText(maxVus(plan))} over ${formatDuration(lengthOfStages(plan.stages))}`,
  describeCourse: ({ startVUs, stages }) => courseOf(startVUs, stages, String),
  durationMs: ({ stages }) => lengthOfStages(stages),
  maxVus,
  vuCountAt: ({ startVUs, stages }, atMs) => rampCountAt(startVUs, stages, atMs),
  vuIntervals: ({ startVUs, stages }, vuIndex) => rampIntervals(startVUs, stages, vuIndex),
  gracefulLeaveMs: ({ gracefulRampDownMs }) => gracefulRampDownMs,
  changes: ({ startVUs, stages }) => stageChanges(startVUs, stages),
  withVus(plan, vus) {
    const scaled = (count: number): number => Math.round((count * vus) / maxVus(plan));
    const stages = plan.stages.map((stage) => ({ ...stage, target: scaled(stage.target) }));
    return { ...plan, startVUs: scaled(plan.startVUs), stages };
  },
  stretched: (plan, scaled) => ({ ...plan, stages: stretchedStages(plan.stages, scaled) }),
};
