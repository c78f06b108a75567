import { describe, expect, test } from 'vitest';
import { differenceInterval, meanDifference } from './mean-difference.ts';

describe('the difference of two means', () => {
  test('is that of the published sleep data', () => {
    // A. R. Cushny and A. R. Peebles 1905, as in R: t.test(extra ~ group, data = sleep, var.equal = TRUE) gives
    // t = -1.8608, df = 18, p-value = 0.07919, interval -3.363874 to 0.203874.
    const one = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2];
    const two = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
    const found = meanDifference(two, one)!;
    expect(found.difference / found.error).toBeCloseTo(-1.8608, 4);
    expect(found.freedom).toBe(18);
    const { low, high, pValue } = differenceInterval(found, 0.95);
    expect(low).toBeCloseTo(-3.363874, 5);
    expect(high).toBeCloseTo(0.203874, 5);
    expect(pValue).toBeCloseTo(0.07919, 5);
  });

  test('is told by one value against several, and not by one against one', () => {
    expect(meanDifference([1, 2, 3], [5])).toEqual({ difference: 3, error: Math.sqrt(4 / 3), freedom: 2 });
    expect(meanDifference([1], [5])).toBeUndefined();
    expect(meanDifference([], [5, 6])).toBeUndefined();
  });

  test('of a known error is normal', () => {
    const { low, high, pValue } = differenceInterval(
      { difference: 1.959964, error: 1, freedom: Number.POSITIVE_INFINITY },
      0.95,
    );
    expect(low).toBeCloseTo(0, 4);
    expect(high).toBeCloseTo(3.919928, 3);
    expect(pValue).toBeCloseTo(0.05, 4);
  });

  test('without any spread is certain', () => {
    expect(differenceInterval({ difference: 1, error: 0, freedom: 4 }, 0.95).pValue).toBe(0);
    expect(differenceInterval({ difference: 0, error: 0, freedom: 4 }, 0.95).pValue).toBe(1);
  });
});
