import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ArrivalExecutorPlan } from '../executors/executors.ts';
import { durationOf, plannedIterations, rateCurveOf } from '../executors/of-plan.ts';
import { areaUnder, rateAt } from '../executors/rate-curve.ts';
import { createRandom } from '../stats/random.ts';
import { arrivalTimes, segmentIterations } from './schedule.ts';

const common = { preAllocatedVUs: 1, maxVUs: 10 };
const ramp = (
  startRatePerSec: number,
  ...stages: [seconds: number, target: number][]
): ArrivalExecutorPlan => ({
  ...common,
  kind: 'ramping-arrival-rate',
  startRatePerSec,
  stages: stages.map(([seconds, target]) => ({ durationMs: seconds * 1000, target })),
});
const startsOf = (plan: ArrivalExecutorPlan, seed = 1): number[] =>
  [...arrivalTimes(plan, 0, 1, createRandom(seed, 'arrivals'))].map(({ atMs }) => atMs);

const anyLevel = fc.oneof(fc.constant(0), fc.nat(200), fc.double({ min: 0, max: 200, noNaN: true }));
const anyStage = fc.record({
  durationMs: fc.oneof(fc.constant(0), fc.nat(4000), fc.double({ min: 0, max: 4000, noNaN: true })),
  target: anyLevel,
});
const anyRamp: fc.Arbitrary<ArrivalExecutorPlan> = fc
  .record({ startRatePerSec: anyLevel, stages: fc.array(anyStage, { minLength: 1, maxLength: 6 }) })
  .map((one) => ({ ...common, kind: 'ramping-arrival-rate', ...one }));
const anyConstant: fc.Arbitrary<ArrivalExecutorPlan> = fc
  .record({
    ratePerSec: fc.double({ min: 0.01, max: 300, noNaN: true }),
    durationMs: fc.integer({ min: 1, max: 9000 }),
  })
  .map((one) => ({ ...common, kind: 'constant-arrival-rate', ...one }));
const poisson = (plan: ArrivalExecutorPlan): ArrivalExecutorPlan => ({ ...plan, arrivals: 'poisson' });

/** The area of a ramp as a sum over its stages, written without the code under test. */
function integralOf(plan: ArrivalExecutorPlan): number {
  if (plan.kind === 'constant-arrival-rate') return (plan.ratePerSec * plan.durationMs) / 1000;
  let from = plan.startRatePerSec;
  let sum = 0;
  for (const { durationMs, target } of plan.stages) {
    sum += ((from + target) / 2) * (durationMs / 1000);
    from = target;
  }
  return sum;
}

describe('the starts of a ramping arrival rate', () => {
  test('begin when the area reaches 1, as in k6', () => {
    // 0 to 10/s in 10 s: the area is t²/2, so start n is due at √(2n) seconds.
    const starts = startsOf(ramp(0, [10, 10]));
    expect(starts).toHaveLength(50);
    for (const [k, atMs] of starts.entries()) expect(atMs).toBeCloseTo(Math.sqrt(2 * (k + 1)) * 1000, 6);
    expect(startsOf(ramp(2, [2, 2]))).toEqual([500, 1000, 1500, 2000]);
  });

  test('carries the fraction over the border of two stages', () => {
    const starts = startsOf(ramp(0, [1, 1], [0, 2], [1, 2]));
    expect(starts).toHaveLength(2);
    expect(starts[0]).toBeCloseTo(1250, 9);
    expect(starts[1]).toBeCloseTo(1750, 9);
  });

  test('pause while the rate is 0 and jump at a stage of length 0', () => {
    expect(startsOf(ramp(0, [5, 0], [0, 1], [2, 1], [3, 0], [0, 0], [9, 0])).map(Math.round)).toEqual([
      6000, 7000, 8268,
    ]);
  });

  test('follow a ramp down to 0 to its very end', () => {
    const starts = startsOf(ramp(4, [1, 0]));
    expect(starts).toHaveLength(2);
    expect(starts[1]).toBeCloseTo(1000, 3);
  });

  test('number the integral of the rate, rounded down', () => {
    fc.assert(
      fc.property(anyRamp, (plan) => {
        const integral = integralOf(plan);
        const count = startsOf(plan).length;
        expect(count).toBe(plannedIterations(plan));
        expect(count).toBeGreaterThan(integral - 1 - 1e-6);
        expect(count).toBeLessThan(integral + 1e-6);
      }),
      { numRuns: 80 },
    );
  });

  test('are those at which the area is a whole number', () => {
    fc.assert(
      fc.property(anyRamp, (plan) => {
        const curve = rateCurveOf(plan);
        const starts = startsOf(plan);
        // Between two starts the mean rate is 1 / gap; with a linear rate it lies between the rates around.
        for (let i = 0; i < Math.min(starts.length, 40); i++) {
          const step = 4000;
          let area = 0;
          const toMs = starts[i]!;
          for (let k = 0; k < step; k++)
            area += (rateAt(curve, ((k + 0.5) * toMs) / step) * toMs) / step / 1000;
          expect(Math.abs(area - (i + 1))).toBeLessThan(0.02 * (i + 1) + 0.25);
        }
      }),
      { numRuns: 10 },
    );
  });
});

