import { describe, expect, it } from 'vitest';
import { planWith, pricing, recordRequest, sumsOf, windowOf } from './collector.cases.ts';
import { createCollector } from './collector.ts';

describe('the timeline', () => {
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
});
