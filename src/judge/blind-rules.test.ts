// Rules of alerts that could not fire, since nothing was recorded of what they look at.

import { expect, test } from 'vitest';
import { planWith, recordRequest, windowOf } from '../metrics/collector.cases.ts';
import type { AlertCondition, AlertPlan } from '../model/alert.ts';
import type { MonitorPlan } from '../model/monitor-settings.ts';
import { judgedCollector } from './judged-collector.cases.ts';

const monitor: MonitorPlan = {
  ...{ name: 'db', title: 'PostgreSQL', intervalMs: 1000, timeoutMs: 500, share: 0.1 },
  figures: {
    cpu_ratio: { type: 'gauge', unit: 'ratio', title: 'CPU' },
    queries: { type: 'counter', unit: 'count', title: 'queries' },
  },
  source: { kind: 'host' },
};

const p95 = { kind: 'percentile', p: 95 } as const;
const condition = (metric: string, changes: Partial<AlertCondition> = {}): AlertCondition => ({
  ...{ metric, tags: {}, operator: '>', limit: 1, unit: 'ratio' },
  ...changes,
});

/** The figures that nothing was recorded for of a rule with these conditions, after a second of load and a reading. */
function unrecordedOf(...conditions: readonly AlertCondition[]): readonly string[] | undefined {
  const alert: AlertPlan = {
    ...{ name: 'busy', title: 'Busy', hysteresis: 0, respond: [], abort: false },
    rules: [{ level: 'warning', expression: 'rule', forMs: 0, conditions }],
  };
  const run = judgedCollector(planWith({ monitors: [monitor], alerts: [alert] }));
  run.accept(windowOf(0, 0, (meter) => recordRequest(meter, 20, false, { task: 'price' })));
  const sample = { monitor: 'db', atMs: 0, values: { cpu_ratio: 0.5 }, gains: {} };
  run.observe({ kind: 'sample', sample, readingMs: 1 });
  return run.finish(1000).alerts![0]!.rules[0]!.unrecorded;
}

test.each([
  ['a metric that was recorded', condition('http_req_failed')],
  ['a selection that was recorded', condition('http_req_duration', { tags: { task: 'price' } })],
  ['a figure that was read', condition('monitor_db_cpu_ratio')],
  // No errors is what everybody hopes for, and a counter without them is 0.
  ['the rate of a counter without samples', condition('dropped_iterations', { unit: 'per s' })],
  ['a count without samples', condition('sql_op_duration', { aggregation: { kind: 'count' } })],
])('are none on %s, however short the run', (_what, one) => {
  expect(unrecordedOf(one)).toBeUndefined();
});

test.each([
  ['a metric that was not recorded', condition('sql_op_failed'), 'sql_op_failed'],
  [
    'a selection that was not recorded',
    condition('http_req_duration', { tags: { task: 'nope' }, aggregation: p95 }),
    'http_req_duration{task:nope} p(95)',
  ],
  ['a figure that was not read', condition('monitor_db_queries', { unit: 'per s' }), 'monitor_db_queries'],
])('are those on %s', (_what, one, name) => {
  expect(unrecordedOf(one)).toEqual([name]);
  // Every condition of a rule must hold.
  expect(unrecordedOf(condition('http_req_failed'), one, one)).toEqual([name]);
});
