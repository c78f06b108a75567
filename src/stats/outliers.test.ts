import { describe, expect, test } from 'vitest';
import { type NoiseKind, noise } from './noise.cases.ts';
import { findOutliers } from './outliers.ts';

function withOutlier(kind: NoiseKind, count: number, seed: number, by: number): number[] {
  return noise(kind, count, seed).map((value, i) => (i === 50 ? value + by : value));
}

describe('series without an outlier', () => {
  test.each(['white', 'heavy', 'ar 0.7', 'counts', 'rare'] as const)(
    'show one in at most 3 of 100: %s noise',
    (kind) => {
      for (const count of [60, 300]) {
        let alarms = 0;
        for (let seed = 0; seed < 200; seed++) {
          if (findOutliers(noise(kind, count, seed), 0.01).length > 0) alarms++;
        }
        expect(alarms, `${count} readings`).toBeLessThanOrEqual(6);
      }
    },
  );

  test('may change by one now and then', () => {
    const values = Array.from({ length: 100 }, (_, i) => (i === 40 ? 5 : 4));
    expect(findOutliers(values, 0.01)).toEqual([]);
    expect(findOutliers(Array(100).fill(3), 0.01)).toEqual([]);
  });

  test('that are mostly 0 have no scale', () => {
    expect(
      findOutliers(
        Array.from({ length: 100 }, (_, i) => (i === 40 ? 0.02 : 0)),
        0.01,
      ),
    ).toEqual([]);
  });
});

describe('an outlier', () => {
  test.each([
    // readings, sigmas, least of 100
    [100, 40, 97],
    [300, 20, 88],
    [600, 10, 70],
  ])('among %d normal readings, of %d sigmas, is found in at least %d of 100', (count, by, least) => {
    let found = 0;
    for (let seed = 0; seed < 100; seed++) {
      if (findOutliers(withOutlier('white', count, seed, by), 0.01).some(({ index }) => index === 50))
        found++;
    }
    expect(found).toBeGreaterThanOrEqual(least);
  });

  test('among equal readings is found, with what was usual', () => {
    const values = Array.from({ length: 100 }, (_, i) => (i === 40 ? 90 : 4));
    expect(findOutliers(values, 0.01)).toMatchObject([{ index: 40, value: 90, usual: 4 }]);
  });

  test('that comes back again and again is how the series is', () => {
    const values = noise('white', 200, 1).map((value, i) => (i % 20 === 0 ? value + 1000 : value));
    expect(findOutliers(values, 0.01)).toEqual([]);
  });
});
