import { describe, expect, it } from 'vitest';
import { createMeter } from '../meter/meter.ts';
import type { CounterValues, RateValues, TrendValues } from '../model/metric.ts';
import { Histogram } from '../stats/histogram.ts';
import { createRandom } from '../stats/random.ts';
import { limitOn, planWith, recordRequest, sumsOf, windowOf } from './collector.cases.ts';
import { createCollector } from './collector.ts';
import { maxWindowCount } from './timeline.ts';

const pricing = {
  scenario: 'main',
  user: 'buyer',
  task: 'price',
  method: 'POST',
  name: '/price',
  status: '200',
};
const report = {
  scenario: 'main',
  user: 'admin',
  task: 'report',
  method: 'GET',
  name: '/roi',
  status: '200',
};

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

  it('breaks figures down by task, endpoint, status and group, and by scenario when there are several', () => {
    const collector = createCollector(planWith());
    collector.accept(
      windowOf(0, 0, (meter) => {
        recordRequest(meter, 10, false, pricing);
        recordRequest(meter, 30, true, { ...pricing, status: '503', error_code: 'http_503' });
        recordRequest(meter, 50, false, { ...report, scenario: 'other' });
        recordRequest(meter, 70, false, { method: 'GET', name: '/setup', status: '200' });
        const { scenario, user, task } = pricing;
        meter.counter('iterations', { scenario, user, task }).add(2);
        meter.trend('group_duration', { scenario, group: 'checkout' }).add(5);
      }),
    );
    const { metrics } = sumsOf(collector.finish(1000));
    const value = (key: string) => metrics[key]?.values;
    expect(value('http_req_duration{task:price,user:buyer}')).toMatchObject({ count: 2, avg: 20 });
    expect(value('http_req_failed{method:POST,name:/price,task:price,user:buyer}')).toMatchObject({
      passes: 1,
      fails: 1,
    });
    expect(value('http_reqs{status:200}')).toMatchObject({ count: 3 });
    expect(value('http_reqs{status:503}')).toMatchObject({ count: 1 });
    expect(value('http_reqs{scenario:main}')).toMatchObject({ count: 2 });
    expect(value('iterations{task:price,user:buyer}')).toMatchObject({ count: 2 });
    expect(value('iterations{scenario:main,task:price,user:buyer}')).toMatchObject({ count: 2 });
    expect(metrics['group_duration{group:checkout}']).toMatchObject({
      tags: { group: 'checkout' },
      metric: 'group_duration',
    });
    expect(value('http_reqs')).toMatchObject({ count: 4 });
    const encoded = metrics['http_req_duration{task:report,user:admin}']?.histogram ?? '';
    expect(Histogram.decode(Buffer.from(encoded, 'base64')).max).toBe(50);
  });

  it('leaves out the breakdown by scenario when there is one', () => {
    const collector = createCollector(planWith());
    collector.accept(windowOf(0, 0, (meter) => recordRequest(meter, 10, false, pricing)));
    const keys = Object.keys(sumsOf(collector.finish(1000)).metrics);
    expect(keys).toContain('http_reqs{task:price,user:buyer}');
    expect(keys.filter((key) => key.includes('scenario'))).toEqual([]);
  });

  it('shows live figures of the last second that every worker has reported', () => {
    const collector = createCollector(planWith({ workers: 2 }));
    const [a, b] = [createMeter(0), createMeter(1)];
    const second = (meter: typeof a, at: number, requests: number, durationMs: number) => {
      for (let i = 0; i < requests; i++) recordRequest(meter, durationMs, i === 0, pricing);
      meter.counter('iterations', {}).add(requests);
      meter.rate('checks', { check: 'x' }).add(true);
      collector.accept(meter.flush(at * 1000, (at + 1) * 1000));
    };
    expect(collector.progress()).toMatchObject({ requests: 0, lastP95Ms: null, runP95Ms: null });
    second(a, 0, 10, 20);
    second(b, 0, 30, 20);
    second(a, 1, 7, 500);
    expect(collector.progress()).toMatchObject({
      elapsedMs: 1000,
      requests: 40,
      requestsPerSec: 40,
      iterations: 40,
      iterationsPerSec: 40,
      lastP95Ms: 20,
      failedRequests: 2,
      failedRatio: 2 / 40,
      checkPasses: 2,
      checkFails: 0,
    });
    second(b, 1, 1, 500);
    expect(collector.progress()).toMatchObject({ requestsPerSec: 8, lastP95Ms: 500 });
    // A worker that has died does not stop the display.
    for (let at = 2; at < 8; at++) second(a, at, 4, 30);
    expect(collector.progress()).toMatchObject({ requestsPerSec: 4, lastP95Ms: 30 });
  });

  it('shows live figures of whatever speaks for the run', () => {
    const collector = createCollector(planWith());
    const meter = createMeter(0);
    let at = 0;
    const second = (record: () => void) => {
      record();
      collector.accept(meter.flush(at * 1000, ++at * 1000));
      return collector.progress().operations;
    };
    expect(collector.progress().operations).toEqual([]);
    const iterate = () => {
      for (let i = 0; i < 5; i++) meter.counter('iterations', {}).add(1);
      meter.counter('iterations_failed', {}).add(1);
      meter.trend('iteration_duration', {}).add(40);
    };
    const iteration = { kind: 'iteration', count: 5, perSec: 5, lastP95Ms: 40, failed: 1, failedRatio: 0.2 };
    expect(second(iterate)).toMatchObject([iteration]);
    const state = (failed: boolean, ms: number) => {
      meter.counter('sql_ops', {}).add(1);
      meter.rate('sql_op_failed', {}).add(failed);
      meter.trend('sql_op_duration', {}).add(ms);
    };
    const first = second(() => {
      for (const failed of [false, false, true]) state(failed, 8);
    });
    const statement = { kind: 'statement', count: 3, perSec: 3, lastP95Ms: 8, runP95Ms: 8, failed: 1 };
    expect(first).toMatchObject([{ ...statement, failedRatio: 1 / 3 }]);
    const both = second(() => {
      state(false, 500);
      recordRequest(meter, 20, false, pricing);
    });
    expect(both).toMatchObject([
      { kind: 'request', count: 1, perSec: 1, failed: 0 },
      { kind: 'statement', count: 4, perSec: 1, lastP95Ms: 500, failed: 1, failedRatio: 0.25 },
    ]);
    expect(second(() => {})).toMatchObject([
      { perSec: 0, lastP95Ms: null },
      { perSec: 0, lastP95Ms: null },
    ]);
  });

  it('adds windows that arrive late to the interval they belong to', () => {
    const collector = createCollector(planWith({ workers: 2 }));
    for (let at = 0; at < 10; at++) {
      collector.accept(windowOf(0, at * 1000, (meter) => recordRequest(meter, 10, false, pricing)));
    }
    collector.accept(windowOf(1, 2000, (meter) => recordRequest(meter, 90, false, pricing)));
    const { timeline } = collector.finish(10_000);
    expect(timeline[2]?.metrics.http_req_duration).toMatchObject({ count: 2, min: 10, max: 90 });
    expect(timeline[3]?.metrics.http_req_duration).toMatchObject({ count: 1, max: 10 });
  });

  it('keeps the latest value of a gauge, whatever the order of arrival', () => {
    const collector = createCollector(planWith());
    for (const [at, value] of [
      [1000, 5],
      [3000, 8],
      [2000, 1],
    ] as const) {
      collector.accept(
        windowOf(at, at, (meter) => {
          meter.define('queue_length', { type: 'gauge', contains: 'default' });
          meter.gauge('queue_length', {}).set(value);
        }),
      );
    }
    const { metrics, timeline } = sumsOf(collector.finish(4000));
    expect(metrics.queue_length?.values).toEqual({ value: 8, min: 1, max: 8 });
    expect(timeline.map((window) => window.metrics.queue_length)).toEqual([
      undefined,
      { value: 5, min: 5, max: 5 },
      { value: 1, min: 1, max: 1 },
      { value: 8, min: 8, max: 8 },
    ]);
  });

  it('joins a short last interval to the one before', () => {
    const collector = createCollector(planWith());
    for (const at of [0, 1000, 2000]) {
      collector.accept(windowOf(0, at, (meter) => recordRequest(meter, 10, false, pricing)));
    }
    const { timeline } = collector.finish(2050);
    expect(timeline.map(({ startAtMs, endAtMs }) => [startAtMs, endAtMs])).toEqual([
      [0, 1000],
      [1000, 2050],
    ]);
    expect(timeline[1]?.metrics.http_reqs).toEqual({ count: 2, rate: 2 / 1.05 });
  });

  it('sums checks by name and by scenario, user, task and group', () => {
    const collector = createCollector(planWith());
    collector.accept(
      windowOf(0, 0, (meter) => {
        const { scenario, user, task } = pricing;
        for (const status of ['200', '500']) {
          meter.rate('checks', { check: 'is 200', scenario, user, task, status }).add(status === '200');
        }
        meter.rate('checks', { check: 'is 200', scenario, user, task, group: 'checkout' }).add(true);
      }),
    );
    expect(collector.finish(1000).checks).toEqual([
      {
        name: 'is 200',
        tags: { scenario: 'main', user: 'buyer', task: 'price', group: 'checkout' },
        passes: 1,
        fails: 0,
      },
      {
        name: 'is 200',
        tags: { scenario: 'main', user: 'buyer', task: 'price' },
        passes: 1,
        fails: 1,
      },
    ]);
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
