import { expect, test } from 'vitest';
import type { ProfileDefinition } from '../model/suite.ts';
import { makePlan } from '../plan/plan.ts';
import { examineLoad } from './examine-generator.ts';

/** 5,000 requests/s at half of a core. */
const calibration = { perSec: 8000, cpuMsPerRequest: 0.1, workers: 1 };

function examine(profile: ProfileDefinition, freeBytes = 8e9) {
  const users = { u: { tasks: { t: { run() {} } } } };
  const given = { workers: 1, seed: 1, environment: 'local' };
  const plan = makePlan({ name: 's', users, profiles: { p: profile } }, 'p', given);
  return examineLoad(plan, calibration, freeBytes, []);
}
const arrivals = (rate: number): ProfileDefinition => ({
  executor: 'constant-arrival-rate',
  rate,
  duration: '1m',
  preAllocatedVUs: 100,
});

test('a rate is held against half of the cores of the workers', () => {
  expect(examine(arrivals(4000))).toMatchObject({
    status: 'good',
    finding: '100 users, up to 4,000/s: fits this machine',
  });
  expect(examine(arrivals(6000))).toMatchObject({
    status: 'caution',
    remedy: expect.stringContaining('about 5,000/s'),
  });
});

test('users think, so their rate has a bound; without thinking the target decides', () => {
  const load = { executor: 'constant-vus', vus: 1000, duration: '1m' } as const;
  expect(examine({ ...load, thinkTime: ['50ms', '150ms'] })).toMatchObject({
    status: 'caution',
    finding: expect.stringContaining('up to 10,000/s'),
  });
  expect(examine(load)).toMatchObject({
    status: 'good',
    finding: '1,000 users, as fast as the target answers: fits this machine',
  });
});

test('of phases the heaviest counts, and users need memory', () => {
  const phase = (name: string, vus: number) =>
    ({ name, executor: 'constant-vus', vus, duration: '1m', thinkTime: '1s' }) as const;
  const profile = { phases: [phase('a', 1000), phase('b', 3000)] };
  expect(examine(profile).finding).toContain('3,000 users, up to 3,000/s');
  expect(examine(profile, 200e6)).toMatchObject({
    status: 'caution',
    remedy: expect.stringContaining('of memory'),
  });
});
