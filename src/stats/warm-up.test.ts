import { describe, expect, test } from 'vitest';
import { createRandom } from './random.ts';
import { warmUpCount } from './warm-up.ts';

function noisy(name: string, count: number, levelAt: (i: number) => number): number[] {
  const random = createRandom(7, name);
  return Array.from({ length: count }, (_, i) => levelAt(i) * (0.9 + 0.2 * random()));
}

describe('warmUpCount', () => {
  test('finds where a level that begins ten times as high is over', () => {
    const found = Array.from({ length: 50 }, (_, k) =>
      warmUpCount(noisy(`step ${k}`, 120, (i) => (i < 15 ? 100 : 10))),
    );
    expect(found.every((one) => one !== undefined && one >= 15 && one <= 40)).toBe(true);
    expect(found.filter((one) => one === 15).length).toBeGreaterThan(25);
  });

  test('leaves out a slow approach as long as it matters', () => {
    const found = warmUpCount(noisy('approach', 200, (i) => 10 + 90 * Math.exp(-i / 10)))!;
    expect(found).toBeGreaterThan(25);
    expect(found).toBeLessThan(80);
  });

  test('leaves out nothing of a constant and little of noise', () => {
    expect(warmUpCount(Array.from({ length: 50 }, () => 5))).toBe(0);
    const found = Array.from({ length: 100 }, (_, k) => warmUpCount(noisy(`flat ${k}`, 100, () => 10)));
    expect(found.filter((one) => one === undefined).length).toBeLessThan(5);
    expect(found.filter((one) => one === undefined || one > 25).length).toBeLessThan(35);
    const short = Array.from({ length: 100 }, (_, k) => warmUpCount(noisy(`short ${k}`, 30, () => 10)));
    expect(short.filter((one) => one === undefined).length).toBeLessThan(10);
  });

  test('is not over where the level moves on to the end', () => {
    expect(warmUpCount(Array.from({ length: 100 }, (_, i) => 10 + i))).toBeUndefined();
    expect(warmUpCount(noisy('late step', 100, (i) => (i < 70 ? 100 : 10)))).toBeUndefined();
  });

  test.each([[[]], [[1]], [[1, 2]]])('has nothing to say of %j', (values) => {
    expect(warmUpCount(values)).toBe(0);
  });
});
