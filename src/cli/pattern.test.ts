import { describe, expect, it } from 'vitest';
import type { Plan } from '../model/plan.ts';
import type { SuiteDefinition } from '../model/suite.ts';
import { makePlan } from '../plan/plan.ts';
import { userCounts } from '../plan/schedule.ts';
import { findMistakes } from '../suite/schema.ts';
import { chooseProfiles } from './choose-profiles.ts';

const tasks = { look: { run: () => {} } };
const load = { executor: 'per-vu-iterations', vus: 10, iterations: 2 } as const;
const suite = {
  name: 'shop',
  users: { visitor: { tasks }, buyer: { tasks }, admin: { tasks } },
  patterns: { sale: { visitor: 30, buyer: 70 }, staff: ['admin'] },
  defaultProfile: 'plain',
  profiles: {
    smoke: load,
    plain: { ...load, users: ['visitor'] },
    day: {
      phases: [
        { ...load, name: 'am', users: { buyer: 1 } },
        { ...load, name: 'pm' },
      ],
    },
    places: { scenarios: { here: load, there: { ...load, users: ['admin'] } } },
  },
  operationsReport: { users: 4000, recommendation: 'Add replicas' },
} satisfies SuiteDefinition;

const plan = (profile: string, pattern?: string): Plan =>
  makePlan(suite, profile, { workers: 1, seed: 1, environment: 'local', pattern });
const countsOf = ({ scenarios }: Plan): Record<string, number>[] =>
  scenarios.map((one) => {
    const counts = userCounts(one);
    return Object.fromEntries(one.users.map(({ name }, i) => [name, counts[i]!]));
  });

describe('a pattern', () => {
  it('decides who drives each scenario of a profile', () => {
    expect(countsOf(plan('plain', 'sale'))).toEqual([{ visitor: 3, buyer: 7 }]);
    for (const profile of ['day', 'places']) {
      expect(countsOf(plan(profile, 'sale'))).toEqual([
        { visitor: 3, buyer: 7 },
        { visitor: 3, buyer: 7 },
      ]);
      expect(countsOf(plan(profile, 'staff'))).toEqual([{ admin: 10 }, { admin: 10 }]);
    }
    expect(countsOf(plan('plain'))).toEqual([{ visitor: 10 }]);
  });

  it('may be a user class', () => {
    expect(countsOf(plan('plain', 'buyer'))).toEqual([{ buyer: 10 }]);
  });

  it('that there is none of is refused with the nearest name', () => {
    expect(() => plan('plain', 'sales')).toThrow('shop has no pattern "sales"; did you mean sale?');
  });
});

describe('the suite', () => {
  it('names its default profile, and what its report estimates', () => {
    expect(findMistakes(suite)).toEqual([]);
    expect(chooseProfiles(suite, {})).toEqual(['plain']);
    expect(chooseProfiles(suite, { profile: ['day'] })).toEqual(['day']);
    expect(plan('plain').operationsReport).toEqual({
      users: 4000,
      targetMs: 500,
      recommendation: 'Add replicas',
    });
    const { operationsReport: _, ...silent } = suite;
    const options = { workers: 1, seed: 1, environment: 'local' };
    expect(makePlan(silent, 'plain', options)).not.toHaveProperty('operationsReport');
  });

  it('may not refer to users and profiles that it has not', () => {
    const mistakes = findMistakes({
      ...suite,
      defaultProfile: 'plan',
      patterns: { sale: { visitors: 1 }, none: {}, 'a b': ['admin'], empty: [] },
      operationsReport: { users: 0, until: 1 },
    });
    expect(mistakes.map(({ path, suggestion }) => [path, suggestion])).toEqual([
      ['patterns.sale.visitors', 'visitor'],
      ['patterns.none', undefined],
      ['patterns["a b"]', undefined],
      ['patterns.empty', undefined],
      ['defaultProfile', 'plain'],
      ['operationsReport.users', undefined],
      ['operationsReport.until', undefined],
    ]);
  });
});
