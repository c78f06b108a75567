// Runs that show how much load a target carries, for the tests of this folder and of the report's section.

import type { ExecutorPlan } from '../../executors/executors.ts';
import type { WorkerMeter } from '../../meter/meter.ts';
import { type CapacityPlan, defaultBuffers } from '../../model/capacity-plan.ts';
import type { Measurements } from '../../model/run-record.ts';
import type { VerdictStatus } from '../../model/verdict.ts';
import { analyse } from '../analyse.ts';
import { limitOn, measure, type RunCase, recordIterations, scenario } from '../measurements.cases.ts';
import { findScalability } from '../scalability.ts';
import { assessCapacity, type CapacityAssessment } from './capacity-plan.ts';

export const limit = [limitOn('http_req_duration', 'p95', '<', 1000)];

/** A run of one level: so many users, each with a request that takes 100 ms, at so many a second. */
export function level(users: number, perSec: number, { plan = {}, ...more }: RunCase = {}): Measurements {
  return measure({
    plan: {
      scenarios: [scenario('main', { kind: 'constant-vus', vus: users, rampUpMs: 0, durationMs: 30_000 })],
      durationMs: 30_000,
      thresholds: limit,
      ...plan,
    },
    seconds: 30,
    record: (meter) => {
      recordIterations(meter, perSec, { durationMs: 100 });
      meter.gauge('vus', { scenario: 'main' }).set(users);
    },
    ...more,
  });
}

export function assess(
  records: readonly Measurements[],
  plan?: CapacityPlan,
  status?: readonly VerdictStatus[],
): CapacityAssessment | undefined {
  const judged = records.map((measured, i) => {
    return { measured, status: status?.[i] ?? analyse(measured).verdict.status };
  });
  return assessCapacity(judged, findScalability(records), plan);
}

export const plain: CapacityPlan = { instances: 1, buffers: defaultBuffers };
/** From 0 to 100 users in a minute, three more requests a second each second. */
export function rise(
  record: (meter: WorkerMeter, perSec: number, second: number) => void,
  thresholds: RunCase['plan'] = {},
  changes: Partial<RunCase> = {},
): Measurements {
  const executor: ExecutorPlan = {
    kind: 'ramping-vus',
    startVUs: 0,
    stages: [{ durationMs: 60_000, target: 100 }],
    gracefulRampDownMs: 0,
  };
  return measure({
    seconds: 60,
    plan: { scenarios: [scenario('main', executor)], durationMs: 60_000, thresholds: limit, ...thresholds },
    record: (meter, second) => {
      meter.gauge('vus', { scenario: 'main' }).set(Math.round(((second + 1) * 100) / 60));
      record(meter, 30 + 3 * second, second);
    },
    ...changes,
  });
}
