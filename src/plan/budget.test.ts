import { expect, test } from 'vitest';
import { leftOutOfBudget } from './budget.ts';

const step = (profile: string, seconds: number, needs: readonly string[] = []) => ({
  profile,
  needs,
  plan: { durationMs: seconds * 1000 },
});

test('profiles fit in the order of their course, each with five seconds beside its load', () => {
  const steps = [step('smoke', 25), step('soak', 3600, ['smoke']), step('normal', 55, ['smoke'])];
  expect([...leftOutOfBudget(steps, 90_000, 1)]).toEqual([
    ['soak', 'It takes about 1h5s, and 1m of the time budget of 1m30s were left.'],
  ]);
  expect([...leftOutOfBudget(steps, 90_000, 2).keys()]).toEqual(['soak', 'normal']);
  expect(leftOutOfBudget(steps, 2 * 3_600_000, 1).size).toBe(0);
});

test('what needs a profile that does not fit is left out with it', () => {
  const steps = [step('smoke', 60), step('load', 1, ['smoke']), step('other', 1)];
  expect([...leftOutOfBudget(steps, 30_000, 1)]).toEqual([
    ['smoke', expect.stringContaining('It takes about 1m5s')],
    ['load', 'It needs smoke, which the time budget leaves out.'],
  ]);
});
