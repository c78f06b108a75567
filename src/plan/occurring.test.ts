import { describe, expect, test } from 'vitest';
import type { SuiteDefinition } from '../model/suite.ts';
import { limitsLeftOut, makePlan } from './plan.ts';
import { planSearchStep } from './search-step.ts';

const run = (): void => {};
const load = { executor: 'constant-vus', vus: 4, duration: '1m' } as const;
const options = { workers: 1, seed: 1, environment: 'local' };

/** A suite whose limits are on tasks that only some of its profiles run. */
const suite: SuiteDefinition = {
  name: 'shop',
  users: { buyer: { tasks: { price: { run }, order: { run } } }, visitor: { tasks: { look: { run } } } },
  profiles: {
    all: load,
    browsing: { ...load, users: ['visitor'] },
    pricing: { ...load, tasks: { buyer: { price: 1 } } },
    regions: {
      scenarios: {
        near: { ...load, vus: 9, users: ['buyer'], tags: { region: 'near' } },
        far: { ...load, users: ['visitor'], tags: { region: 'far' } },
      },
      thresholds: { 'http_req_duration{user:visitor}': ['p(95)<100'] },
    },
  },
  thresholds: {
    http_req_failed: ['rate<0.01'],
    'http_req_duration{task:order}': ['p(95)<100'],
    'iteration_duration{region:far}': ['avg<200'],
  },
  alerts: { slow: { warning: 'http_req_duration{user:buyer} p(95) > 1s' } },
  comparisons: { both: { metric: 'http_req_duration', of: { task: 'order' }, against: { task: 'look' } } },
};

const kept = (profile: string, overrides = {}): string[] =>
  makePlan(suite, profile, { ...options, ...overrides }).thresholds.flatMap(({ tags }) =>
    Object.values(tags),
  );

describe('limits of the suite', () => {
  test.each([
    ['all', ['order'], 1, 1],
    ['browsing', [], 0, 0],
    ['pricing', [], 1, 0],
    ['regions', ['order', 'far', 'visitor'], 1, 1],
  ])('are judged in %s where it does what they are on', (profile, values, alertCount, comparisonCount) => {
    const { alerts = [], comparisons = [], thresholds } = makePlan(suite, profile, options);
    expect(thresholds[0]?.metric).toBe('http_req_failed');
    expect(kept(profile)).toEqual(values);
    expect(alerts).toHaveLength(alertCount);
    expect(comparisons).toHaveLength(comparisonCount);
  });

  test('that are left out are told', () => {
    expect(limitsLeftOut(suite, 'browsing', {})).toEqual([
      'the threshold on http_req_duration{task:order}',
      'the threshold on iteration_duration{region:far}',
      'the alert on http_req_duration{user:buyer}',
      'the comparison on http_req_duration{task:order}',
    ]);
    expect(limitsLeftOut(suite, 'regions', {})).toEqual([]);
  });

  test('follow the pattern and the tags of the command line', () => {
    expect(kept('all', { pattern: 'visitor' })).toEqual([]);
    expect(kept('browsing', { pattern: 'buyer' })).toEqual(['order']);
    expect(kept('all', { tags: { region: 'far' } })).toEqual(['order', 'far']);
    expect(kept('regions', { pattern: 'buyer' })).toEqual(['order', 'far']);
  });

  test('are searched with as far as the scenario that is searched with does what they are on', () => {
    const step = { ...options, name: 'step-1', load: 5, durationMs: 9000, warmUpMs: 1000 };
    const { thresholds } = planSearchStep(suite, 'regions', { ...step, unit: 'users' }).plan;
    expect(thresholds.map(({ metric, tags }) => [metric, tags.task ?? tags.user])).toEqual([
      ['http_req_failed', undefined],
      ['http_req_duration', 'order'],
    ]);
  });
});
