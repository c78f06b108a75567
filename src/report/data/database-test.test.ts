import { expect, test } from 'vitest';
import type { RunRecord } from '../../model/run-record.ts';
import { makeRecord } from '../record.cases.ts';
import { renderReport } from '../report.ts';

const times = { min: 1, med: 10, max: 90, 'p(90)': 30, 'p(95)': 35.25, 'p(99)': 60, count: 5000 };
const sql: RunRecord['metrics'] = {
  sql_ops: {
    type: 'counter',
    contains: 'default',
    metric: 'sql_ops',
    values: { count: 5000, rate: 83.33333 },
  },
  sql_op_failed: {
    type: 'rate',
    contains: 'default',
    metric: 'sql_op_failed',
    values: { rate: 0.001, passes: 5, fails: 4993 },
  },
  sql_op_duration: {
    type: 'trend',
    contains: 'time',
    metric: 'sql_op_duration',
    values: { ...times, avg: 12.50049 },
  },
};

test('a run with a database leaves the result of a database test, what was cut off among its errors', () => {
  const record = makeRecord('passing');
  const [file] = renderReport('db-test', {
    ...record,
    profile: 'connection_pool',
    metrics: { ...record.metrics, ...sql },
  });
  expect(file!.fileName).toBe('db-test.json');
  expect(JSON.parse(file!.content)).toEqual({
    test_name: 'connection_pool',
    operations: 5000,
    errors: 7,
    avg_time: 12.5,
    p95_time: 35.25,
    throughput: 83.333,
    success_rate: 0.9986,
  });
});

test('a run without one leaves none', () => {
  expect(renderReport('db-test', makeRecord('passing'))).toEqual([]);
});
