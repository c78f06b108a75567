import { describe, expect, test } from 'vitest';
import { type NoiseKind, noise, timesOf } from './noise.cases.ts';
import { testTrend, theilSen } from './theil-sen.ts';

/** Of 300 series with a slope of 2 per 1000, how many intervals hold it. */
function coverage(kind: NoiseKind, count: number): number {
  let held = 0;
  for (let seed = 0; seed < 300; seed++) {
    const values = noise(kind, count, seed).map((value, i) => value + 2 * i);
    const { low, high } = theilSen(timesOf(count), values)!;
    if (low * 1000 <= 2 && 2 <= high * 1000) held++;
  }
  return held / 300;
}

describe('the slope', () => {
  test('is exact without noise, and not swayed by wild readings', () => {
    const values = timesOf(50).map((time) => 7 + time / 500);
    expect(theilSen(timesOf(50), values)).toMatchObject({ slope: 0.002, intercept: 7, points: 50 });
    values[3] = 1e9;
    values[30] = -1e9;
    values[49] = 1e9;
    expect(theilSen(timesOf(50), values)!.slope).toBeCloseTo(0.002, 9);
  });

  test("agrees with Sen's own example", () => {
    // JASA 63 (1968) 1379, section 6: slope 4, 93 % interval 3.71 to 4.20 by hand; 95 % is no narrower.
    const line = theilSen([1, 2, 3, 4, 10, 12, 18], [9, 15, 19, 20, 45, 55, 78])!;
    expect(line.slope).toBeCloseTo(4, 12);
    expect(line.low).toBeLessThanOrEqual(26 / 7);
    expect(line.high).toBeGreaterThanOrEqual(4.2);
  });

  test('is not told of fewer than three times', () => {
    expect(theilSen([1, 1, 2, 2], [1, 2, 3, 4])).toBeUndefined();
    expect(theilSen([], [])).toBeUndefined();
  });

  test('of more than 600 points is that of every second, third, ...', () => {
    const line = theilSen(timesOf(1500), timesOf(1500))!;
    expect(line).toMatchObject({ slope: 1, points: 500 });
  });

  test.each([
    ['white', 50, 0.91],
    ['heavy', 50, 0.91],
    ['ar 0.7', 50, 0.75],
    ['ar 0.7', 200, 0.88],
  ] as const)(
    'lies in its 95 %% interval: %s noise, %d points, a share of %d at least',
    (kind, count, least) => {
      expect(coverage(kind, count)).toBeGreaterThanOrEqual(least);
    },
  );

  test('of 600 points takes well below 30 ms', () => {
    const values = noise('white', 600, 1);
    const tookMs = Array.from({ length: 7 }, () => {
      const startedAtMs = performance.now();
      theilSen(timesOf(600), values);
      return performance.now() - startedAtMs;
    });
    expect(Math.min(...tookMs)).toBeLessThan(60);
  });
});

test('the score counts pairs, and ties make it vary less', () => {
  expect(testTrend([1, 2, 2, 3], 0)).toMatchObject({ score: 5 });
  // n = 4: 4 * 3 * 13 / 18, less 2 * 1 * 9 / 18 for the pair.
  expect(testTrend([1, 2, 2, 3], 0).variance).toBeCloseTo(156 / 18 - 1, 12);
  expect(testTrend([1, 2, 2, 3], 0.5).variance).toBeGreaterThan(156 / 18 - 1);
  expect(testTrend([5, 5, 5], 0).pValue).toBe(1);
});
