import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { chooseSteps } from '../../src/cli/choose-profiles.ts';
import { maxVusOf } from '../../src/executors/of-plan.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { SuiteDefinition } from '../../src/model/suite.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { type LoadedSuite, loadSuite } from '../../src/suite/suite.ts';

const env = { SUPABASE_SERVICE_KEY: 'a-service-key' };
let loaded: LoadedSuite;
let suite: SuiteDefinition;
beforeAll(async () => {
  loaded = await loadSuite('velro', { env });
  suite = loaded.definition;
});

const plan = (profile: string): Plan =>
  makePlan(suite, profile, { workers: 1, seed: 1, environment: 'local' });

const minutes = 60_000;
/** PROF-S4-1 to PROF-S4-6: users, duration, requests per second, p95 in ms, cache hits in percent. */
const phases = [
  ['warm_up_baseline', 500, 2 * minutes, 100, 75, 85],
  ['intermediate_scaling', 2500, 5 * minutes, 500, 75, 90],
  ['large_scale_validation', 5000, 7.5 * minutes, 800, 75, 93],
  ['prd_compliance_validation', 10_000, 10 * minutes, 1000, 75, 95],
  ['stress_test', 15_000, 5 * minutes, 1200, 100, 90],
  ['endurance_test', 8000, 30 * minutes, 800, 75, 93],
] as const;

/** MIX-11: the chance of each step in an iteration. */
const chances = {
  authentication_check: 1,
  authorization_check: 0.95,
  generation_list: 0.85,
  model_access: 0.6,
  generation_create: 0.25,
  media_url_access: 0.4,
};
const requestsPerIteration = Object.values(chances).reduce((sum, chance) => sum + chance);

/** `metric expression` of the level. */
function limitsOf(profile: string, level: 'target' | 'critical'): string[] {
  return plan(profile)
    .thresholds.filter((one) => one.level === level)
    .map(({ metric, expression }) => `${metric} ${expression}`);
}

test('is loaded by its name, and is data alone', () => {
  expect(loaded.file).toBe(fileURLToPath(new URL('suite.yaml', import.meta.url)));
  expect(suite.baseUrl).toBe('http://127.0.0.1:8000');
  for (const { flow, onStart } of Object.values(suite.users)) {
    expect(onStart).toHaveProperty('requests');
    for (const step of Object.values(flow!)) expect(step).toHaveProperty('requests');
  }
});

test('has its address from VELRO_API_URL, and does not begin without the service key', async () => {
  const elsewhere = await loadSuite('velro', { env: { ...env, VELRO_API_URL: 'http://velro.lan:81' } });
  expect(elsewhere.definition.baseUrl).toBe('http://velro.lan:81');
  await expect(loadSuite('velro', { env: {} })).rejects.toMatchObject({
    exitCode: 2,
    mistakes: [
      {
        path: 'requiredEnv[0]',
        expected: 'the environment variable SUPABASE_SERVICE_KEY to be set and not empty',
      },
    ],
  });
});