describe.each([
  ['even', (plan: ArrivalExecutorPlan) => plan],
  ['poisson', poisson],
])('%s starts', (_name, change) => {
  const anyPlan = fc.oneof(anyRamp, anyConstant).map(change);

  test('ascend and lie inside the duration', () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        let lastMs = 0;
        for (const atMs of startsOf(plan)) {
          expect(atMs).toBeGreaterThanOrEqual(lastMs);
          lastMs = atMs;
        }
        expect(lastMs).toBeLessThanOrEqual(durationOf(plan));
      }),
      { numRuns: 60 },
    );
  });

  test('of all workers together are the whole plan, whatever their number', () => {
    fc.assert(
      fc.property(anyPlan, fc.integer({ min: 1, max: 7 }), fc.nat(99), (plan, workers, seed) => {
        const stream = () => createRandom(seed, 'arrivals');
        const union = Array.from({ length: workers }, (_, w) => [
          ...arrivalTimes(plan, w, workers, stream()),
        ]).flat();
        union.sort((a, b) => a.index - b.index);
        expect(union).toEqual([...arrivalTimes(plan, 0, 1, stream())]);
        expect(union.map(({ index }) => index)).toEqual(union.map((_, i) => i));
      }),
      { numRuns: 40 },
    );
  });
});

describe('poisson starts', () => {
  const plan = poisson(ramp(0, [100, 200], [100, 200]));

  test('are the same for the same seed and others for another', () => {
    expect(startsOf(plan, 7)).toEqual(startsOf(plan, 7));
    expect(startsOf(plan, 7)).not.toEqual(startsOf(plan, 8));
  });

  test('number the integral of the rate, give or take chance', () => {
    // 30,000 on average with standard deviation √30,000 = 173; the seeds are fixed, so this never flickers.
    for (const seed of [1, 2, 3])
      expect(Math.abs(startsOf(plan, seed).length - 30_000)).toBeLessThan(4 * 173);
    expect(areaUnder(rateCurveOf(plan))).toBeCloseTo(30_000, 6);
    expect(plannedIterations(plan)).toBeUndefined();
  });

  test('have exponential gaps where the rate is level', () => {
    const starts = startsOf(plan).filter((atMs) => atMs >= 100_000);
    const gaps = starts.slice(1).map((atMs, i) => atMs - starts[i]!);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    expect(mean).toBeGreaterThan(5 * 0.97);
    expect(mean).toBeLessThan(5 * 1.03);
    // P(gap > t) = e^(-t/5)
    for (const t of [1, 5, 15]) {
      const share = gaps.filter((gap) => gap > t).length / gaps.length;
      expect(Math.abs(share - Math.exp(-t / 5))).toBeLessThan(0.015);
    }
  });

  test('cannot be planned without a random stream', () => {
    expect(() => [...arrivalTimes(plan, 0, 1)]).toThrow(TypeError);
  });
});

describe('the parts of shared iterations', () => {
  test('are disjoint, together the whole, and none where a worker has no VU', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.nat(5000),
        fc.integer({ min: 1, max: 9 }),
        (vus, more, workers) => {
          const iterations = vus + more;
          const plan = {
            kind: 'shared-iterations',
            vus,
            iterations,
            rampUpMs: 0,
            maxDurationMs: 1000,
          } as const;
          let nextFrom = 0;
          for (let worker = 0; worker < workers; worker++) {
            const { from, to } = segmentIterations(plan, worker, workers);
            expect(from).toBe(nextFrom);
            if (worker >= vus) expect(to).toBe(from);
            nextFrom = to;
          }
          expect(nextFrom).toBe(iterations);
        },
      ),
    );
  });
});
