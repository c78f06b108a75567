// biome-ignore-all lint/suspicious/noTemplateCurlyInString: suites without code hold such placeholders
import { describe, expect, test } from 'vitest';
import type { Mistake } from '../model/errors.ts';
import { findMistakes } from './schema.ts';

const run = (): void => {};
const buyer = { tasks: { price: { weight: 50, run } } };
const smoke = { executor: 'constant-vus', vus: 10, duration: '2m' };
const suiteWith = (changes: Record<string, unknown>): unknown => ({
  name: 'shop',
  users: { buyer },
  profiles: { smoke },
  ...changes,
});
const withProfile = (profile: unknown): unknown => suiteWith({ profiles: { smoke: profile } });
const withThresholds = (thresholds: unknown): unknown => withProfile({ ...smoke, thresholds });
const only = (suite: unknown): Mistake => {
  const mistakes = findMistakes(suite);
  expect(mistakes).toHaveLength(1);
  return mistakes[0]!;
};

const executors = [
  smoke,
  { executor: 'ramping-vus', stages: [{ duration: '1m', target: 50 }] },
  { executor: 'per-vu-iterations', vus: 50, iterations: 50 },
  { executor: 'constant-arrival-rate', rate: 300, duration: '1m', preAllocatedVUs: 50 },
  { executor: 'shared-iterations', vus: 10, iterations: 500, rampUp: '5s', maxDuration: '1m' },
  {
    executor: 'ramping-arrival-rate',
    startRate: 0.5,
    timeUnit: '1m',
    stages: [{ duration: '1m', target: 90.5 }],
    preAllocatedVUs: 50,
    maxVUs: 60,
    arrivals: 'poisson',
  },
  { executor: 'externally-controlled', vus: 0, maxVUs: 50, duration: '1m' },
];
const rateRamp = executors[5]!;

describe('a sound suite', () => {
  test.each(executors)('has no mistakes with $executor', (scenario) => {
    expect(findMistakes(withProfile(scenario))).toEqual([]);
    expect(findMistakes(withProfile({ scenarios: { one: scenario } }))).toEqual([]);
    expect(findMistakes(withProfile({ phases: [{ name: 'one', pause: '1s', ...scenario }] }))).toEqual([]);
  });

  test('may use every key of the model', () => {
    const everything = suiteWith({
      description: 'x',
      baseUrl: 'http://127.0.0.1:8000',
      http: { timeout: '5s', redirects: 3, headers: { accept: 'x' }, connectionsPerHost: 6 },
      requiredEnv: ['API_KEY'],
      setup: run,
      teardown: run,
      users: {
        buyer: { ...buyer, description: 'x', weight: 70, thinkTime: ['1s', 3000], onStart: run, onStop: run },
        reader: {
          thinkTime: () => 5,
          flow: {
            a: { probability: 0.5, requests: [{ url: '/${iteration}', json: {}, save: { t: 'a.b' } }] },
          },
        },
      },
      thresholds: { 'http_req_duration{task:price}': [{ target: 'p(95)<100', critical: 'p(95)<200' }] },
      metrics: { carts: { type: 'gauge', contains: 'default' } },
      environments: { staging: { baseUrl: 'http://10.0.0.1', env: { A: 'b' }, production: false } },
      safety: { allowedHosts: ['shop.example.com'] },
      tags: { team: 'web' },
      profiles: {
        find: {
          executor: 'capacity-search',
          startRate: 10,
          stepRate: 10,
          maxRate: 100,
          stepDuration: '10s',
          preAllocatedVUs: 10,
          users: { buyer: 60, reader: 40 },
          tasks: { buyer: { price: 1 }, reader: { a: 0 } },
          thresholds: { carts: ['value<5'], http_reqs: [{ threshold: 'count>0', abortOnFail: true }] },
        },
      },
    });
    expect(findMistakes(everything)).toEqual([]);
  });
});

