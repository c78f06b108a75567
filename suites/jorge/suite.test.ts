import { describe, expect, test, vi } from 'vitest';
import planted from '../../scripts/plant/jorge.suite.ts';
import { maxVusOf, plannedIterations } from '../../src/executors/of-plan.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { SuiteDefinition } from '../../src/model/suite.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { userCounts } from '../../src/plan/schedule.ts';
import { findMistakes } from '../../src/suite/schema.ts';
import { loadSuite } from '../../src/suite/suite.ts';
import jorge from './suite.ts';

// Vite puts its own BASE_URL, "/", into the environment of every test, and the suite reads it when imported.
vi.hoisted(() => {
  delete process.env.BASE_URL;
});

const suite: SuiteDefinition = jorge;
const plan = (profile: string): Plan =>
  makePlan(suite, profile, { workers: 1, seed: 1, environment: 'local' });

/** Shares of the tasks of a scenario's user in percent. */
function mixOf(profile: string, user: string): Record<string, number> {
  const { tasks } = plan(profile).scenarios[0]!.users.find((one) => one.name === user)!;
  const sum = tasks.reduce((total, task) => total + task.share, 0);
  return Object.fromEntries(tasks.map(({ name, share }) => [name, (share / sum) * 100]));
}

/** `metric expression`, with the level where it is not critical. */
function limitsOf(profile: string): string[] {
  return plan(profile).thresholds.map(
    ({ metric, expression, level }) => `${metric} ${expression}${level === 'critical' ? '' : ` ${level}`}`,
  );
}

/** Requests per second when the target answers at once: users over their mean think time. */
function mostPerSec(profile: string): number {
  const scenario = plan(profile).scenarios[0]!;
  const counts = userCounts(scenario);
  return scenario.users.reduce((sum, { thinkTime }, i) => {
    const meanMs = thinkTime.kind === 'uniform' ? (thinkTime.minMs + thinkTime.maxMs) / 2 : Number.NaN;
    return sum + counts[i]! / (meanMs / 1000);
  }, 0);
}

test('is sound', () => {
  expect(findMistakes(suite)).toEqual([]);
});

test('is sound as `npm run plant` drives it', () => {
  expect(findMistakes(planted)).toEqual([]);
});

test('loads by its name as one bundle', async () => {
  const loaded = await loadSuite('jorge', { env: {} });
  expect(loaded.definition.name).toBe('jorge');
  expect(Object.keys(loaded.definition.profiles)).toEqual(Object.keys(suite.profiles));
});

describe('profiles', () => {
  const minutes = 60_000;
  test.each([
    ['PROF-S0-1', 'smoke', 10, 2 * minutes],
    ['PROF-S0-2', 'normal', 100, 5 * minutes],
    ['PROF-S0-3', 'peak', 500, 10 * minutes],
    ['PROF-S0-4', 'stress', 1000, 5 * minutes],
    ['PROF-S0-6', 'endurance', 100, 30 * minutes],
    ['PROF-S0-7', 'concurrency', 1000, 10 * minutes],
    ['a crowd', 'crowd', 15_000, 5 * minutes],
    ['PROF-S0-8', 'test_pricing_calculate_normal_load', 100, 5 * minutes],
    ['PROF-S0-8', 'test_pricing_calculate_peak_load', 500, 10 * minutes],
    ['PROF-S0-8', 'test_pricing_calculate_stress_test', 1000, 5 * minutes],
    ['PROF-S0-8', 'test_roi_report_concurrent_generation', 25, 5 * minutes],
    ['PROF-S0-8', 'test_sustained_load_endurance', 100, 120 * minutes],
  ])('%s: %s has %i users for %i ms', (_id, profile, users, durationMs) => {
    const made = plan(profile);
    expect(maxVusOf(made.scenarios[0]!.executor)).toBe(users);
    expect(made.durationMs).toBe(durationMs);
  });

  test.each(['capacity', 'test_maximum_throughput_capacity'])(
    'PROF-S0-5: %s searches from 100/s to 3,000/s',
    (name) => {
      const loads = plan(name).search?.steps.map((step) => step.load);
      expect(loads).toEqual(Array.from({ length: 30 }, (_, i) => 100 * (i + 1)));
    },
  );

  test('PROF-S0-7: 50 users join a second', () => {
    expect(plan('concurrency').scenarios[0]!.executor).toMatchObject({ vus: 1000, rampUpMs: 20_000 });
  });

  test('SLO-2: burst is exactly 100 requests, cut off after 10 s', () => {
    const { scenarios, maxDurationMs } = plan('burst');
    expect(plannedIterations(scenarios[0]!.executor)).toBe(100);
    expect(maxDurationMs).toBe(10_000);
    expect(limitsOf('burst')).toContain('iterations count>=100');
  });
});

