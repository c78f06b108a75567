import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseQuantity } from './quantity.ts';

describe('parseQuantity', () => {
  test.each([
    ['80', { value: 80, dimension: 'none' }],
    ['-2.5', { value: -2.5, dimension: 'none' }],
    ['80%', { value: 0.8, dimension: 'ratio' }],
    ['0.1 %', { value: 0.001, dimension: 'ratio' }],
    ['200ms', { value: 200, dimension: 'time' }],
    ['1.5 s', { value: 1500, dimension: 'time' }],
    ['2min', { value: 120_000, dimension: 'time' }],
    ['4GB', { value: 4e9, dimension: 'data' }],
    ['4 gib', { value: 2 ** 32, dimension: 'data' }],
    ['10/min', { value: 10, dimension: 'none', perMs: 60_000 }],
    ['10 / 5min', { value: 10, dimension: 'none', perMs: 300_000 }],
    ['100MB/h', { value: 1e8, dimension: 'data', perMs: 3_600_000 }],
    ['1%/24h', { value: 0.01, dimension: 'ratio', perMs: 86_400_000 }],
  ])('reads %s', (text, expected) => {
    expect(parseQuantity(text)).toEqual(expected);
  });

  test.each([
    ...['', '%', 'ms', '1 2', '1e3', '.5', '5.', '+5', '1,5', '80 percent', '5x', '5constructor'],
    ...['5/0s', '5/00min', '5/', '5/5', '5/week', '5//s', 'NaN', 'Infinity'],
  ])('does not read %j', (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  });

  test('reads back every number with every unit, by its factor', () => {
    const unit = fc.constantFrom(...(['', '%', 'ms', 's', 'h', 'kB', 'MB', 'TB', 'KiB'] as const));
    const factors = { '': 1, '%': 0.01, ms: 1, s: 1e3, h: 3.6e6, kB: 1e3, MB: 1e6, TB: 1e12, KiB: 1024 };
    fc.assert(
      fc.property(fc.integer({ min: -100_000, max: 100_000 }), fc.nat(99), unit, (whole, cents, name) => {
        const text = `${whole}.${String(cents).padStart(2, '0')}`;
        const value = Number(text) * factors[name];
        expect(Math.abs(parseQuantity(`${text}${name}`)!.value - value)).toBeLessThanOrEqual(
          Math.abs(value) * 1e-14,
        );
      }),
    );
  });
});