describe('mistakes', () => {
  test('are all reported at once, each with path, value, expectation and nearest name', () => {
    const suite = suiteWith({
      nmae: 'shop',
      users: { buyer: { wieght: 2, tasks: { price: { run: 'GET /' } } } },
      profiles: { smoke: { executor: 'constant-vus', vus: 0, duration: '2x', rampup: '1s' } },
    });
    const found = Object.fromEntries(findMistakes(suite).map((one) => [one.path, one]));
    expect(Object.keys(found).sort()).toEqual([
      'nmae',
      'profiles.smoke.duration',
      'profiles.smoke.rampup',
      'profiles.smoke.vus',
      'users.buyer.tasks.price.run',
      'users.buyer.wieght',
    ]);
    expect(found.nmae?.suggestion).toBe('name');
    expect(found['users.buyer.wieght']?.suggestion).toBe('weight');
    expect(found['profiles.smoke.rampup']?.suggestion).toBe('rampUp');
    expect(found['profiles.smoke.duration']).toMatchObject({
      found: '"2x"',
      expected: 'a duration such as "1m30s"',
    });
    expect(found['profiles.smoke.vus']).toMatchObject({
      found: '0',
      expected: 'a whole number from 1 to 100000',
    });
    expect(found['users.buyer.tasks.price.run']?.expected).toContain('without code write `requests`');
  });

  test.each([undefined, null, 5, 'x', [[]]])('of a suite that is %j do not crash', (value) => {
    expect(findMistakes(value).length).toBeGreaterThan(0);
  });

  test('name a bad field of a nested scenario, not the union around it', () => {
    const { path, expected } = only(withProfile({ scenarios: { a: { ...smoke, vus: 'ten' } } }));
    expect(path).toBe('profiles.smoke.scenarios.a.vus');
    expect(expected).toContain('whole number');
  });

  test('say which executors there are when it is missing, misspelt or not here yet', () => {
    const missing = only(withProfile({ vus: 1, duration: '1s' }));
    expect(missing).toMatchObject({ path: 'profiles.smoke.executor' });
    expect(missing.expected).toContain('constant-vus, ramping-vus');
    const misspelt = only(withProfile({ ...smoke, executor: 'constant-vu' }));
    expect(misspelt).toMatchObject({ found: '"constant-vu"', suggestion: 'constant-vus' });
  });

  test.each([
    [{ ...smoke, scenarios: { a: smoke } }, 'profiles.smoke', 'exactly one of'],
    [{ ...smoke, rampUp: '3m' }, 'profiles.smoke.rampUp', 'at most the duration, 2m'],
    [{ ...rateRamp, arrivals: 'random' }, 'profiles.smoke.arrivals', '"even" or "poisson"'],
    [{ ...rateRamp, maxVUs: 20 }, 'profiles.smoke.maxVUs', 'at least preAllocatedVUs, 50'],
    [
      { ...rateRamp, startRate: 0, stages: [{ duration: '1m', target: 0 }] },
      'profiles.smoke.stages',
      'a target above 0 somewhere',
    ],
    [
      { ...rateRamp, stages: [{ duration: '1m', target: -1 }] },
      'profiles.smoke.stages[0].target',
      'a rate from 0 up',
    ],
    [
      { executor: 'shared-iterations', vus: 10, iterations: 9 },
      'profiles.smoke.iterations',
      'at least one for each',
    ],
    [
      { executor: 'externally-controlled', vus: 10, maxVUs: 9, duration: '1m' },
      'profiles.smoke.maxVUs',
      'at least vus, 10',
    ],
    [{ executor: 'externally-controlled', vus: 0, duration: '1m' }, 'profiles.smoke.maxVUs', 'the most VUs'],
    [{ ...smoke, duration: 50 }, 'profiles.smoke.duration', 'at least 100ms'],
    [{ ...smoke, thinkTime: ['3s', '1s'] }, 'profiles.smoke.thinkTime', 'the shorter first'],
    [{ ...smoke, tags: { n: 1 } }, 'profiles.smoke.tags.n', 'tag values are texts'],
    [{ ...smoke, users: ['byuer'] }, 'profiles.smoke.users[0]', 'a user of the suite: buyer'],
    [{ ...smoke, users: { buyer: 0 } }, 'profiles.smoke.users.buyer', 'above 0'],
    [{ ...smoke, tasks: { buyer: { prices: 1 } } }, 'profiles.smoke.tasks.buyer.prices', 'a task of buyer'],
    [{ ...executors[3], maxVUs: 10 }, 'profiles.smoke.maxVUs', 'at least preAllocatedVUs, 50'],
    [{ executor: 'ramping-vus', stages: [] }, 'profiles.smoke.stages', 'one or more stages'],
    [
      { scenarios: { a: { executor: 'capacity-search' } } },
      'profiles.smoke.scenarios.a.executor',
      'a profile of its own',
    ],
  ])('%j is wrong at %s', (profile, path, expected) => {
    const mistake = findMistakes(withProfile(profile)).find((one) => one.path === path);
    expect(mistake?.expected).toContain(expected);
  });

  test('suggest the user, the task, the metric and the aggregation that were meant', () => {
    expect(only(withProfile({ ...smoke, users: ['byuer'] })).suggestion).toBe('buyer');
    expect(only(withProfile({ ...smoke, tasks: { buyer: { prise: 1 } } })).suggestion).toBe('price');
    expect(only(withThresholds({ http_req_duraton: ['p(95)<1'] })).suggestion).toBe('http_req_duration');
    expect(only(withThresholds({ http_req_duration: ['p95<100'] })).suggestion).toBe('p(95)<100');
    expect(only(withThresholds({ http_req_duration: ['agv<100'] })).suggestion).toBe('avg<100');
  });

  test('beside an unknown executor, an unknown metric and a broken selector are found as well', () => {
    const paths = findMistakes(
      withProfile({
        executor: 'steady-vus',
        vus: 'ten',
        duration: '2x',
        rate: 5,
        wieght: 1,
        thresholds: { http_req_duraton: ['p95<100'], 'http_reqs{': ['count>many'] },
      }),
    ).map(({ path }) => path.replace('profiles.smoke.', ''));
    expect(paths).toEqual([
      'executor',
      'vus',
      'duration',
      'wieght',
      'thresholds.http_req_duraton',
      'thresholds.http_req_duraton[0]',
      'thresholds["http_reqs{"]',
      'thresholds["http_reqs{"][0]',
    ]);
  });

  test('stand in the order of the file, what is missing before what its parent has', () => {
    const suite = {
      profiles: {
        b: { executor: 'constant-vus', duration: 'x' },
        a: { executor: 'none', users: ['nobody'] },
      },
      users: { 'a b': { tasks: {}, wieght: 1 } },
      tags: { n: 1 },
    };
    expect(findMistakes(suite).map(({ path }) => path)).toEqual([
      'name',
      'profiles.b.vus',
      'profiles.b.duration',
      'profiles.a.executor',
      'profiles.a.users[0]',
      'users["a b"]',
      'users["a b"].tasks',
      'users["a b"].wieght',
      'tags.n',
    ]);
  });

  test('in thresholds on monitors that there are not name the nearest figure', () => {
    const { expected, suggestion } = only(withThresholds({ monitor_generator_cpu_rati: ['last<70%'] }));
    expect(expected).toContain('one of a monitor');
    expect(suggestion).toBe('monitor_generator_cpu_ratio');
  });

  test.each([
    ['http_req_failed', 'p(95)<1', 'of a rate: rate'],
    ['http_reqs', 'avg<1', 'of a counter: count or rate'],
    ['vus', 'max>1', 'of a gauge: value'],
    ['http_req_duration', 'rate<1', 'of a trend'],
  ])('%s has no %s', (metric, expression, expected) => {
    expect(only(withThresholds({ [metric]: [expression] })).expected).toContain(expected);
  });

  test('in both forms of a threshold at once are refused', () => {
    const both = only(withThresholds({ http_reqs: [{ threshold: 'count>1', target: 'count>2' }] }));
    expect(both.expected).toContain('either');
    expect(only(withThresholds({ http_reqs: [{ warnMargin: 0.1 }] })).path).toBe(
      'profiles.smoke.thresholds.http_reqs[0]',
    );
  });

  test('in names that would not survive in paths and tags are refused', () => {
    const paths = findMistakes({
      name: 'my shop',
      users: { 'a b': { flow: { 'c/d': { run } } } },
      profiles: { 'x.y': smoke },
    }).map((one) => one.path);
    expect(paths).toEqual(['name', 'users["a b"]', 'users["a b"].flow["c/d"]', 'profiles["x.y"]']);
  });

  test('in what a user does are refused', () => {
    const userMistakes = (user: unknown): string[] =>
      findMistakes(suiteWith({ users: { buyer: user } })).map((one) => `${one.path}: ${one.expected}`);
    expect(userMistakes({})[0]).toContain('exactly one of `tasks` and `flow`');
    expect(userMistakes({ tasks: { a: {} } })[0]).toContain('exactly one of `run` and `requests`');
    expect(userMistakes({ tasks: { a: { requests: [{ url: '/', json: 1, body: 'x' }] } } })[0]).toContain(
      'at most one of json, form and body',
    );
    expect(userMistakes({ flow: { a: { run, probability: 2 } } })[0]).toContain('from 0 to 1');
    expect(userMistakes({ tasks: { a: { requests: [{ url: '/${user.id}' }] } } })[0]).toContain('${vu.id}');
  });

  test('in phases are refused: names twice, and a startTime', () => {
    const phase = { ...smoke, name: 'a' };
    const paths = findMistakes(withProfile({ phases: [phase, { ...phase, startTime: '1s' }] }));
    expect(paths.map((one) => one.path)).toEqual([
      'profiles.smoke.phases[1].name',
      'profiles.smoke.phases[1].startTime',
    ]);
  });

  test('in headers name the place of the character, not the value', () => {
    const requests = [
      { url: '/', headers: { 'x-key': 'secret\u2026', ok: 'a${session.t}b' }, auth: { bearer: 'secret\n' } },
      { url: '/', headers: { 'a b': 'c' }, save: { id: 'id' }, responseType: 'none', method: 'connect' },
    ];
    const headers = { 'x-token': 'secret\r\nx: y' };
    const mistakes = findMistakes(
      suiteWith({
        users: { buyer: { tasks: { price: { requests } } } },
        http: { headers, redirects: 'same', redirectHeaders: { drop: ['a b'] } },
        profiles: { smoke: { ...smoke, http: { headers, redirects: 'same-origin' } } },
        monitors: { app: { kind: 'http', url: '/health', headers } },
        outputs: [{ kind: 'webhook', url: 'http://127.0.0.1:1/', headers }],
      }),
    );
    expect(JSON.stringify(mistakes)).not.toContain('secret');
    const at = (path: string): string | undefined => mistakes.find((one) => one.path === path)?.expected;
    const task = 'users.buyer.tasks.price.requests';
    expect(at(`${task}[0].headers.x-key`)).toBe(
      'a value that can go out; this one has a character beyond Latin-1 (U+2026) as character 7 of 7, ' +
        'which is not allowed in a header',
    );
    expect(at(`${task}[0].auth.bearer`)).toContain('a line feed (U+000A) as character 7 of 7');
    expect(at(`${task}[1].headers["a b"]`)).toContain('the name of a header');
    expect(at(`${task}[1].responseType`)).toContain('save reads the body');
    expect(at(`${task}[1].method`)).toContain('an HTTP method');
    expect(at('http.redirects')).toContain('"same-origin"');
    expect(at('http.redirectHeaders.drop[0]')).toContain('the name of a header');
    for (const place of ['http', 'profiles.smoke.http', 'monitors.app', 'outputs[0]']) {
      expect(at(`${place}.headers.x-token`)).toContain('a carriage return (U+000D) as character 7 of 12');
    }
    expect(mistakes).toHaveLength(11);
  });
});
