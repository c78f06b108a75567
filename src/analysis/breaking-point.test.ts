import { describe, expect, test } from 'vitest';
import type { ExecutorPlan } from '../executors/executors.ts';
import type { WorkerMeter } from '../meter/meter.ts';
import type { Finding } from '../model/verdict.ts';
import { findBreakingPoint } from './breaking-point.ts';
import { limitOn, measure, type RunCase, recordIterations, scenario } from './measurements.cases.ts';

const seconds = 40;
/** From 0 to 400 users, ten more each second. */
const ramp: ExecutorPlan = {
  kind: 'ramping-vus',
  startVUs: 0,
  stages: [{ durationMs: seconds * 1000, target: 400 }],
  gracefulRampDownMs: 0,
};
const limits = [limitOn('http_req_duration', 'p95', '<', 100), limitOn('http_req_failed', 'rate', '<', 0.05)];

function breakingPoint(
  record: (meter: WorkerMeter, users: number, second: number) => void,
  { executor = ramp, most = 400, ...changes }: RunCase & { executor?: ExecutorPlan; most?: number } = {},
): Finding[] {
  return findBreakingPoint(
    measure({
      plan: { scenarios: [scenario('main', executor)], durationMs: seconds * 1000, thresholds: limits },
      seconds,
      record: (meter, second) => {
        const users = Math.min(most, 10 * second + 5);
        meter.gauge('vus', { scenario: 'main' }).set(users);
        record(meter, users, second);
      },
      ...changes,
    }),
  );
}

/** Serves a request per user and second, 200 at the most; beyond, they wait, and `left` of 200 are served. */
const saturating =
  (left = 1) =>
  (meter: WorkerMeter, users: number): void =>
    recordIterations(meter, users <= 200 ? users : Math.round(200 * left), {
      durationMs: users <= 200 ? 20 : users,
    });

describe('the breaking point of a ramp', () => {
  test('is told in users and in rate, with the greatest throughput', () => {
    const [finding, ...rest] = breakingPoint(saturating());
    expect(rest).toEqual([]);
    expect(finding).toMatchObject({ kind: 'breaking-point', severity: 'info' });
    expect(finding!.title).toBe('The target breaks at 205 users (200 req/s)');
    expect(finding!.detail).toMatch(/^From 20s on, the 95th percentile response time broke its limit/i);
    expect(finding!.detail).toContain('was 200 req/s at');
    expect(finding!.detail).toContain('100 % of the greatest throughput without failures was left');
    expect(finding!.evidence).toEqual(
      expect.arrayContaining([
        { name: 'breaking point: users', value: 205, unit: 'users' },
        { name: 'breaking point: iterations', value: 200, unit: 'iterations/s' },
      ]),
    );
    expect(finding!.advice).toBeUndefined();
  });

  test('tells a collapse from a target that goes on', () => {
    const [finding] = breakingPoint(saturating(0.3));
    expect(finding!.detail).toContain('only 34.3 %');
    expect(finding!.detail).toContain('it collapses');
    expect(finding!.advice).toContain('load shedding');
  });

  test('is where failures begin, if these are first', () => {
    const [finding] = breakingPoint((meter, users) =>
      recordIterations(meter, users, { failed: users > 300 ? Math.round(users / 5) : 0 }),
    );
    expect(finding!.title).toBe('The target breaks at 305 users (305 req/s)');
    expect(finding!.detail).toContain('rate<0.05');
  });

  test('is of an arrival rate the rate that was due', () => {
    const executor: ExecutorPlan = {
      kind: 'ramping-arrival-rate',
      startRatePerSec: 0,
      stages: [{ durationMs: seconds * 1000, target: 400 }],
      preAllocatedVUs: 10,
      maxVUs: 10,
    } as ExecutorPlan;
    const [finding] = breakingPoint(saturating(), { executor });
    expect(finding!.title).toBe('The target breaks at 205 iterations/s (200 req/s)');
  });

  test('is not a cold start, nor a slow moment', () => {
    const [finding] = breakingPoint(
      (meter, users, second) => {
        const slow = (second > 2 && second < 7) || (second > 20 && second < 23);
        recordIterations(meter, users, { durationMs: slow ? 500 : 20 });
      },
      {
        plan: {
          scenarios: [scenario('main', ramp)],
          durationMs: seconds * 1000,
          thresholds: [limitOn('http_req_duration', 'p90', '<', 100)],
        },
      },
    );
    expect(finding!.title).toBe('Nothing broke up to 395 users');
    expect(finding!.detail).toContain('was 375 req/s at 375 users');
    expect(finding!.advice).toContain('Raise the load');
  });
});

describe('a threshold that is broken at a load that intervals do not show', () => {
  const onReports = limitOn('http_req_duration', 'p95', '<', 50, { tags: { task: 'report' } });
  const plan = {
    scenarios: [scenario('main', ramp)],
    durationMs: seconds * 1000,
    thresholds: [...limits, onReports],
  };
  const reports = (meter: WorkerMeter): void =>
    recordIterations(meter, 5, { task: 'report', durationMs: 90 });

  test('rules out that nothing broke', () => {
    const record = (meter: WorkerMeter, users: number): void => {
      recordIterations(meter, users, { durationMs: 20 });
      reports(meter);
    };
    expect(breakingPoint(record, { plan })).toEqual([]);
    // Bursts of failures, none of them three intervals long.
    const bursts = (meter: WorkerMeter, users: number, second: number): void =>
      recordIterations(meter, users, { failed: second % 3 === 2 ? users : 0 });
    expect(breakingPoint(bursts)).toEqual([]);
  });

  test('may be of a lower load than the one at which another limit breaks', () => {
    const [finding] = breakingPoint(
      (meter, users) => {
        saturating()(meter, users);
        reports(meter);
      },
      { plan },
    );
    expect(finding!.title).toBe('The target breaks at 205 users (205 req/s), or earlier');
    expect(finding!.detail).toContain('(p(95) of http_req_duration{task:report})');
  });
});

describe('there is none', () => {
  test('of a load that does not rise', () => {
    const executor: ExecutorPlan = { kind: 'constant-vus', vus: 300, rampUpMs: 0, durationMs: 40_000 };
    const record = (meter: WorkerMeter, _: number, second: number): void =>
      saturating()(meter, second > 20 ? 300 : 100);
    expect(breakingPoint(record, { executor, most: 100 })).toEqual([]);
  });

  test('of a run in which nothing succeeded', () => {
    expect(breakingPoint((meter, users) => recordIterations(meter, users, { failed: users }))).toEqual([]);
  });

  test('to be ruled out where too few operations finished to judge a limit', () => {
    expect(breakingPoint((meter) => recordIterations(meter, 10, { durationMs: 5000 }))).toEqual([]);
  });

  test('without a limit to break', () => {
    expect(
      breakingPoint(saturating(), {
        plan: { scenarios: [scenario('main', ramp)], durationMs: seconds * 1000, thresholds: [] },
      }),
    ).toEqual([]);
  });

  test('when the generator was the limit', () => {
    const busy = (meter: WorkerMeter, users: number): void => {
      saturating()(meter, users);
      meter.trend('generator_cpu', {}).add(1);
    };
    expect(breakingPoint(busy)).toEqual([]);
  });
});
