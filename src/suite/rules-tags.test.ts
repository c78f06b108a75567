import { describe, expect, test } from 'vitest';
import type { Mistake } from '../model/errors.ts';
import { findMistakes } from './schema.ts';

const run = (): void => {};
const smoke = { executor: 'constant-vus', vus: 10, duration: '2m' };
const arrivals = { executor: 'constant-arrival-rate', rate: 9, duration: '1m', preAllocatedVUs: 5 };

/** Code, two users, a flow, phases that leave some out, and `setup`. */
function shop(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: 'shop',
    setup: run,
    users: {
      buyer: { onStart: run, tasks: { price: { run }, order: { run } } },
      visitor: { flow: { look: { run }, leave: { probability: 0, run } } },
    },
    metrics: { order_value: { type: 'trend' } },
    monitors: { host: { kind: 'host' } },
    profiles: {
      smoke,
      day: {
        phases: [
          { name: 'morning', ...smoke, users: ['buyer'], tags: { part: 'early' } },
          {
            name: 'noon',
            ...arrivals,
            users: ['buyer'],
            tasks: { buyer: { price: 1 } },
            tags: { part: 'late' },
          },
        ],
      },
      climb: {
        executor: 'capacity-search',
        ...{ startRate: 10, stepRate: 10, maxRate: 30, stepDuration: '10s', preAllocatedVUs: 10 },
        thresholds: { http_req_failed: ['rate<0.01'] },
      },
    },
    ...changes,
  };
}

const limit: Readonly<Record<string, string>> = {
  vus: 'value<9',
  http_req_failed: 'rate<0.1',
  checks: 'rate>0.9',
  monitor_host_cpu_ratio: 'max<1',
};
function expressionFor(selector: string): string {
  const metric = selector.split('{')[0]!;
  return (
    limit[metric] ?? (/(reqs|iterations|_ops|rows|failed|transactions)$/.test(metric) ? 'count<5' : 'max<5')
  );
}

/** The mistakes of a threshold of the suite, or of a profile of its. */
function mistakesOf(selector: string, profile?: string, suite = shop()): Mistake[] {
  const thresholds = { [selector]: [expressionFor(selector)] };
  if (profile === undefined) return findMistakes({ ...suite, thresholds });
  const profiles = suite.profiles as Record<string, Record<string, unknown>>;
  return findMistakes({
    ...suite,
    profiles: { ...profiles, [profile]: { ...profiles[profile], thresholds } },
  });
}

