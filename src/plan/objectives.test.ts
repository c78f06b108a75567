import { describe, expect, test } from 'vitest';
import type { SuiteDefinition } from '../model/suite.ts';
import { makePlan } from './plan.ts';
import { planSearchStep } from './search-step.ts';
import { makeWatchPlan } from './watch-plan.ts';

const run = (): void => {};
const load = { executor: 'constant-vus', vus: 4, duration: '1m' } as const;
const options = { workers: 1, seed: 1, environment: 'local' };

const suite: SuiteDefinition = {
  name: 'shop',
  users: { buyer: { tasks: { price: { run }, order: { run } } }, visitor: { tasks: { look: { run } } } },
  thresholds: { http_req_failed: ['rate<0.01', { target: 'rate<0.001' }] },
  objectives: {
    reliable: { title: 'Few errors', dimension: 'reliability', thresholds: ['http_req_failed'], weight: 3 },
    orders: { thresholds: { 'http_req_duration{task:order}': ['p(95)<100'] } },
    cached: {
      thresholds: { monitor_cache_hit_ratio: [{ target: 'avg>95%', critical: 'avg>90%' }] },
      classes: { excellent: 'avg>=95%', good: 'avg>=90%' },
    },
    crowd: { thresholds: { vus_max: ['value>=10'] }, profiles: ['peak'] },
    again: { thresholds: { http_req_failed: ['rate<0.01'] } },
  },
  profiles: {
    all: { ...load, monitors: { cache: { kind: 'redis', url: 'redis://127.0.0.1:1' } } },
    browsing: { ...load, users: ['visitor'] },
    peak: { ...load, objectives: { orders: { thresholds: { iterations: ['rate>1'] } } } },
    search: {
      executor: 'capacity-search',
      startRate: 1,
      stepRate: 1,
      maxRate: 2,
      stepDuration: '1s',
      preAllocatedVUs: 1,
    },
  },
};

const planned = (profile: string) => makePlan(suite, profile, options);
const objective = (profile: string, name: string) =>
  planned(profile).objectives!.find((one) => one.name === name)!;

describe('the objectives of a plan', () => {
  test('are those of the suite, in its order, with what they are called and count', () => {
    expect(planned('all').objectives!.map(({ name }) => name)).toEqual([
      'reliable',
      'orders',
      'cached',
      'crowd',
      'again',
    ]);
    expect(objective('all', 'reliable')).toMatchObject({
      title: 'Few errors',
      dimension: 'reliability',
      weight: 3,
    });
    expect(objective('all', 'orders')).toMatchObject({ title: 'orders', dimension: 'other', weight: 1 });
  });

  test('name the thresholds of the plan, of every level that a name means', () => {
    expect(objective('all', 'reliable').thresholds).toEqual([
      { series: 'http_req_failed', expression: 'rate<0.01', level: 'critical' },
      { series: 'http_req_failed', expression: 'rate<0.001', level: 'target' },
    ]);
  });

  test('add their own thresholds, and none that the plan has already', () => {
    expect(planned('all').thresholds.map(({ expression }) => expression)).toEqual([
      'rate<0.01',
      'rate<0.001',
      'p(95)<100',
      'avg>95%',
      'avg>90%',
    ]);
  });

  test('say which profiles judge what this one does not', () => {
    expect(objective('all', 'crowd')).toMatchObject({
      profiles: ['peak'],
      isElsewhere: true,
      thresholds: [],
    });
    expect(objective('peak', 'crowd').isElsewhere).toBeUndefined();
    expect(objective('all', 'orders').profiles).toEqual(['all', 'browsing', 'peak']);
    expect(planned('all').thresholds.some(({ metric }) => metric === 'vus_max')).toBe(false);
  });

  test('stand as untested where the profile never does, or never watches, what they are about', () => {
    expect(objective('browsing', 'orders')).toMatchObject({
      untested: ['the threshold on http_req_duration{task:order}'],
      thresholds: [],
    });
    expect(objective('browsing', 'cached').untested).toEqual(['the threshold on monitor_cache_hit_ratio']);
    expect(objective('all', 'cached').untested).toBeUndefined();
  });

  test('keep their classes where nothing is measured for them', () => {
    expect(objective('browsing', 'cached').classes).toMatchObject({ series: 'monitor_cache_hit_ratio' });
    expect(objective('all', 'cached').classes?.limits.map((one) => [one.class, one.limit])).toEqual([
      ['excellent', 0.95],
      ['good', 0.9],
    ]);
  });

  test("of a profile replace the suite's of the same name", () => {
    expect(objective('peak', 'orders').thresholds).toMatchObject([{ series: 'iterations' }]);
  });

  test('say that the load is another one than that of the profile as written', () => {
    expect(planned('all').isOverridden).toBeUndefined();
    expect(makePlan(suite, 'all', { ...options, users: 1 }).isOverridden).toBe(true);
    expect(makePlan(suite, 'all', { ...options, durationMs: 1000 }).isOverridden).toBe(true);
    expect(makePlan(suite, 'all', { ...options, pattern: 'visitor' }).isOverridden).toBe(true);
    expect(
      makePlan({ ...suite, objectives: {}, profiles: { all: load } }, 'all', { ...options, users: 1 }),
    ).not.toHaveProperty('isOverridden');
  });

  test('stay out of searches and of watching without load', () => {
    expect(planned('search').objectives).toBeUndefined();
    const step = planSearchStep(suite, 'all', {
      ...options,
      name: 'step-1',
      unit: 'users',
      load: 2,
      durationMs: 8000,
      warmUpMs: 2000,
    });
    expect(step.plan.objectives).toBeUndefined();
    expect(step.plan.thresholds.map(({ expression }) => expression)).toContain('p(95)<100');
    const { plan } = makeWatchPlan(suite, 'all', { durationMs: 1000, environment: 'local' });
    expect(plan.objectives).toBeUndefined();
    expect(plan.thresholds).toEqual([]);
  });
});
