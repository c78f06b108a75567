import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatEvidence,
  formatMs,
  formatPercent,
  formatPerSec,
  oneLine,
  unitOfExpression,
} from './format-values.ts';

test.each([
  [0, '0 ms'],
  [0.001, '<0.01 ms'],
  [0.42, '0.42 ms'],
  [4.2, '4.20 ms'],
  [9.996, '10.0 ms'],
  [12.34, '12.3 ms'],
  [123.4, '123 ms'],
  [999.6, '1.00 s'],
  [1240, '1.24 s'],
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
  expect(formatEvidence(97, 'iterations')).toBe('97 iterations');
  expect(formatEvidence(0.97, 'ratio')).toBe('97 %');
});

test.each([
  ['p(95)<100', { type: 'trend', contains: 'time' }, 'ms'],
  ['count>10', { type: 'trend', contains: 'time' }, 'number'],
  ['rate<0.01', { type: 'rate', contains: 'default' }, 'ratio'],
  ['rate>100', { type: 'counter', contains: 'default' }, 'per-second'],
  ['count<5', { type: 'counter', contains: 'default' }, 'number'],
  ['max<5', { type: 'trend', contains: 'data' }, 'bytes'],
] as const)('%s of %o compares %s', (expression, metric, unit) => {
  expect(unitOfExpression(expression, metric)).toBe(unit);
});

test('one line is one line, without escape sequences, cut at its limit', () => {
  expect(oneLine('a\r\nb\u001b[31m\u0000')).toBe('a b\ufffd[31m\ufffd');
  expect(oneLine('abcdef', 4)).toBe('abc…');
});
