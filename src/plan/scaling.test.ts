import { expect, test } from 'vitest';
import type { SuiteDefinition } from '../model/suite.ts';
import { makePlan } from './plan.ts';
import { makeWatchPlan } from './watch-plan.ts';

const suite: SuiteDefinition = {
  name: 'shop',
  users: { buyer: { tasks: { buy: { run: () => undefined } } } },
  profiles: {
    smoke: { executor: 'constant-vus', vus: 1, duration: '1m', monitors: { app: { kind: 'host' } } },
  },
  scaling: {
    rules: [
      { trigger: 'cpu_percent > 75% for 2m', action: 'Add 1 instance' },
      { trigger: 'monitor_app_load1 > 8', action: 'Use bigger instances' },
    ],
    simulation: { startUp: '90s' },
  },
};

test('every plan of a suite has its policy, also on monitors that only some profiles have', () => {
  const plan = makePlan(suite, 'smoke', { workers: 1, seed: 1, environment: 'local' });
  expect(plan.scaling?.rules).toHaveLength(2);
  expect(plan.scaling?.simulation).toEqual({ startUpMs: 90_000, assume: {} });
  const watched = makeWatchPlan(suite, undefined, { durationMs: 60_000, environment: 'local' });
  expect(watched.plan.scaling).toEqual(plan.scaling);
});
