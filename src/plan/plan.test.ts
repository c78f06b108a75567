import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ExecutorPlan } from '../executors/executors.ts';
import { durationOf, maxVusOf } from '../executors/of-plan.ts';
import { UsageError } from '../model/errors.ts';
import type { Plan } from '../model/plan.ts';
import type { ProfileDefinition, ScenarioDefinition, SuiteDefinition } from '../model/suite.ts';
import type { Overrides } from './overrides.ts';
import { makePlan } from './plan.ts';

const run = (): void => {};
const constant: ScenarioDefinition = { executor: 'constant-vus', vus: 100, rampUp: '10s', duration: '5m' };
const ramping: ScenarioDefinition = {
  executor: 'ramping-vus',
  startVUs: 0,
  stages: [
    { duration: '1m', target: 200 },
    { duration: '4m', target: 50 },
  ],
};
const perVu: ScenarioDefinition = { executor: 'per-vu-iterations', vus: 50, iterations: 20, rampUp: '5s' };
const arrival: ScenarioDefinition = {
  executor: 'constant-arrival-rate',
  rate: 600,
  timeUnit: '1m',
  duration: '1m',
  preAllocatedVUs: 10,
  maxVUs: 40,
};
const shared: ScenarioDefinition = {
  executor: 'shared-iterations',
  vus: 5,
  iterations: 99,
  maxDuration: '1m',
};
const rateRamp: ScenarioDefinition = {
  executor: 'ramping-arrival-rate',
  startRate: 60,
  timeUnit: '1m',
  stages: [
    { duration: '30s', target: 600 },
    { duration: '30s', target: 120 },
  ],
  preAllocatedVUs: 10,
  maxVUs: 40,
  arrivals: 'poisson',
};
const controlled: ScenarioDefinition = {
  executor: 'externally-controlled',
  vus: 10,
  maxVUs: 40,
  duration: '1m',
};
const search: ProfileDefinition = {
  executor: 'capacity-search',
  startRate: 10,
  stepRate: 20,
  maxRate: 60,
  stepDuration: '10s',
  preAllocatedVUs: 5,
  thresholds: { http_req_duration: [{ target: 'p(95)<50', critical: 'p(95)<100' }] },
};
const phases: ProfileDefinition = {
  phases: [
    { name: 'a', pause: '60s', executor: 'per-vu-iterations', vus: 20, iterations: 3, maxDuration: '1m' },
    { name: 'b', pause: '30s', executor: 'constant-vus', vus: 100, duration: '2m' },
    { name: 'c', pause: '30s', executor: 'constant-vus', vus: 50, duration: '1m' },
  ],
};
const scenarios: ProfileDefinition = {
  scenarios: { x: { ...constant, vus: 30 }, y: { ...arrival, startTime: '1m', maxVUs: 10 } },
};

const suite: SuiteDefinition = {
  name: 'shop',
  baseUrl: 'http://127.0.0.1:8000',
  tags: { team: 'web', x: 'suite' },
  users: {
    buyer: { weight: 70, thinkTime: ['1s', '3s'], tasks: { price: { weight: 3, run }, search: { run } } },
    reader: { flow: { open: { probability: 0.5, run }, close: { run } } },
  },
  thresholds: { http_req_failed: ['rate<0.01'] },
  profiles: { constant, ramping, perVu, arrival, shared, rateRamp, controlled, search, phases, scenarios },
};
const plan = (profile: string, overrides: Overrides = {}): Plan =>
  makePlan(suite, profile, { workers: 2, seed: 1, environment: 'local', ...overrides });
const executorOf = (profile: string, overrides: Overrides = {}): ExecutorPlan =>
  plan(profile, overrides).scenarios[0]!.executor;

