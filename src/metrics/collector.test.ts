import { describe, expect, it } from 'vitest';
import { createMeter } from '../meter/meter.ts';
import type { CounterValues, RateValues, TrendValues } from '../model/metric.ts';
import { Histogram } from '../stats/histogram.ts';
import { createRandom } from '../stats/random.ts';
import { limitOn, planWith, pricing, recordRequest, report, sumsOf, windowOf } from './collector.cases.ts';
import { createCollector } from './collector.ts';
import { maxWindowCount } from './timeline.ts';

/** Numbers of a record, with the sums of trends rounded: adding doubles in another order rounds otherwise. */
function rounded(collected: unknown): unknown {
  return JSON.parse(
    JSON.stringify(collected, (key, value: unknown) => {
      if (key === 'histogram') return shapeOf(String(value));
      return typeof value === 'number' ? Number(value.toPrecision(10)) : value;
    }),
  );
}

function shapeOf(histogram: string): unknown {
  const { count, min, max, ...rest } = Histogram.decode(Buffer.from(histogram, 'base64'));
  return { count, min, max, zeros: rest.zeros };
}

describe('createCollector', () => {
  it('makes the same record of three workers as of one that did all the work', () => {
    const plan = planWith({
      workers: 3,
      thresholds: [limitOn('http_req_duration', 'p95', '<', 100, { tags: { task: 'price' } })],
    });
    const many = createCollector(plan);
    const one = createCollector(plan);
    const meters = [createMeter(0), createMeter(1), createMeter(2)];
    const single = createMeter(0);
    const random = createRandom(1, 'collector');
    for (let second = 0; second < 20; second++) {
      for (let i = 0; i < 60; i++) {
        const worker = meters[Math.floor(random() * 3)]!;
        const tags = random() < 0.5 ? pricing : report;
        const durationMs = random() * 200;
        const failed = random() < 0.1;
        for (const meter of [worker, single]) {
          recordRequest(meter, durationMs, failed, tags);
          meter.counter('iterations', { user: tags.user, task: tags.task }).add(1);
          meter.rate('checks', { ...tags, check: 'is 200' }).add(!failed);
        }
      }
      for (const meter of meters) meter.gauge('vus', {}).set(10 + second);
      single.gauge('vus', {}).set(3 * (10 + second));
      const windows = meters.map((meter) => meter.flush(second * 1000, (second + 1) * 1000));
      // Workers do not report in step.
      for (const window of second % 2 === 0 ? windows : windows.reverse()) many.accept(window);
      one.accept(single.flush(second * 1000, (second + 1) * 1000));
    }
    expect(many.progress()).toEqual(one.progress());
    const [merged, whole] = [sumsOf(many.finish(20_000)), sumsOf(one.finish(20_000))];
    expect(rounded(merged)).toEqual(rounded(whole));
    expect(merged.metrics.http_reqs?.values).toEqual({ count: 1200, rate: 60 });
    expect(merged.metrics.vus?.values).toEqual({ value: 87, min: 30, max: 87 });
    expect(merged.timeline).toHaveLength(20);
  });

  it('stays bounded over three hours, with exact totals', () => {
    const collector = createCollector(planWith());
    const meter = createMeter(0);
    const exact = new Histogram();
    const seconds = 3 * 3600;
    for (let second = 0; second < seconds; second++) {
      const durationMs = 1 + (second % 100);
      recordRequest(meter, durationMs, second % 1000 === 0, pricing);
      exact.add(durationMs);
      meter.gauge('vus', {}).set(5 + Math.floor(second / 3600));
      collector.accept(meter.flush(second * 1000, (second + 1) * 1000));
    }
    const { metrics, timeline } = sumsOf(collector.finish(seconds * 1000));
    expect(metrics.http_reqs?.values).toEqual({ count: seconds, rate: 1 });
    expect(metrics.http_req_duration?.values).toEqual(exact.trendValues());
    expect(metrics.http_req_failed?.values).toMatchObject({ passes: 11 });
    expect(timeline.length).toBeLessThanOrEqual(maxWindowCount);
    expect(timeline.length).toBeGreaterThan(maxWindowCount / 2);
    expect(timeline[0]).toMatchObject({ startAtMs: 0, endAtMs: 16_000 });
    expect(timeline.at(-1)?.endAtMs).toBe(seconds * 1000);
    const sums = { requests: 0, durations: 0, failed: 0 };
    for (const [i, window] of timeline.entries()) {
      if (i > 0) expect(window.startAtMs).toBe(timeline[i - 1]!.endAtMs);
      sums.requests += (window.metrics.http_reqs as CounterValues).count;
      sums.failed += (window.metrics.http_req_failed as RateValues).passes;
      const duration = window.metrics.http_req_duration as TrendValues;
      sums.durations += duration.avg * duration.count;
    }
    expect(sums.requests).toBe(seconds);
    expect(sums.failed).toBe(11);
    expect(sums.durations).toBeCloseTo(exact.sum, 3);
    expect(timeline.at(-1)?.metrics.vus).toEqual({ value: 7, min: 7, max: 7 });
  });

  it('sums the VUs of workers, keeps the last value of a silent one, and does not double a change of scenario', () => {
    const collector = createCollector(planWith({ workers: 2 }));
    const [a, b] = [createMeter(0), createMeter(1)];
    const flush = (second: number) => {
      for (const meter of [a, b]) collector.accept(meter.flush(second * 1000, (second + 1) * 1000));
    };
    a.gauge('vus', { scenario: 'first' }).set(10);
    b.gauge('vus', { scenario: 'first' }).set(20);
    flush(0);
    expect(collector.progress().vus).toBe(30);
    a.gauge('vus', { scenario: 'first' }).set(12);
    flush(1);
    for (const meter of [a, b]) {
      meter.gauge('vus', { scenario: 'first' }).set(0);
      meter.gauge('vus', { scenario: 'second' }).set(15);
    }
    flush(2);
    const { timeline, metrics } = sumsOf(collector.finish(3000));
    expect(timeline.map((window) => window.metrics.vus)).toEqual([
      { value: 30, min: 30, max: 30 },
      { value: 32, min: 32, max: 32 },
      { value: 30, min: 27, max: 35 },
    ]);
    expect(metrics.vus?.values).toEqual({ value: 30, min: 27, max: 35 });
  });

  it('holds zeros for the main metrics when the run did anything, and nothing when it did not', () => {
    const idle = sumsOf(createCollector(planWith()).finish(1000));
    expect(idle.metrics).toEqual({});
    expect(idle.timeline).toEqual([{ startAtMs: 0, endAtMs: 1000, metrics: {} }]);
    const busy = createCollector(planWith({ metrics: { cart: { type: 'trend', contains: 'default' } } }));
    busy.accept(windowOf(0, 0, (meter) => meter.counter('iterations', {}).add(1)));
    const { metrics } = sumsOf(busy.finish(1000));
    expect(metrics.dropped_iterations?.values).toEqual({ count: 0, rate: 0 });
    expect(metrics.checks?.values).toEqual({ rate: 0, passes: 0, fails: 0 });
    expect(metrics.vus?.values).toEqual({ value: 0, min: 0, max: 0 });
    expect(metrics.cart).toMatchObject({ type: 'trend', contains: 'default', values: { count: 0 } });
    expect(metrics.http_req_blocked).toBeUndefined();
  });

  it('refuses a threshold on a metric that nothing defines, and a series that was never defined', () => {
    expect(() => createCollector(planWith({ thresholds: [limitOn('nothing', 'count', '<', 1)] }))).toThrow(
      /metric nothing, which nothing defines/,
    );
    const delta = { id: 7, type: 'counter', count: 1 } as const;
    expect(() =>
      createCollector(planWith()).accept({
        worker: 2,
        startAtMs: 0,
        endAtMs: 1000,
        definitions: [],
        deltas: [delta],
      }),
    ).toThrow('worker 2 sent series 7 without its definition');
  });
});
