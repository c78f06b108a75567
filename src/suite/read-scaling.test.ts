import { describe, expect, test } from 'vitest';
import { platformRules } from './platform-rules.cases.ts';
import { readScaling } from './read-scaling.ts';
import { findMistakes } from './schema.ts';
import { knownMetrics } from './threshold-expression.ts';

const base = {
  name: 'shop',
  users: { buyer: { tasks: { buy: { run: () => undefined } } } },
  profiles: { smoke: { executor: 'constant-vus', vus: 1, duration: '1m' } },
  monitors: { app: { kind: 'host' } },
};
const read = (scaling: unknown) => readScaling(['scaling'], scaling, knownMetrics(base as never));
const mistakesOf = (scaling: unknown) =>
  findMistakes({ ...base, scaling }).map(({ path, expected, found, suggestion }) => ({
    path,
    expected,
    found,
    suggestion,
  }));

describe('readScaling', () => {
  test('reads triggers, actions, cooldowns and bounds as they are written in words', () => {
    const { plan, mistakes } = read({ rules: platformRules });
    expect(mistakes).toEqual([]);
    expect(mistakesOf({ rules: platformRules })).toEqual([]);
    expect(
      plan.rules.map(({ name, forMs, action, cooldownMs, minInstances, maxInstances }) => [
        ...[name, forMs, action, cooldownMs, minInstances, maxInstances],
      ]),
    ).toEqual([
      ['cpu', 120_000, { kind: 'add', count: 1 }, 300_000, undefined, 10],
      ['memory', 120_000, { kind: 'add', count: 1 }, 300_000, undefined, 10],
      ['latency', 180_000, { kind: 'add', count: 1 }, 300_000, undefined, 10],
      ['calm', 600_000, { kind: 'remove', count: 1 }, 600_000, 2, undefined],
    ]);
    expect(plan.rules[3]!.conditions).toEqual([
      { metric: 'cpu_percent', tags: {}, operator: '<', limit: 0.3, unit: 'ratio' },
      { metric: 'memory_percent', tags: {}, operator: '<', limit: 0.4, unit: 'ratio' },
    ]);
    expect(plan.rules[2]!.conditions[0]).toMatchObject({ metric: 'p95_latency', limit: 200, unit: 'ms' });
  });

  test('reads a list of rules, further words, and what must hold at once', () => {
    const { plan, mistakes } = read([]);
    expect(plan.rules).toEqual([]);
    expect(mistakes).toHaveLength(1);
    const listed = read({
      rules: [
        { trigger: 'cpu_percent > 70% sustained for 5 minutes', action: 'scale out by 2 replicas' },
        { trigger: 'error_rate > 3%', action: 'add 3 pods' },
        { trigger: 'db_pool_percent >= 90% for 5m', action: 'Use bigger instances' },
        { trigger: 'monitor_app_load1 > 4 for 30s', action: 'scale down by 1 instance', cooldown: 0 },
      ],
      metrics: { queue: 'monitor_app_load1' },
      instances: 'monitor_app_processes',
    });
    expect(listed.mistakes).toEqual([]);
    expect(listed.plan.rules.map(({ name, action }) => [name, action])).toEqual([
      ['rule 1', { kind: 'add', count: 2 }],
      ['rule 2', { kind: 'add', count: 3 }],
      ['rule 3', { kind: 'resize' }],
      ['rule 4', { kind: 'remove', count: 1 }],
    ]);
    expect(listed.plan.rules[0]!.forMs).toBe(300_000);
    expect(listed.plan.rules[3]!.cooldownMs).toBe(0);
  });

  test('keeps percent percent: a bare 75 is a mistake, and not a limit that is never reached', () => {
    expect(
      mistakesOf({ rules: { cpu: { trigger: 'cpu_percent > 75 for 2m', action: 'Add 1 instance' } } }),
    ).toEqual([
      {
        path: 'scaling.rules.cpu.trigger',
        expected: 'a limit that fits cpu_percent, such as 1%',
        found: '"75"',
        suggestion: undefined,
      },
    ]);
  });

  test('takes names of workloads that Kubernetes takes, and no others', () => {
    const rules = { cpu: { trigger: 'cpu_percent > 75%', action: 'Add 1 instance' } };
    const workload = (name: unknown, namespace?: unknown, kind?: unknown): string[] =>
      mistakesOf({
        rules,
        workload: {
          name,
          ...(namespace !== undefined && { namespace }),
          ...(kind !== undefined && { kind }),
        },
      }).map(({ path }) => path);
    expect(workload('shop', 'production', 'StatefulSet')).toEqual([]);
    expect(workload('shop.v2')).toEqual([]);
    expect(workload('a'.repeat(253))).toEqual([]);
    expect(workload('My Shop!', 'x y', 'Pod')).toEqual([
      'scaling.workload.name',
      'scaling.workload.namespace',
      'scaling.workload.kind',
    ]);
    for (const name of ['', '-shop', 'shop-', 'Shop', 'a..b', 'a_b', 'a'.repeat(254), 7]) {
      expect(workload(name)).toEqual(['scaling.workload.name']);
    }
    for (const namespace of ['', 'a.b', 'a'.repeat(64)]) {
      expect(workload('shop', namespace)).toEqual(['scaling.workload.namespace']);
    }
    expect(mistakesOf({ rules, workload: { name: 'My Shop!' } })[0]?.expected).toContain(
      'lower-case letters',
    );
  });

  test('tells path, value, expectation and the nearest name', () => {
    const wrong = {
      rules: {
        a: { trigger: 'cpu_precent > 75%', action: 'Add 1 instance' },
        b: { trigger: 'cpu_percent > 75% for ever', action: 'Grow' },
        c: { trigger: 'cpu_percent > 75%', action: 'Add 0 instances', maxInstances: 2, min_instances: 3 },
        d: { trigger: 'cpu_percent > 75%', action: 'Add 1 instance', max_instances: 2, maxInstances: 3 },
        e: { trigger: 'cpu_percent > 75%', action: 'Add 1 instance', coolDown: '5m' },
      },
      metrics: { cpu_percent: 'monitor_app_cpu_ration' },
      instances: 'monitor_app_replicas',
      simulation: { assume: { memory_percent: '35 apples' }, cpuAtCapacity: '140%' },
      hpa: { targets: {}, scaleUp: { stabilizationWindow: '2h' } },
    };
    const told = mistakesOf(wrong);
    expect(told.map(({ path }) => path)).toEqual([
      'scaling.rules.a.trigger',
      'scaling.rules.b.trigger',
      'scaling.rules.b.action',
      'scaling.rules.c.action',
      'scaling.rules.c.maxInstances',
      'scaling.rules.d.max_instances',
      'scaling.rules.e.coolDown',
      'scaling.metrics.cpu_percent',
      'scaling.instances',
      'scaling.simulation.assume.memory_percent',
      'scaling.simulation.cpuAtCapacity',
      'scaling.hpa.targets',
      'scaling.hpa.scaleUp.stabilizationWindow',
    ]);
    expect(told[0]).toMatchObject({ found: '"cpu_precent"', suggestion: 'cpu_percent' });
    expect(told[6]).toMatchObject({ suggestion: 'cooldown' });
    expect(told[7]).toMatchObject({ suggestion: 'monitor_app_cpu_ratio' });
  });

  test('fills in what Kubernetes takes where nothing is said', () => {
    const { plan } = read({
      rules: platformRules,
      maxInstances: 10,
      hpa: { targets: { cpu_percent: '60%' } },
    });
    expect(plan.hpa).toEqual({
      targets: [{ metric: 'cpu_percent', value: 0.6, unit: 'ratio' }],
      minReplicas: 1,
      maxReplicas: 10,
      tolerance: 0.1,
      scaleUp: {
        stabilizationMs: 0,
        selectPolicy: 'Max',
        policies: [
          { type: 'Pods', value: 4, periodMs: 15_000 },
          { type: 'Percent', value: 100, periodMs: 15_000 },
        ],
      },
      scaleDown: {
        stabilizationMs: 300_000,
        selectPolicy: 'Max',
        policies: [{ type: 'Percent', value: 100, periodMs: 15_000 }],
      },
    });
  });
});
