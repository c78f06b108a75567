import { describe, expect, test, vi } from 'vitest';
import { maxVusOf } from '../../src/executors/of-plan.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { SuiteDefinition } from '../../src/model/suite.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { userCounts } from '../../src/plan/schedule.ts';
import { findMistakes } from '../../src/suite/schema.ts';
import { loadSuite } from '../../src/suite/suite.ts';
import { accountCount, accountOf } from './accounts.ts';
import pratiko from './suite.ts';

vi.hoisted(() => {
  delete process.env.LOAD_TEST_BASE_URL;
});

const suite: SuiteDefinition = pratiko;
const plan = (profile: string): Plan =>
  makePlan(suite, profile, { workers: 1, seed: 1, environment: 'local' });

/** `metric expression`, with the level where it is not critical. */
function limitsOf(profile: string): string[] {
  return plan(profile).thresholds.map(
    ({ metric, tags, expression, level }) =>
      `${metric}${Object.entries(tags ?? {})
        .sort()
        .map(([name, value]) => ` ${name}:${value}`)
        .join('')} ${expression}${level === 'critical' ? '' : ` ${level}`}`,
  );
}

const minutes = 60_000;

test('is sound', () => {
  expect(findMistakes(suite)).toEqual([]);
});

test('loads by its name as one bundle', async () => {
  const loaded = await loadSuite('pratiko', { env: {} });
  expect(Object.keys(loaded.definition.profiles)).toEqual(Object.keys(suite.profiles));
});

describe('profiles', () => {
  test.each([
    ['PROF-S2-1', 'baseline', 1, 1],
    ['PROF-S2-2', 'normal_day', 30, 10],
    ['PROF-S2-3', 'peak_hours', 50, 10],
    ['PROF-S2-4', 'tax_deadline', 100, 30],
    ['PROF-S2-5', 'stress', 150, 10],
    ['PROF-S2-6', 'spike_test', 100, 10],
    ['PROF-S2-7', 'quick', 10, 1],
    ['PROF-S2-7', 'validation', 10, 2],
    ['PROF-S2-7', 'normal_load', 30, 5],
  ])('%s: %s has %i users for %i min', (_id, profile, users, length) => {
    const made = plan(profile);
    expect(maxVusOf(made.scenarios[0]!.executor)).toBe(users);
    expect(made.durationMs).toBe(length * minutes);
    expect(made.scenarios[0]!.users.map(({ name }) => name)).toEqual(['professional']);
  });

  test('PROF-S2-6: from 10 to 100 users within 30 s', () => {
    expect(plan('spike_test').scenarios[0]!.executor).toMatchObject({ startVUs: 10 });
    expect(suite.profiles.spike_test).toMatchObject({
      stages: expect.arrayContaining([{ duration: '30s', target: 100 }]) as unknown,
    });
  });

  test('PROF-S2-8: every profile says when to run it; the seed lists the sum of 71 minutes', () => {
    const listed = ['baseline', 'normal_day', 'peak_hours', 'tax_deadline', 'stress', 'spike_test'];
    const sum = listed.reduce((total, profile) => total + plan(profile).durationMs, 0);
    expect(sum).toBe(71 * minutes);
    for (const profile of Object.values(suite.profiles)) expect(profile.whenToRun).toBeTruthy();
  });
});

test('MIX-8: simple 30, complex 25, tax 20, document 10, search 10, user operations 5 %', () => {
  const scenario = plan('peak_hours').scenarios[0]!;
  expect(userCounts(scenario)).toEqual([50]);
  expect(Object.fromEntries(scenario.users[0]!.tasks.map(({ name, share }) => [name, share]))).toEqual({
    simple_query: 30,
    complex_query: 25,
    tax_calculation: 20,
    document_upload: 10,
    knowledge_search: 10,
    user_operations: 5,
  });
});

test('DATA-1: 200 accounts', () => {
  expect(accountCount).toBe(200);
  expect(accountOf(1)).toEqual({
    email: 'loadtest_user_1@pratikoai.it',
    password: 'TestPassword123!',
    company: 'Test Company 1',
    vatNumber: 'IT00000000001',
  });
  expect(accountOf(200)).toMatchObject({
    email: 'loadtest_user_200@pratikoai.it',
    vatNumber: 'IT00000000200',
  });
});

