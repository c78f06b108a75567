import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { chooseProfiles, chooseSteps } from '../../src/cli/choose-profiles.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { SuiteDefinition } from '../../src/model/suite.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { findMistakes } from '../../src/suite/schema.ts';
import { loadSuite } from '../../src/suite/suite.ts';
import { reads, writes } from './database/statements.ts';
import { readKeys } from './service/data.ts';
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
    'smoke',
    'load',
    'stress',
    'spike',
    'soak',
    'crm_down',
    'crm_hangs',
    'connection_pool',
    'query_performance',
    'pool_exhaustion',
    'rls_overhead',
    'index_effectiveness',
  ]);
  expect(loaded.definition.profiles.connection_pool!.sql).toMatchObject({
    marker: 'plimsoll_adapter.plimsoll_suite',
  });
});

const critical = (profile: string): string[] =>
  plan(profile)
    .thresholds.filter(({ level }) => level === 'critical')
    .map(({ metric, tags, expression }) => {
      const selected = Object.entries(tags).map(([name, value]) => `${name}:${value}`);
      return `${metric}${selected.length === 0 ? '' : `{${selected.join(',')}}`} ${expression}`;
    });

/** Requests per second of users who take `meanMs` for a turn without their think time. */
function ratePerSec(profile: string, users: number, meanMs: number): number {
  const { thinkTime } = plan(profile).scenarios[0]!.users[0]!;
  const thinkMs = thinkTime.kind === 'uniform' ? (thinkTime.minMs + thinkTime.maxMs) / 2 : 0;
  return users / ((meanMs + thinkMs) / 1000);
}
/** What the response times of the baselines make on average in the mix of the users, and about what the target takes. */
const baselineMeanMs = 237;
const targetMeanMs = 190;

