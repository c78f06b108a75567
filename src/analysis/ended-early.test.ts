import { expect, test } from 'vitest';
import type { ThresholdOperator } from '../model/aggregation.ts';
import { limitOn, measure, recordIterations, scenario } from './measurements.cases.ts';
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

test.each([
  [100_000, 0.8, 'inconclusive'],
  [100_000, 1, 'fail'],
  [10_000, 0.8, 'fail'],
] as const)('of %i ms planned, 3 of 10 seconds broken and a share of %d: %s', (durationMs, share, status) => {
  const windows = { lengthMs: 1000, withinMs: 0, share };
  const limit = limitOn('http_req_duration', 'max', '<', 50, { windows });
  const executor = { kind: 'constant-vus', vus: 10, rampUpMs: 0, durationMs } as const;
  const { reasons, ...verdict } = makeVerdict(
    measure({
      plan: { thresholds: [limit], durationMs, scenarios: [scenario('main', executor)] },
      record: (meter, second) => recordIterations(meter, 10, { durationMs: second < 3 ? 80 : 20 }),
      changes: { interrupted: true },
    }),
  );
  expect(verdict.status).toBe(status);
  if (status === 'inconclusive') expect(reasons[0]).toContain('is undecided: the run was ended early');
});
