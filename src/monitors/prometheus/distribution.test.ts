import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  averageOf,
  classicQuantile,
  DistributionGains,
  mergeDistributions,
  quantileOf,
} from './distribution.ts';
import type { Distribution, DistributionSeries } from './metric.ts';

const inf = Number.POSITIVE_INFINITY;

function classic(
  counts: readonly number[],
  bounds: readonly number[] = [0.1, 0.2, 0.5, inf],
  sum = 1,
): Distribution {
  return { count: counts.at(-1)!, sum, classic: { bounds, counts } };
}

function series(key: string, distribution: Distribution, startEpochMs?: number): DistributionSeries {
  return { key, labels: new Map(), distribution, ...(startEpochMs !== undefined && { startEpochMs }) };
}

test('classic quantiles are those of histogram_quantile', () => {
  const buckets = { bounds: [0.1, 0.2, 0.5, inf], counts: [10, 30, 40, 50] };
  // Rank 25 is three quarters through the 20 observations between 0.1 and 0.2.
  expect(classicQuantile(0.5, buckets)).toBeCloseTo(0.175, 12);
  // The lowest bucket begins at 0.
  expect(classicQuantile(0.1, buckets)).toBeCloseTo(0.05, 12);
  // Beyond the last bound nothing is known.
  expect(classicQuantile(0.95, buckets)).toBe(0.5);
  expect(classicQuantile(0.5, { bounds: [-1, 0, inf], counts: [8, 9, 10] })).toBe(-1);
  expect(classicQuantile(0.5, { bounds: [0.1, inf], counts: [0, 0] })).toBeNaN();
  expect(classicQuantile(0.5, { bounds: [inf], counts: [5] })).toBeNaN();
  // Counts read while they were updated: 29 after 30.
  expect(classicQuantile(0.9, { bounds: [1, 2, 3, inf], counts: [10, 30, 29, 40] })).toBe(3);
});

test('classic quantiles lie in the bucket of the true one', () => {
  const observations = fc.array(fc.double({ min: 0.001, max: 10, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(observations, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, q) => {
      const bounds = [1, 2, 5, 10, inf];
      const counts = bounds.map((bound) => values.filter((value) => value <= bound).length);
      const sorted = values.toSorted((a, b) => a - b);
      const exact = sorted[Math.ceil(q * values.length) - 1]!;
      const upper = bounds.find((bound) => exact <= bound)!;
      const found = classicQuantile(q, { bounds, counts });
      expect(found).toBeLessThanOrEqual(upper);
      expect(found).toBeGreaterThanOrEqual([0, ...bounds][bounds.indexOf(upper)]!);
    }),
  );
});

test('the first reading has no gain, and later ones the difference', () => {
  const gains = new DistributionGains();
  expect(gains.add([series('a', classic([1, 2, 3, 4]))], 0)).toBeUndefined();
  const gain = gains.add([series('a', classic([1, 5, 7, 9], undefined, 3))], 1)!;
  expect(gain).toEqual(classic([0, 3, 4, 5], undefined, 2));
  expect(averageOf(gain)).toBe(0.4);
  expect(averageOf(gains.add([series('a', classic([1, 5, 7, 9], undefined, 3))], 2)!)).toBeNaN();
});

test('a series that begins again gains what it has, beside one that goes on', () => {
  const gains = new DistributionGains();
  gains.add([series('a', classic([100, 100, 100, 100])), series('b', classic([5, 5, 5, 5]))], 0);
  const gain = gains.add([series('a', classic([1, 1, 2, 2])), series('b', classic([6, 7, 8, 9]))], 1)!;
  expect(gain.classic!.counts).toEqual([2, 3, 5, 6]);
  // One bucket that fell is enough, whatever the count says.
  const later = gains.add([series('a', classic([0, 3, 3, 3])), series('b', classic([6, 7, 8, 9]))], 2)!;
  expect(later.classic!.counts).toEqual([0, 3, 3, 3]);
});

test('a start time tells a new beginning, and a past that is not ours', () => {
  const gains = new DistributionGains();
  gains.add([series('a', classic([5, 5, 5, 5]), 1000)], 10_000);
  const gain = gains.add(
    [
      series('a', classic([6, 6, 6, 6]), 11_000),
      series('new', classic([1, 1, 1, 1]), 12_000),
      series('old', classic([900, 900, 900, 900]), 2000),
      series('untold', classic([2, 2, 2, 2])),
    ],
    13_000,
  )!;
  expect(gain.count).toBe(6 + 1 + 2);
});

test('series that come and go are known again', () => {
  const gains = new DistributionGains();
  gains.add([series('a', classic([5, 5, 5, 5]))], 0);
  expect(gains.add([], 1)!.count).toBe(0);
  expect(gains.add([series('a', classic([7, 7, 7, 7]))], 2)!.count).toBe(2);
});

test('classic histograms of different bounds are merged by those that all have', () => {
  const merged = mergeDistributions([
    classic([1, 2, 3], [1, 5, inf]),
    classic([10, 20, 30, 40], [1, 2, 5, inf]),
  ]);
  expect(merged.classic).toEqual({ bounds: [1, 5, inf], counts: [11, 32, 43] });
  expect(merged.count).toBe(43);
  expect(quantileOf(0.5, mergeDistributions([]))).toBeNaN();
  expect(
    quantileOf(0.5, mergeDistributions([classic([1, 2, 3], [1, 5, inf]), { count: 1, sum: 1 }])),
  ).toBeNaN();
});
