import { describe, expect, it } from 'vitest';
import { limitOn, planWith, recordRequest, windowOf } from '../metrics/collector.cases.ts';
import { judgedCollector } from './judged-collector.cases.ts';

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

describe('a judge', () => {
  it('evaluates thresholds on the series that carry all tags of the selector', () => {
    const collector = judgedCollector(
      planWith({
        thresholds: [
          limitOn('http_req_duration', 'max', '<', 35, { tags: { task: 'price', user: 'buyer' } }),
          limitOn('http_req_duration', 'max', '<', 35, { tags: { user: 'admin' } }),
          limitOn('http_req_failed', 'rate', '<', 0.1, { tags: { task: 'none' } }),
          limitOn('http_reqs', 'count', '>', 0, { tags: { task: 'none' } }),
          limitOn('http_reqs', 'rate', '>=', 1.5),
        ],
      }),
    );
    collector.accept(
      windowOf(0, 0, (meter) => {
        recordRequest(meter, 10, false, pricing);
        recordRequest(meter, 30, true, { ...pricing, status: '503' });
        recordRequest(meter, 50, false, report);
      }),
    );
    const { metrics } = collector.finish(2000);
    const results = (key: string) => metrics[key]?.thresholds;
    expect(results('http_req_duration{task:price,user:buyer}')).toMatchObject({
      'max<35': { ok: true, actual: 30, limit: 35, aborted: false },
    });
    expect(results('http_req_duration{user:admin}')).toMatchObject({ 'max<35': { ok: false, actual: 50 } });
    expect(results('http_req_failed{task:none}')).toMatchObject({ 'rate<0.1': { ok: false, actual: null } });
    expect(results('http_reqs{task:none}')).toMatchObject({ 'count>0': { ok: false, actual: 0 } });
    expect(results('http_reqs')).toMatchObject({ 'rate>=1.5': { ok: true, actual: 1.5 } });
  });

  it('finds broken abort thresholds, after their delay, and marks the first as having ended the run', () => {
    const soon = limitOn('http_req_failed', 'rate', '<', 0.1, { abortOnFail: true });
    const later = limitOn('http_req_duration', 'p95', '<', 5, { abortOnFail: true, delayAbortEvalMs: 5000 });
    const never = limitOn('http_req_duration', 'avg', '<', 5);
    const collector = judgedCollector(planWith({ thresholds: [soon, later, never] }));
    expect(collector.breachedAborts(10_000)).toEqual([]);
    collector.accept(windowOf(0, 0, (meter) => recordRequest(meter, 50, false, pricing)));
    expect(collector.breachedAborts(1000)).toEqual([]);
    // A monitor's time is ahead of what the workers have told of.
    expect(collector.breachedAborts(5000)).toEqual([]);
    collector.accept(windowOf(0, 4000, () => {}));
    expect(collector.breachedAborts(5000)).toEqual([later]);
    collector.accept(windowOf(0, 5000, (meter) => recordRequest(meter, 50, true, pricing)));
    expect(collector.breachedAborts(6000)).toEqual([soon, later]);
    const { metrics } = collector.finish(6000);
    expect(metrics.http_req_duration?.thresholds).toMatchObject({
      'p(95)<5': { aborted: true },
      'avg<5': { ok: false, aborted: false },
    });
    expect(metrics.http_req_failed?.thresholds).toMatchObject({ 'rate<0.1': { ok: false, aborted: false } });
  });

  it('looks for alerts at the load of the last seconds, as long as workers tell of it', () => {
    const stalled = {
      ...{ name: 'stalled', title: 'Stalled', hysteresis: 0.05, respond: [], abort: false },
      rules: [
        {
          ...({ level: 'warning', expression: 'http_reqs < 1/s', forMs: 0 } as const),
          conditions: [{ metric: 'http_reqs', tags: {}, operator: '<', limit: 1, unit: 'per s' } as const],
        },
      ],
    };
    const event = (atMs: number) => ({ kind: 'event', monitor: 'db', atMs, text: 'still here' }) as const;
    const collector = judgedCollector(planWith({ alerts: [stalled] }));
    const second = (at: number, count: number) => {
      collector.accept(windowOf(0, at * 1000, (meter) => meter.counter('http_reqs', {}).add(count)));
      return collector.alerts().map(({ state }) => state);
    };
    expect([0, 1, 2, 3].flatMap((at) => second(at, 5))).toEqual([]);
    // Nobody knows what goes on when the workers say nothing.
    collector.observe(event(60_000));
    expect(collector.alerts()).toEqual([]);
    expect(Array.from({ length: 20 }, (_, i) => second(60 + i, 0)).flat()).toEqual(['firing']);
    expect([80, 81, 82].flatMap((at) => second(at, 50))).toEqual(['resolved']);
  });

  it('compares a gauge that workers share as it is now', () => {
    const limit = limitOn('vus', 'value', '<', 25, { abortOnFail: true });
    const collector = judgedCollector(planWith({ workers: 2, thresholds: [limit] }));
    for (const worker of [0, 1]) {
      expect(collector.breachedAborts(1000)).toEqual([]);
      collector.accept(windowOf(worker, 0, (meter) => meter.gauge('vus', {}).set(15)));
    }
    expect(collector.breachedAborts(1000)).toEqual([limit]);
  });
});
