import { describe, expect, test } from 'vitest';
import type { SuiteDefinition } from '../model/suite.ts';
import { describePlan } from './describe.ts';
import { makePlan } from './plan.ts';
import { renderSparkline } from './sparkline.ts';

const run = (): void => {};
const suite: SuiteDefinition = {
  name: 'shop',
  description: 'A shop',
  baseUrl: 'http://127.0.0.1:8000',
  users: {
    buyer: { weight: 70, thinkTime: ['300ms', '800ms'], tasks: { price: { weight: 3, run }, find: { run } } },
    admin: { weight: 30, thinkTime: '1s', flow: { open: { probability: 0.25, run } } },
  },
  profiles: {
    normal: {
      executor: 'constant-vus',
      vus: 100,
      rampUp: '10s',
      duration: '5m',
      whenToRun: 'Daily',
      thresholds: {
        http_reqs: ['count>0'],
        'http_req_duration{task:price}': [{ target: 'p(95)<100', critical: 'p(95)<200', abortOnFail: true }],
      },
    },
    ops: { executor: 'per-vu-iterations', vus: 50, iterations: 50 },
    rush: { executor: 'constant-arrival-rate', rate: 300, duration: '1m', preAllocatedVUs: 50, maxVUs: 500 },
    wave: {
      executor: 'ramping-vus',
      startVUs: 0,
      stages: [
        { duration: '30s', target: 100 },
        { duration: '30s', target: 0 },
      ],
    },
    day: {
      phases: [
        { name: 'morning', executor: 'constant-vus', vus: 10, duration: '1m', pause: '30s' },
        { name: 'noon', executor: 'constant-vus', vus: 40, duration: '1m' },
      ],
    },
    find: {
      executor: 'capacity-search',
      startRate: 10,
      stepRate: 10,
      maxRate: 200,
      stepDuration: '10s',
      preAllocatedVUs: 10,
      thresholds: { http_req_duration: ['p(95)<100'] },
    },
  },
};
const textOf = (profile: string): string =>
  describePlan(makePlan(suite, profile, { workers: 2, seed: 42, environment: 'local' }));

describe('describePlan', () => {
  test.each(Object.keys(suite.profiles))(
    'keeps %s within 100 columns, without blanks at line ends',
    (profile) => {
      for (const line of textOf(profile).split('\n')) {
        expect([...line].length).toBeLessThanOrEqual(100);
        expect(line).toBe(line.trimEnd());
      }
    },
  );

  test('says what will happen', () => {
    const text = textOf('normal');
    expect(text).toContain('shop · normal · A shop');
    expect(text).toContain('http://127.0.0.1:8000  (environment local)');
    expect(text).toContain('5m, at most 5m30s');
    expect(text).toContain('seed          42, 2 workers');
    expect(text).toContain('constant-vus, 100 VUs for 5m, all started by 10s');
    expect(text).toContain('buyer 70 (70 %)  admin 30 (30 %)');
    expect(text).toContain('buyer: price 75 %  find 25 %');
    expect(text).toContain('admin (each step with its own probability): open 25 %');
    expect(text).toContain('buyer 300ms to 800ms  admin 1s');
    expect(text).toContain('when to run   Daily');
    expect(text.split('\n').slice(-4)).toEqual([
      'Thresholds: a breach of critical fails the run, of target warns',
      '  http_reqs                      count>0    critical',
      '  http_req_duration{task:price}  p(95)<100  target',
      '  http_req_duration{task:price}  p(95)<200  critical  ends the run',
    ]);
  });

  test('bounds the iterations of looping VUs by their think time', () => {
    // 100 VUs started evenly over 10 s are active for 5 m - 4.95 s on average. 70 wait 0.55 s and 30 wait 1 s:
    // 70 × 295.05 / 0.55 + 30 × 295.05 / 1 + 100, give or take who starts when.
    const most = Number(/at most about ([\d,]+)/.exec(textOf('normal'))?.[1]?.replaceAll(',', ''));
    expect(most).toBeGreaterThan(46_400);
    expect(most).toBeLessThan(46_600);
  });

  test('gives exact iterations where the plan fixes them', () => {
    expect(textOf('ops')).toContain('2,500 exactly');
    expect(textOf('rush')).toContain('18,000 starts exactly');
  });

  test('draws the VUs over time', () => {
    expect(textOf('wave')).toMatch(/VUs over time 0s [▁▂▃▄▅▆▇█ ]{60} 1m/);
    expect(textOf('wave')).toMatch(/at +0s +15s +30s +45s\n +VUs +0 +50 +100 +50/);
  });

  test('lists phases with their times', () => {
    expect(textOf('day')).toMatch(/morning +0s to 1m +constant-vus +10 VUs/);
    expect(textOf('day')).toMatch(/noon +1m30s to 2m30s +constant-vus +40 VUs/);
  });

  test('sums up the steps of a search', () => {
    const text = textOf('find');
    expect(text).toContain('Capacity search: 20 steps of 10s');
    expect(text).toContain('step-20 from 3m10s 200/s');
    expect(text).toContain('Thresholds: a breach of search ends the search, the same for every step');
    expect(text.match(/^Scenario /gm)).toHaveLength(1);
  });
});

describe('renderSparkline', () => {
  test('scales to the highest value, with blanks for zero', () => {
    expect(renderSparkline([0, 1, 4, 8])).toBe(' ▁▄█');
    expect(renderSparkline([0, 0])).toBe('  ');
    expect(renderSparkline([])).toBe('');
  });
});
