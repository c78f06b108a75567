import { describe, expect, test } from 'vitest';
import { makeCapacityPlan, makeRecommendationPlans } from './planning.ts';
import { findMistakes } from './schema.ts';
import { parseSpan } from './span.ts';

const users = { buyer: { tasks: { price: { run: () => undefined } } } };
const profiles = { smoke: { executor: 'constant-vus', vus: 1, duration: '1s' } };
const suite = (changes: object): unknown => ({ name: 'shop', users, profiles, ...changes });

function mistakesOf(changes: object): (readonly [path: string, expected: string, suggestion?: string])[] {
  return findMistakes(suite(changes)).map(({ path, expected, suggestion }) =>
    suggestion === undefined ? [path, expected] : [path, expected, suggestion],
  );
}

const queue = {
  component: 'Queue',
  recommended: 'a second consumer',
  priority: 'low',
  effort: 'medium',
  when: { http_req_duration: ['p(95)>200ms', 'avg>100ms'] },
};

describe('recommendations', () => {
  test('rules are switched off, changed and added', () => {
    expect(mistakesOf({ recommendations: { cpu: false, memory: { recommended: '16 GB' }, queue } })).toEqual(
      [],
    );
    expect(makeRecommendationPlans({ cpu: false, memory: { effort: 'high' } })).toEqual([
      { id: 'cpu', off: true },
      { id: 'memory', effort: 'high' },
    ]);
    expect(
      makeRecommendationPlans({ queue: { ...queue, priority: 'low', effort: 'medium' } })[0]?.when,
    ).toEqual([
      {
        ...{ metric: 'http_req_duration', expression: 'p(95)>200ms', operator: '>', limit: 200 },
        aggregation: { kind: 'percentile', p: 95 },
      },
      {
        ...{ metric: 'http_req_duration', expression: 'avg>100ms', operator: '>', limit: 100 },
        aggregation: { kind: 'avg' },
      },
    ]);
  });

  test.each<[string, object, string, RegExp, string?]>([
    ['unknown id to switch off', { cpus: false }, 'recommendations.cpus', /a rule that there is/, 'cpu'],
    ['neither a rule nor false', { cpu: true }, 'recommendations.cpu', /or false to switch it off/],
    [
      'incomplete',
      { queue: { component: 'Queue' } },
      'recommendations.queue',
      /recommended.*priority.*effort.*when/,
    ],
    [
      'unknown metric',
      { cpu: { when: { http_req: 'avg>1' } } },
      'recommendations.cpu.when.http_req',
      /a metric/,
    ],
    [
      'bad expression',
      { cpu: { when: { vus: '>1' } } },
      'recommendations.cpu.when.vus',
      /an expression such as/,
    ],
    [
      'a percentile that records lack',
      { cpu: { when: { http_req_duration: 'p(99.9)>1' } } },
      'recommendations.cpu.when.http_req_duration',
      /p\(90\), p\(95\), p\(99\)/,
    ],
    ['no condition', { cpu: { when: {} } }, 'recommendations.cpu.when', /at least one metric/],
    [
      'turned cost',
      { cpu: { cost: { currency: 'EUR', low: 2, high: 1 } } },
      'recommendations.cpu.cost',
      /at most/,
    ],
    [
      'currency in words',
      { cpu: { cost: { currency: 'euro', low: 1, high: 1 } } },
      'recommendations.cpu.cost.currency',
      /three letters/,
    ],
    [
      'priority',
      { cpu: { priority: 'HIGH' } },
      'recommendations.cpu.priority',
      /"high" or "medium" or "low"/,
    ],
  ])('%s', (_what, recommendations, path, expected, suggestion) => {
    const [mistake] = mistakesOf({ recommendations });
    expect(mistake?.[0]).toBe(path);
    expect(mistake?.[1]).toMatch(expected);
    if (suggestion !== undefined) expect(mistake?.[2]).toBe(suggestion);
  });

  test('conditions may be on monitors that one profile has', () => {
    const watched = { smoke: { ...profiles.smoke, monitors: { host: { kind: 'host' } } } };
    const rule = { cpu: { when: { monitor_host_cpu_ratio: 'avg>60%' } } };
    expect(mistakesOf({ profiles: watched, recommendations: rule })).toEqual([]);
    expect(mistakesOf({ recommendations: rule })).toHaveLength(1);
  });

  test('too many rules are refused', () => {
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`rule${i}`, queue]));
    expect(mistakesOf({ recommendations: many })[0]?.[1]).toBe('at most 100 rules');
  });
});

describe('capacity', () => {
  test('is resolved with defaults, growth ascending', () => {
    const capacity = {
      instances: 3,
      buffers: { users: 0.2 },
      database: { vcpus: 8, memory: '32GB' },
      growth: { users: 500, perMonth: '10%', expected: { '1 year': 5000, '3 months': 1000 } },
    };
    expect(mistakesOf({ capacity })).toEqual([]);
    expect(makeCapacityPlan(capacity)).toEqual({
      instances: 3,
      buffers: { users: 0.2, rate: 0.25, connections: 0.3, memory: 0.25, cpu: 0.3 },
      database: { vcpus: 8, memoryBytes: 32e9 },
      growth: {
        users: 500,
        perMonth: 0.1,
        expected: [
          { title: '3 months', months: 3, users: 1000 },
          { title: '1 year', months: 12, users: 5000 },
        ],
      },
    });
  });

  test.each<[object, string, RegExp]>([
    [{ instances: 0 }, 'capacity.instances', /whole number from 1/],
    [{ buffers: { users: 1 } }, 'capacity.buffers.users', /below 1/],
    [{ buffers: { ram: 0.1 } }, 'capacity.buffers.ram', /one of the keys/],
    [{ database: { vcpus: 8, memory: '32' } }, 'capacity.database.memory', /such as "32GB"/],
    [{ growth: { users: 5 } }, 'capacity.growth', /`perMonth`, `expected`/],
    [{ growth: { perMonth: '0%' } }, 'capacity.growth.perMonth', /above 0/],
    [{ growth: { perMonth: '10ms' } }, 'capacity.growth.perMonth', /above 0/],
    [{ growth: { perMonth: '1001%' } }, 'capacity.growth.perMonth', /1000% at the most/],
    [{ growth: { users: 1e300, perMonth: 0.1 } }, 'capacity.growth.users', /10,000,000,000 at the most/],
    [{ growth: { perMonth: null } }, 'capacity.growth.perMonth', /above 0/],
    [{ growth: { expected: { soon: 5 } } }, 'capacity.growth.expected.soon', /such as "3 months"/],
    [{ growth: { expected: { '3 months': -5 } } }, 'capacity.growth.expected["3 months"]', /above 0/],
    [{ usersPerInstance: 0 }, 'capacity.usersPerInstance', /above 0/],
  ])('%j is refused', (capacity, path, expected) => {
    const [mistake] = mistakesOf({ capacity });
    expect(mistake?.[0]).toBe(path);
    expect(mistake?.[1]).toMatch(expected);
  });

  test.each<[string, number | undefined]>([
    ['3 months', 3],
    ['1 year', 12],
    ['1.5 years', 18],
    ['20 years', 240],
    ['21 years', undefined],
    ['0 months', undefined],
    ['3', undefined],
    ['-3 months', undefined],
    ['3 months later', undefined],
  ])('%s from today is %s months', (span, months) => {
    expect(parseSpan(span)).toBe(months);
  });
});
