import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatFigure,
  formatLimit,
  formatMs,
  formatPercent,
  formatPerSec,
} from './format-figure.ts';

test.each([
  [0, '0 ms'],
  [0.001, '<0.01 ms'],
  [0.42, '0.42 ms'],
  [4.2, '4.2 ms'],
  [4.2001, '4.20 ms'],
  [12, '12 ms'],
  [12.001, '12.0 ms'],
  [9.996, '10.0 ms'],
  [12.34, '12.3 ms'],
  [123.4, '123 ms'],
  [999.6, '1.00 s'],
  [1240, '1.24 s'],
  [10_000, '10 s'],
  [10_001, '10.0 s'],
  [75_200, '75.2 s'],
  [3_600_000, '3,600 s'],
])('%d ms is printed as %s', (ms, text) => {
  expect(formatMs(ms)).toBe(text);
});

test.each([
  [0, '0 %'],
  [0.00001, '<0.01 %'],
  [0.0003, '0.03 %'],
  [0.124, '12.4 %'],
  [0.5, '50 %'],
  [0.99999, '>99.99 %'],
  [1, '100 %'],
])('the ratio %d is printed as %s', (ratio, text) => {
  expect(formatPercent(ratio)).toBe(text);
});

test('a ratio short of one never reads 100 %, one above zero never reads 0 %', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, minExcluded: true, maxExcluded: true, noNaN: true }), (ratio) => {
      expect(['0 %', '100 %']).not.toContain(formatPercent(ratio));
    }),
  );
});

test('counts, rates and bytes carry separators and units', () => {
  expect(formatCount(1_234_567)).toBe('1,234,567');
  expect(formatCount(1234.5)).toBe('1,235');
  expect(formatPerSec(12.44)).toBe('12.4/s');
  expect(formatPerSec(1234.5)).toBe('1,235/s');
  expect(formatBytes(512)).toBe('512 B');
  expect(formatBytes(999.9)).toBe('1 kB');
  expect(formatBytes(3_500_000)).toBe('3.5 MB');
  expect(formatCount(0.412)).toBe('0.41');
  expect(formatCount(1, 'request')).toBe('1 request');
  expect(formatCount(2000, 'request')).toBe('2,000 requests');
  expect(formatFigure(20, 'iterations/s')).toBe('20 iterations/s');
  expect(formatFigure(98.44, 'per s')).toBe('98.4/s');
});

test.each([
  [0.00005, 'ratio', '0.005 %'],
  [0.99995, 'ratio', '99.995 %'],
  [0.07, 'ratio', '7 %'],
  [0, 'ratio', '0 %'],
  [1e-9, 'ratio', '0.0000001 %'],
  [0.001, 'ms', '0.001 ms'],
  [500, 'ms', '500 ms'],
  [1234.5, 'ms', '1.2345 s'],
  [10_000, 'ms', '10 s'],
  [1_234_567, 'bytes', '1.234567 MB'],
  [512, 'bytes', '512 B'],
  [1234.5, 'per s', '1,234.5/s'],
  [1234.5678, 'count', '1,234.5678'],
  [1, 'users', '1 user'],
  [20.25, 'iterations/s', '20.25 iterations/s'],
  [1_250_000, 'bytes/h', '1.25 MB/h'],
  [-0.5, 'ms', '-0.5 ms'],
] as const)('a limit of %d (%s) is printed with all its digits: %s', (value, unit, text) => {
  expect(formatLimit(value, unit)).toBe(text);
});
