import { describe, expect, test } from 'vitest';
import { builtInMetrics, type MetricDefinition } from '../model/metric.ts';
import { dimensionFits, makeThresholdPlans, parseThresholdExpression } from './threshold-expression.ts';

describe('parseThresholdExpression', () => {
  test.each([
    ['p(95)<100', { kind: 'percentile', p: 95 }, '<', 100],
    ['p(99.9) <= 250.5', { kind: 'percentile', p: 99.9 }, '<=', 250.5],
    ['rate<0.01', { kind: 'rate' }, '<', 0.01],
    ['count>=10', { kind: 'count' }, '>=', 10],
    [' med > 1 ', { kind: 'med' }, '>', 1],
    ['value===3', { kind: 'value' }, '==', 3],
    ['min!=-2', { kind: 'min' }, '!=', -2],
    ['avg<1s', { kind: 'avg' }, '<', 1000],
    ['last >= 80 %', { kind: 'last' }, '>=', 0.8],
    ['max<4GB', { kind: 'max' }, '<', 4e9],
    ['growth<100MB/h', { kind: 'growth' }, '<', 1e8],
    ['growth<10MB/min', { kind: 'growth' }, '<', 6e8],
    ['rate<10/min', { kind: 'rate' }, '<', 1 / 6],
    ['share_above( 80% ) < 5%', { kind: 'share_above', value: 0.8 }, '<', 0.05],
    ['share_above(2GB)<0.1', { kind: 'share_above', value: 2e9 }, '<', 0.1],
  ])('reads %s', (text, aggregation, operator, limit) => {
    expect(parseThresholdExpression(text)).toMatchObject({ aggregation, operator, limit });
  });

  test.each([
    ['p(95)<100', 'none', false],
    ['p(95)<100ms', 'time', false],
    ['growth<1MB/h', 'data', true],
    ['share_above(1GB)<5%', 'data', false],
    ['share_above(80%)<0.05', 'ratio', false],
  ] as const)('tells the unit of %s', (text, dimension, perTime) => {
    expect(parseThresholdExpression(text)).toMatchObject({ dimension, perTime });
  });

  test.each([
    'p95<100',
    'p(101)<1',
    'p()<1',
    'avg',
    'avg<',
    'avg<1x',
    'avg<1s/min',
    'avg<1constructor',
    'rate<10/0s',
    'share_above(1/s)<1',
    'share_above(80%)<5MB',
    'avg=1',
    '<1',
    'median<1',
    'avg<1 2',
    '',
  ])('does not read %j', (text) => {
    expect(parseThresholdExpression(text)).toBeUndefined();
  });
});

describe('a unit', () => {
  const data = { type: 'counter', contains: 'data' } as const;
  const gauge = { type: 'gauge', contains: 'default', sampled: true } as const;
  test.each([
    ['http_req_duration', 'p(95)<100ms', true],
    ['http_req_duration', 'p(95)<1MB', false],
    ['http_req_duration', 'p(95)<5%', false],
    ['http_req_failed', 'rate<1%', true],
    ['http_req_failed', 'rate<10/min', false],
    ['http_reqs', 'rate>600/min', true],
    ['data_received', 'count<1GB', true],
    ['data_received', 'rate<1MB/s', true],
    ['data_received', 'count<5s', false],
  ] as const)('of %s in %s fits: %s', (metric, text, fits) => {
    expect(dimensionFits(builtInMetrics[metric], parseThresholdExpression(text)!)).toBe(fits);
  });

  test('of a figure that is a share, a size or a number of readings fits what it is', () => {
    const fits = (definition: MetricDefinition, text: string): boolean =>
      dimensionFits(definition, parseThresholdExpression(text)!);
    expect(fits(gauge, 'share_above(80%)<5%')).toBe(true);
    expect(fits(gauge, 'share_above(80ms)<5%')).toBe(false);
    expect(fits({ ...gauge, contains: 'data' }, 'growth<1MB/h')).toBe(true);
    expect(fits({ ...gauge, contains: 'data' }, 'count>10MB')).toBe(false);
    expect(fits(data, 'count<10MB')).toBe(true);
  });
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
