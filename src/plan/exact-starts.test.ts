// How many iterations a rate starts, and when, against whole numbers of any size. Nothing here shares code with what
// is tested.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ArrivalExecutorPlan } from '../executors/executors.ts';
import { plannedIterations } from '../executors/of-plan.ts';
import type { ScenarioDefinition, SuiteDefinition } from '../model/suite.ts';
import { describePlan } from './describe.ts';
import { makePlan } from './plan.ts';
import { type Arrival, arrivalTimes } from './schedule.ts';

const common = { preAllocatedVUs: 1, maxVUs: 10 };

function planOf(scenario: ScenarioDefinition, overrides: object = {}) {
  const suite: SuiteDefinition = {
    name: 'starts',
    baseUrl: 'http://127.0.0.1:1',
    users: { visitor: { tasks: { go: { run: () => {} } } } },
    profiles: { load: scenario },
  };
  return makePlan(suite, 'load', { workers: 1, seed: 0, environment: 'default', ...overrides });
}

function executorOf(scenario: ScenarioDefinition, overrides?: object): ArrivalExecutorPlan {
  return planOf(scenario, overrides).scenarios[0]!.executor as ArrivalExecutorPlan;
}

const constant = (rate: number, timeUnit: number | string, duration: number | string): ArrivalExecutorPlan =>
  executorOf({ executor: 'constant-arrival-rate', rate, timeUnit, duration, ...common });

/** Decimal text as a whole number of billionths. */
function billionths(text: string): bigint {
  const [whole, part = ''] = text.split('.');
  return BigInt(whole! + part.padEnd(9, '0'));
}

const ceiling = (top: bigint, bottom: bigint): bigint => (top + bottom - 1n) / bottom;

/** k is due before the end while k × unit < duration × rate. */
function dueCount(rate: string, unitMs: string, durationMs: string): number {
  return Number(ceiling(billionths(durationMs) * billionths(rate), billionths(unitMs) * 1_000_000_000n));
}

function startsOf(executor: ArrivalExecutorPlan, workers = 1): Arrival[] {
  return Array.from({ length: workers }, (_, worker) => [...arrivalTimes(executor, worker, workers)])
    .flat()
    .sort((a, b) => a.index - b.index);
}

/** As `toEqual`, which takes long for many; it is asked when there is a difference to tell. */
function expectSame(starts: readonly Arrival[], others: readonly Arrival[]): void {
  const isSame = ({ index, atMs }: Arrival, k: number): boolean =>
    others[k]?.index === index && others[k].atMs === atMs;
  if (starts.length !== others.length || !starts.every(isSame)) expect(others).toEqual(starts);
}

function expectNumbered(starts: readonly Arrival[], count: number): void {
  expect(starts).toHaveLength(count);
  const wrong = starts.findIndex(({ index }, k) => index !== k);
  if (wrong >= 0) expect.fail(`start ${wrong} has the number ${starts[wrong]!.index}`);
}

/** The whole plan, by one worker and by several: each start at k × unit / rate, and none at or after the end. */
function expectStarts(executor: ArrivalExecutorPlan, rate: string, unitMs: string, durationMs: string): void {
  const expected = dueCount(rate, unitMs, durationMs);
  expect(plannedIterations(executor)).toBe(expected);
  if (expected > 400) return;
  const starts = startsOf(executor);
  expectNumbered(starts, expected);
  const [unit, perUnit] = [billionths(unitMs), billionths(rate)];
  for (const { index, atMs } of starts) {
    if (!(atMs < Number(durationMs))) expect.fail(`start ${index} at ${atMs} ms is after the end`);
    const dueMs = Number((BigInt(index) * unit * 1_000_000_000n) / perUnit) / 1e9;
    const isExact = Math.abs(atMs - dueMs) < 2e-9 + dueMs * 2 ** -51;
    if (!isExact) expect.fail(`start ${index} is at ${atMs} ms, not at ${dueMs} ms`);
  }
  for (const workers of [2, 3, 7]) expectSame(starts, startsOf(executor, workers));
}

