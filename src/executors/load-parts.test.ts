import { expect, test } from 'vitest';
import { constantParts, stagesOf } from './load-parts.ts';

const minute = 60_000;
const ramp = (...stages: [seconds: number, target: number][]) => ({
  kind: 'ramping-vus' as const,
  startVUs: 0,
  gracefulRampDownMs: 0,
  stages: stages.map(([seconds, target]) => ({ durationMs: seconds * 1000, target })),
});
const hold = (durationMs: number, rampUpMs = 0) => ({
  kind: 'constant-vus' as const,
  vus: 5,
  rampUpMs,
  durationMs,
});

test('stages follow one another from the start of the scenario', () => {
  expect(stagesOf({ startAtMs: 1000, executor: ramp([10, 5], [20, 5], [5, 0]) })).toEqual([
    { fromMs: 1000, untilMs: 11_000 },
    { fromMs: 11_000, untilMs: 31_000 },
    { fromMs: 31_000, untilMs: 36_000 },
  ]);
  expect(stagesOf({ startAtMs: 0, executor: hold(minute) })).toEqual([]);
});

test('the constant parts are those between all changes', () => {
  expect(constantParts([{ startAtMs: 0, executor: ramp([10, 5], [20, 5], [5, 0]) }])).toEqual([
    { fromMs: 10_000, untilMs: 30_000 },
  ]);
  expect(constantParts([{ startAtMs: 0, executor: hold(minute, 5000) }])).toEqual([
    { fromMs: 5000, untilMs: minute },
  ]);
});

test('a scenario that starts beside another one parts it, and a pause is no part', () => {
  const parts = constantParts([
    { startAtMs: 0, executor: hold(minute) },
    { startAtMs: 20_000, executor: hold(10_000) },
    { startAtMs: 2 * minute, executor: hold(minute) },
  ]);
  expect(parts).toEqual([
    { fromMs: 0, untilMs: 20_000 },
    { fromMs: 20_000, untilMs: 30_000 },
    { fromMs: 30_000, untilMs: minute },
    { fromMs: 2 * minute, untilMs: 3 * minute },
  ]);
});

test('where users leave when they are done, the plan cannot tell', () => {
  const executor = {
    kind: 'shared-iterations' as const,
    vus: 2,
    iterations: 5,
    maxDurationMs: minute,
    rampUpMs: 0,
  };
  expect(constantParts([{ startAtMs: 0, executor }])).toBeUndefined();
});