describe('tags that no sample can have', () => {
  test.each([
    ['http_req_duration{task:prise}', undefined, 'price'],
    ['http_req_duration{user:buier}', undefined, 'buyer'],
    ['http_req_duration{scenario:mornin}', undefined, 'morning'],
    ['http_req_duration{scenario:mornin}', 'day', 'morning'],
    ['http_req_duration{scenario:morning}', 'smoke', undefined],
    ['http_req_duration{scenario:step-4}', 'climb', 'step-1'],
    ['http_req_duration{task:look}', 'day', undefined],
    ['http_req_duration{task:leave}', 'smoke', undefined],
    ['http_req_duration{user:visitor}', 'day', undefined],
    ['http_req_duration{scenario:noon,task:order}', 'day', undefined],
    ['http_req_duration{user:visitor,task:price}', undefined, undefined],
    ['http_req_duration{task:teardown}', undefined, undefined],
    ['order_value{task:orders}', undefined, 'order'],
    ['checks{task:prices,check:ok}', undefined, 'price'],
    ['iteration_duration{task:look}', undefined, undefined],
    ['iterations{name:/price}', undefined, undefined],
    ['iteration_duration{part:earl}', 'day', 'early'],
    ['dropped_iterations{task:price}', undefined, undefined],
    ['dropped_iterations{scenario:noon,user:buyer}', 'day', undefined],
    ['vus{scenario:noon}', 'day', undefined],
    ['recovery_time{task:price}', undefined, undefined],
    ['monitor_host_cpu_ratio{scenario:mornin}', 'day', 'morning'],
    ['http_reqs{status:5xx}', undefined, undefined],
    ['http_reqs{method:get}', undefined, 'GET'],
    ['http_reqs{expected_response:yes}', undefined, undefined],
    ['http_reqs{proto:HTTP/1.2}', undefined, 'HTTP/1.1'],
    ['sql_ops{error_class:dead_lock}', undefined, 'deadlock'],
    ['sql_rows{effect:write}', undefined, undefined],
    ['redis_ops{command:GET}', undefined, undefined],
  ] as const)('%s (profile: %s) is a mistake', (selector, profile, suggestion) => {
    const [mistake, ...others] = mistakesOf(selector, profile);
    expect(others).toEqual([]);
    expect(mistake?.path).toContain(JSON.stringify(selector));
    expect(mistake?.suggestion).toBe(suggestion);
  });

  test('are told with what can be', () => {
    expect(mistakesOf('http_req_duration{task:prise}')).toEqual([
      {
        path: 'thresholds["http_req_duration{task:prise}"]',
        expected: 'a task or step of the suite: price, order, onStart, look or setup',
        found: '"task:prise"',
        suggestion: 'price',
      },
    ]);
  });

  test.each([
    ['http_req_duration{task:price}', undefined],
    ['http_req_duration{task:order}', 'smoke'],
    ['http_req_duration{scenario:noon,task:price}', undefined],
    ['http_req_duration{scenario:noon,user:buyer,task:price}', 'day'],
    ['http_req_duration{scenario:default}', 'smoke'],
    ['http_req_duration{scenario:step-3}', 'climb'],
    ['http_req_duration{task:onStart}', 'smoke'],
    ['http_req_duration{user:suite,task:setup}', undefined],
    ['http_req_duration{task:setup}', 'day'],
    ['http_req_duration{task:(other)}', undefined],
    ['http_req_duration{group:any,own:thing}', undefined],
    ['http_reqs{status:503,name:/x,check:own tag}', undefined],
    ['http_reqs{method:PURGE}', undefined],
    ['checks{check:any}', undefined],
    ['iteration_duration{task:price}', 'day'],
    ['iterations{build:given}', undefined],
    ['iteration_duration{part:early}', 'day'],
    ['iteration_duration{part:late}', undefined],
    ['dropped_iterations{scenario:morning,user:buyer}', 'day'],
    ['monitor_host_cpu_ratio{scenario:noon}', 'day'],
    ['sql_ops{error_class:deadlock,operation:any}', undefined],
  ] as const)('are not in %s (profile: %s)', (selector, profile) => {
    expect(mistakesOf(selector, profile)).toEqual([]);
  });
});

describe('a suite without code', () => {
  const requests = [
    { url: '/a', name: 'first', checks: { 'is 200': { status: 200 } }, tags: { group: 'pages' } },
    { url: '/b', name: 'second' },
  ];
  const suite = { name: 'plain', users: { reader: { tasks: { read: { requests } } } }, profiles: { smoke } };

  test.each([
    ['checks{check:is 20}', 'is 200'],
    ['http_req_duration{group:page}', 'pages'],
    ['http_req_duration{name:secnd}', 'second'],
  ])('knows what can be in %s', (selector, suggestion) => {
    expect(mistakesOf(selector, undefined, suite)).toMatchObject([{ suggestion }]);
  });

  test.each(['checks{check:is 200}', 'http_req_duration{group:pages}', 'http_req_duration{name:first}'])(
    'may have a threshold on %s',
    (selector) => {
      expect(mistakesOf(selector, undefined, suite)).toEqual([]);
    },
  );

  test('does not know the names that are made of paths', () => {
    const unnamed = { ...suite, users: { reader: { tasks: { read: { requests: [{ url: '/a' }] } } } } };
    expect(mistakesOf('http_req_duration{name:/a}', undefined, unnamed)).toEqual([]);
    expect(mistakesOf('http_req_duration{group:x}', undefined, unnamed)).toHaveLength(1);
  });
});

test('alerts and comparisons are held to the same names', () => {
  const alerts = { slow: { warning: 'http_req_duration{task:prise} p(95) > 1s and vus > 5' } };
  const comparisons = {
    both: { metric: 'http_req_duration', of: { task: 'price' }, against: { task: 'ordr' } },
  };
  expect(findMistakes(shop({ alerts, comparisons }))).toMatchObject([
    { path: 'alerts.slow.warning', suggestion: 'price' },
    { path: 'comparisons.both.against', suggestion: 'order' },
  ]);
});
