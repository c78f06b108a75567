import { describe, expect, test } from 'vitest';
import { makeThresholdPlans, parseSelector, parseThresholdExpression } from './threshold-expression.ts';

describe('parseThresholdExpression', () => {
  test.each([
    ['p(95)<100', { kind: 'percentile', p: 95 }, '<', 100],
    ['p(99.9) <= 250.5', { kind: 'percentile', p: 99.9 }, '<=', 250.5],
    ['rate<0.01', { kind: 'rate' }, '<', 0.01],
    ['count>=10', { kind: 'count' }, '>=', 10],
    [' med > 1 ', { kind: 'med' }, '>', 1],
    ['value===3', { kind: 'value' }, '==', 3],
    ['min!=-2', { kind: 'min' }, '!=', -2],
  ])('reads %s', (text, aggregation, operator, limit) => {
    expect(parseThresholdExpression(text)).toEqual({ aggregation, operator, limit });
  });

  test.each([
    'p95<100',
    'p(101)<1',
    'p()<1',
    'avg',
    'avg<',
    'avg<1s',
    'avg=1',
    '<1',
    'median<1',
    'avg<1 2',
    '',
  ])('does not read %j', (text) => {
    expect(parseThresholdExpression(text)).toBeUndefined();
  });
});

describe('parseSelector', () => {
  test('reads tags, whose values may hold colons', () => {
    expect(parseSelector('http_reqs')).toEqual({ metric: 'http_reqs', tags: {} });
    expect(parseSelector('http_reqs{ task:price, name:http://x/y }')).toEqual({
      metric: 'http_reqs',
      tags: { task: 'price', name: 'http://x/y' },
    });
  });

  test.each(['', '{a:b}', 'm{a}', 'm{a:}', 'm{:b}', 'm{a:b', 'm{a:b}x', 'm{}'])(
    'does not read %j',
    (text) => {
      expect(parseSelector(text)).toBeUndefined();
    },
  );
});

describe('makeThresholdPlans', () => {
  test('makes plain ones critical and gives each of two levels its own plan', () => {
    const plans = makeThresholdPlans({
      http_req_failed: ['rate<0.01'],
      'http_req_duration{task:price}': [
        {
          target: 'p(95)<75',
          critical: 'p(95)<100',
          abortOnFail: true,
          delayAbortEval: '10s',
          warnMargin: 0.1,
        },
      ],
    });
    expect(
      plans.map(({ metric, tags, expression, level, abortOnFail, delayAbortEvalMs, warnMargin }) => [
        ...[metric, tags, expression, level, abortOnFail, delayAbortEvalMs, warnMargin],
      ]),
    ).toEqual([
      ['http_req_failed', {}, 'rate<0.01', 'critical', false, 0, 0],
      ['http_req_duration', { task: 'price' }, 'p(95)<75', 'target', false, 10_000, 0.1],
      ['http_req_duration', { task: 'price' }, 'p(95)<100', 'critical', true, 10_000, 0.1],
    ]);
  });
});
