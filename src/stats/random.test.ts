import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from './random.ts';

function take(random: () => number, count: number): number[] {
  return Array.from({ length: count }, random);
}

describe('createRandom', () => {
  it('gives known numbers, so that a seed means the same on every machine', () => {
    expect(take(createRandom(42, 'vu', 7), 3).map((x) => x * 2 ** 32)).toEqual([
      2301406461, 3394534936, 41496015,
    ]);
  });

  it('repeats itself for the same seed and stream, and differs for any other', () => {
    const part = fc.oneof(fc.integer(), fc.string());
    const key = fc.tuple(fc.integer(), fc.array(part, { maxLength: 3 }));
    fc.assert(
      fc.property(key, key, ([seedA, streamA], [seedB, streamB]) => {
        const a = take(createRandom(seedA, ...streamA), 8);
        expect(take(createRandom(seedA, ...streamA), 8)).toEqual(a);
        fc.pre(JSON.stringify([seedA, streamA]) !== JSON.stringify([seedB, streamB]));
        expect(take(createRandom(seedB, ...streamB), 8)).not.toEqual(a);
      }),
    );
  });

  it('tells apart parts that only look the same', () => {
    const first = (...stream: (number | string)[]) => createRandom(1, ...stream)();
    const all = [first('ab', 'c'), first('a', 'bc'), first('abc'), first(7), first('7'), first()];
    expect(new Set(all).size).toBe(all.length);
  });

  it('stays in 0 <= x < 1 with the mean and the spread of a uniform distribution', () => {
    const values = take(createRandom(5, 'uniform'), 100_000);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    const tenths = new Array<number>(10).fill(0);
    for (const value of values) tenths[Math.floor(value * 10)]!++;
    // Chi-square with 9 degrees of freedom: 27.9 is exceeded once in a thousand.
    expect(tenths.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)).toBeLessThan(27.9);
  });

  it('gives neighbouring streams that do not go together', () => {
    // First numbers of 20,000 consecutive streams: as uniform as the numbers of one stream.
    const firsts = Array.from({ length: 20_000 }, (_, i) => createRandom(9, 'vu', i)());
    const tenths = new Array<number>(10).fill(0);
    for (const value of firsts) tenths[Math.floor(value * 10)]!++;
    expect(tenths.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0)).toBeLessThan(27.9);
    const a = take(createRandom(9, 'vu', 1), 20_000);
    const b = take(createRandom(9, 'vu', 2), 20_000);
    const covariance = a.reduce((sum, x, i) => sum + (x - 0.5) * (b[i]! - 0.5), 0) / a.length;
    expect(Math.abs(covariance * 12)).toBeLessThan(0.03);
  });
});
