import { describe, expect, test } from 'vitest';
import planted from '../../scripts/plant/members.suite.ts';
import { chooseProfiles } from '../../src/cli/choose-profiles.ts';
import { maxVusOf } from '../../src/executors/of-plan.ts';
import type { Plan, UserPlan } from '../../src/model/plan.ts';
import type { SuiteDefinition } from '../../src/model/suite.ts';
import type { Overrides } from '../../src/plan/overrides.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { userCounts } from '../../src/plan/schedule.ts';
import { findMistakes } from '../../src/suite/schema.ts';
import { loadSuite } from '../../src/suite/suite.ts';
import { type OperationName, operations } from './queries.ts';
import members from './suite.ts';

const suite: SuiteDefinition = members;
const plan = (profile: string, overrides: Overrides = {}): Plan =>
  makePlan(suite, profile, { workers: 1, seed: 1, environment: 'local', ...overrides });

/** Users × operations and think time of each scenario. */
function loadOf({ scenarios }: Plan): string[] {
  return scenarios.map(({ executor, users }) => {
    const thinkTimes = new Set(
      users.map(({ thinkTime }) => (thinkTime.kind === 'fixed' ? thinkTime.ms : -1)),
    );
    const ops = executor.kind === 'per-vu-iterations' ? executor.iterations : Number.NaN;
    return `${maxVusOf(executor)}×${ops} think ${[...thinkTimes].join()}`;
  });
}

function usersOf({ scenarios }: Plan): Record<string, number> {
  const counts = userCounts(scenarios[0]!);
  return Object.fromEntries(scenarios[0]!.users.map(({ name }, i) => [name, counts[i]!]));
}

const limitsOf = (profile: string): string[] =>
  plan(profile).thresholds.map(({ metric, expression, level }) =>
    [metric, expression, ...(level === 'critical' ? [] : [level])].join(' '),
  );

test('is sound', () => {
  expect(findMistakes(suite)).toEqual([]);
});

test('is sound as `npm run plant` drives it', () => {
  expect(findMistakes(planted)).toEqual([]);
});

test('loads by its name as one bundle', async () => {
  const loaded = await loadSuite('members', { env: {} });
  expect(Object.keys(loaded.definition.profiles)).toEqual(Object.keys(suite.profiles));
});

describe('without --profile', () => {
  test('50 users do 50 operations each, 100 ms apart, all there after 10 s', () => {
    expect(chooseProfiles(suite, {})).toEqual(['normal']);
    expect(chooseProfiles(suite, { quick: true })).toEqual(['quick']);
    expect(chooseProfiles(suite, { stress: true })).toEqual(['stress']);
    expect(loadOf(plan('normal'))).toEqual(['50×50 think 100']);
    expect(plan('normal').scenarios[0]!.executor).toMatchObject({ rampUpMs: 10_000 });
  });

  test('the flags of the source change that', () => {
    const changed = plan('normal', {
      users: 100,
      ops: 20,
      thinkTimeMs: 500,
      rampUpMs: 3000,
      pattern: 'mixed',
    });
    expect(loadOf(changed)).toEqual(['100×20 think 500']);
    expect(changed.scenarios[0]!.executor).toMatchObject({ rampUpMs: 3000 });
    expect(usersOf(changed)).toEqual({ mixed: 100 });
  });
});

describe('patterns', () => {
  test('distributed is 25, 10, 12 and 3 of 50 users', () => {
    const shares = { read_heavy: 25, write_heavy: 10, mixed: 12, file_operations: 3 };
    expect(usersOf(plan('normal'))).toEqual(shares);
    expect(usersOf(plan('normal', { pattern: 'distributed' }))).toEqual(shares);
    expect(usersOf(plan('read_heavy', { pattern: 'distributed', users: 50 }))).toEqual(shares);
  });

  test.each([
    [10, [5, 2, 2, 1]],
    [100, [50, 20, 25, 5]],
    [150, [75, 30, 37, 8]],
    [200, [100, 40, 50, 10]],
    [300, [150, 60, 75, 15]],
  ])('of %i users they are %j: each share rounded down, the rest to the last', (users, shares) => {
    expect(Object.values(usersOf(plan('normal', { users })))).toEqual(shares);
  });

  test.each([
    ['read_heavy', 90],
    ['write_heavy', 30],
    ['mixed', 60],
  ])('%s reads in %i %% of its operations', (user, reads) => {
    const [{ tasks }] = plan('normal', { pattern: user }).scenarios[0]!.users as [UserPlan];
    const sum = (kinds: readonly string[]) =>
      tasks
        .filter(({ name }) => kinds.includes(operations[name as OperationName].kind))
        .reduce((total, { share }) => total + share, 0);
    expect([sum(['read']), sum(['read', 'write'])]).toEqual([reads, 100]);
  });

  test('together they use every operation', () => {
    const used = Object.values(suite.users).flatMap(({ tasks }) => Object.keys(tasks ?? {}));
    expect([...new Set(used)].sort()).toEqual(Object.keys(operations).sort());
  });
});