describe('the service', () => {
  test('PROF-S3-1: smoke is one user for a minute, about 5 requests/s, all 2xx within a second', () => {
    expect(plan('smoke').scenarios[0]!.executor).toMatchObject({ vus: 1, durationMs: 60_000 });
    expect(ratePerSec('smoke', 1, targetMeanMs)).toBeCloseTo(5.3, 1);
    expect(critical('smoke')).toEqual(
      expect.arrayContaining([
        'http_req_failed rate<=0',
        'checks rate>=1',
        ...['health_check', 'crm_create', 'crm_search', 'ticket_create', 'ticket_search'].map(
          (task) => `http_req_duration{task:${task}} max<1000`,
        ),
      ]),
    );
  });

  test('PROF-S3-2: load is 100 users, 10 a second, for 10 minutes, about 300 requests/s', () => {
    const { executor } = plan('load').scenarios[0]!;
    expect(executor).toMatchObject({ vus: 100, rampUpMs: 10_000, durationMs: 600_000 });
    expect(Math.round(ratePerSec('load', 100, baselineMeanMs))).toBe(297);
    expect(critical('load')).toEqual(
      expect.arrayContaining([
        'http_req_failed rate<2%',
        'http_req_duration p(95)<1000',
        'http_reqs rate>=250',
      ]),
    );
  });

  test('PROF-S3-3: stress goes from 0 to 500 users in 20 minutes, 350 of them as in normal operations', () => {
    const { executor } = plan('stress').scenarios[0]!;
    expect(executor).toMatchObject({
      startVUs: 0,
      stages: [
        { durationMs: 14 * 60_000, target: 350 },
        { durationMs: 6 * 60_000, target: 500 },
      ],
    });
    expect(critical('stress')).toEqual(
      expect.arrayContaining([
        'http_req_failed{stage:1} rate<2%',
        'http_req_failed{stage:2} rate<10%',
        'goodput_kept value>0.8',
        'monitor_target_restarts count<1',
      ]),
    );
  });

  test('PROF-S3-4: spike is 200 users at once for 3 of its 5 minutes, about 100 requests/s', () => {
    const { executor } = plan('spike').scenarios[0]!;
    expect(executor).toMatchObject({
      stages: [
        { durationMs: 60_000, target: 20 },
        { durationMs: 0, target: 200 },
        { durationMs: 180_000, target: 200 },
        { durationMs: 0, target: 20 },
        { durationMs: 60_000, target: 20 },
      ],
    });
    expect(Math.round(ratePerSec('spike', 200, targetMeanMs))).toBe(101);
    expect(critical('spike')).toEqual(
      expect.arrayContaining([
        'http_req_failed{stage:3} rate<5%',
        'spike_recovery_time max<=30s',
        'http_req_failed{task:health_check} rate<1%',
      ]),
    );
  });

  test('PROF-S3-5: soak is 50 users for two hours, about 25 requests/s, below 100 MB/h', () => {
    expect(plan('soak').scenarios[0]!.executor).toMatchObject({ vus: 50, durationMs: 7_200_000 });
    expect(Math.round(ratePerSec('soak', 50, targetMeanMs))).toBe(25);
    expect(critical('soak')).toEqual(
      expect.arrayContaining(['monitor_target_rss_bytes growth<100MB/h', 'monitor_target_restarts count<1']),
    );
  });

  test.each([
    ['crm_down', 'monitor_app_crm_circuit > 0 within 5s'],
    ['crm_hangs', 'monitor_app_crm_circuit > 0 within 15s'],
  ])(
    '%s takes the CRM away by the route of the target, and expects that nothing else fails',
    (profile, opens) => {
      const [fault] = plan(profile).faults!;
      expect(fault).toMatchObject({
        kind: 'switch',
        on: 'PUT http://127.0.0.1:8000/admin/providers/crm',
        expect: [
          { kind: 'reach', expression: opens },
          { kind: 'others-flat', affected: ['crm_create', 'workflow_execute'], mostRatio: 0.02 },
          { kind: 'return', expression: 'monitor_app_crm_circuit == 0 within 15s' },
          { kind: 'recovery', withinMs: 30_000 },
        ],
      });
    },
  );

  test('PROF-S3-7: the pyramid begins with smoke, and nothing heavier is run unless that passed', () => {
    const steps = chooseSteps(suite, { all: true });
    expect(steps.map(({ profile }) => profile)).toEqual([
      ...['smoke', 'load'],
      ...['connection_pool', 'query_performance', 'pool_exhaustion', 'rls_overhead', 'index_effectiveness'],
      ...['crm_down', 'crm_hangs', 'spike', 'stress', 'soak'],
    ]);
    expect(steps[0]!.needs).toEqual([]);
    for (const { needs } of steps.slice(1)) expect(needs).toEqual(['smoke']);
  });

  test('MIX-10, BASE-1: the weights are the requests per second of the baselines, by the same names', () => {
    const stated = JSON.parse(readFileSync(new URL('baselines.json', import.meta.url), 'utf8')) as Record<
      string,
      { p50: number; requests_per_sec: number }
    >;
    const weights = Object.fromEntries(
      Object.entries(stated).map(([name, figures]) => [
        name.toLowerCase().replace(' ', '_'),
        figures.requests_per_sec,
      ]),
    );
    const tasks = Object.entries(suite.users.client!.tasks!).map(([name, { weight }]) => [name, weight]);
    expect(Object.fromEntries(tasks)).toEqual(weights);
    const rows = Object.values(stated);
    const total = rows.reduce((sum, row) => sum + row.requests_per_sec, 0);
    const meanMs = rows.reduce((sum, row) => sum + row.p50 * row.requests_per_sec, 0) / total;
    expect(Math.round(meanMs)).toBe(baselineMeanMs);
  });

  test.each(['smoke', 'load', 'stress', 'spike', 'soak'])(
    '%s fails when a tenant sees a row of another, and when no row was looked at',
    (profile) => {
      expect(critical(profile)).toEqual(
        expect.arrayContaining(['rows_seen count>0', 'foreign_rows count<1']),
      );
    },
  );

  test('CLI-7: the environments are local, staging and production; production is marked', async () => {
    const at = async (environment: string) => {
      const env = {
        ADAPTER_STAGING_URL: 'https://adapter.staging.lan',
        ADAPTER_PRODUCTION_URL: 'https://adapter.lan',
      };
      const { definition } = await loadSuite('adapter', { environment, env });
      return [definition.baseUrl, definition.environments?.[environment]?.production];
    };
    expect(await at('local')).toEqual(['http://127.0.0.1:8000', undefined]);
    expect(await at('staging')).toEqual(['https://adapter.staging.lan', undefined]);
    expect(await at('production')).toEqual(['https://adapter.lan', true]);
    await expect(at('prodution')).rejects.toThrow(/did you mean production/);
  });

  test('keys of tenants are read from their variable, and no mistake shows one', () => {
    expect(readKeys(' 1=abc, 22=def=')).toEqual([
      { id: 1, key: 'abc' },
      { id: 22, key: 'def=' },
    ]);
    expect(() => readKeys(undefined)).toThrow(/set ADAPTER_TENANT_KEYS as "1=<key>,2=<key>"/);
    expect(() => readKeys('1=abc,secret')).toThrow(/part 2 is no tenant with its key/);
    expect(() => readKeys('1=abc,secret')).not.toThrow(/: secret|abc/);
  });
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

  test('CLI-9: the tests have the names of the source', () => {
    const chosen = (test: string): string[] => chooseProfiles(suite, { test: [test] });
    const all = [
      'connection_pool',
      'query_performance',
      'pool_exhaustion',
      'rls_overhead',
      'index_effectiveness',
    ];
    for (const name of all) expect(chosen(name)).toEqual([name]);
    expect(chosen('all')).toEqual(all);
    expect(chooseProfiles(suite, { scenario: ['database'] })).toEqual(all);
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
