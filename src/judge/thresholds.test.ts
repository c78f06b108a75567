import { describe, expect, it } from 'vitest';
import { limitOn } from '../metrics/collector.cases.ts';
import type { MetricSubject } from '../metrics/metric-subject.ts';
import { createTotals, valuesOf } from '../metrics/totals.ts';
import type { ThresholdOperator } from '../model/aggregation.ts';
import type { MetricType } from '../model/metric.ts';
import type { ThresholdPlan } from '../model/plan.ts';
import { Histogram } from '../stats/histogram.ts';
import { evaluateThreshold, isBroken } from './thresholds.ts';

function trendOf(...values: number[]): MetricSubject {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  return { values: histogram.trendValues(), histogram, empty: values.length === 0 };
}

function emptyOf(type: MetricType): MetricSubject {
  const totals = createTotals(type);
  const histogram = totals.type === 'trend' ? totals.histogram : undefined;
  return { values: valuesOf(totals, 1000), histogram, empty: true };
}

function resultOf(threshold: ThresholdPlan, subject: MetricSubject) {
  return evaluateThreshold(threshold, subject, false);
}

describe('evaluateThreshold', () => {
  it.each<[ThresholdOperator, boolean, boolean, boolean]>([
    ['<', true, false, false],
    ['<=', true, true, false],
    ['>', false, false, true],
    ['>=', false, true, true],
    ['==', false, true, false],
    ['!=', true, false, true],
  ])('compares with %s', (operator, below, equal, above) => {
    const threshold = limitOn('http_reqs', 'count', operator, 10);
    const at = (count: number) =>
      resultOf(threshold, { values: { count, rate: 1 }, histogram: undefined, empty: false }).ok;
    expect([at(9), at(10), at(11)]).toEqual([below, equal, above]);
  });

  it('reads every aggregation of its metric', () => {
    const trend = trendOf(...Array.from({ length: 101 }, (_, i) => i));
    const actual = (aggregation: string, subject = trend) =>
      resultOf(limitOn('m', aggregation, '<', 1), subject).actual;
    expect(actual('avg')).toBe(50);
    expect(actual('min')).toBe(0);
    expect(actual('max')).toBe(100);
    expect(actual('count')).toBe(101);
    expect(actual('med')).toBeCloseTo(50, 0);
    expect(Math.abs(actual('p99.9')! - 99.9)).toBeLessThan(99.9 / 128);
    expect(Math.abs(actual('p12.5')! - 12.5)).toBeLessThan(12.5 / 128);
    const of = (values: MetricSubject['values']) => ({ values, histogram: undefined, empty: false });
    expect(actual('rate', of({ count: 30, rate: 3 }))).toBe(3);
    expect(actual('rate', of({ rate: 0.25, passes: 1, fails: 3 }))).toBe(0.25);
    expect(actual('value', of({ value: 7, min: 1, max: 9 }))).toBe(7);
  });

  it.each<[MetricType, string]>([
    ['trend', 'p95'],
    ['trend', 'avg'],
    ['gauge', 'value'],
    ['rate', 'rate'],
  ])('holds for an empty %s (%s) only when it is optional', (type, aggregation) => {
    for (const operator of ['<', '>'] as const) {
      const unseen = resultOf(limitOn('m', aggregation, operator, 0.5), emptyOf(type));
      expect(unseen).toMatchObject({ ok: false, actual: null, close: false });
      const optional = resultOf(limitOn('m', aggregation, operator, 0.5, { optional: true }), emptyOf(type));
      expect(optional).toMatchObject({ ok: true, actual: null, close: false });
    }
  });

  it('holds for times to recovery when there was no outage', () => {
    expect(resultOf(limitOn('recovery_time', 'max', '<', 5000), emptyOf('trend'))).toMatchObject({
      ok: true,
      actual: null,
    });
  });

  it('takes a counter that nothing was added to for 0', () => {
    const empty = emptyOf('counter');
    expect(resultOf(limitOn('m', 'count', '<', 10), empty)).toMatchObject({ ok: true, actual: 0 });
    expect(resultOf(limitOn('m', 'rate', '>', 10), empty)).toMatchObject({ ok: false, actual: 0 });
  });

  it('is close when it holds within the margin of its limit', () => {
    const close = (actual: number, operator: ThresholdOperator, limit = 100, warnMargin = 0.1) =>
      resultOf(limitOn('m', 'max', operator, limit, { warnMargin }), trendOf(actual)).close;
    expect([close(89, '<'), close(90, '<'), close(99, '<'), close(101, '<')]).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect([close(111, '>'), close(110, '>'), close(99, '>')]).toEqual([false, true, false]);
    expect(close(99, '<', 100, 0)).toBe(false);
    expect(close(0, '<=', 0)).toBe(false);
    expect(close(99, '!=')).toBe(false);
  });

  it('refuses an aggregation that the metric does not have', () => {
    expect(() => resultOf(limitOn('m', 'value', '<', 1), trendOf(1))).toThrow(/does not fit/);
    const counter = { values: { count: 1, rate: 1 }, histogram: undefined, empty: false };
    expect(() => resultOf(limitOn('m', 'p95', '<', 1), counter)).toThrow(/does not fit/);
  });
});

describe('isBroken', () => {
  it('skips a series without samples', () => {
    const threshold = limitOn('http_reqs', 'count', '>', 5);
    expect(isBroken(threshold, emptyOf('counter'))).toBe(false);
    expect(isBroken(threshold, { values: { count: 1, rate: 1 }, histogram: undefined, empty: false })).toBe(
      true,
    );
  });
});