describe('profiles', () => {
  test.each([
    ['PROF-S1-1', 'normal', ['50×50 think 100']],
    ['PROF-S1-2', 'peak', ['150×75 think 100']],
    ['PROF-S1-3', 'stress', ['200×100 think 100']],
    ['PROF-S1-4', 'read_heavy', ['100×50 think 100']],
    ['PROF-S1-5', 'write_heavy', ['30×100 think 100']],
    ['PROF-S1-6', 'sustained', ['50×500 think 500']],
    ['PROF-S1-7', 'quick', ['10×20 think 100']],
    [
      'PROF-S1-8',
      'progressive',
      ['50×50 think 100', '100×50 think 100', '200×50 think 100', '300×50 think 100'],
    ],
    ['PROF-S1-9', 'daily', ['20×30 think 100', '100×50 think 100', '50×40 think 100', '15×25 think 100']],
    ['PROF-S1-10', 'geographic', ['25×50 think 100', '15×50 think 150', '10×50 think 300']],
    ['PROF-S1-11', 'week_1', ['10×50 think 100']],
    ['PROF-S1-11', 'week_2', ['25×50 think 100']],
    ['PROF-S1-11', 'week_3', ['50×50 think 100']],
    ['PROF-S1-11', 'week_4', ['100×50 think 100']],
    ['PROF-S1-11', 'week_5', ['200×100 think 100']],
  ])('%s: %s is %j', (_id, profile, load) => {
    expect(loadOf(plan(profile))).toEqual(load);
  });

  test('read_heavy and write_heavy are driven by users of that kind alone', () => {
    expect(usersOf(plan('read_heavy'))).toEqual({ read_heavy: 100 });
    expect(usersOf(plan('write_heavy'))).toEqual({ write_heavy: 30 });
  });

  test('the day pauses for a minute between its parts', () => {
    const { scenarios } = plan('daily');
    for (const [i, next] of scenarios.slice(1).entries()) {
      const { startAtMs, executor } = scenarios[i]!;
      const lengthMs = executor.kind === 'per-vu-iterations' ? executor.maxDurationMs : 0;
      expect(next.startAtMs - startAtMs - lengthMs).toBe(60_000);
    }
  });

  test('the regions are at work at the same time, tagged', () => {
    const { scenarios } = plan('geographic');
    expect(scenarios.map(({ startAtMs, tags }) => [startAtMs, tags.region])).toEqual([
      [0, 'us_east'],
      [0, 'us_west'],
      [0, 'europe'],
    ]);
  });

  test.each([
    ['normal', ['iteration_duration avg<200', 'iterations rate>50', 'operation_failed rate<0.01']],
    ['peak', ['iteration_duration avg<500', 'iterations rate>100', 'operation_failed rate<0.02']],
    ['stress', ['iteration_duration avg<1000', 'sql_ops count<1', 'sql_ops count<1']],
    ['read_heavy', ['iteration_duration avg<100', 'iterations rate>150', 'sql_ops count<1']],
    [
      'write_heavy',
      ['iteration_duration avg<300', 'sql_transactions count>0', 'sql_transaction_failed rate<0.01'],
    ],
    ['quick', ['iteration_duration avg<500', 'operation_failed rate<0.01']],
  ])('%s holds to %j', (profile, limits) => {
    expect(limitsOf(profile)).toEqual(limits);
  });

  test('leave time for operations of a second each', () => {
    for (const { scenarios } of Object.keys(suite.profiles).map((name) => plan(name))) {
      for (const { executor, users } of scenarios) {
        if (executor.kind !== 'per-vu-iterations') throw new Error(`unexpected executor ${executor.kind}`);
        const [{ thinkTime }] = users as readonly [UserPlan];
        const pauseMs = thinkTime.kind === 'fixed' ? thinkTime.ms : 0;
        expect(executor.maxDurationMs).toBe(executor.rampUpMs + executor.iterations * (pauseMs + 1000));
      }
    }
  });
});
