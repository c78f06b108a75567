import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate, interleave } from './allocation.ts';

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

describe('allocate', () => {
  it.each([
    [50, [50, 20, 25, 5], [25, 10, 12, 3]],
    [10, [70, 20, 10], [7, 2, 1]],
    [1, [1, 1, 1], [0, 0, 1]],
    [2, [1, 1, 1], [0, 1, 1]],
    [3, [0.1, 0.2, 0.3], [0, 1, 2]],
    [50, [0.5, 0.2, 0.25, 0.05], [25, 10, 12, 3]],
    [5, [1, 0], [5, 0]],
    [0, [3, 4], [0, 0]],
    [0, [], []],
  ])('splits %i by %j into %j', (total, weights, expected) => {
    expect(allocate(total, weights)).toEqual(expected);
  });

  it('always hands out exactly the total, each part within one of its share', () => {
    const weight = fc.oneof(
      fc.integer({ min: 0, max: 1000 }),
      fc.double({ min: 0, max: 10, noNaN: true, noDefaultInfinity: true }),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.array(weight, { minLength: 1, maxLength: 12 }),
        (total, weights) => {
          fc.pre(sum(weights) > 1e-6);
          const parts = allocate(total, weights);
          expect(sum(parts)).toBe(total);
          for (const [i, part] of parts.entries()) {
            expect(Number.isInteger(part)).toBe(true);
            const share = total * (weights[i]! / sum(weights));
            expect(Math.abs(part - share)).toBeLessThan(1 + 1e-6);
            if (weights[i] === 0) expect(part).toBe(0);
          }
        },
      ),
    );
  });

  it('refuses what cannot be split', () => {
    expect(() => allocate(5, [])).toThrow(RangeError);
    expect(() => allocate(5, [0, 0])).toThrow(RangeError);
    expect(() => allocate(1.5, [1])).toThrow(RangeError);
    expect(() => allocate(5, [1, -1])).toThrow(RangeError);
    expect(() => allocate(5, [Number.NaN])).toThrow(RangeError);
  });
});

describe('interleave', () => {
  it.each([
    [
      [2, 1],
      [0, 1, 0],
    ],
    [
      [1, 1, 1],
      [0, 1, 2],
    ],
    [
      [0, 2, 0, 1],
      [1, 3, 1],
    ],
    [[4], [0, 0, 0, 0]],
    [[0, 0], []],
  ])('orders %j as %j', (counts, expected) => {
    expect([...interleave(counts)]).toEqual(expected);
  });

  it('keeps every prefix within one of its proportional share', () => {
    const counts = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(counts, (wanted) => {
        const order = interleave(wanted);
        const given = wanted.map(() => 0);
        for (const [i, chosen] of order.entries()) {
          given[chosen]!++;
          for (const [k, count] of given.entries()) {
            expect(Math.abs(count - ((i + 1) * wanted[k]!) / order.length)).toBeLessThan(1);
          }
        }
        expect(given).toEqual(wanted);
      }),
    );
  });
});
