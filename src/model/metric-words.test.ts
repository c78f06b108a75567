import { describe, expect, test } from 'vitest';
import type { Aggregation } from './aggregation.ts';
import { builtInMetrics, type MetricType, type Tags } from './metric.ts';
import { figureWords } from './metric-words.ts';

const monitors = [
  {
    name: 'db',
    title: 'PostgreSQL',
    figures: {
      connections: { type: 'gauge', unit: 'count', title: 'connections' },
      cpu_ratio: { type: 'gauge', unit: 'ratio', title: 'CPU of one core' },
    },
  },
] as const;

function wordsOf(metric: string, expression: string, type: MetricType, tags: Tags = {}): string {
  const p = /^p\((.+)\)$/.exec(expression)?.[1];
  const aggregation =
    p === undefined ? ({ kind: expression } as Aggregation) : ({ kind: 'percentile', p: Number(p) } as const);
  return figureWords({ metric, type, tags, aggregation }, monitors);
}

describe('a figure in words', () => {
  test.each([
    ['http_req_duration', 'med', 'trend', {}, 'Median response time'],
    ['http_req_duration', 'p(50)', 'trend', {}, 'Median response time'],
    ['http_req_duration', 'p(95)', 'trend', {}, '95th percentile response time'],
    ['http_req_duration', 'p(99.9)', 'trend', {}, '99.9th percentile response time'],
    ['http_req_duration', 'p(91)', 'trend', {}, '91st percentile response time'],
    ['http_req_duration', 'p(12)', 'trend', {}, '12th percentile response time'],
    ['http_req_duration', 'avg', 'trend', { task: 'login' }, 'Average response time of task login'],
    [
      'http_req_duration',
      'max',
      'trend',
      { user: 'b', task: 'a' },
      'Greatest response time of task a of user b',
    ],
    [
      'http_req_duration',
      'min',
      'trend',
      { name: '/login', method: 'POST' },
      'Least response time of POST /login',
    ],
    ['http_req_failed', 'rate', 'rate', {}, 'Failed requests'],
    ['http_reqs', 'rate', 'counter', { status: '500' }, 'Requests with status 500'],
    ['http_reqs', 'count', 'counter', {}, 'Requests'],
    ['iterations', 'rate', 'counter', {}, 'Iterations'],
    ['checks', 'rate', 'rate', { check: 'is 200' }, 'Check "is 200" passed'],
    [
      'sql_op_duration',
      'p(95)',
      'trend',
      { operation: 'select' },
      '95th percentile SQL statement time of statement select',
    ],
    ['redis_hits', 'rate', 'rate', {}, 'Redis hits'],
    ['vus', 'value', 'gauge', {}, 'Virtual users at work'],
    ['generator_cpu', 'avg', 'trend', {}, "The generator's average CPU share"],
    ['monitor_db_connections', 'max', 'gauge', {}, 'Greatest connections of PostgreSQL'],
    ['monitor_db_cpu_ratio', 'value', 'gauge', {}, 'CPU of one core of PostgreSQL'],
    ['order_value', 'avg', 'trend', { region: 'eu' }, 'Average order_value with region eu'],
    ['orders', 'count', 'counter', {}, 'orders'],
    ['constructor', 'count', 'counter', {}, 'constructor'],
  ] as const)('%s: %s', (metric, expression, type, tags, words) => {
    expect(wordsOf(metric, expression, type, tags)).toBe(words);
  });

  test('every built-in metric has words of its own', () => {
    const all = Object.entries(builtInMetrics).map(([metric, { type }]) =>
      figureWords({ metric, type, tags: {}, aggregation: { kind: 'count' } }),
    );
    expect(new Set(all).size).toBe(all.length);
    expect(all.filter((words) => words.includes('_'))).toEqual([]);
  });
});
