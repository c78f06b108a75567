import { describe, expect, test } from 'vitest';
import { drawTail, rankSumTail, windowRanks } from './rank-sum.ts';

/** The exact distribution of U, by the product of its generating function. */
function exactTail(n1: number, n2: number, u: number): number {
  const counts = new Float64Array(n1 * n2 + 1);
  counts[0] = 1;
  for (let i = 1; i <= n1; i++) {
    for (let j = counts.length - 1; j >= n2 + i; j--) counts[j]! -= counts[j - n2 - i]!;
    for (let j = i; j < counts.length; j++) counts[j]! += counts[j - i]!;
  }
  const sum = (from: number): number => counts.slice(from).reduce((total, count) => total + count, 0);
  return sum(u) / sum(0);
}

describe('ranks', () => {
  test('of equal values are the mean of theirs, and vary less', () => {
    const { ranks, variance } = windowRanks([10, 30, 20, 20])(0, 4);
    expect([...ranks]).toEqual([1, 4, 2.5, 2.5]);
    expect(variance).toBeCloseTo((2.25 + 2.25) / 3, 12);
    expect(windowRanks([7, 7, 7])(0, 3).variance).toBe(0);
  });

  test('are those of the window alone, whatever was ranked before', () => {
    const ranked = windowRanks([5, 0, -0, 9, 9, 1, 7]);
    expect([...ranked(0, 7).ranks]).toEqual([4, 1.5, 1.5, 6.5, 6.5, 3, 5]);
    const { ranks, variance } = ranked(3, 6);
    expect([...ranks.subarray(0, 3)]).toEqual([2.5, 2.5, 1]);
    expect(variance).toBeCloseTo((0.25 + 0.25 + 1) / 2, 12);
    expect([...ranked(2, 4).ranks.subarray(0, 2)]).toEqual([1, 2]);
  });
});

describe('the tail of the rank sum', () => {
  test.each([
    [12, 12],
    [5, 19],
    [20, 20],
    [35, 5],
  ])('of %d and %d values is within 6 %% of the exact count, however small', (n1, n2) => {
    for (const share of [0.6, 0.75, 0.9, 0.97, 1]) {
      const u = Math.round(n1 * n2 * share);
      const exact = exactTail(n1, n2, u);
      expect(rankSumTail(n1, n2, u - (n1 * n2) / 2) / exact).toBeGreaterThan(0.94);
      expect(rankSumTail(n1, n2, u - (n1 * n2) / 2) / exact).toBeLessThan(1.06);
    }
  });
});

test('the tail of a draw agrees with counting by hand', () => {
  // 2 of 5 marked, 2 drawn: 1 of 10 draws has both, 6 have one.
  expect(drawTail(5, 2, 2, 2)).toBeCloseTo(0.1, 12);
  expect(drawTail(5, 2, 2, 1)).toBeCloseTo(0.7, 12);
  expect(drawTail(5, 2, 2, 0)).toBeCloseTo(1, 12);
  expect(drawTail(5, 2, 2, 3)).toBe(0);
});
