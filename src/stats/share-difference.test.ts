import { describe, expect, test } from 'vitest';
import { createRandom } from './random.ts';
import { shareDifference } from './share-difference.ts';

const share = (count: number, of: number, inflation = 1) => ({ count, of, inflation });

describe('the difference of two shares', () => {
  // Newcombe 1998, table II, method 10; the first share is the later one.
  test.each([
    [56, 70, 48, 80, 0.0524, 0.3339],
    [9, 10, 3, 10, 0.1705, 0.809],
    [6, 7, 2, 7, 0.0582, 0.8062],
    [5, 56, 0, 29, -0.0381, 0.1926],
    [0, 10, 0, 20, -0.1611, 0.2775],
    [10, 10, 0, 10, 0.6075, 1],
  ])('of %i/%i over %i/%i has the published interval', (a, n, b, m, low, high) => {
    const found = shareDifference(share(b, m), share(a, n), 0.95);
    expect(found.low).toBeCloseTo(low, 4);
    expect(found.high).toBeCloseTo(high, 4);
  });

  test('ends at 0 for a confidence of 1 less the p-value', () => {
    const [before, after] = [share(20, 1000), share(45, 1000)];
    const { pValue } = shareDifference(before, after, 0.95);
    expect(shareDifference(before, after, 1 - pValue).low).toBeCloseTo(0, 9);
    expect(pValue).toBeGreaterThan(0.001);
    expect(pValue).toBeLessThan(0.003);
  });

  test('is less sure where trials depend on each other', () => {
    const alone = shareDifference(share(20, 1000), share(45, 1000), 0.95);
    const together = shareDifference(share(20, 1000, 4), share(45, 1000, 4), 0.95);
    expect(together.difference).toBe(alone.difference);
    expect(together.high - together.low).toBeGreaterThan(1.8 * (alone.high - alone.low));
    expect(together.pValue).toBeGreaterThan(0.1);
  });

  test('of equal shares is found in at most 5 of 100 pairs', () => {
    let found = 0;
    for (let seed = 0; seed < 1000; seed++) {
      const random = createRandom(seed, 'shares');
      const draw = () => Array.from({ length: 500 }, random).filter((one) => one < 0.02).length;
      if (shareDifference(share(draw(), 500), share(draw(), 500), 0.95).pValue <= 0.05) found++;
    }
    expect(found).toBeLessThan(70);
    expect(found).toBeGreaterThan(10);
  });
});
