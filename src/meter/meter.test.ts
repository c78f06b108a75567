import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Histogram } from '../stats/histogram.ts';
import { createMeter } from './meter.ts';

describe('createMeter', () => {
  it('gives the same recorder for the same metric and tags, in any order of tags', () => {
    const meter = createMeter(0);
    const first = meter.counter('http_reqs', { user: 'a', task: 'b' });
    expect(meter.counter('http_reqs', { task: 'b', user: 'a' })).toBe(first);
    expect(meter.counter('http_reqs', { user: 'a' })).not.toBe(first);
    expect(meter.counter('http_reqs', { user: 'a', task: 'c' })).not.toBe(first);
    expect(meter.counter('iterations', { user: 'a', task: 'b' })).not.toBe(first);
  });

  it('tells of work that was cut off once, by metric, tags and what is known of it', () => {
    const meter = createMeter(0);
    meter.cutOff('http_req_duration', { task: 'a' }, 30, { bound: 'waited', due: false });
    meter.cutOff('http_req_duration', { task: 'a' }, 50, { bound: 'waited', due: false });
    meter.cutOff('http_req_duration', { task: 'a' }, 70, { bound: 'none', due: false });
    const { cut = [], definitions, deltas } = meter.flush(0, 1000);
    expect([definitions, deltas]).toEqual([[], []]);
    expect(cut.map(({ waits, ...one }) => ({ ...one, most: Histogram.decode(waits).max }))).toEqual([
      { metric: 'http_req_duration', tags: { task: 'a' }, bound: 'waited', due: false, most: 50 },
      { metric: 'http_req_duration', tags: { task: 'a' }, bound: 'none', due: false, most: 70 },
    ]);
    expect(meter.flush(1000, 2000).cut).toBeUndefined();
    expect(() => meter.cutOff('http_reqs', {}, 1, { bound: 'none', due: false })).toThrow('is a counter');
  });

  it('flushes what each series gained since the last flush, and its definition once', () => {
    const meter = createMeter(3);
    const requests = meter.counter('http_reqs', { method: 'GET' });
    const failed = meter.rate('http_req_failed', {});
    const duration = meter.trend('http_req_duration', {});
    const vus = meter.gauge('vus', {});
    requests.add(1);
    requests.add(2);
    failed.add(true);
    failed.add(false);
    failed.add(false);
    for (const value of [10, 30, 20]) duration.add(value);
    for (const value of [5, 2, 4]) vus.set(value);

    const first = meter.flush(0, 1000);
    expect(first).toMatchObject({ worker: 3, startAtMs: 0, endAtMs: 1000 });
    const idOf = (metric: string) => first.definitions.find((one) => one.metric === metric)!.id;
    const deltaOf = (metric: string) => first.deltas.find((one) => one.id === idOf(metric));
    expect(first.definitions).toHaveLength(4);
    expect(first.definitions).toContainEqual({
      id: idOf('http_reqs'),
      metric: 'http_reqs',
      type: 'counter',
      contains: 'default',
      tags: { method: 'GET' },
    });
    expect(deltaOf('http_reqs')).toMatchObject({ type: 'counter', count: 3 });
    expect(deltaOf('http_req_failed')).toMatchObject({ type: 'rate', passes: 1, fails: 2 });
    expect(deltaOf('vus')).toMatchObject({ type: 'gauge', value: 4, min: 2, max: 5 });
    const trend = deltaOf('http_req_duration');
    expect(trend?.type === 'trend' && Histogram.decode(trend.histogram).trendValues()).toMatchObject({
      count: 3,
      min: 10,
      max: 30,
      avg: 20,
    });

    requests.add(4);
    vus.set(9);
    duration.add(7);
    const second = meter.flush(1000, 2000);
    expect(second.definitions).toEqual([]);
    expect(second.deltas).toHaveLength(3);
    expect(second.deltas).toContainEqual({ id: idOf('http_reqs'), type: 'counter', count: 4 });
    expect(second.deltas).toContainEqual({ id: idOf('vus'), type: 'gauge', value: 9, min: 9, max: 9 });
    const again = second.deltas.find((one) => one.type === 'trend')!;
    expect(again.type === 'trend' && Histogram.decode(again.histogram).sum).toBe(7);

    expect(meter.flush(2000, 3000)).toMatchObject({ definitions: [], deltas: [] });
  });

  it('loses and invents nothing, whenever it is flushed', () => {
    const step = fc.oneof(fc.constant('flush' as const), fc.nat(1000));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const meter = createMeter(0);
        const counter = meter.counter('http_reqs', {});
        const trend = meter.trend('http_req_duration', {});
        const whole = new Histogram();
        const merged = new Histogram();
        let total = 0;
        const take = () => {
          for (const delta of meter.flush(0, 1).deltas) {
            if (delta.type === 'counter') total += delta.count;
            if (delta.type === 'trend') merged.mergeEncoded(delta.histogram);
          }
        };
        for (const one of steps) {
          if (one === 'flush') take();
          else {
            counter.add(one);
            trend.add(one);
            whole.add(one);
          }
        }
        take();
        expect(total).toBe(whole.sum);
        expect(merged.trendValues()).toEqual(whole.trendValues());
      }),
    );
  });

  it('ignores numbers that would spoil a series', () => {
    const meter = createMeter(0);
    meter.counter('http_reqs', {}).add(Number.NaN);
    meter.trend('http_req_duration', {}).add(Number.NaN);
    meter.gauge('vus', {}).set(Number.POSITIVE_INFINITY);
    expect(meter.flush(0, 1000)).toMatchObject({ definitions: [], deltas: [] });
  });

  it('names the nearest metric when one is unknown', () => {
    const meter = createMeter(0);
    expect(() => meter.trend('http_req_durations', {})).toThrow(
      new TypeError('there is no metric http_req_durations; did you mean http_req_duration?'),
    );
    expect(() => meter.trend('cart_value', {})).toThrow(/no metric cart_value; define it first/);
  });

  it('refuses a metric of another type', () => {
    const meter = createMeter(0);
    expect(() => meter.trend('http_reqs', {})).toThrow(
      new TypeError('metric http_reqs is a counter, not a trend'),
    );
    meter.counter('http_reqs', {});
    expect(() => meter.trend('http_reqs', {})).toThrow(TypeError);
  });

  it('records a metric that was defined, and refuses to define it differently', () => {
    const meter = createMeter(0);
    expect([meter.has('vus'), meter.has('cart_value')]).toEqual([true, false]);
    meter.define('cart_value', { type: 'trend', contains: 'default' });
    meter.define('cart_value', { type: 'trend', contains: 'default' });
    expect(meter.has('cart_value')).toBe(true);
    meter.trend('cart_value', { shop: 'x' }).add(12);
    expect(meter.flush(0, 1000).definitions).toMatchObject([{ metric: 'cart_value', type: 'trend' }]);
    expect(() => meter.define('cart_value', { type: 'counter', contains: 'default' })).toThrow(TypeError);
    expect(() => meter.define('vus', { type: 'gauge', contains: 'data' })).toThrow(TypeError);
  });
});
