import { describe, expect, test } from 'vitest';
import { findChanges } from './change-points.ts';
import { type NoiseKind, noise, timesOf } from './noise.cases.ts';

/** How many of `rounds` series of noise, shifted by `shift` from `at` on, show a change near there. */
function detections(kind: NoiseKind, count: number, at: number, shift: number, rounds: number): number {
  let found = 0;
  for (let seed = 0; seed < rounds; seed++) {
    const values = noise(kind, count, seed).map((value, i) => (i >= at ? value + shift : value));
    const { changes } = findChanges(timesOf(count), values, 0.01);
    if (changes.some(({ index }) => Math.abs(index - at) <= 3)) found++;
  }
  return found;
}

function falseAlarms(kind: NoiseKind, count: number, rounds: number): { shifts: number; trends: number } {
  const alarms = { shifts: 0, trends: 0 };
  for (let seed = 0; seed < rounds; seed++) {
    const { changes, trend } = findChanges(timesOf(count), noise(kind, count, seed), 0.01);
    if (changes.length > 0) alarms.shifts++;
    if (trend !== undefined) alarms.trends++;
  }
  return alarms;
}

describe('series without a shift, asked for 1 % of false alarms,', () => {
  // 400 series with a chance of 0.01 have 4 +- 2.
  test.each([
    ['white', 8],
    ['heavy', 8],
    ['ar 0.3', 10],
    ['ar 0.7', 20],
    ['counts', 8],
    ['rounded', 12],
    ['rare', 8],
  ] as const)('show one in no more of 400 than they may: %s noise', (kind, most) => {
    for (const [count, rounds] of [
      [40, 400],
      [100, 150],
    ] as const) {
      const { shifts, trends } = falseAlarms(kind, count, rounds);
      expect(shifts, `shifts in ${count} readings`).toBeLessThanOrEqual((most * rounds) / 400);
      expect(trends, `trends in ${count} readings`).toBeLessThanOrEqual((most * rounds) / 400);
    }
  });

  test('show none when all readings are the same, or when there are fewer than 20', () => {
    expect(findChanges(timesOf(100), Array(100).fill(4), 0.01).changes).toEqual([]);
    expect(findChanges(timesOf(19), [...Array(9).fill(4), ...Array(10).fill(90)], 0.01).changes).toEqual([]);
  });
});

describe('a planted shift', () => {
  test.each([
    // kind, readings, at, sigmas, least percent
    ['white', 40, 20, 5, 95],
    ['white', 40, 20, 3, 85],
    ['white', 100, 50, 2, 65],
    ['white', 100, 90, 3, 90],
    ['white', 100, 90, 5, 95],
    ['heavy', 40, 20, 5, 88],
    ['heavy', 100, 90, 3, 90],
    ['ar 0.3', 100, 50, 3, 90],
    ['ar 0.7', 300, 150, 5, 90],
    ['counts', 40, 20, 7, 93],
  ] as const)(
    'is found in %s noise of %d readings at %d of size %d in at least %d %%',
    (kind, count, at, shift, least) => {
      expect(detections(kind, count, at, shift, count > 100 ? 50 : 100)).toBeGreaterThanOrEqual(
        count > 100 ? least / 2 : least,
      );
    },
  );

  test('is told with its time, its levels and its size', () => {
    const times = timesOf(60);
    const values = noise('white', 60, 3).map((value, i) => 100 + value + (i >= 40 ? 50 : 0));
    const { changes, trend } = findChanges(times, values, 0.001);
    expect(trend).toBeUndefined();
    expect(changes).toHaveLength(1);
    const [change] = changes;
    expect(change).toMatchObject({ index: 40, time: 40_000 });
    expect(change!.before).toBeCloseTo(100, -1);
    expect(change!.after).toBeCloseTo(150, -1);
    expect(change!.effectSigmas).toBeGreaterThan(30);
    expect(change!.effectSigmas).toBeLessThan(80);
    expect(change!.pValue).toBeLessThan(0.001);
  });

  test('is found between readings that do not vary at all', () => {
    const values = Array.from({ length: 40 }, (_, i) => (i < 25 ? 4 : 38));
    expect(findChanges(timesOf(40), values, 1e-5).changes).toMatchObject([
      { index: 25, before: 4, after: 38, effectSigmas: 1000 },
    ]);
  });

  test('and one back are two', () => {
    const values = noise('white', 200, 7).map((value, i) => value + (i >= 80 && i < 120 ? 8 : 0));
    const { changes } = findChanges(timesOf(200), values, 0.001);
    expect(changes.map(({ index }) => index)).toEqual([80, 120]);
  });

  test('is found across a gap and with uneven times', () => {
    const values = noise('ar 0.3', 80, 11).map((value, i) => value + (i >= 40 ? 6 : 0));
    const times = timesOf(80).map((atMs, i) => atMs + (i >= 30 ? 60_000 : 0) + (i % 3) * 40);
    expect(findChanges(times, values, 0.001).changes.map(({ index }) => index)).toEqual([40]);
  });
});

describe('a straight line', () => {
  test('is a trend, and not many shifts', () => {
    let trends = 0;
    let shifts = 0;
    for (let seed = 0; seed < 100; seed++) {
      const values = noise('white', 200, seed).map((value, i) => value + i / 40);
      const { changes, trend } = findChanges(timesOf(200), values, 0.01);
      if (trend !== undefined) trends++;
      if (changes.length > 0) shifts++;
    }
    expect(trends).toBeGreaterThanOrEqual(97);
    expect(shifts).toBeLessThanOrEqual(4);
  });

  test('with a shift on it is both', () => {
    const values = noise('white', 200, 5).map((value, i) => value + i / 10 + (i >= 100 ? 9 : 0));
    const { changes, trend } = findChanges(timesOf(200), values, 0.001);
    expect(trend!.slope).toBeGreaterThan(0.00008);
    expect(changes.map(({ index }) => index)).toEqual([100]);
  });
});

test('600 readings take well below 50 ms', () => {
  const values = noise('ar 0.7', 600, 1).map((value, i) => value + (i >= 300 ? 6 : 0));
  findChanges(timesOf(600), values, 0.01);
  // The best of several tries: other work on the machine only adds.
  const tookMs = Array.from({ length: 7 }, () => {
    const startedAtMs = performance.now();
    findChanges(timesOf(600), values, 0.01);
    return performance.now() - startedAtMs;
  });
  expect(Math.min(...tookMs)).toBeLessThan(100);
});
