import { describe, expect, test } from 'vitest';
import type { VuExecutorPlan } from '../../executors/executors.ts';
import { vuChanges } from './vu-changes.ts';

const scenario = { startAtMs: 1000, gracefulStopMs: 500 };
const constant: VuExecutorPlan = { kind: 'constant-vus', vus: 4, rampUpMs: 4000, durationMs: 10_000 };
const ramping: VuExecutorPlan = {
  kind: 'ramping-vus',
  startVUs: 4,
  stages: [
    { durationMs: 4000, target: 0 },
    { durationMs: 4000, target: 4 },
  ],
  gracefulRampDownMs: 100,
};

const of = (changes: ReturnType<typeof vuChanges>, action: string) =>
  changes
    .filter((change) => change.action === action)
    .map(({ vuIndex, atMs }) => [vuIndex, Math.round(atMs)]);

describe('the changes of a worker of the start', () => {
  test('are those of the plan, in run time, ascending', () => {
    const changes = vuChanges(scenario, constant, [1, 3]);
    expect(of(changes, 'start')).toEqual([
      [1, 2000],
      [3, 4000],
    ]);
    expect(of(changes, 'drain')).toEqual([
      [1, 11_000],
      [3, 11_000],
    ]);
    expect(of(changes, 'cut')).toEqual([
      [1, 11_500],
      [3, 11_500],
    ]);
    const times = changes.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });
});

describe('the changes of a replacement', () => {
  test('bring the VUs back over a second that had started, and the others as planned', () => {
    expect(of(vuChanges(scenario, constant, [0, 1, 2, 3], 3500), 'start')).toEqual([
      [0, 3500],
      [1, 3833],
      [3, 4000],
      [2, 4167],
    ]);
  });

  test('before the scenario begins are the plan', () => {
    expect(vuChanges(scenario, constant, [0, 1, 2, 3], 500)).toEqual(
      vuChanges(scenario, constant, [0, 1, 2, 3]),
    );
  });

  test('leave out intervals that are over, and keep those to come under their own numbers', () => {
    const planned = vuChanges(scenario, ramping, [2]);
    const resumed = vuChanges(scenario, ramping, [2], 4000);
    expect(new Set(planned.map(({ interval }) => interval))).toEqual(new Set([0, 1]));
    expect(resumed).toEqual(planned.filter(({ interval }) => interval === 1));
  });

  test('never start a VU at or after the moment at which it is to leave', () => {
    const many: VuExecutorPlan = { ...constant, vus: 50, rampUpMs: 0 };
    const indexes = Array.from({ length: 50 }, (_, i) => i);
    const changes = vuChanges(scenario, many, indexes, 10_800);
    expect(of(changes, 'start')).toHaveLength(50);
    for (const [, atMs] of of(changes, 'start')) expect(atMs).toBeLessThan(11_000);
    expect(vuChanges(scenario, many, indexes, 11_000)).toEqual([]);
  });
});
