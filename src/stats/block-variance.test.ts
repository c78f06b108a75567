import { describe, expect, test } from 'vitest';
import { blockVariance } from './block-variance.ts';
import { type NoiseKind, noise } from './noise.cases.ts';

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

describe('the variance of a sum by blocks', () => {
  test('is not told of few readings', () => {
    expect(blockVariance([1, 2, 3, 4, 5, 6, 7])).toBeUndefined();
    expect(blockVariance([1, 2, 3, 4, 5, 6, 7, 8])).toBeDefined();
  });

  test('of equal readings is 0', () => {
    expect(blockVariance(new Array(20).fill(3))!.variance).toBe(0);
  });

  test('agrees with blocks added by hand', () => {
    // Mean 0; 8 readings, so blocks of 2: their sums are 0, 0, 0, 0, 0, 0, 0. Of 1 1 -1 -1: 2, 0, -2, 0, 2, 0, -2.
    expect(blockVariance([1, -1, 1, -1, 1, -1, 1, -1])!).toMatchObject({ variance: 0, blockLength: 2 });
    const { variance, freedom } = blockVariance([1, 1, -1, -1, 1, 1, -1, -1])!;
    expect(variance).toBeCloseTo((16 / 7) * (8 / 2) * (8 / 6), 12);
    expect(freedom).toBeCloseTo(4.5, 12);
  });

  // The variance of the sum of n readings of variance 1: n of independent ones, about n (1 + a) / (1 - a) of others.
  test.each<[NoiseKind, number]>([
    ['white', 1],
    ['ar 0.3', 1.3 / 0.7],
    ['ar 0.7', 1.7 / 0.3],
  ])('of %s noise is near the true one', (kind, inflation) => {
    const count = 120;
    const estimates = Array.from(
      { length: 400 },
      (_, seed) => blockVariance(noise(kind, count, seed))!.variance,
    );
    const estimated = sum(estimates) / estimates.length / count;
    // Blocks are too short for strong dependence: there an eighth of the variance is missing all the same.
    expect(estimated / inflation).toBeGreaterThan(0.8);
    expect(estimated / inflation).toBeLessThan(1.1);
  });
});
