// What `setup` and `teardown` do is measured, and is no part of the load.

import { describe, expect, test } from 'vitest';
import type { WorkerMeter } from '../meter/meter.ts';
import { limitOn, planWith, recordRequest, windowOf } from '../metrics/collector.cases.ts';
import type { AlertPlan } from '../model/alert.ts';
import { judgedCollector } from './judged-collector.cases.ts';

const task = { scenario: 'main', user: 'buyer', task: 'price', method: 'GET', name: '/price', status: '200' };
const cleaning = { user: 'suite', task: 'teardown', method: 'DELETE', name: '/all', status: '500' };
const query = { ...task, operation: 'find' };
const deleting = { user: 'suite', task: 'teardown', operation: 'delete', error_class: 'timeout' };

/** Fast requests and statements of users; slow ones of teardown, which fail. */
function record(meter: WorkerMeter): void {
  for (let i = 0; i < 10; i++) {
    recordRequest(meter, 20, false, task);
    meter.counter('sql_ops', query).add(1);
    meter.rate('sql_op_failed', query).add(false);
    meter.trend('sql_op_duration', query).add(5);
    meter.counter('redis_ops', { ...task, command: 'get' }).add(1);
    meter.trend('redis_op_duration', { ...task, command: 'get' }).add(1);
    meter.counter('data_sent', task).add(100);
  }
  recordRequest(meter, 9000, true, cleaning);
  meter.counter('sql_ops', deleting).add(1);
  meter.rate('sql_op_failed', deleting).add(true);
  meter.trend('sql_op_duration', deleting).add(9000);
  meter.counter('redis_ops', { user: 'suite', task: 'setup', command: 'set' }).add(1);
  meter.trend('redis_op_duration', { user: 'suite', task: 'setup', command: 'set' }).add(9000);
  meter.counter('data_sent', cleaning).add(100_000);
}

const abort = { abortOnFail: true };
const limits = [
  limitOn('http_req_duration', 'max', '<', 100, abort),
  limitOn('http_req_failed', 'rate', '<', 0.01, abort),
  limitOn('sql_op_duration', 'max', '<', 100, abort),
  limitOn('sql_ops', 'count', '<', 1, { tags: { error_class: 'timeout' }, ...abort }),
  limitOn('redis_op_duration', 'max', '<', 100, abort),
];
const selecting = [
  limitOn('sql_op_duration', 'max', '<', 100, { tags: { task: 'teardown' } }),
  limitOn('http_reqs', 'count', '<', 1, { tags: { user: 'suite' } }),
];
const alert: AlertPlan = {
  ...{ name: 'failing', title: 'Failing', hysteresis: 0.05, respond: [], abort: false },
  rules: [
    {
      ...{ level: 'critical', expression: 'sql_op_failed > 1%', forMs: 0 },
      conditions: [{ metric: 'sql_op_failed', tags: {}, operator: '>', limit: 0.01, unit: 'ratio' }],
    },
  ],
};

describe('operations of setup and teardown', () => {
  const comparison = {
    ...{ name: 'both', metric: 'sql_op_duration', statistic: 'med' as const },
    ...{ of: { task: 'price' }, against: { error_class: 'timeout' } },
  };
  const collector = judgedCollector(
    planWith({ thresholds: [...limits, ...selecting], alerts: [alert], comparisons: [comparison] }),
  );
  for (let second = 0; second < 5; second++) collector.accept(windowOf(0, second * 1000, record));
  const broken = collector.breachedAborts(5000);
  const alerts = collector.alerts();
  const progress = collector.progress();
  const { metrics, timeline, comparisons } = collector.finish(5000);

  test('are in no total, threshold, alert, comparison or course of the load', () => {
    expect(broken).toEqual([]);
    expect(alerts).toEqual([]);
    expect(progress).toMatchObject({ requests: 50, requestsPerSec: 10, failedRequests: 0 });
    expect(metrics.http_reqs?.values).toMatchObject({ count: 50 });
    expect(metrics.http_req_duration?.values).toMatchObject({ max: 20 });
    expect(metrics.sql_op_failed?.values).toEqual({ rate: 0, passes: 0, fails: 50 });
    expect(metrics.sql_op_duration?.values).toMatchObject({ max: 5 });
    expect(metrics.redis_ops?.values).toMatchObject({ count: 50 });
    expect(metrics.data_sent?.values).toMatchObject({ count: 5000 });
    expect(metrics['http_reqs{status:500}']).toBeUndefined();
    expect(metrics['sql_op_failed{error_class:timeout}']).toBeUndefined();
    expect(timeline[0]!.metrics.sql_op_duration).toMatchObject({ max: 5 });
    expect(comparisons!.both).toMatchObject({ ofCount: 50, againstCount: 0 });
  });

  test('stand under their own task', () => {
    expect(metrics['http_reqs{task:teardown,user:suite}']?.values).toMatchObject({ count: 5 });
    expect(metrics['sql_ops{operation:delete,task:teardown,user:suite}']?.values).toMatchObject({ count: 5 });
    expect(metrics['redis_ops{command:set,task:setup,user:suite}']?.values).toMatchObject({ count: 5 });
  });

  test('are judged where a threshold selects them by task or user', () => {
    expect(metrics['sql_op_duration{task:teardown}']?.thresholds).toMatchObject({ 'max<100': { ok: false } });
    expect(metrics['http_reqs{user:suite}']?.thresholds).toMatchObject({
      'count<1': { ok: false, actual: 5 },
    });
  });
});