describe('makePlan', () => {
  test('fills in the defaults', () => {
    const { scenarios: planned, http, durationMs, maxDurationMs, tags } = plan('constant');
    expect(planned).toHaveLength(1);
    expect(planned[0]).toMatchObject({
      name: 'default',
      startAtMs: 0,
      gracefulStopMs: 30_000,
      iterationTimeoutMs: 0,
    });
    expect(http).toEqual({ timeoutMs: 60_000, maxRedirects: 10, headers: {}, connectionsPerHost: 6 });
    expect([durationMs, maxDurationMs]).toEqual([300_000, 330_000]);
    expect(tags).toEqual({ team: 'web', x: 'suite' });
    expect(executorOf('ramping')).toMatchObject({ gracefulRampDownMs: 30_000 });
    expect(executorOf('perVu')).toMatchObject({ maxDurationMs: 600_000 });
    expect(executorOf('arrival')).toMatchObject({ ratePerSec: 10 });
  });

  test('is plain JSON', () => {
    for (const name of Object.keys(suite.profiles)) {
      expect(JSON.parse(JSON.stringify(plan(name)))).toEqual(plan(name));
    }
  });

  test('resolves weights, mixes and think times', () => {
    expect(plan('constant').scenarios[0]!.users).toEqual([
      {
        name: 'buyer',
        weight: 70,
        thinkTime: { kind: 'uniform', minMs: 1000, maxMs: 3000 },
        mix: 'tasks',
        tasks: [
          { name: 'price', share: 3 },
          { name: 'search', share: 1 },
        ],
      },
      {
        name: 'reader',
        weight: 1,
        thinkTime: { kind: 'none' },
        mix: 'flow',
        tasks: [
          { name: 'open', share: 0.5 },
          { name: 'close', share: 1 },
        ],
      },
    ]);
  });

  test("takes a profile's own users and mixes", () => {
    const own = { ...constant, users: { buyer: 60, reader: 40 }, tasks: { buyer: { search: 9 } } };
    const made = makePlan({ ...suite, profiles: { own, list: { ...constant, users: ['reader'] } } }, 'own', {
      workers: 1,
      seed: 1,
      environment: 'local',
    });
    expect(made.scenarios[0]!.users.map(({ name, weight, tasks }) => [name, weight, tasks.length])).toEqual([
      ['buyer', 60, 1],
      ['reader', 40, 2],
    ]);
  });

  test("joins the suite's thresholds and the profile's", () => {
    const own: ProfileDefinition = {
      ...constant,
      thresholds: { http_req_failed: ['rate<0.1'], http_reqs: ['count>1'] },
    };
    const made = makePlan({ ...suite, profiles: { own } }, 'own', { workers: 1, seed: 1, environment: 'x' });
    expect(made.thresholds.map((one) => one.expression)).toEqual(['rate<0.01', 'rate<0.1', 'count>1']);
  });

  test('gives arrival rates no think time', () => {
    expect(plan('arrival').scenarios[0]!.users[0]!.thinkTime).toEqual({ kind: 'none' });
  });

  test('refuses an unknown profile with the nearest name and the list', () => {
    expect(() => plan('constnat')).toThrow('did you mean constant?');
    try {
      plan('nothing-like-it');
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ exitCode: 2 });
      expect((error as UsageError).hint).toContain('ramping');
    }
    expect(() => plan('toString')).toThrow(UsageError);
  });
});

describe('phases', () => {
  test('follow one another with their pauses', () => {
    const made = plan('phases');
    expect(made.scenarios.map((one) => [one.name, one.startAtMs])).toEqual([
      ['a', 0],
      ['b', 120_000],
      ['c', 270_000],
    ]);
    expect(made.durationMs).toBe(330_000);
  });

  test('scale as a whole to a new duration', () => {
    const made = plan('phases', { durationMs: 33_000 });
    expect(made.scenarios.map((one) => one.startAtMs)).toEqual([0, 12_000, 27_000]);
    expect(made.durationMs).toBe(33_000);
  });

  test('scale to the highest of them with users', () => {
    expect(plan('phases', { users: 10 }).scenarios.map((one) => maxVusOf(one.executor))).toEqual([2, 10, 5]);
  });
});

describe('capacity search', () => {
  test('becomes steps of rising rate, whose critical thresholds end it', () => {
    const made = plan('search');
    expect(made.search).toEqual({
      unit: 'iterations/s',
      steps: [
        { scenario: 'step-1', load: 10 },
        { scenario: 'step-2', load: 30 },
        { scenario: 'step-3', load: 50 },
      ],
    });
    expect(made.scenarios.map((one) => one.startAtMs)).toEqual([0, 10_000, 20_000]);
    expect(made.thresholds).toHaveLength(6);
    expect(made.thresholds[3]).toMatchObject({
      metric: 'http_req_duration',
      expression: 'p(95)<100',
      tags: { scenario: 'step-2' },
      level: 'search',
      abortOnFail: true,
      delayAbortEvalMs: 13_000,
    });
  });

  test('includes the highest rate when the steps meet it, also in fractions', () => {
    const profile = { ...search, startRate: 0.1, stepRate: 0.1, maxRate: 0.7 } as ProfileDefinition;
    const made = makePlan({ ...suite, profiles: { profile } }, 'profile', {
      workers: 1,
      seed: 1,
      environment: 'x',
    });
    expect(made.scenarios).toHaveLength(7);
  });

  test('keeps its steps in a shorter time', () => {
    expect(plan('search', { durationMs: 3000 }).scenarios.map((one) => durationOf(one.executor))).toEqual([
      1000, 1000, 1000,
    ]);
  });
});

