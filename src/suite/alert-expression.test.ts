import { describe, expect, test } from 'vitest';
import type { AlertRule } from '../model/alert.ts';
import { UsageError } from '../model/errors.ts';
import { makeAlertPlans, parseAlertRule } from './alert-expression.ts';
import { knownMetrics } from './threshold-expression.ts';

const metrics = knownMetrics({
  monitors: { host: { kind: 'host' }, postgres: { kind: 'postgres' }, redis: { kind: 'redis' } },
});

function parsed(expression: string): AlertRule {
  const rule = parseAlertRule(expression, 'warning', metrics);
  if ('expected' in rule) throw new Error(`expected ${rule.expected}, found ${rule.found}`);
  return rule;
}

function trouble(expression: string): { readonly expected: string; readonly found: string } {
  const rule = parseAlertRule(expression, 'warning', metrics);
  if (!('expected' in rule)) throw new Error(`${expression} is a rule`);
  return rule;
}

/** Metric, operator, limit, unit. */
function conditionsOf(expression: string): unknown[] {
  return parsed(expression).conditions.map(({ metric, operator, limit, unit }) => [
    metric,
    operator,
    limit,
    unit,
  ]);
}

describe('rules as people write them', () => {
  test('may have any words and signs in the values of tags', () => {
    const { conditions, forMs } = parsed(
      'http_req_duration{name:"wait for > {x}, and } more",task:/a/{b}} p(95) > 200ms and http_reqs{check:a for b} < 5 for 30s',
    );
    expect(conditions.map(({ tags }) => tags)).toEqual([
      { name: 'wait for > {x}, and } more', task: '/a/{b}' },
      { check: 'a for b' },
    ]);
    expect(forMs).toBe(30_000);
    expect(trouble('nothing{name:"a and b"} > 5').found).toBe('nothing');
  });

  test.each([
    ['monitor_host_cpu_ratio > 75% for 2 minutes', [['monitor_host_cpu_ratio', '>', 0.75, 'ratio']], 120_000],
    [
      'monitor_host_memory_used_ratio > 75% for 2 minutes',
      [['monitor_host_memory_used_ratio', '>', 0.75, 'ratio']],
      120_000,
    ],
    ['http_req_duration p(95) > 200ms for 3 minutes', [['http_req_duration', '>', 200, 'ms']], 180_000],
    [
      'monitor_host_cpu_ratio < 30% AND monitor_host_memory_used_ratio < 40% for 10 minutes',
      [
        ['monitor_host_cpu_ratio', '<', 0.3, 'ratio'],
        ['monitor_host_memory_used_ratio', '<', 0.4, 'ratio'],
      ],
      600_000,
    ],
    ['monitor_postgres_connections > 80', [['monitor_postgres_connections', '>', 80, 'count']], 0],
    [
      'monitor_postgres_slow_statements > 10/min',
      [['monitor_postgres_slow_statements', '>', 1 / 6, 'per s']],
      0,
    ],
    ['monitor_redis_memory_bytes > 4 GB', [['monitor_redis_memory_bytes', '>', 4e9, 'bytes']], 0],
    ['monitor_redis_hit_ratio<70%', [['monitor_redis_hit_ratio', '<', 0.7, 'ratio']], 0],
    ['http_req_failed > 1% for 30s', [['http_req_failed', '>', 0.01, 'ratio']], 30_000],
    ['checks rate < 99% for 1m30s', [['checks', '<', 0.99, 'ratio']], 90_000],
    ['data_received > 10MB/s', [['data_received', '>', 1e7, 'per s']], 0],
    ['http_reqs count < 100 for 1 hour', [['http_reqs', '<', 100, 'count']], 3_600_000],
    ['vus === 0 for 5min', [['vus', '==', 0, 'count']], 300_000],
  ])('%s', (expression, conditions, forMs) => {
    const rule = parsed(expression);
    expect(conditionsOf(expression)).toEqual(conditions);
    expect([rule.forMs, rule.expression, rule.level]).toEqual([forMs, expression, 'warning']);
  });

  test('may have tags, which may hold the words and signs of a rule', () => {
    const { conditions, forMs } = parsed(
      'http_req_duration{name:wait for it, task:salt and pepper} p(99) > 1s and http_reqs{name:a>b} < 5/s for 1 day',
    );
    expect(forMs).toBe(86_400_000);
    expect(conditions).toMatchObject([
      {
        tags: { name: 'wait for it', task: 'salt and pepper' },
        aggregation: { kind: 'percentile', p: 99 },
        limit: 1000,
      },
      { tags: { name: 'a>b' }, operator: '<', limit: 5, unit: 'per s' },
    ]);
    expect(conditions[1]).not.toHaveProperty('aggregation');
  });

  test.each([
    ['', 'a condition'],
    ['high cpu', 'a condition'],
    ['vus > 5 and', 'a limit'],
    ['vus > 5 for a while', 'a duration'],
    ['vus > 5 for 2 minutes for 3 minutes', 'a duration'],
    ['vus > 5 for 5 constructors', 'a duration'],
    ['monitor_host_cpu > 80%', 'a metric that the suite has'],
    ['constructor > 1', 'a metric that the suite has'],
    ['http_req_duration > 200ms', 'an aggregation after http_req_duration'],
    ['http_req_duration p95 > 200ms', 'an aggregation such as'],
    ['http_req_failed p(95) > 1%', 'an aggregation of a rate'],
    ['monitor_host_cpu_ratio avg > 80%', 'without an aggregation'],
    ['monitor_postgres_deadlocks count > 3', 'per time'],
    ['monitor_host_cpu_ratio{task:price} > 80%', 'without tags'],
    ['monitor_host_cpu_ratio > 80ms', 'a limit that fits'],
    ['monitor_redis_memory_bytes > 80%', 'a limit that fits'],
    ['monitor_host_cpu_ratio > 80%/s', 'a limit that fits'],
    ['http_req_failed > 5', 'a limit that fits'],
    ['http_req_failed > 10/min', 'a limit that fits'],
    ['vus > many', 'a limit that fits'],
  ])('%j is none: %s', (expression, expected) => {
    expect(trouble(expression).expected).toContain(expected);
  });
});

describe('makeAlertPlans', () => {
  test('fills in what is left out, warnings before critical ones', () => {
    const alerts = { cpu_is_busy: { critical: 'vus > 9', warning: 'vus > 5' } };
    expect(makeAlertPlans(alerts, metrics)).toMatchObject([
      {
        ...{ name: 'cpu_is_busy', title: 'cpu is busy', hysteresis: 0.05, respond: [], abort: false },
        rules: [{ level: 'warning' }, { level: 'critical' }],
      },
    ]);
  });

  test('refuses an alert on a metric that this profile does not have', () => {
    const alerts = { queue: { critical: 'monitor_queue_length > 9' } };
    expect(() => makeAlertPlans(alerts, metrics)).toThrow(UsageError);
    expect(() => makeAlertPlans(alerts, metrics)).toThrow(/alerts\.queue\.critical.*monitor_queue_length/);
  });
});
