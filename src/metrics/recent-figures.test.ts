import { describe, expect, test } from 'vitest';
import type { AlertCondition } from '../model/alert.ts';
import type { MetricWindow } from '../model/metric.ts';
import { recordRequest, windowOf } from './collector.cases.ts';
import { RecentFigures } from './recent-figures.ts';

function condition(metric: string, changes: Partial<AlertCondition> = {}): AlertCondition {
  return { metric, tags: {}, operator: '>', limit: 1, unit: 'count', ...changes };
}

function accept(recent: RecentFigures, window: MetricWindow): void {
  for (const delta of window.deltas) {
    const definition = window.definitions.find(({ id }) => id === delta.id)!;
    recent.add(recent.matching(definition), window.worker, delta, window.startAtMs);
  }
}

/** Seconds 0, 1, ... of one worker with as many requests each. */
function afterRequests(conditions: readonly AlertCondition[], perSecond: readonly number[], tags = {}) {
  const recent = new RecentFigures(conditions);
  for (const [second, count] of perSecond.entries()) {
    const record = windowOf(0, second * 1000, (meter) => {
      for (let i = 0; i < count; i++) recordRequest(meter, 10 * (second + 1), i === 0, tags);
    });
    accept(recent, record);
  }
  return recent;
}

const perSec = condition('http_reqs', { unit: 'per s' });
const failed = condition('http_req_failed', { unit: 'ratio' });
const slow = condition('http_req_duration', { aggregation: { kind: 'max' }, unit: 'ms' });

describe('figures of the last seconds', () => {
  test('are not known before a second is whole, two seconds later', () => {
    const recent = afterRequests([perSec], [4, 4, 4]);
    expect(recent.value(perSec, 2999)).toBeUndefined();
    expect(recent.value(perSec, 3000)).toBe(4);
  });

  test('are those of whole seconds, so that a rate is right from the first one on', () => {
    const recent = afterRequests([perSec], [10, 10, 10, 10]);
    for (const untilMs of [3000, 3400, 3999, 5200]) expect(recent.value(perSec, untilMs)).toBe(10);
  });

  test('reach ten seconds back', () => {
    const counts = Array.from({ length: 32 }, (_, second) => (second === 5 ? 100 : 10));
    const recent = afterRequests([perSec, failed, slow], counts);
    expect(recent.value(slow, 32_000)).toBe(300);
    expect(recent.value(perSec, 32_000)).toBe(10);
    expect(recent.value(failed, 32_000)).toBe(0.1);
  });

  test('of a counter that gains nothing are 0, of all else unknown', () => {
    const recent = afterRequests([perSec, failed, slow], [5]);
    const values = [perSec, failed, slow].map((one) => recent.value(one, 20_000));
    expect(values).toEqual([0, undefined, undefined]);
  });

  test('count ten seconds, not fewer', () => {
    const count = condition('http_reqs', { aggregation: { kind: 'count' } });
    const recent = afterRequests(
      [count],
      Array.from({ length: 12 }, () => 3),
    );
    expect(recent.value(count, 11_999)).toBeUndefined();
    expect(recent.value(count, 12_000)).toBe(30);
  });

  test('are of the selected series only, by the aggregation asked for', () => {
    const p50 = condition('http_req_duration', {
      tags: { task: 'price' },
      aggregation: { kind: 'percentile', p: 50 },
    });
    const other = { ...p50, tags: { task: 'other' } };
    const recent = afterRequests([p50, other], [1, 1, 1], { task: 'price', user: 'buyer' });
    expect(recent.value(p50, 5000)).toBeCloseTo(20, 0);
    expect(recent.value(other, 5000)).toBeUndefined();
    expect(recent.value(condition('iterations'), 5000)).toBeUndefined();
  });

  test('of a gauge are as it stands, and those of virtual users add up over workers', () => {
    const users = condition('vus', { tags: { scenario: 'main' } });
    const queue = condition('queue', { aggregation: { kind: 'last' } });
    const recent = new RecentFigures([users, queue]);
    for (const worker of [0, 1]) {
      const window = windowOf(worker, 0, (meter) => {
        meter.gauge('vus', { scenario: 'main' }).set(15);
        meter.define('queue', { type: 'gauge', contains: 'default' });
        meter.gauge('queue', {}).set(7);
      });
      accept(recent, window);
    }
    expect(recent.value(users, 1000)).toBe(30);
    expect(recent.value(queue, 4000)).toBe(7);
  });
});