describe('the phases', () => {
  test.each(phases)('%s has its users, duration and limits', (name, users, durationMs, rps, p95, hits) => {
    const { scenarios, durationMs: planned } = plan(name);
    expect(scenarios.map(({ executor }) => maxVusOf(executor))).toEqual([users]);
    expect(planned).toBe(durationMs);
    expect(limitsOf(name, 'target')).toEqual(
      expect.arrayContaining([
        `http_reqs rate>=${rps}`,
        `http_req_duration p(95)<${p95}`,
        `cache_hits rate>=${hits}%`,
        'http_req_failed rate<1%',
      ]),
    );
    // SLO-18: 1,000 to 800 requests a second, 75 to 100 ms, 95 to 90 %, 1 to 5 %.
    expect(limitsOf(name, 'critical')).toEqual(
      expect.arrayContaining([
        `http_reqs rate>=${rps * 0.8}`,
        `http_req_duration p(95)<${Math.floor((p95 * 4) / 3)}`,
        `cache_hits rate>=${hits - 5}%`,
        'http_req_failed rate<5%',
      ]),
    );
  });

  test.each(phases)('%s can make a quarter more requests than required', (name, users, _durationMs, rps) => {
    const { executor, users: classes } = plan(name).scenarios[0]!;
    const { thinkTime, tasks, mix } = classes[0]!;
    expect(mix).toBe('flow');
    expect(Object.fromEntries(tasks.map((task) => [task.name, task.share]))).toEqual(chances);
    expect(requestsPerIteration).toBeCloseTo(4.05, 10);
    const { minMs, maxMs } = thinkTime as { readonly minMs: number; readonly maxMs: number };
    const meanMs = (minMs + maxMs) / 2;
    expect((users * requestsPerIteration) / (meanMs / 1000)).toBeCloseTo(rps * 1.25, 0);
    expect(executor).toMatchObject({ kind: 'constant-vus', rampUpMs: expect.closeTo(meanMs, -1) });
  });

  test('are what --all runs, in their order, behind the baseline', () => {
    const steps = chooseSteps(suite, { all: true });
    expect(steps.map(({ profile }) => profile)).toEqual(phases.map(([name]) => name));
    expect(steps.slice(1).map(({ needs }) => needs)).toEqual(phases.slice(1).map(() => ['warm_up_baseline']));
    expect(chooseSteps(suite, { quickTest: true }).map(({ profile }) => profile)).toEqual(['quick_test']);
  });

  test('last 59.5 minutes together', () => {
    const together = phases.reduce((sum, [name]) => sum + plan(name).durationMs, 0);
    expect(together).toBe(59.5 * minutes);
  });

  test('are abbreviated to a twentieth by quick_test, at the same rates', () => {
    const { scenarios, thresholds } = plan('quick_test');
    expect(scenarios.map(({ name, executor }) => [name, maxVusOf(executor)])).toEqual(
      phases.map(([name, users]) => [name, users / 20]),
    );
    expect(plan('quick_test').durationMs).toBe((59.5 * minutes) / 20);
    for (const [name, , , rps] of phases) {
      const rates = thresholds.filter(({ tags, level }) => tags.scenario === name && level === 'target');
      expect(rates.map(({ limit }) => limit)).toEqual([rps]);
    }
  });
});

describe('the objectives', () => {
  test('of the requirements are all judged by prd_compliance_validation', () => {
    const { objectives = [] } = plan('prd_compliance_validation');
    expect(objectives.filter(({ isElsewhere }) => isElsewhere)).toEqual([]);
    const limits = objectives.map(({ name, thresholds }) => [name, thresholds.map((one) => one.expression)]);
    expect(Object.fromEntries(limits)).toMatchObject({
      concurrent_users: ['value>=10000', 'value>=8000'],
      response_time: ['p(95)<75', 'p(95)<100'],
      authentication_time: ['p(95)<50'],
      authorization_time: ['p(95)<75'],
      cache_hit_rate: ['rate>=95%', 'rate>=90%'],
      error_rate: ['rate<1%', 'rate<5%'],
      database_connections: ['min>=200'],
    });
    for (const { impact, remediation, name } of objectives) {
      if (name !== 'stability') expect(remediation, name).toBeDefined();
      expect(impact, name).toBeDefined();
    }
  });

  test('have the classes of ASSESS-5', () => {
    const { objectives = [] } = plan('prd_compliance_validation');
    const classes = objectives.flatMap(({ name, classes: own }) =>
      own === undefined ? [] : [[name, own.limits.map(({ expression }) => expression)]],
    );
    expect(Object.fromEntries(classes)).toEqual({
      response_time: ['p(95)<50', 'p(95)<75', 'p(95)<100'],
      sustained_throughput: ['rate>=1200', 'rate>=1000', 'rate>=800'],
      cache_hit_rate: ['rate>=95%', 'rate>=90%', 'rate>=85%'],
    });
  });
});

describe('the file of scenarios', () => {
  const file = fileURLToPath(new URL('load_test_scenarios.yaml', import.meta.url));

  test.each(phases)('gives the plan of %s', async (name) => {
    const { definition } = await loadSuite(file, { env });
    const ofFile = makePlan(definition, name, { workers: 1, seed: 1, environment: 'local' });
    expect(ofFile).toEqual(plan(name));
  });
});