describe('mixes', () => {
  test('MIX-1: 70 % business, 20 % peak, 10 % admin, exactly', () => {
    for (const profile of ['smoke', 'stress', 'concurrency']) {
      const scenario = plan(profile).scenarios[0]!;
      const total = maxVusOf(scenario.executor);
      expect(scenario.users.map((user) => user.name)).toEqual(['business', 'peak', 'admin']);
      expect(userCounts(scenario).map((count) => (100 * count) / total)).toEqual([70, 20, 10]);
    }
  });

  test.each([
    [
      'MIX-2',
      'normal',
      'business',
      { pricing_calculate: 50, analytics_view: 20, roi_report: 15, savings_calculate: 10, other: 5 },
    ],
    ['MIX-3', 'peak', 'peak', { pricing_calculate: 60, analytics_view: 30, roi_report: 10 }],
    ['MIX-4', 'test_roi_report_concurrent_generation', 'business', { roi_report: 100 }],
    ['PROF-S0-8', 'test_pricing_calculate_normal_load', 'business', { pricing_calculate: 100 }],
  ])('%s: %s is %s %j and nobody else', (_id, profile, user, mix) => {
    expect(plan(profile).scenarios[0]!.users.map((one) => one.name)).toEqual([user]);
    expect(mixOf(profile, user)).toEqual(mix);
  });

  test('MIX-4: stress does every task of every user', () => {
    const planned = plan('stress').scenarios[0]!.users.map((user) => user.tasks.map((task) => task.name));
    const written = Object.values(suite.users).map((user) => Object.keys(user.tasks ?? {}));
    expect(planned).toEqual(written);
  });
});

describe('objectives', () => {
  test.each([
    ['SLO-1', 'normal', 'http_req_duration med<50'],
    ['SLO-1', 'normal', 'http_req_duration p(95)<100'],
    ['SLO-1', 'normal', 'http_req_duration p(99)<200'],
    ['SLO-1', 'peak', 'http_req_duration max<500 target'],
    ['SLO-2', 'normal', 'http_reqs rate>=166.7 target'],
    ['SLO-2', 'peak', 'http_reqs rate>=250'],
    ['SLO-3', 'normal', 'http_req_failed rate<0.001'],
    ['SLO-3', 'peak', 'http_req_failed rate<0.01'],
    ['SLO-3', 'stress', 'http_req_failed rate<0.05'],
    ['SLO-6', 'normal', 'http_reqs rate>100'],
    ['PROF-S0-3', 'peak', 'http_req_duration p(95)<200'],
    ['PROF-S0-3', 'peak', 'http_reqs rate>300 target'],
    ['PROF-S0-4', 'stress', 'http_req_duration p(99)<500'],
    ['PROF-S0-5', 'capacity', 'http_req_duration p(95)<100 search'],
    ['PROF-S0-6', 'endurance', 'http_req_duration p(95)<100'],
  ])('%s: %s holds %s', (_id, profile, limit) => {
    expect(limitsOf(profile)).toContain(limit);
  });

  test('PROF-S0-2 and PROF-S0-3: the users are many enough for the rates, with room for slow answers', () => {
    expect(mostPerSec('normal')).toBe(200);
    expect(mostPerSec('peak')).toBeCloseTo(416.7, 1);
    // With answers as slow as the median objective allows, the targets are still met.
    expect(100 / (0.5 + 0.05)).toBeGreaterThan(10_000 / 60);
    expect(500 / (1.2 + 0.2)).toBeGreaterThan(300);
  });
});

test('the autoscaling policy is in every plan', () => {
  const rules = plan('normal').scaling?.rules.map(({ name, action, forMs, cooldownMs }) => [
    ...[name, action, forMs / 60_000, cooldownMs / 60_000],
  ]);
  expect(rules).toEqual([
    ['cpu', { kind: 'add', count: 1 }, 2, 5],
    ['memory', { kind: 'add', count: 1 }, 2, 5],
    ['latency', { kind: 'add', count: 1 }, 3, 5],
    ['calm', { kind: 'remove', count: 1 }, 10, 10],
  ]);
});
