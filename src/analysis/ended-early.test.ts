import { expect, test } from 'vitest';
import type { ThresholdOperator } from '../model/aggregation.ts';
import { limitOn, measure } from './measurements.cases.ts';
import { makeVerdict } from './verdict.ts';

/** 1,000 requests in 10 s, 100 a second. */
function verdictOf(
  [aggregation, operator, limit]: readonly [string, ThresholdOperator, number],
  interrupted = true,
) {
  const thresholds = [limitOn('http_reqs', aggregation, operator, limit)];
  return makeVerdict(measure({ plan: { thresholds }, changes: { interrupted } }));
}

test.each([
  ['count', '>', 5000],
  ['count', '>=', 1001],
  ['count', '==', 5000],
  ['count', '!=', 1000],
  ['rate', '>', 500],
] as const)('an interrupted run had no time to reach %s %s %i: nobody knows', (...limit) => {
  expect(verdictOf(limit).status).toBe('inconclusive');
  expect(verdictOf(limit, false).status).toBe('fail');
});

test.each([
  ['count', '<', 500],
  ['count', '==', 500],
  ['rate', '<', 50],
] as const)('an interrupted run breaks %s %s %i for good', (...limit) => {
  expect(verdictOf(limit).status).toBe('fail');
});

test('the sentence says from where on it could be, and why', () => {
  expect(verdictOf(['count', '>', 5000]).reasons[0]).toBe(
    'Requests could be anything above 1,000 (more than 5,000): the run was ended early.',
  );
  expect(verdictOf(['rate', '>', 500]).reasons[0]).toMatch(
    /could be anything .*: the run was ended early\.$/,
  );
});