describe('a constant rate', () => {
  test.each([
    [9, '7s', '7s', 9],
    [7, '3s', '60s', 140],
    [10 / 6, '1s', '3s', 5],
    [1 / 3, '1s', '9s', 3],
    [1 / 3, '7s', '63s', 3],
    [0.1, '1s', '30s', 3],
    [0.3, '1s', '10s', 3],
    [2.5, '1s', '2s', 5],
    [2.5, '1s', '2.001s', 6],
    [1, '0.7ms', '7ms', 10],
    [1, '1.005s', '2.01s', 2],
    [1, '1s', '0.5ms', 1],
    [1000, '1s', '0.5ms', 1],
    [3000, '1s', '1ms', 3],
    [1e6, '1d', '1d', 1e6],
    [86_399_999, '1d', '1d', 86_399_999],
    [1, '30d', '60d', 2],
  ])('of %d per %s for %s starts %4$d', (rate, timeUnit, duration, expected) => {
    expect(plannedIterations(constant(rate, timeUnit, duration))).toBe(expected);
  });

  test('of whole numbers is exact: 60 rates × 13 units × 30 durations', () => {
    for (let rate = 1; rate <= 60; rate++) {
      for (let unit = 1; unit <= 13; unit++) {
        const first = executorOf({
          executor: 'constant-arrival-rate',
          rate,
          timeUnit: `${unit}s`,
          duration: '1s',
          ...common,
        });
        for (let seconds = 1; seconds <= 30; seconds++) {
          const executor = { ...first, durationMs: seconds * 1000 } as ArrivalExecutorPlan;
          const expected = Math.ceil((seconds * rate) / unit);
          const whole = (seconds * rate) % unit === 0 ? (seconds * rate) / unit : expected;
          if (plannedIterations(executor) === whole && startsOf(executor).length === whole) continue;
          expect.fail(`${rate} per ${unit}s for ${seconds}s: ${startsOf(executor).length}, not ${whole}`);
        }
      }
    }
  });

  const decimal = (most: number, places: number) =>
    fc.integer({ min: 1, max: most * 10 ** places }).map((n) => (n / 10 ** places).toFixed(places));

  test('of decimals is exact, also below a millisecond and for all workers together', () => {
    fc.assert(
      fc.property(
        fc.oneof(decimal(2000, 0), decimal(300, 1), decimal(50, 2), decimal(20, 4)),
        fc.oneof(decimal(90_000, 0), decimal(3000, 1), fc.constantFrom('1000', '60000', '7000', '3000')),
        fc.oneof(decimal(90_000, 0), decimal(10_000, 1), decimal(1000, 3)),
        (rate, unitMs, durationMs) => {
          if (Number(unitMs) < 1) return;
          expectStarts(constant(Number(rate), Number(unitMs), Number(durationMs)), rate, unitMs, durationMs);
        },
      ),
      { numRuns: 1500 },
    );
  });

  test('that ends with a start, or a little before or after it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 997 }),
        fc.integer({ min: 1, max: 9973 }),
        fc.integer({ min: 1, max: 300 }),
        fc.constantFrom(-1n, 0n, 1n),
        (rate, unitMs, k, nudge) => {
          // The end is k units × rate, so start k × rate × rate falls on it.
          const duration = BigInt(k * unitMs) * 1_000_000n + nudge;
          const durationMs = `${duration / 1_000_000n}.${String(duration % 1_000_000n).padStart(6, '0')}`;
          const executor = constant(rate, unitMs, `${durationMs}ms`);
          expect(plannedIterations(executor)).toBe(dueCount(String(rate), String(unitMs), durationMs));
          expect(plannedIterations(executor)).toBe(k * rate + (nudge > 0n ? 1 : 0));
        },
      ),
      { numRuns: 3000 },
    );
  });

  test.each([
    ['--rate 9 of another rate', { ratePerSec: 9 }, 63],
    ['--rate of a third', { ratePerSec: 1 / 3 }, 3],
    ['--duration 21s', { durationMs: 21_000 }, 27],
  ])('with %s', (_name, overrides, expected) => {
    const scenario = {
      executor: 'constant-arrival-rate',
      rate: 9,
      timeUnit: '7s',
      duration: '7s',
      ...common,
    };
    expect(plannedIterations(executorOf(scenario as ScenarioDefinition, overrides))).toBe(expected);
  });

  test('is what inspect prints', () => {
    const plan = planOf({
      executor: 'constant-arrival-rate',
      rate: 7,
      timeUnit: '3s',
      duration: '60s',
      ...common,
    });
    expect(describePlan(plan)).toMatch(/iterations +140\b/);
  });
});

test('the steps of a capacity search have the rates that were written, and the starts of these', () => {
  const plan = planOf({
    executor: 'capacity-search',
    startRate: 0.1,
    stepRate: 0.1,
    maxRate: 1,
    stepDuration: '30s',
    timeUnit: '3s',
    preAllocatedVUs: 1,
    thresholds: { http_reqs: ['count>0'] },
  } as unknown as ScenarioDefinition);
  expect(plan.scenarios.map(({ executor }) => plannedIterations(executor))).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
  ]);
});

