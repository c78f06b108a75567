import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ArrivalExecutorPlan, ExecutorPlan, VuExecutorPlan } from '../executors/executors.ts';
import { durationOf, maxVusOf, plannedIterations, vuCountAt, vuIntervals } from '../executors/of-plan.ts';
import { allocate } from '../stats/allocation.ts';
import { arrivalTimes, preallocatedVus, segmentVus, userCounts, userOfVu } from './schedule.ts';

const ramp = (startVUs: number, ...stages: [seconds: number, target: number][]): VuExecutorPlan => ({
  kind: 'ramping-vus',
  startVUs,
  stages: stages.map(([seconds, target]) => ({ durationMs: seconds * 1000, target })),
  gracefulRampDownMs: 0,
});

type ConstantRate = Extract<ArrivalExecutorPlan, { kind: 'constant-arrival-rate' }>;
const rate = (ratePerSec: number, durationMs: number): ConstantRate => ({
  kind: 'constant-arrival-rate',
  ratePerSec,
  durationMs,
  preAllocatedVUs: 1,
  maxVUs: 10,
});

const anyDurationMs = fc.oneof(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 1000, max: 600_000 }));
const anyStages = fc.array(fc.record({ durationMs: anyDurationMs, target: fc.nat(40) }), {
  minLength: 1,
  maxLength: 6,
});
const anyRamp: fc.Arbitrary<VuExecutorPlan> = fc
  .record({ startVUs: fc.nat(40), stages: anyStages })
  .map(({ startVUs, stages }) => ({ kind: 'ramping-vus', startVUs, stages, gracefulRampDownMs: 0 }));
const anyConstant: fc.Arbitrary<VuExecutorPlan> = fc
  .record({ vus: fc.integer({ min: 1, max: 60 }), rampUpMs: fc.nat(5000), restMs: fc.nat(5000) })
  .map(({ vus, rampUpMs, restMs }) => ({
    kind: 'constant-vus',
    vus,
    rampUpMs,
    durationMs: rampUpMs + restMs + 1,
  }));
const anyRate = fc
  .record({
    ratePerSec: fc.oneof(fc.integer({ min: 1, max: 900 }), fc.double({ min: 0.01, max: 900, noNaN: true })),
    durationMs: fc.integer({ min: 1, max: 20_000 }),
  })
  .map(({ ratePerSec, durationMs }) => rate(ratePerSec, durationMs));

describe('vuCountAt', () => {
  test("follows k6's example plan step by step", () => {
    const plan = ramp(4, [2, 6], [5, 1], [4, 5], [4, 1], [3, 4], [2, 4], [0, 1], [3, 1]);
    const counts = Array.from({ length: 24 }, (_, second) => vuCountAt(plan, second * 1000));
    expect(counts).toEqual([4, 5, 6, 5, 4, 3, 2, 1, 2, 3, 4, 5, 4, 3, 2, 1, 2, 3, 4, 4, 1, 1, 1, 0]);
    expect(vuCountAt(plan, 1500)).toBe(5);
    expect(vuCountAt(plan, 2500)).toBe(6);
  });

  test('starts the VUs of a ramp-up evenly, the first at once', () => {
    const plan: ExecutorPlan = { kind: 'constant-vus', vus: 10, rampUpMs: 1000, durationMs: 5000 };
    expect([-1, 0, 99, 100, 899, 900, 4999, 5000].map((atMs) => vuCountAt(plan, atMs))).toEqual([
      0, 1, 1, 2, 9, 10, 10, 0,
    ]);
  });

  test('reaches every count of a ramp shorter than a second', () => {
    const plan = ramp(0, [0.1, 10], [0.1, 0]);
    expect(vuCountAt(plan, 50)).toBe(5);
    expect(vuCountAt(plan, 100)).toBe(10);
    expect(vuCountAt(plan, 195)).toBe(1);
    expect(vuIntervals(plan, 9)).toEqual([{ startAtMs: 100, endAtMs: 110 }]);
  });

  test('jumps at a stage of length 0', () => {
    const plan = ramp(1, [1, 1], [0, 50], [1, 50]);
    expect([999, 1000].map((atMs) => vuCountAt(plan, atMs))).toEqual([1, 50]);
  });
});

