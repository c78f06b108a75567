import { expect, test } from 'vitest';
import { parseDuration } from './duration.ts';

test.each([
  ['1.005s', 1005],
  ['1.1s', 1100],
  ['8.29s', 8290],
  ['4.35m', 261_000],
  ['0.1s0.2s', 300],
  ['1m30.5s', 90_500],
  ['0.0007s', 0.7],
  ['0.5ms', 0.5],
  ['0.07h', 252_000],
  ['1.1d', 95_040_000],
  [' 25d ', 2_160_000_000],
  [1.5, 1.5],
  [0, 0],
])('%s is exactly %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['', '5', '5 s', '-1s', '1e3s', '.5s', 'soon', `${'9'.repeat(400)}d`, -1, Number.NaN, 1 / 0, null])(
  '%s is no duration',
  (value) => {
    expect(parseDuration(value)).toBeUndefined();
  },
);
