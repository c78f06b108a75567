import { expect, test } from 'vitest';
import { unitOfAggregation } from './judged-thresholds.ts';

test.each([
  ['percentile', { type: 'trend', contains: 'time' }, 'ms'],
  ['count', { type: 'trend', contains: 'time' }, 'count'],
  ['rate', { type: 'rate', contains: 'default' }, 'ratio'],
  ['rate', { type: 'counter', contains: 'default' }, 'per s'],
  ['count', { type: 'counter', contains: 'default' }, 'count'],
  ['max', { type: 'trend', contains: 'data' }, 'bytes'],
] as const)('%s of %o is in %s', (aggregation, metric, unit) => {
  expect(unitOfAggregation(aggregation, metric, undefined)).toBe(unit);
});

test.each([
  ['avg', 'gauge', 'ratio', 'ratio'],
  ['max', 'gauge', 'bytes', 'bytes'],
  ['growth', 'gauge', 'bytes', 'bytes/h'],
  ['growth', 'gauge', 'ratio', 'ratio/h'],
  ['share_above', 'gauge', 'bytes', 'ratio'],
  ['count', 'gauge', 'bytes', 'count'],
  ['rate', 'counter', 'bytes', 'bytes/s'],
  ['rate', 'counter', 'count', 'per s'],
  ['count', 'counter', 'bytes', 'bytes'],
] as const)('%s of a monitor’s %s of %s is in %s', (aggregation, type, of, unit) => {
  const contains = of === 'bytes' ? 'data' : 'default';
  expect(unitOfAggregation(aggregation, { type, contains }, { type, unit: of, title: 'x' })).toBe(unit);
});
