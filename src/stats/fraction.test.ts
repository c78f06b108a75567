import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ceilingOf, floorOf, fraction, fractionOf, product, quotient, sum, toNumber } from './fraction.ts';

const text = ({ numerator, denominator }: { numerator: bigint; denominator: bigint }): string =>
  `${numerator}/${denominator}`;

describe('what a number means', () => {
  test.each([
    [0, '0/1'],
    [7, '7/1'],
    [-2.5, '-5/2'],
    [0.1, '1/10'],
    [0.3, '3/10'],
    [1004.5, '2009/2'],
    [0.333, '333/1000'],
    [0.0007, '7/10000'],
    [1e-7, '1/10000000'],
    [1.5e-9, '3/2000000000'],
    [1e21, '1000000000000000000000/1'],
    [123456789012345, '123456789012345/1'],
    [1 / 3, '1/3'],
    [-1 / 3, '-1/3'],
    [10 / 6, '5/3'],
    [9000 / 7000, '9/7'],
    [22 / 7, '22/7'],
    [1e6 / 7, '1000000/7'],
    [1 / 86_400, '1/86400'],
    [0.1 + 0.2, '30000000000000004/100000000000000000'],
  ])('%d is %s', (value, expected) => {
    const [numerator, denominator] = expected.split('/');
    expect(text(fractionOf(value))).toBe(text(fraction(BigInt(numerator!), BigInt(denominator!))));
  });

  test('every decimal of up to 9 digits is what was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 - 1 }), fc.integer({ min: 0, max: 20 }), (digits, places) => {
        const value = Number(`${digits}e-${places}`);
        expect(text(fractionOf(value))).toBe(text(fraction(BigInt(digits), 10n ** BigInt(places))));
      }),
      { numRuns: 2000 },
    );
  });

  test('every quotient of small numbers is that quotient', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 1, max: 20_000 }), (a, b) => {
        expect(text(fractionOf(a / b))).toBe(text(fraction(BigInt(a), BigInt(b))));
      }),
      { numRuns: 5000 },
    );
  });

  test('the number of a fraction is the one it came from', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-9, max: 1e15 }), (value) => {
        const back = toNumber(fractionOf(value));
        expect(Math.abs(back - value)).toBeLessThanOrEqual(value * 2 ** -51);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('%d is refused', (value) => {
    expect(() => fractionOf(value)).toThrow(RangeError);
  });
});

test('fractions are added, multiplied, divided and rounded exactly', () => {
  const third = fractionOf(1 / 3);
  expect(text(sum(third, fractionOf(0.1)))).toBe('13/30');
  expect(text(product(third, fractionOf(0.6)))).toBe('1/5');
  expect(text(quotient(third, fractionOf(-0.5)))).toBe('-2/3');
  expect([floorOf(fraction(7n, 3n)), ceilingOf(fraction(7n, 3n))]).toEqual([2n, 3n]);
  expect([floorOf(fraction(6n, 3n)), ceilingOf(fraction(6n, 3n))]).toEqual([2n, 2n]);
  expect(() => quotient(third, fractionOf(0))).toThrow(/denominator 0/);
});
