import { describe, expect, test } from 'vitest';
import { Histogram } from './histogram.ts';
import { quantileError } from './quantile-error.ts';
import { createRandom } from './random.ts';

function filled(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  return histogram;
}

describe('the error of a quantile', () => {
  test('agrees with quantiles read by hand', () => {
    // 1..10,000: one error is √(0.25 / 10,000) = 0.005, and the quantiles there are 4,950.5 and 5,050.5.
    const histogram = filled(Array.from({ length: 10_000 }, (_, i) => i + 1));
    expect(quantileError(histogram, 0.5, 0)).toBeCloseTo(Math.log(5050.5 / 4950.5) / 2, 3);
    expect(quantileError(histogram, 0.5, 0.05)).toBeCloseTo(Math.log(5500.5 / 4500.5) / 2, 3);
  });

  test('is not told of quantiles with fewer than 10 values beyond', () => {
    const few = (count: number) => filled(Array.from({ length: count }, (_, i) => i + 1));
    expect(quantileError(few(199), 0.95, 0)).toBeUndefined();
    expect(quantileError(few(200), 0.95, 0)).toBeDefined();
    // Of 1,000 values that count for 100 there are 5.
    expect(quantileError(few(1000), 0.95, Math.sqrt((0.95 * 0.05) / 100))).toBeUndefined();
  });

  test('is not told of a quantile at 0, which has no relative error', () => {
    expect(quantileError(filled(new Array(1000).fill(0)), 0.5, 0)).toBeUndefined();
  });

  test.each([0.5, 0.95, 0.99])('is the spread that the quantile %d really has from run to run', (p) => {
    const logs: number[] = [];
    const errors: number[] = [];
    for (let seed = 0; seed < 400; seed++) {
      const random = createRandom(seed, 'quantile error');
      const histogram = filled(Array.from({ length: 2000 }, () => -Math.log(1 - random())));
      logs.push(Math.log(histogram.percentile(100 * p)));
      errors.push(quantileError(histogram, p, 0)!);
    }
    const mean = logs.reduce((sum, one) => sum + one, 0) / logs.length;
    const spread = Math.sqrt(logs.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (logs.length - 1));
    const told = errors.reduce((sum, one) => sum + one, 0) / errors.length;
    expect(told / spread).toBeGreaterThan(0.9);
    expect(told / spread).toBeLessThan(1.15);
  });
});