describe('overrides', () => {
  test('of users set, scale or cap the VUs', () => {
    expect(executorOf('constant', { users: 7 })).toMatchObject({ vus: 7 });
    expect(executorOf('perVu', { users: 7 })).toMatchObject({ vus: 7 });
    expect(executorOf('ramping', { users: 20 })).toMatchObject({ stages: [{ target: 20 }, { target: 5 }] });
    expect(executorOf('arrival', { users: 80 })).toMatchObject({ preAllocatedVUs: 20, maxVUs: 80 });
  });

  test('of users are shared out exactly among scenarios', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 5000 }), (users) => {
        const counts = plan('scenarios', { users }).scenarios.map((one) => maxVusOf(one.executor));
        expect(counts.reduce((a, b) => a + b, 0)).toBe(users);
        expect(counts[0]).toBeGreaterThan(counts[1]!);
      }),
    );
    expect(() => plan('scenarios', { users: 1 })).toThrow('cannot be shared out');
  });

  test('of ops turn VU executors into per-vu-iterations', () => {
    expect(executorOf('constant', { ops: 5 })).toEqual({
      kind: 'per-vu-iterations',
      vus: 100,
      iterations: 5,
      rampUpMs: 10_000,
      maxDurationMs: 600_000,
    });
    expect(executorOf('ramping', { ops: 5, durationMs: 20_000 })).toMatchObject({
      vus: 200,
      maxDurationMs: 20_000,
    });
    expect(executorOf('perVu', { ops: 5 })).toMatchObject({ iterations: 5 });
  });

  test('of the duration are met exactly by every profile', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(suite.profiles)),
        fc.integer({ min: 100, max: 3_600_000 }),
        (profile, durationMs) => {
          expect(plan(profile, { durationMs }).durationMs).toBeCloseTo(durationMs, 6);
        },
      ),
    );
    expect(plan('constant', { durationMs: 20_000 }).durationMs).toBe(20_000);
  });

  test('of the duration shrink a ramp-up only when it no longer fits', () => {
    expect(executorOf('constant', { durationMs: 60_000 })).toMatchObject({ rampUpMs: 10_000 });
    expect(executorOf('constant', { durationMs: 3000 })).toMatchObject({ rampUpMs: 100 });
  });

  test('of ramp-up, think time, rate, base URL, tags and abort are taken over', () => {
    expect(executorOf('constant', { rampUpMs: 0 })).toMatchObject({ rampUpMs: 0 });
    const users = plan('constant', { thinkTimeMs: 50 }).scenarios[0]!.users;
    expect(users.map((user) => user.thinkTime)).toEqual([
      { kind: 'fixed', ms: 50 },
      { kind: 'fixed', ms: 50 },
    ]);
    expect(executorOf('arrival', { ratePerSec: 99 })).toMatchObject({ ratePerSec: 99 });
    expect(plan('constant', { baseUrl: 'http://10.0.0.1' }).baseUrl).toBe('http://10.0.0.1');
    expect(plan('constant', { tags: { x: 'cli' } }).tags).toEqual({ team: 'web', x: 'cli' });
    expect(plan('constant', { abortOnFail: true }).thresholds[0]!.abortOnFail).toBe(true);
  });

  test('scale the stages of a rate in proportion to the highest', () => {
    expect(executorOf('rateRamp')).toMatchObject({
      kind: 'ramping-arrival-rate',
      startRatePerSec: 1,
      arrivals: 'poisson',
    });
    const scaled = executorOf('rateRamp', { ratePerSec: 50, durationMs: 30_000, users: 20 });
    expect(scaled).toMatchObject({
      startRatePerSec: 5,
      stages: [
        { durationMs: 15_000, target: 50 },
        { durationMs: 15_000, target: 10 },
      ],
      preAllocatedVUs: 5,
      maxVUs: 20,
    });
  });

  test('change shared and controlled executors where they can', () => {
    expect(executorOf('shared', { users: 7, durationMs: 30_000, rampUpMs: 2000 })).toEqual({
      kind: 'shared-iterations',
      vus: 7,
      iterations: 99,
      rampUpMs: 2000,
      maxDurationMs: 30_000,
    });
    expect(executorOf('shared', { ops: 4 })).toMatchObject({
      kind: 'per-vu-iterations',
      vus: 5,
      iterations: 4,
    });
    expect(executorOf('controlled', { users: 20, durationMs: 500 })).toEqual({
      kind: 'externally-controlled',
      vus: 5,
      maxVUs: 20,
      durationMs: 500,
    });
  });

  test.each([
    ['controlled', { ops: 1 }, 'constant-vus'],
    ['shared', { ratePerSec: 1 }, 'ramping-arrival-rate'],
    ['arrival', { ops: 1 }, 'constant-vus, ramping-vus, per-vu-iterations'],
    ['constant', { ratePerSec: 1 }, 'constant-arrival-rate'],
    ['search', { ratePerSec: 1 }, 'constant-arrival-rate'],
    ['ramping', { rampUpMs: 1 }, 'constant-vus, per-vu-iterations'],
    ['arrival', { thinkTimeMs: 1 }, 'constant-vus, ramping-vus, per-vu-iterations'],
  ])('of %s by %j do not fit, and the hint says what does', (profile, overrides, kinds) => {
    try {
      plan(profile, overrides);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
      expect((error as UsageError).hint).toContain(kinds);
    }
  });

  test.each<Overrides>([
    { users: 0 },
    { users: 1.5 },
    { users: 100_001 },
    { ops: 0 },
    { durationMs: 0 },
    { durationMs: Number.NaN },
    { rampUpMs: 600_000 },
    { baseUrl: 'ftp://x' },
  ])('out of range are refused: %j', (overrides) => {
    expect(() => plan('constant', overrides)).toThrow(UsageError);
  });
});

