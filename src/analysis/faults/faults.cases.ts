// Runs with a fault for the tests of this folder: thirty seconds of two tasks, of which the case says what the fault did.

import type { WorkerMeter } from '../../meter/meter.ts';
import type { ExpectationPlan, FaultPlan, FaultRecord } from '../../model/fault.ts';
import type { MonitorRecord } from '../../model/monitor.ts';
import type { Measurements } from '../../model/run-record.ts';
import { measure, recordIterations, scenario } from '../measurements.cases.ts';
import { faultResults } from './fault-results.ts';

export const fromMs = 10_000;
export const untilMs = 15_000;

const aFault: FaultPlan = {
  ...{ name: 'down', title: 'The CRM is down', kind: 'refuse', on: 'proxy crm before 127.0.0.1:9000' },
  ...{ proxy: 'crm', atMs: fromMs, forMs: untilMs - fromMs, expect: [] },
};

/** What a second of a run brings, 0 first. */
export type Second = (meter: WorkerMeter, second: number) => void;

export interface FaultCase {
  readonly expect?: readonly ExpectationPlan[];
  readonly fault?: Partial<FaultPlan>;
  readonly record?: Partial<FaultRecord>;
  /** 100 iterations of either task when absent. */
  readonly second?: Second;
  readonly monitors?: Readonly<Record<string, MonitorRecord>>;
  readonly metrics?: Measurements['plan']['metrics'];
  readonly seconds?: number;
}

export function both(meter: WorkerMeter, orders: Parameters<typeof recordIterations>[2] = {}): void {
  recordIterations(meter, 100, { task: 'order', ...orders });
  recordIterations(meter, 100, { task: 'price' });
}

export function isDuring(second: number): boolean {
  return second * 1000 >= fromMs && second * 1000 < untilMs;
}

export function runWith({
  expect = [],
  fault = {},
  record = {},
  second = (meter) => both(meter),
  monitors = {},
  metrics = {},
  seconds = 30,
}: FaultCase): Measurements {
  const plan: FaultPlan = { ...aFault, ...fault, expect };
  const run = measure({
    seconds,
    plan: {
      scenarios: [
        scenario('main', { kind: 'constant-vus', vus: 10, rampUpMs: 0, durationMs: seconds * 1000 }),
      ],
      durationMs: seconds * 1000,
      faults: [plan],
      metrics,
    },
    record: second,
  });
  const own = { name: plan.name, fromMs, untilMs, ...record };
  return { ...run, faults: [own], monitors };
}

/** What came of the only expectation of a case. */
export function resultOf(run: FaultCase & { readonly expect: readonly [ExpectationPlan] }) {
  const [result] = faultResults(runWith(run));
  return result!.expectations[0]!;
}
