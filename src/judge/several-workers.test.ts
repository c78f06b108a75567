// What is judged and shown while several workers tell of their load at different times.

import { expect, test } from 'vitest';
import { createMeter } from '../meter/meter.ts';
import { limitOn, planWith } from '../metrics/collector.cases.ts';
import type { AlertPlan } from '../model/alert.ts';
import type { MetricWindow } from '../model/metric.ts';
import { judgedCollector } from './judged-collector.cases.ts';

const ending = { abortOnFail: true };
/** What holds at 100 requests per second and 12 users, and at no worker's share of them. */
const limits = [
  limitOn('http_reqs', 'rate', '>', 80, ending),
  limitOn('http_reqs', 'rate', '<', 120, ending),
  limitOn('vus', 'value', '>=', 12, ending),
];
const lowRate: AlertPlan = {
  ...{ name: 'low', title: 'Low', hysteresis: 0.05, respond: [], abort: true },
  rules: [
    {
      ...{ level: 'critical', expression: 'http_reqs < 80/s', forMs: 0 },
      conditions: [{ metric: 'http_reqs', tags: {}, operator: '<', limit: 80, unit: 'per s' }],
    },
  ],
};

/** Twelve seconds of load shared by workers; `arrivals` gives the windows in the order in which they come in. */
function windowsOf(workers: number): MetricWindow[] {
  const meters = Array.from({ length: workers }, (_, worker) => createMeter(worker));
  return Array.from({ length: 12 }, (_, second) =>
    meters.map((meter) => {
      meter.counter('http_reqs', {}).add(60 / workers);
      meter.counter('http_reqs', { task: 'x' }).add(40 / workers);
      meter.gauge('vus', {}).set(12 / workers);
      return meter.flush(second * 1000, (second + 1) * 1000);
    }),
  ).flat();
}

test.each([
  [1, 0],
  [2, 0],
  [2, 900],
  [2, 3000],
  [3, 2000],
])('a load that %i workers share is judged as a whole, although one is %i ms late', (workers, lateMs) => {
  const collector = judgedCollector(planWith({ workers, thresholds: limits, alerts: [lowRate] }));
  const comesAtMs = ({ worker, endAtMs }: MetricWindow): number =>
    worker === 0 && endAtMs > 4000 ? endAtMs + lateMs : endAtMs;
  const inOrder = windowsOf(workers).sort((a, b) => comesAtMs(a) - comesAtMs(b) || b.worker - a.worker);
  const rates = new Set<number>();
  for (const window of inOrder) {
    collector.accept(window);
    expect(collector.breachedAborts(comesAtMs(window))).toEqual([]);
    expect(collector.alerts()).toEqual([]);
    rates.add(collector.progress().requestsPerSec);
  }
  rates.delete(0);
  expect([...rates]).toEqual([100]);
  expect(collector.progress()).toMatchObject({ elapsedMs: 12_000, vus: 12, requests: 1200 });
  const { metrics } = collector.finish(12_000);
  expect(metrics.http_reqs?.values).toEqual({ count: 1200, rate: 100 });
  expect(metrics.vus?.values).toEqual({ value: 12, min: 12, max: 12 });
});

test('a limit is broken once all workers have told of a time in which it is', () => {
  const limit = limitOn('http_reqs', 'rate', '>', 120, ending);
  const collector = judgedCollector(planWith({ workers: 2, thresholds: [limit] }));
  const [first, second] = windowsOf(2);
  collector.accept(first!);
  expect(collector.breachedAborts(1000)).toEqual([]);
  collector.accept(second!);
  expect(collector.breachedAborts(1000)).toEqual([limit]);
});

test('a worker that tells nothing any more does not put judging off for ever', () => {
  const limit = limitOn('http_reqs', 'rate', '>', 80, ending);
  const collector = judgedCollector(planWith({ workers: 2, thresholds: [limit] }));
  const brokenAt = windowsOf(2).flatMap((window) => {
    if (window.worker === 1 && window.endAtMs > 3000) return [];
    collector.accept(window);
    return collector.breachedAborts(window.endAtMs).length > 0 ? [window.endAtMs] : [];
  });
  // 300 requests in 3 s, then 50 a second: below 80 a second on the whole from 7 s on, and known to be at 8 s.
  expect(brokenAt[0]).toBe(8000);
});