describe('a threshold on a stage', () => {
  const stages = [
    { duration: '10s', target: 5 },
    { duration: '20s', target: 5 },
  ];
  const ramp = { executor: 'ramping-vus' as const, stages };
  const planned = (profile: ProfileDefinition, key: string, expression = 'p(95)<100') =>
    makePlan({ ...suite, profiles: { own: { ...profile, thresholds: { [key]: [expression] } } } }, 'own', {
      ...{ workers: 1, seed: 1, environment: 'local' },
    }).thresholds.at(-1)!;

  test('knows when the stage is', () => {
    expect(planned(ramp, 'http_req_duration{stage:2}')).toMatchObject({
      tags: { stage: '2' },
      windows: { lengthMs: 20_000, share: 1, stage: { fromMs: 10_000, untilMs: 30_000 } },
    });
    expect(planned(ramp, 'http_req_duration{stage:2}', 'p(95)<100 for 5s').windows).toMatchObject({
      ...{ lengthMs: 1000, forMs: 5000 },
      stage: { fromMs: 10_000 },
    });
  });

  test('names the scenario where there are several', () => {
    const scenarios = { up: ramp, calm: { executor: 'constant-vus' as const, vus: 2, duration: '1m' } };
    expect(planned({ scenarios }, 'http_req_duration{stage:1}')).toMatchObject({
      tags: { stage: '1' },
      windows: { stage: { scenario: 'up' } },
    });
    expect(() => planned({ scenarios: { ...scenarios, more: ramp } }, 'http_req_duration{stage:1}')).toThrow(
      'no such stage',
    );
  });

  test('refuses a stage that is not there', () => {
    expect(() => planned(ramp, 'http_req_duration{stage:3}')).toThrow('no such stage');
    const constant = { executor: 'constant-vus' as const, vus: 2, duration: '1m' };
    expect(() => planned(constant, 'http_req_duration{stage:1}')).toThrow('no such stage');
    expect(planned({ ...constant, tags: { stage: '1' } }, 'http_req_duration{stage:1}')).not.toHaveProperty(
      'windows',
    );
  });

  test('has so many windows at the most', () => {
    const long = { executor: 'constant-vus' as const, vus: 2, duration: '3d' };
    expect(() => planned(long, 'http_req_duration', 'p(95)<100 for 30s')).toThrow('more than 200000 windows');
    expect(planned(long, 'http_req_duration', 'p(95)<100 over 2s').windows).toMatchObject({ lengthMs: 2000 });
  });

  test.each([
    ['p(95)<100 within 1m', 'has no window to be judged by in a load of 30s: `within` leaves out 1m'],
    ['p(95)<100 within 30s', 'has no window'],
    ['p(95)<100 over 10s for 20s within 10m', 'has no window'],
  ])('%s is refused where the load is over by then', (expression, message) => {
    expect(() => planned(ramp, 'http_req_duration', expression)).toThrow(message);
    const optional = { threshold: expression, optional: true };
    const { windows } = makePlan(
      { ...suite, profiles: { own: { ...ramp, thresholds: { http_req_duration: [optional] } } } },
      'own',
      { workers: 1, seed: 1, environment: 'local' },
    ).thresholds.at(-1)!;
    expect(windows).toBeDefined();
  });

  test('refuses a stage without a whole second, and one that is over by then', () => {
    const short = {
      ...ramp,
      stages: [
        { duration: '1200ms', target: 5 },
        { duration: '600ms', target: 5 },
      ],
    };
    expect(() => planned(short, 'http_req_duration{stage:2}')).toThrow(
      'no window to be judged by in a stage',
    );
    expect(() => planned(ramp, 'http_req_duration{stage:1}', 'p(95)<100 within 10s')).toThrow('no window');
    expect(planned(ramp, 'http_req_duration{stage:1}', 'p(95)<100 within 9s').windows).toBeDefined();
  });
});
