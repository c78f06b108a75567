// Builds the measurements of runs for the tests of this folder, by recording them as workers do.

import type { ExecutorPlan } from '../executors/executors.ts';
import { judgedCollector } from '../judge/judged-collector.cases.ts';
import { createMeter, type WorkerMeter } from '../meter/meter.ts';
import { limitOn, planWith, recordRequest } from '../metrics/collector.cases.ts';
import type { TrendValues } from '../model/metric.ts';
import type { Plan, ScenarioPlan, UserPlan } from '../model/plan.ts';
import type { Measurements, WorkerGap, WorkerHealth } from '../model/run-record.ts';
import { Histogram } from '../stats/histogram.ts';
import { assessGenerator } from './generator-health.ts';

export { limitOn };

const buyer: UserPlan = {
  name: 'buyer',
  weight: 1,
  thinkTime: { kind: 'none' },
  mix: 'tasks',
  tasks: [
    { name: 'price', share: 70 },
    { name: 'report', share: 30 },
  ],
};

export function scenario(
  name: string,
  executor: ExecutorPlan,
  changes: Partial<ScenarioPlan> = {},
): ScenarioPlan {
  return {
    name,
    startAtMs: 0,
    executor,
    gracefulStopMs: 30_000,
    iterationTimeoutMs: 0,
    users: [buyer],
    tags: {},
    ...changes,
  };
}

const tenVus: ExecutorPlan = { kind: 'constant-vus', vus: 10, rampUpMs: 0, durationMs: 10_000 };

export function arrivals(ratePerSec: number, maxVUs: number): ExecutorPlan {
  return { kind: 'constant-arrival-rate', ratePerSec, durationMs: 10_000, preAllocatedVUs: maxVUs, maxVUs };
}

/** Records `count` iterations of one request each, all alike. */
export function recordIterations(
  meter: WorkerMeter,
  count: number,
  options: { task?: string; scenario?: string; durationMs?: number; failed?: number } = {},
): void {
  const { task = 'price', scenario: scenarioName = 'main', durationMs = 20, failed = 0 } = options;
  const tags = { scenario: scenarioName, user: 'buyer', task };
  for (let i = 0; i < count; i++) {
    recordRequest(meter, durationMs, i < failed, { ...tags, method: 'POST', name: `/${task}` });
    meter.counter('iterations', tags).add(1);
    meter.trend('iteration_duration', tags).add(durationMs);
  }
}

export interface RunCase {
  readonly plan?: Partial<Plan>;
  /** Called once per second of the run, 0 first. */
  readonly record?: (meter: WorkerMeter, second: number) => void;
  readonly seconds?: number;
  readonly workers?: readonly Partial<WorkerHealth>[];
  readonly gaps?: readonly WorkerGap[];
  readonly changes?: Partial<Measurements>;
}

/** A run of ten seconds and one scenario, in which 100 fast iterations a second succeed; or as the case says. */
export function measure({
  plan: planChanges = {},
  record = (meter) => recordTypical(meter),
  seconds = 10,
  workers = [{}],
  gaps = [],
  changes = {},
}: RunCase = {}): Measurements {
  const plan = planWith({
    scenarios: [scenario('main', tenVus)],
    durationMs: 10_000,
    workers: workers.length,
    ...planChanges,
  });
  const collector = judgedCollector(plan);
  const meter = createMeter(0);
  for (let second = 0; second < seconds; second++) {
    record(meter, second);
    collector.accept(meter.flush(second * 1000, (second + 1) * 1000));
    collector.breachedAborts((second + 1) * 1000);
  }
  const collected = collector.finish(
    seconds * 1000,
    changes.interrupted === true || changes.recovery !== undefined,
  );
  const health = workers.map((worker, index) => ({
    index,
    pid: 100 + index,
    cpuMs: 0,
    peakMemoryBytes: 0,
    completed: true,
    ...worker,
  }));
  const trend = (metric: string) =>
    (collected.metrics[metric]?.values as TrendValues | undefined) ?? new Histogram().trendValues();
  return {
    schemaVersion: 1,
    id: 'a1',
    suite: plan.suite,
    profile: plan.profile,
    environment: {
      name: 'local',
      plimsoll: '0',
      node: '20',
      os: 'linux',
      cpuModel: '',
      cpuCount: 2,
      memoryBytes: 1,
      ci: false,
    },
    target: { baseUrl: null },
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: '2026-01-01T00:00:10.000Z',
    interrupted: false,
    plan,
    ...collected,
    generator: {
      ...assessGenerator({ plan, ...collected, workers: health, gaps, errors: changes.errors ?? [] }),
      cpu: trend('generator_cpu'),
      eventLoopDelayMs: trend('generator_event_loop_delay'),
      scheduleLagMs: trend('generator_schedule_lag'),
      gcPauseMs: trend('generator_gc_pause'),
      droppedIterations: 0,
      workers: health,
      gaps,
    },
    monitors: {},
    errors: [],
    ...changes,
  };
}

/** One second of a healthy run: 70 fast iterations of one task, 30 of the other. */
export function recordTypical(meter: WorkerMeter): void {
  recordIterations(meter, 70, { task: 'price', durationMs: 20 });
  recordIterations(meter, 30, { task: 'report', durationMs: 80 });
}
