import { describe, expect, test } from 'vitest';
import { leastChances, splitFinder } from './level-split.ts';
import { noise } from './noise.cases.ts';
import { rankSumTail } from './rank-sum.ts';

describe('the chance of a rank sum', () => {
  test.each(leastChances)('below a score of $score is never below $chance', ({ score, chance }) => {
    let least = 1;
    for (let count = 10; count <= 150; count++) {
      for (let size = 5; size <= count / 2; size++) {
        const deviation = score * Math.sqrt((size * (count - size) * (count + 1)) / 12);
        least = Math.min(least, 2 * rankSumTail(size, count - size, deviation));
      }
    }
    expect(least).toBeGreaterThan(chance);
  });
});

describe('a split', () => {
  test('is found in a window as in the same readings alone', () => {
    const values = noise('rounded', 200, 3).map((value, i) => (i >= 120 ? value + 6 : value));
    const find = splitFinder(values);
    for (const [from, until] of [
      [0, 200],
      [90, 140],
      [100, 200],
      [130, 160],
    ] as const) {
      const alone = splitFinder(values.slice(from, until))(0, until - from, 0.01);
      expect(find(from, until, 0.01)).toEqual({ ...alone, at: alone.at + from, from, until });
    }
    expect(find(90, 140, 0.01)).toMatchObject({ at: 120 });
  });

  test('of equal readings is none', () => {
    expect(splitFinder([4, 4, 4, 4, 4, 4, 4, 4, 4, 4])(0, 10, 0.1)).toMatchObject({ score: 0, pValue: 1 });
  });
});