describe('vuIntervals', () => {
  test('are disjoint, ascending and inside the duration', () => {
    fc.assert(
      fc.property(fc.oneof(anyRamp, anyConstant), (plan) => {
        for (let vu = 0; vu < maxVusOf(plan); vu++) {
          let freeFromMs = -1;
          for (const { startAtMs, endAtMs } of vuIntervals(plan, vu)) {
            expect(startAtMs).toBeGreaterThan(freeFromMs);
            expect(endAtMs).toBeGreaterThan(startAtMs);
            freeFromMs = endAtMs;
          }
          expect(freeFromMs).toBeLessThanOrEqual(durationOf(plan));
        }
      }),
    );
  });

  test('agree with vuCountAt at every border and between', () => {
    fc.assert(
      fc.property(fc.oneof(anyRamp, anyConstant), (plan) => {
        const all = Array.from({ length: maxVusOf(plan) }, (_, vu) => vuIntervals(plan, vu));
        const borders = all.flat().flatMap(({ startAtMs, endAtMs }) => [startAtMs, endAtMs]);
        const times = [0, ...borders, ...borders.map((atMs) => atMs + 0.37), durationOf(plan) / 2];
        for (const atMs of times.slice(0, 300)) {
          const active = all.filter((one) => one.some((i) => i.startAtMs <= atMs && atMs < i.endAtMs));
          expect(active.length).toBe(vuCountAt(plan, atMs));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('last in is first out', () => {
    fc.assert(
      fc.property(anyRamp, fc.double({ min: 0, max: 1, noNaN: true }), (plan, share) => {
        const atMs = durationOf(plan) * share;
        const active = Array.from({ length: maxVusOf(plan) }, (_, vu) =>
          vuIntervals(plan, vu).some((i) => i.startAtMs <= atMs && atMs < i.endAtMs),
        );
        expect(active.lastIndexOf(true)).toBe(active.filter(Boolean).length - 1);
      }),
    );
  });

  test('do not exist for a VU that the plan does not have', () => {
    expect(vuIntervals(ramp(0, [1, 5]), 5)).toEqual([]);
    // VU 4 would start at the very end, so it never gets a turn.
    expect(vuIntervals(ramp(0, [1, 5]), 4)).toEqual([]);
  });
});

describe('arrivalTimes', () => {
  test('start at k × 1000 / rate, the first at 0', () => {
    expect([...arrivalTimes(rate(2.5, 1600), 0, 1)].map((arrival) => arrival.atMs)).toEqual([
      0, 400, 800, 1200,
    ]);
  });

  test('number the integral of the rate, rounded up to the start at 0', () => {
    fc.assert(
      fc.property(anyRate, (plan) => {
        const count = [...arrivalTimes(plan, 0, 1)].length;
        expect(count).toBe(plannedIterations(plan));
        const integral = (plan.ratePerSec * plan.durationMs) / 1000;
        expect(Math.abs(count - integral)).toBeLessThanOrEqual(1);
        expect(count).toBeGreaterThanOrEqual(Math.floor(integral));
      }),
      { numRuns: 60 },
    );
  });

  test("the workers' arrivals together are the whole plan", () => {
    fc.assert(
      fc.property(anyRate, fc.integer({ min: 1, max: 7 }), (plan, workers) => {
        const union = Array.from({ length: workers }, (_, w) => [...arrivalTimes(plan, w, workers)]).flat();
        union.sort((a, b) => a.index - b.index);
        expect(union).toEqual([...arrivalTimes(plan, 0, 1)]);
      }),
      { numRuns: 40 },
    );
  });
});

describe('plannedIterations', () => {
  test('is exact where the plan fixes it and undefined where the target decides', () => {
    expect(plannedIterations(rate(100, 30_000))).toBe(3000);
    expect(plannedIterations(rate(3, 1000))).toBe(3);
    expect(
      plannedIterations({
        kind: 'per-vu-iterations',
        vus: 50,
        iterations: 50,
        rampUpMs: 0,
        maxDurationMs: 1000,
      }),
    ).toBe(2500);
    expect(
      plannedIterations({
        kind: 'shared-iterations',
        vus: 3,
        iterations: 100,
        rampUpMs: 0,
        maxDurationMs: 1000,
      }),
    ).toBe(100);
    expect(plannedIterations(ramp(0, [1, 5]))).toBeUndefined();
    expect(
      plannedIterations({ kind: 'externally-controlled', vus: 1, maxVUs: 5, durationMs: 1000 }),
    ).toBeUndefined();
  });
});

describe('segments', () => {
  test('hold every VU exactly once', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.integer({ min: 1, max: 9 }), (total, workers) => {
        const union = Array.from({ length: workers }, (_, w) => segmentVus(total, w, workers)).flat();
        expect(union.sort((a, b) => a - b)).toEqual(Array.from({ length: total }, (_, i) => i));
      }),
    );
  });
});

describe('the users that an arrival rate makes beforehand', () => {
  const usersOf = (weights: readonly number[]) =>
    weights.map((weight, i) => ({
      name: `u${i}`,
      weight,
      thinkTime: { kind: 'none' } as const,
      mix: 'tasks' as const,
      tasks: [{ name: 't', share: 1 }],
    }));
  const executor = (preAllocatedVUs: number) => ({ ...rate(1, 1000), preAllocatedVUs, maxVUs: 1000 });

  test('include one of a rare class, whatever the number of workers', () => {
    for (const workers of [1, 2, 3, 5, 8]) {
      const plan = { executor: executor(10), users: usersOf([90, 10]) };
      const all = Array.from({ length: workers }, (_, w) => preallocatedVus(plan, w, workers));
      expect(all.reduce((sum, [, rare]) => sum + rare!, 0)).toBe(1);
    }
  });

  test('are the exact shares in all, and on each worker near its part of every class', () => {
    fc.assert(
      fc.property(
        fc.nat(300),
        fc.array(fc.integer({ min: 1, max: 97 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 9 }),
        (count, weights, workers) => {
          const plan = { executor: executor(count), users: usersOf(weights) };
          const all = Array.from({ length: workers }, (_, w) => preallocatedVus(plan, w, workers));
          const whole = allocate(count, weights);
          for (const [i, share] of whole.entries()) {
            const parts = all.map((counts) => counts[i]!);
            expect(parts.reduce((sum, part) => sum + part, 0)).toBe(share);
            for (const part of parts) expect(Math.abs(part - share / workers)).toBeLessThan(1);
          }
          for (const [worker, counts] of all.entries()) {
            const size = segmentVus(count, worker, workers).length;
            expect(counts.reduce((sum, part) => sum + part, 0)).toBe(size);
          }
        },
      ),
    );
  });
});

describe('userOfVu', () => {
  const user = (name: string, weight: number) => ({
    name,
    weight,
    thinkTime: { kind: 'none' } as const,
    mix: 'tasks' as const,
    tasks: [{ name: 't', share: 1 }],
  });

  test('gives every class its exact share', () => {
    const executor: ExecutorPlan = { kind: 'constant-vus', vus: 100, rampUpMs: 0, durationMs: 1000 };
    const users = [user('business', 70), user('peak', 20), user('admin', 10)];
    const classes = userOfVu({ executor, users });
    expect(userCounts({ executor, users })).toEqual([70, 20, 10]);
    expect([0, 1, 2].map((one) => classes.filter((c) => c === one).length)).toEqual([70, 20, 10]);
  });

  test('loses no VU', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 }),
        (vus, weights) => {
          const executor: ExecutorPlan = { kind: 'constant-vus', vus, rampUpMs: 0, durationMs: 1000 };
          const users = weights.map((weight, i) => user(`u${i}`, weight));
          expect(userOfVu({ executor, users }).length).toBe(vus);
          expect(userCounts({ executor, users }).reduce((a, b) => a + b, 0)).toBe(vus);
        },
      ),
    );
  });
});
