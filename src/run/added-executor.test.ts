// What a new executor needs is one file per side and one line in each record: the rest follows from them.

import { describe, expect, test } from 'vitest';
import { BurstsRun } from '../engine/executors/bursts.cases.ts';
import { drivers } from '../engine/executors/executors.ts';
import { runScenario } from '../engine/scenario.cases.ts';
import { bursts } from '../executors/bursts.cases.ts';
import { executors } from '../executors/executors.ts';
import type { ScenarioDefinition, SuiteDefinition } from '../model/suite.ts';
import { describePlan } from '../plan/describe.ts';
import { makePlan } from '../plan/plan.ts';
import { makeRecord } from '../report/record.cases.ts';
import { planSection } from '../report/view/plan.ts';
import { findMistakes } from '../suite/schema.ts';

// The two lines. What reads the records when it is loaded comes after them.
Object.assign(executors, { bursts });
Object.assign(drivers, { bursts: BurstsRun });
const { planSchema } = await import('../store/plan-schema.ts');

const load = { executor: 'bursts', vus: 6, bursts: 4, every: '1m' } as unknown as ScenarioDefinition;
const suiteWith = (changes: object): SuiteDefinition => ({
  name: 'shop',
  baseUrl: 'http://127.0.0.1:8000',
  users: { buyer: { tasks: { buy: { run: () => {} } } } },
  profiles: { rush: { ...load, ...changes } },
});
const planOf = (changes: object = {}, overrides: object = {}) =>
  makePlan(suiteWith(changes), 'rush', { workers: 2, seed: 1, environment: 'local', ...overrides });

describe('an executor that was added', () => {
  test('is checked: its fields, what does not fit together, and its name in the list of all', () => {
    expect(findMistakes(suiteWith({}))).toEqual([]);
    expect(findMistakes(suiteWith({ bursts: 0 }))).toMatchObject([{ path: 'profiles.rush.bursts' }]);
    expect(findMistakes(suiteWith({ burst: 4 }))).toMatchObject([{ suggestion: 'bursts' }]);
    expect(findMistakes(suiteWith({ vus: 2000 }))).toMatchObject([
      { path: 'profiles.rush.vus', expected: 'at most 1000 that start at once', found: '2000' },
    ]);
    expect(findMistakes(suiteWith({ executor: 'burst' }))).toMatchObject([
      { expected: expect.stringContaining('bursts'), suggestion: 'bursts' },
    ]);
  });

  test('is planned, changed by the command line, and read back from a record', () => {
    const plan = planOf();
    expect(plan.scenarios[0]!.executor).toEqual({ kind: 'bursts', vus: 6, bursts: 4, everyMs: 60_000 });
    expect(plan.durationMs).toBe(240_000);
    expect(planOf({}, { users: 3, durationMs: 8000 }).scenarios[0]!.executor).toMatchObject({
      vus: 3,
      everyMs: 2000,
    });
    expect(planOf({}, { ops: 9 }).scenarios[0]!.executor).toMatchObject({
      kind: 'per-vu-iterations',
      vus: 6,
    });
    expect(() => planOf({}, { ratePerSec: 5 })).toThrow('whose executor is bursts');
    expect(planSchema.parse(plan)).toEqual(plan);
    const broken = JSON.parse(JSON.stringify(plan).replace('"bursts":4', '"bursts":"many"')) as unknown;
    expect(planSchema.safeParse(broken).success).toBe(false);
  });

  test('is described to people, before the run and after it', () => {
    const plan = planOf();
    const text = describePlan(plan);
    expect(text).toContain('Scenario default: bursts, 6 VUs at once every 1m, 4 times');
    expect(text).toContain('24 exactly');
    const record = { ...makeRecord('passing'), plan };
    expect(JSON.stringify(planSection(record))).toContain('6 VUs at once every 1m, 4 times.');
  });

  test.each([1, 2, 4])('is driven on %d workers, and loses nothing', async (workers) => {
    const quick = {
      buyer: { tasks: { buy: { run: (context: { sleep(ms: number): unknown }) => context.sleep(5) } } },
    };
    const ended = await runScenario(quick as never, load, { workers });
    expect(ended).toMatchObject({ started: 24, completed: 24, dropped: 0, vuPeak: 6, mostAtOnce: 6 });
    expect(ended.elapsedMs).toBeCloseTo(240_000, -2);

    const slow = {
      buyer: { tasks: { buy: { run: (context: { sleep(ms: number): unknown }) => context.sleep(90_000) } } },
    };
    const late = await runScenario(slow as never, load, { workers });
    expect(late).toMatchObject({ started: 12, completed: 12, dropped: 12, vusAtEnd: 0 });

    const stopped = await runScenario(slow as never, load, {
      workers,
      stops: [{ atMs: 70_000, mode: 'drain', graceMs: 1000 }],
    });
    expect(stopped).toMatchObject({ started: 6, completed: 0, cutOff: 6, dropped: 6, vusAtEnd: 0 });
  });
});
