import { describe, expect, it } from 'vitest';
import { Histogram } from '../stats/histogram.ts';
import { planWith, pricing, recordRequest, report, sumsOf, windowOf } from './collector.cases.ts';
import { createCollector } from './collector.ts';

describe('the collector', () => {
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
});
