// Plans, thresholds and workers for the tests of this folder and of judge/.

import { createMeter, type WorkerMeter } from '../meter/meter.ts';
import type { Aggregation, ThresholdOperator } from '../model/aggregation.ts';
import type { MetricWindow, Tags } from '../model/metric.ts';
import type { Plan, ThresholdPlan } from '../model/plan.ts';
import type { MetricEntry } from '../model/run-record.ts';
import type { MeasuredRun } from './collector.ts';
import type { MeasuredEntry } from './metric-entries.ts';

/** A plan of one constant scenario; only what a collector reads matters. */
export function planWith(changes: Partial<Plan> = {}): Plan {
  return {
    suite: 'shop',
    profile: 'smoke',
    description: '',
    environment: 'local',
    seed: 1,
    tags: {},
    workers: 1,
    http: { timeoutMs: 60_000, maxRedirects: 10, headers: {}, connectionsPerHost: 6 },
    scenarios: [],
    thresholds: [],
    metrics: {},
    durationMs: 60_000,
    maxDurationMs: 90_000,
    ...changes,
  };
}

/** A critical threshold such as `limitOn('http_req_duration', 'p95', '<', 100)`; `pN` is a percentile. */
export function limitOn(
  metric: string,
  aggregation: string,
  operator: ThresholdOperator,
  limit: number,
  changes: Partial<ThresholdPlan> = {},
): ThresholdPlan {
  const p = /^p([\d.]+)$/.exec(aggregation)?.[1];
  return {
    metric,
    tags: {},
    expression: `${p === undefined ? aggregation : `p(${p})`}${operator}${limit}`,
    aggregation:
      p === undefined ? ({ kind: aggregation } as Aggregation) : { kind: 'percentile', p: Number(p) },
    operator,
    limit,
    level: 'critical',
    abortOnFail: false,
    delayAbortEvalMs: 0,
    warnMargin: 0,
    ...changes,
  };
}

/** Records one request as the engine does. */
export function recordRequest(meter: WorkerMeter, durationMs: number, failed: boolean, tags: Tags): void {
  meter.counter('http_reqs', tags).add(1);
  meter.trend('http_req_duration', tags).add(durationMs);
  meter.rate('http_req_failed', tags).add(failed);
}

/** A window of a worker that did only what `record` says. */
export function windowOf(
  worker: number,
  startAtMs: number,
  record: (meter: WorkerMeter) => void,
): MetricWindow {
  const meter = createMeter(worker);
  record(meter);
  return meter.flush(startAtMs, startAtMs + 1000);
}

/** Metrics by their keys, as in a record. */
export function entriesByKey(entries: readonly MeasuredEntry[]): Record<string, MetricEntry> {
  return Object.fromEntries(entries.map(({ key, entry }) => [key, entry]));
}

/** What was measured, with its metrics by their keys. */
export function sumsOf({
  entries,
  ...rest
}: MeasuredRun): Omit<MeasuredRun, 'entries'> & { readonly metrics: Record<string, MetricEntry> } {
  return {
    ...rest,
    metrics: entriesByKey(entries({ recovery_time: [], spike_recovery_time: [], goodput_kept: [] })),
  };
}

/** The tags of a request of either of two users. */
export const pricing = {
  scenario: 'main',
  user: 'buyer',
  task: 'price',
  method: 'POST',
  name: '/price',
  status: '200',
};

export const report = {
  scenario: 'main',
  user: 'admin',
  task: 'report',
  method: 'GET',
  name: '/roi',
  status: '200',
};
