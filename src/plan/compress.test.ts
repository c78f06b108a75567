import { describe, expect, test } from 'vitest';
import type { ProfileDefinition, SuiteDefinition } from '../model/suite.ts';
import type { Overrides } from './overrides.ts';
import { planProfile } from './plan.ts';

const quiet = { workers: 1, seed: 1, environment: 'local' };

function planned(profile: ProfileDefinition, overrides: Overrides, more: Partial<SuiteDefinition> = {}) {
  const suite: SuiteDefinition = {
    name: 's',
    users: { u: { tasks: { t: { run() {} } } } },
    profiles: { p: profile },
    ...more,
  };
  return planProfile(suite, 'p', { ...quiet, ...overrides });
}
const executorOf = (profile: ProfileDefinition, overrides: Overrides) =>
  planned(profile, overrides).plan.scenarios[0]!.executor;

const soak = {
  executor: 'constant-vus',
  vus: 10,
  duration: '1h',
  rampUp: '2m',
} satisfies ProfileDefinition;

describe('a load in a twentieth of its time', () => {
  test('has its ramp-up in proportion, and says how many times shorter it is', () => {
    const { plan } = planned(soak, { compress: 20 });
    expect(plan).toMatchObject({ compressed: 20, durationMs: 180_000 });
    expect(plan.scenarios[0]!.executor).toMatchObject({ vus: 10, durationMs: 180_000, rampUpMs: 6000 });
  });

  test('has stages, pauses and starts in proportion', () => {
    const stages = [
      { duration: '1m', target: 10 },
      { duration: '2m', target: 0 },
    ];
    expect(executorOf({ executor: 'ramping-vus', stages }, { compress: 20 })).toMatchObject({
      stages: [{ durationMs: 3000 }, { durationMs: 6000 }],
    });
    const phases = [
      { ...soak, name: 'a', pause: '20m' },
      { ...soak, name: 'b' },
    ];
    const { scenarios } = planned({ phases }, { compress: 20 }).plan;
    expect(scenarios.map(({ startAtMs }) => startAtMs)).toEqual([0, 240_000]);
  });

  test('makes as many iterations fewer, and at least one', () => {
    const fixed = {
      executor: 'per-vu-iterations',
      vus: 5,
      iterations: 50,
      maxDuration: '10m',
    } satisfies ProfileDefinition;
    expect(executorOf(fixed, { compress: 20 })).toMatchObject({ iterations: 3, maxDurationMs: 30_000 });
    expect(executorOf({ ...fixed, iterations: 2 }, { compress: 20 })).toMatchObject({ iterations: 1 });
  });

  test('lasts three seconds at least, and one that is as short already stays as it is', () => {
    expect(planned({ ...soak, duration: '30s', rampUp: 0 }, { compress: 20 }).plan).toMatchObject({
      compressed: 10,
      durationMs: 3000,
    });
    const { plan } = planned({ ...soak, duration: '2s', rampUp: 0 }, { compress: 20 });
    expect(plan.compressed).toBeUndefined();
    expect(plan.durationMs).toBe(2000);
    expect(planned(soak, { compress: 1 }).plan.compressed).toBeUndefined();
  });

  test('judges windows, waits of alerts and readings of monitors in proportion, of a second at least', () => {
    const { plan } = planned(
      {
        ...soak,
        thresholds: { http_req_duration: ['p(95)<200 over 1m for 10m within 5m', 'p(99)<900 for 10s'] },
        alerts: { slow: { critical: 'http_req_duration p(95) > 200ms for 5m' } },
      },
      { compress: 20 },
      { monitors: { host: { kind: 'host', interval: '1m' }, fast: { kind: 'host', interval: '500ms' } } },
    );
    expect(plan.thresholds.map(({ windows }) => windows)).toEqual([
      { lengthMs: 3000, withinMs: 15_000, forMs: 30_000 },
      { lengthMs: 1000, withinMs: 0, forMs: 1000 },
    ]);
    expect(plan.alerts).toMatchObject([{ rules: [{ forMs: 15_000 }] }]);
    const intervals = Object.fromEntries(
      (plan.monitors ?? []).map(({ name, intervalMs }) => [name, intervalMs]),
    );
    expect(intervals).toMatchObject({ host: 3000, fast: 500 });
  });

  test('is not held to a count that only the full length reaches', () => {
    const { plan, tooShort } = planned(
      { ...soak, thresholds: { iterations: ['count>=3000', 'count>0'], http_reqs: ['count<9'] } },
      { compress: 20 },
    );
    expect(plan.thresholds.map(({ expression }) => expression)).toEqual(['count>0', 'count<9']);
    expect(tooShort).toEqual(['iterations: count>=3000']);
  });

  test('is not held to times without faults, of which it may have none', () => {
    const { plan, tooShort } = planned(
      {
        ...soak,
        faults: { gone: { kind: 'kill', process: 'api', at: '10s' } },
        thresholds: { 'http_req_failed{fault:none}': ['rate<0.02'], http_req_failed: ['rate<0.15'] },
      },
      { compress: 20 },
      { processes: { api: { command: ['node', 'api.js'], ready: 'http://127.0.0.1:9/' } } },
    );
    expect(plan.thresholds.map(({ expression }) => expression)).toEqual(['rate<0.15']);
    expect(tooShort).toEqual(['http_req_failed{fault:none}: rate<0.02']);
  });
});

test('a spawn rate is a ramp-up', () => {
  expect(executorOf(soak, { spawnRatePerSec: 2 })).toMatchObject({ rampUpMs: 5000 });
  expect(() => planned(soak, { spawnRatePerSec: 0.001 })).toThrow('is longer than the whole');
});

test('what cannot be meant is refused', () => {
  expect(() => planned(soak, { compress: 0.5 })).toThrow('--compress 0.5: expected a factor from 1 to 10000');
  expect(() => planned(soak, { compress: 20, durationMs: 1000 })).toThrow('both say how long the load is');
});
