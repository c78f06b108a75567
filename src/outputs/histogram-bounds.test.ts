import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Histogram } from '../stats/histogram.ts';
import { boundsOf, countsUpTo } from './histogram-bounds.ts';

const values = fc.array(
  fc.oneof(
    fc.double({ min: -10, max: 100_000, noNaN: true }),
    fc.constantFrom(0, 0.5, 1, 2.5, 100, 250, 2500, 60_000, 60_000.001),
  ),
  { maxLength: 60 },
);

test.each(['time', 'data', 'default'] as const)(
  'of %s no value up to a bound is left out, and none is counted in that is 1/128 above it',
  (contains) => {
    const bounds = boundsOf(contains);
    fc.assert(
      fc.property(values, (all) => {
        const histogram = new Histogram();
        for (const value of all) histogram.add(value);
        const counts = countsUpTo(histogram, bounds);
        for (const [k, bound] of bounds.entries()) {
          expect(counts[k]).toBeGreaterThanOrEqual(all.filter((value) => value <= bound).length);
          expect(counts[k]).toBeLessThanOrEqual(all.filter((value) => value < bound * (1 + 1 / 128)).length);
          expect(counts[k]).toBeGreaterThanOrEqual(counts[k - 1] ?? 0);
        }
      }),
    );
  },
);

test('bounds that are edges of buckets separate what is just below from what is at the next edge', () => {
  const histogram = new Histogram();
  for (const value of [249.9, 250, 252]) histogram.add(value);
  const at250 = boundsOf('time').indexOf(250);
  expect(countsUpTo(histogram, boundsOf('time'))[at250]).toBe(2);
});
