import { describe, expect, test } from 'vitest';
import { findMistakes } from './schema.ts';

const load = { executor: 'constant-vus', vus: 1, duration: '1s' };
const requests = [{ url: '/' }];
const suite = {
  name: 'shop',
  users: { buyer: { tasks: { price: { requests }, order: { requests } } } },
  thresholds: { http_req_failed: ['rate<0.01'] },
  profiles: {
    smoke: load,
    peak: {
      ...load,
      thresholds: { 'http_req_duration{task:price}': [{ target: 'p(95)<75', critical: 'p(95)<100' }] },
    },
    watched: { ...load, monitors: { cache: { kind: 'redis' } } },
    limit: {
      executor: 'capacity-search',
      startRate: 1,
      stepRate: 1,
      maxRate: 2,
      stepDuration: '1s',
      preAllocatedVUs: 1,
    },
  },
};

const own = { thresholds: { http_req_duration: ['p(95)<100'] } };
const mistakesOf = (objective: unknown) =>
  findMistakes({ ...suite, objectives: { one: objective } }).filter(({ path }) =>
    path.startsWith('objectives'),
  );
const pathsOf = (objective: unknown) =>
  mistakesOf(objective).map(({ path }) => path.replace('objectives.one', ''));

describe('an objective of a suite', () => {
  test.each([
    [own],
    [{ thresholds: { 'http_req_duration{task:price}': [{ target: 'p(95)<75', critical: 'p(95)<100' }] } }],
    [{ thresholds: ['http_req_failed'] }],
    [{ thresholds: ['http_req_failed: rate<0.01', 'http_req_duration{task:price}: p(95) < 100'] }],
    [{ thresholds: { monitor_cache_hit_ratio: ['avg>95%'] }, profiles: ['watched'] }],
    [{ thresholds: { monitor_cache_hit_ratio: ['avg>95%'] } }],
    [{ ...own, classes: { excellent: 'p(95)<50', good: 'p(95)<75', acceptable: 'p(95)<100' } }],
    [
      {
        ...own,
        title: 'Fast',
        description: 'From the contract',
        dimension: 'latency',
        weight: 2,
        profiles: ['smoke', 'peak'],
        impact: 'Buyers leave',
        remediation: 'Add an index',
      },
    ],
    [
      {
        thresholds: { http_req_duration: ['p(95)<100'], http_reqs: ['rate>10'] },
        classes: { metric: 'http_reqs', excellent: 'rate>=12', acceptable: 'rate>8' },
      },
    ],
    [{ thresholds: ['http_req_duration{task:price}'], classes: { good: 'p(95)<50' } }],
  ])('%j is in order', (objective) => {
    expect(mistakesOf(objective)).toEqual([]);
  });

  test.each([
    [{}, '.thresholds'],
    [{ thresholds: {} }, '.thresholds'],
    [{ thresholds: [] }, '.thresholds'],
    [{ thresholds: { http_req_duratoin: ['p(95)<100'] } }, '.thresholds.http_req_duratoin'],
    [{ thresholds: { http_req_duration: ['p95<100'] } }, '.thresholds.http_req_duration[0]'],
    [
      { thresholds: { 'http_req_duration{task:prize}': ['p(95)<100'] } },
      '.thresholds["http_req_duration{task:prize}"]',
    ],
    [
      { thresholds: { monitor_cache_hit_ratio: ['avg>95%'] }, profiles: ['smoke'] },
      '.thresholds.monitor_cache_hit_ratio',
    ],
    [{ thresholds: ['http_req_faild'] }, '.thresholds[0]'],
    [{ thresholds: ['http_req_failed: rate<0.02'] }, '.thresholds[0]'],
    [{ thresholds: ['http_req_duration{task:price}'], profiles: ['smoke'] }, '.thresholds[0]'],
    [{ ...own, dimension: 'speed' }, '.dimension'],
    [{ ...own, weight: 0 }, '.weight'],
    [{ ...own, weight: 1.1e6 }, '.weight'],
    [{ ...own, weight: 1e308 }, '.weight'],
    [{ ...own, profiles: ['peek'] }, '.profiles[0]'],
    [{ ...own, profiles: ['limit'] }, '.profiles[0]'],
    [{ ...own, impact: 1 }, '.impact'],
    [{ ...own, wieght: 2 }, '.wieght'],
    [{ ...own, classes: {} }, '.classes'],
    [{ ...own, classes: { superb: 'p(95)<50' } }, '.classes.superb'],
    [{ ...own, classes: { good: 'p(95)=50' } }, '.classes.good'],
    [{ ...own, classes: { good: 'p(99)<50' } }, '.classes.good'],
    [{ ...own, classes: { excellent: 'p(95)<50', good: 'p(95)<50' } }, '.classes.good'],
    [{ ...own, classes: { excellent: 'p(95)<50', good: 'p(95)>75' } }, '.classes.good'],
    [{ ...own, classes: { metric: 'http_reqs', good: 'p(95)<50' } }, '.classes.metric'],
    [
      {
        thresholds: { http_req_duration: ['p(95)<100'], http_reqs: ['rate>10'] },
        classes: { good: 'rate>12' },
      },
      '.classes.metric',
    ],
  ])('%j is a mistake at %s', (objective, path) => {
    expect(pathsOf(objective)).toContain(path);
  });

  test('a misspelt threshold, dimension and profile get the nearest name', () => {
    const [name, dimension, profile] = [
      { thresholds: ['http_req_failed: rate<0.02'] },
      { ...own, dimension: 'latancy' },
      { ...own, profiles: ['smok'] },
    ].map((objective) => mistakesOf(objective)[0]!);
    expect(name!.suggestion).toBe('http_req_failed: rate<0.01');
    expect(dimension!.suggestion).toBe('latency');
    expect(profile!.suggestion).toBe('smoke');
  });
});

test('an objective of a profile is held to what this profile does, and names no profiles', () => {
  const withOwn = (objective: object) => ({
    ...suite,
    profiles: { ...suite.profiles, peak: { ...suite.profiles.peak, objectives: { one: objective } } },
  });
  const at = (objective: object) => findMistakes(withOwn(objective)).map(({ path }) => path);
  expect(at(own)).toEqual([]);
  expect(at({ thresholds: ['http_req_duration{task:price}', 'http_req_failed'] })).toEqual([]);
  expect(at({ ...own, profiles: ['peak'] })).toEqual(['profiles.peak.objectives.one.profiles']);
});