describe('limits', () => {
  const answers = 'http_req_duration kind:user';
  const perMin = (count: number): string => (count / 60).toFixed(2);

  test.each([
    ['baseline', 3, 5, 20, 60, '1%'],
    ['normal_day', 4, 6, 600, 1200, '1%'],
    ['peak_hours', 5, 8, 1000, 2000, '1%'],
    ['tax_deadline', 8, 12, 1500, 3000, '2%'],
  ])('SLO-9 to SLO-11 and SLO-21: %s', (profile, p95, p99, least, target, errors) => {
    const limits = limitsOf(profile);
    expect(limits).toContain(`${answers} p(95)<${p95 * 1000}`);
    expect(limits).toContain(`${answers} p(99)<${p99 * 1000}`);
    expect(limits).toContain(`http_reqs kind:user rate>=${perMin(least)}`);
    expect(limits).toContain(`http_reqs kind:user rate>=${perMin(target)} target`);
    expect(limits).toContain(`http_req_failed rate<${errors}`);
    const margins = plan(profile).thresholds.filter(({ metric }) => metric === 'http_req_failed');
    expect(margins).toMatchObject([{ warnMargin: 0.1 }]);
  });

  test.each([
    ['SLO-8', 'peak_hours', 'cache_hits rate>70%'],
    ['SLO-11', 'stress', 'http_req_failed rate<2%'],
    ['SLO-11', 'spike_test', 'http_req_failed rate<5%'],
    ['SLO-12', 'peak_hours', 'monitor_target_cpu_ratio avg<70% target'],
    ['SLO-12', 'peak_hours', 'monitor_target_cpu_ratio avg<80%'],
    ['SLO-13', 'peak_hours', 'http_req_duration kind:user task:simple_query p(95)<3000'],
    ['SLO-13', 'peak_hours', 'http_req_duration kind:user task:complex_query p(95)<5000'],
    ['SLO-13', 'peak_hours', 'http_req_duration kind:user task:tax_calculation p(95)<2000'],
    ['SLO-13', 'peak_hours', 'document_duration p(95)<30s'],
    ['SLO-13', 'peak_hours', 'http_req_duration kind:user task:knowledge_search p(95)<3000'],
    ['SLO-13', 'peak_hours', 'http_req_duration kind:user task:user_operations p(95)<1000'],
    ['PROF-S2-5', 'stress', 'monitor_target_restarts count<1'],
    ['PROF-S2-6', 'spike_test', 'spike_recovery_time max<2min'],
    ['SLO-14', 'market_requirements', 'http_req_duration operation:tax_simple p(95)<1000'],
    ['SLO-14', 'market_requirements', 'http_req_duration operation:tax_complex p(95)<2000'],
    ['SLO-14', 'market_requirements', 'http_req_duration operation:tax_bulk p(95)<30000'],
    ['SLO-14', 'market_requirements', 'document_duration size:small p(95)<10s'],
    ['SLO-14', 'market_requirements', 'document_duration size:medium p(95)<30s'],
    ['SLO-14', 'market_requirements', 'document_duration size:large p(95)<60s'],
    ['SLO-14', 'market_requirements', 'documents_at_once max<=20'],
    ['SLO-14', 'market_requirements', 'http_req_duration operation:search_simple p(95)<1000'],
    ['SLO-14', 'market_requirements', 'http_req_duration operation:search_regulatory p(95)<3000'],
    ['SLO-14', 'market_requirements', 'http_req_duration operation:search_full_text p(95)<2000'],
    ['SLO-14', 'market_requirements', 'index_update_duration max<5min'],
    ['SLO-14', 'market_requirements', 'http_req_duration operation:gdpr_export p(95)<60000'],
    ['SLO-14', 'market_requirements', 'http_req_duration operation:gdpr_deletion p(95)<30000'],
    ['SLO-14', 'market_requirements', 'http_req_duration operation:audit_log p(95)<5000'],
    ['SLO-14', 'market_requirements', 'http_req_duration operation:compliance_report p(95)<120000'],
    ['MIX-9', 'peak_hours', 'degraded_answers rate<1% target'],
    ['MIX-9', 'tax_deadline', 'checks check:tax: the answer is exact rate==1'],
  ])('%s: %s holds %s', (_id, profile, limit) => {
    expect(limitsOf(profile)).toContain(limit);
  });
});

test('ALERT-1 and ALERT-2: limits and levels of the source', () => {
  const rules = Object.values(suite.alerts ?? {}).flatMap(({ warning, critical }) => [warning, critical]);
  const texts = rules.filter((rule) => rule !== undefined).map((rule) => rule.replace(/ for \d+s$/, ''));
  expect(texts).toEqual(
    expect.arrayContaining([
      'monitor_machine_cpu_ratio > 70%',
      'monitor_machine_cpu_ratio > 80%',
      'monitor_machine_memory_used_ratio > 80%',
      'monitor_machine_memory_used_ratio > 90%',
      'monitor_postgres_connections > 70',
      'monitor_postgres_connections > 80',
      'monitor_postgres_slow_statements > 10/min',
      'http_req_duration{kind:user} p(95) > 5000ms',
      'http_req_failed > 1%',
      'cache_hits < 70%',
      'monitor_redis_memory_bytes > 4GB',
      'monitor_redis_memory_bytes > 6GB',
    ]),
  );
  for (const name of ['cpu', 'connections', 'memory']) expect(suite.alerts?.[name]?.respond).toHaveLength(5);
});
