import { describe, expect, it } from 'vitest';
import type { ExecutorPlan } from '../executors/executors.ts';
import type { Plan, UserPlan } from '../model/plan.ts';
import type { SuiteDefinition } from '../model/suite.ts';
import { experimentsOf, steadyPlan } from './experiments.ts';
import { makePlan } from './plan.ts';

const run = async (): Promise<void> => {};
const suite: SuiteDefinition = {
  name: 'shop',
  baseUrl: 'http://127.0.0.1:1',
  users: {
    buyer: { weight: 3, thinkTime: '1s', tasks: { price: { weight: 3, run }, report: { weight: 1, run } } },
    admin: { weight: 1, thinkTime: ['1s', '3s'], tasks: { audit: { run } } },
  },
  profiles: {
    steady: { executor: 'constant-vus', vus: 40, duration: '10m', thresholds: { checks: ['rate>0.9'] } },
    ramp: {
      executor: 'ramping-vus',
      stages: [
        { duration: '1m', target: 80 },
        { duration: '1m', target: 0 },
      ],
    },
    arrivals: {
      executor: 'constant-arrival-rate',
      rate: 100,
      duration: '1m',
      preAllocatedVUs: 10,
      maxVUs: 200,
    },
    phases: {
      phases: [
        { name: 'calm', executor: 'constant-vus', vus: 5, duration: '1m' },
        { name: 'storm', executor: 'constant-vus', vus: 50, duration: '10s' },
        { name: 'after', executor: 'constant-vus', vus: 5, duration: '1m' },
      ],
    },
    search: {
      executor: 'capacity-search',
      ...{ startRate: 10, stepRate: 10, maxRate: 100, stepDuration: '5s', preAllocatedVUs: 10 },
      thresholds: { http_req_failed: ['rate<0.01'] },
    },
  },
};

const planOf = (profile: string): Plan =>
  makePlan(suite, profile, { workers: 1, seed: 1, environment: 'local' });
const steady = (profile: string): Plan => steadyPlan(planOf(profile), 8000);
const executorsOf = ({ scenarios }: Plan): ExecutorPlan[] => scenarios.map(({ executor }) => executor);
const usersOf = ({ scenarios }: Plan): [string, number][] =>
  scenarios.flatMap(({ users }) => users.map(({ name, weight }): [string, number] => [name, weight]));
const evenShares = new Map([
  [
    'buyer',
    new Map([
      ['price', 0.6],
      ['report', 0.4],
    ]),
  ],
]);
const named = (base: Plan, name: string): Plan =>
  experimentsOf(base, evenShares).find((one) => one.name === name)!.plan;

describe('a steady plan', () => {
  it('holds the load for its length, and judges nothing', () => {
    const plan = steady('steady');
    expect(executorsOf(plan)).toEqual([{ kind: 'constant-vus', vus: 40, rampUpMs: 0, durationMs: 8000 }]);
    expect(plan).toMatchObject({ thresholds: [], durationMs: 8000, maxDurationMs: 12_000 });
  });

  it('takes the highest load of a ramp, and the phase with most of it', () => {
    expect(executorsOf(steady('ramp'))).toMatchObject([{ kind: 'constant-vus', vus: 80 }]);
    const { scenarios } = steady('phases');
    expect(scenarios).toMatchObject([{ name: 'storm', startAtMs: 0, executor: { vus: 50 } }]);
  });

  it('keeps an arrival rate with the users that it may have', () => {
    const executor = { ratePerSec: 100, preAllocatedVUs: 10, maxVUs: 200, durationMs: 8000 };
    expect(executorsOf(steady('arrivals'))).toMatchObject([{ kind: 'constant-arrival-rate', ...executor }]);
  });

  it('refuses a search, which has no load of its own', () => {
    expect(() => steady('search')).toThrow(/profile search searches for the capacity/);
  });
});

describe('experiments', () => {
  it('leave out each user class and each task that others stay beside', () => {
    expect(experimentsOf(steady('steady'), evenShares).map(({ name }) => name)).toEqual([
      'the load as it is',
      'a tenth of the load',
      'without user buyer',
      'without user admin',
      'without task price of buyer',
      'without task report of buyer',
      'half of the load',
      'twice the think time',
    ]);
  });

  it('leave the others as many users as they had', () => {
    const base = steady('steady');
    expect(usersOf(named(base, 'without user admin'))).toEqual([['buyer', 30]]);
    expect(executorsOf(named(base, 'without user admin'))).toMatchObject([{ vus: 30 }]);
    expect(usersOf(named(base, 'without user buyer'))).toEqual([['admin', 10]]);
  });

  it('take away the users whose time a task took, so that the others are done as often', () => {
    const plan = named(steady('steady'), 'without task report of buyer');
    expect(usersOf(plan)).toEqual([
      ['buyer', 18],
      ['admin', 10],
    ]);
    expect(executorsOf(plan)).toMatchObject([{ vus: 28 }]);
    expect(plan.scenarios[0]!.users[0]!.tasks).toEqual([{ name: 'price', share: 3 }]);
  });

  it('take a task out of an arrival rate by its share of the iterations', () => {
    const plan = named(steady('arrivals'), 'without task report of buyer');
    // 75 of 100 are buyers, of whose iterations a quarter are reports.
    expect(executorsOf(plan)).toMatchObject([{ ratePerSec: 81.25 }]);
  });

  it('scale the load with its mix, and leave every class at least one user', () => {
    expect(usersOf(named(steady('steady'), 'a tenth of the load'))).toEqual([
      ['buyer', 3],
      ['admin', 1],
    ]);
    expect(executorsOf(named(steady('arrivals'), 'half of the load'))).toMatchObject([{ ratePerSec: 50 }]);
  });

  it('try no tenth and no half of a load that cannot be made so light', () => {
    const few = steadyPlan(
      makePlan(suite, 'steady', { workers: 1, seed: 1, environment: 'local', users: 2 }),
      8000,
    );
    const kinds = experimentsOf(few, evenShares).map(({ kind }) => kind);
    expect(kinds).not.toContain('light');
    expect(kinds).not.toContain('load');
    expect(kinds).toContain('without-user');
  });

  it('double think times of users who repeat, and leave those of arrivals', () => {
    const thinkTimes = (plan: Plan): UserPlan['thinkTime'][] =>
      plan.scenarios.flatMap(({ users }) => users.map(({ thinkTime }) => thinkTime));
    expect(thinkTimes(named(steady('steady'), 'twice the think time'))).toEqual([
      { kind: 'fixed', ms: 2000 },
      { kind: 'uniform', minMs: 2000, maxMs: 6000 },
    ]);
    expect(experimentsOf(steady('arrivals'), evenShares).map(({ kind }) => kind)).not.toContain('think-time');
  });

  it('halve the connections of a pool', () => {
    const base: Plan = { ...steady('steady'), sql: { connections: { pool: 9 } } as never };
    expect(named(base, 'half of the connections')).toMatchObject({ sql: { connections: { pool: 4 } } });
    const own: Plan = { ...base, sql: { connections: 'per-vu' } as never };
    expect(experimentsOf(own, evenShares).map(({ kind }) => kind)).not.toContain('connections');
  });
});
