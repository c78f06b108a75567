import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/model/plan.ts';
import type { SuiteDefinition } from '../../src/model/suite.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { findMistakes } from '../../src/suite/schema.ts';
import { loadSuite } from '../../src/suite/suite.ts';
import { reads, writes } from './statements.ts';
import adapter from './suite.ts';

const suite: SuiteDefinition = adapter;
const plan = (profile: string, overrides: object = {}): Plan =>
  makePlan(suite, profile, { workers: 1, seed: 1, environment: 'local', ...overrides });

test('is sound', () => {
  expect(findMistakes(suite)).toEqual([]);
});

test('loads by its name as one bundle, its database given by the environment', async () => {
  const loaded = await loadSuite('adapter', {
    env: { DATABASE_URL: 'postgresql://me:secret@127.0.0.1:1/x' },
  });
  expect(Object.keys(loaded.definition.profiles)).toEqual([
    'connection_pool',
    'query_performance',
    'pool_exhaustion',
    'rls_overhead',
    'index_effectiveness',
  ]);
  expect(loaded.definition.sql).toMatchObject({ marker: 'plimsoll_adapter.plimsoll_suite' });
});

describe('PROF-S3-6', () => {
  test('connection_pool has 100 connections for 60 s, one for each user', () => {
    const { scenarios, sql } = plan('connection_pool');
    expect(scenarios[0]!.executor).toMatchObject({ kind: 'constant-vus', vus: 100, durationMs: 60_000 });
    expect(sql!.connections).toBe('per-vu');
  });

  test('connection_pool does the 83 operations a second of the source, when answers come at once', () => {
    const { thinkTime } = plan('connection_pool').scenarios[0]!.users[0]!;
    expect(thinkTime).toEqual({ kind: 'uniform', minMs: 900, maxMs: 1500 });
    expect(100 / 1.2).toBeCloseTo(83.3, 1);
  });

  test('query_performance starts 500 operations a second, whatever the database does', () => {
    expect(plan('query_performance').scenarios[0]!.executor).toMatchObject({
      kind: 'constant-arrival-rate',
      ratePerSec: 500,
    });
  });

  test('pool_exhaustion has three times as many users as the pool has connections, and an end to it', () => {
    const { scenarios, sql } = plan('pool_exhaustion');
    expect(sql).toMatchObject({ connections: { pool: 100 }, poolTimeoutMs: 2000 });
    expect(scenarios.map(({ name, executor }) => [name, 'vus' in executor && executor.vus])).toEqual([
      ['before', 25],
      ['rush', 300],
      ['after', 25],
    ]);
  });

  test('CLI-9: connections, rate and duration are ours to change', () => {
    const changed = plan('connection_pool', { users: 50, durationMs: 10_000 });
    expect(changed.scenarios[0]!.executor).toMatchObject({ vus: 50, durationMs: 10_000 });
    const slower = plan('query_performance', { ratePerSec: 200 });
    expect(slower.scenarios[0]!.executor).toMatchObject({ ratePerSec: 200 });
  });
});

describe('SLO-16', () => {
  test.each([
    ['connection_pool', 'sql_op_duration p(95)<100'],
    ['query_performance', 'sql_op_duration p(95)<100'],
    ['index_effectiveness', 'sql_op_duration p(95)<100'],
    ['connection_pool', 'sql_ops count<1'],
    ['pool_exhaustion', 'sql_ops count<1'],
  ])('%s holds %s', (profile, limit) => {
    const limits = plan(profile).thresholds.filter(({ level }) => level === 'critical');
    expect(limits.map(({ metric, expression }) => `${metric} ${expression}`)).toContain(limit);
  });

  test('the overhead of row-level security is below 10 %', () => {
    const [overhead, ...others] = plan('rls_overhead').comparisons!;
    expect(overhead).toMatchObject({ name: 'rls_overhead', limit: { operator: '<', ratio: 0.1 } });
    expect(others.map(({ limit }) => limit)).toEqual([undefined, undefined, undefined]);
  });
});

describe('parameters', () => {
  const dataset = { runId: 'run', counts: { tenants: 20, crm_contacts: 20_000, workflows: 800 } };

  test.each(Object.entries({ ...reads, ...writes }))(
    'of %s are as many as its text has',
    (_name, operation) => {
      const given = operation.parameters({ dataset, tenant: 7, random: () => 0.5 });
      const named = new Set(operation.text.match(/\$\d+/g));
      expect(given).toHaveLength(named.size);
    },
  );

  test.each([0, 0.37, 0.999_999])('name rows of their own tenant only (%d)', (random) => {
    const [tenant, contact] = reads.ticket_history.parameters({ dataset, tenant: 7, random: () => random });
    expect(tenant).toBe(7);
    expect((Number(contact) - 1) % 20).toBe(6);
    expect(Number(contact)).toBeLessThanOrEqual(20_000);
  });
});