describe('a ramping rate', () => {
  /** Rates in thousandths per unit, lengths in hundredths of a ms. */
  const anyLevel = fc.oneof(
    fc.constant(0),
    fc.nat(60_000),
    fc.nat(60).map((rate) => rate * 1000),
  );
  const anyLength = fc.oneof(
    fc.constant(0),
    fc.nat(400_000),
    fc.nat(4).map((seconds) => seconds * 100_000),
  );
  const anyUnit = fc.constantFrom(1000, 1000, 60_000, 3000, 7000, 700, 11);
  const anyRamp = fc.record({
    start: anyLevel,
    unitMs: anyUnit,
    stages: fc.array(fc.record({ target: anyLevel, length: anyLength }), { minLength: 1, maxLength: 5 }),
  });
  type Ramp = typeof anyRamp extends fc.Arbitrary<infer Value> ? Value : never;

  function rampOf({ start, unitMs, stages }: Ramp): ArrivalExecutorPlan {
    const definition: ScenarioDefinition = {
      executor: 'ramping-arrival-rate',
      startRate: start / 1000,
      timeUnit: unitMs,
      stages: stages.map(({ target, length }) => ({ target: target / 1000, duration: length / 100 })),
      ...common,
    };
    return executorOf(definition);
  }

  /** A whole area in these parts of a start: 2 × 1000 thousandths × 100 hundredths × unit. */
  const areaUnit = ({ unitMs }: Ramp): bigint => 2n * 1000n * 100n * BigInt(unitMs);

  function wholeArea(ramp: Ramp): bigint {
    let from = ramp.start;
    let area = 0n;
    for (const { target, length } of ramp.stages) {
      area += BigInt(from + target) * BigInt(length);
      from = target;
    }
    return area;
  }

  /**
   * Is the area reached by `atMs`? `atMs` as a whole number of 2^-30 ms; both sides times 2 × length of the stage.
   */
  function reached(ramp: Ramp, starts: number, atMs: number): boolean {
    const scale = 2n ** 30n;
    let left = BigInt(Math.floor(atMs * 2 ** 30)) * 100n;
    let missing = BigInt(starts) * areaUnit(ramp);
    let from = BigInt(ramp.start);
    for (const { target, length } of ramp.stages) {
      const to = BigInt(target);
      const whole = BigInt(length) * scale;
      if (left >= whole) {
        missing -= (from + to) * BigInt(length);
        left -= whole;
        from = to;
        continue;
      }
      // from × t + (to - from) × t² / (2 length), doubled.
      return 2n * from * left * whole + (to - from) * left * left >= missing * whole * scale;
    }
    return missing <= 0n;
  }

  test('starts exactly the whole of its integral, each when the area is reached', () => {
    fc.assert(
      fc.property(anyRamp, (ramp) => {
        const executor = rampOf(ramp);
        const expected = Number(wholeArea(ramp) / areaUnit(ramp));
        expect(plannedIterations(executor)).toBe(expected);
        const lengthMs = ramp.stages.reduce((sum, { length }) => sum + length, 0) / 100;
        const starts = startsOf(executor);
        expectNumbered(starts, expected);
        const step = Math.max(1, Math.floor(expected / 200));
        for (let k = 0; k < expected; k += step) {
          const { atMs } = starts[k]!;
          expect(atMs).toBeLessThanOrEqual(lengthMs);
          if (!reached(ramp, k + 1, atMs + 1e-6)) expect.fail(`start ${k} at ${atMs} ms is early`);
          if (reached(ramp, k + 1, atMs - 1e-6)) expect.fail(`start ${k} at ${atMs} ms is late`);
        }
        expectSame(starts, startsOf(executor, 3));
      }),
      { numRuns: 300 },
    );
  });

  test('carries thirds over the borders of its stages', () => {
    // A third of a start in each second: 0.999… would lose one in three.
    const stages = Array.from({ length: 30 }, () => ({ target: 1, duration: '1s' }));
    const executor = executorOf({
      executor: 'ramping-arrival-rate',
      startRate: 1,
      timeUnit: '3s',
      stages,
      ...common,
    });
    expect(plannedIterations(executor)).toBe(10);
    const starts = startsOf(executor).map(({ atMs }) => atMs);
    for (const [k, atMs] of starts.entries()) expect(atMs).toBeCloseTo((k + 1) * 3000, 9);
  });

  test('that falls to nothing is exact to its end', () => {
    const executor = executorOf({
      executor: 'ramping-arrival-rate',
      startRate: 2000,
      stages: [{ target: 0, duration: '10s' }],
      ...common,
    });
    const starts = startsOf(executor);
    expect(starts).toHaveLength(10_000);
    // The rate is 200 t at t seconds before the end, so m starts before it are √(m / 100) s.
    for (const { index, atMs } of starts) {
      expect(Math.abs(atMs - (10_000 - Math.sqrt((10_000 - 1 - index) / 100) * 1000))).toBeLessThan(1e-8);
    }
  });

  test('of a billion starts loses none', () => {
    const executor = executorOf({
      executor: 'ramping-arrival-rate',
      startRate: 7000,
      stages: [
        { target: 7000, duration: '999.9d' },
        { target: 7000.7, duration: '0s' },
        { target: 7000.7, duration: '0.1d' },
      ],
      ...common,
    });
    // 7000/s for 999.9 days, and 7000.7/s for 8640 s.
    expect(plannedIterations(executor)).toBe(7000 * 86_391_360 + 7000.7 * 8640);
  });
});
