import { describe, expect, test } from 'vitest';
import { limitOn, planWith, recordRequest, windowOf } from '../metrics/collector.cases.ts';
import type { Tags } from '../model/metric.ts';
import { judgedCollector } from './judged-collector.cases.ts';

const place = { scenario: 'main', user: 'buyer', task: 'price', method: 'GET' };
const known = { ...place, name: '/known', status: '200' };
const folded = { ...place, name: '(other)', status: '503' };

function resultOf(tags: Tags, worker = 0, metric = 'http_reqs', operator: '<' | '>' = '<') {
  const aggregation = metric === 'http_reqs' ? 'count' : 'max';
  const limit = limitOn(metric, aggregation, operator, metric === 'http_reqs' ? 3 : 100, { tags });
  const collector = judgedCollector(planWith({ workers: 2, thresholds: [limit] }));
  collector.accept(
    windowOf(0, 0, (meter) => {
      for (let i = 0; i < 2; i++) recordRequest(meter, 10, false, known);
      if (worker === 0) recordRequest(meter, 500, true, folded);
    }),
  );
  collector.accept(
    windowOf(1, 0, (meter) => {
      if (worker === 1) recordRequest(meter, 500, true, folded);
    }),
  );
  return collector.finish(1000).thresholds[0];
}

describe('a threshold', () => {
  test.each<[Tags, number]>([
    [{ name: '/late' }, 0],
    [{ name: '/late', task: 'price' }, 0],
    [{ name: '/late', status: '503' }, 0],
    // The other worker may have had it under (other).
    [{ name: '/known' }, 1],
  ])('on %j, some of which is counted under (other), tells nothing', (tags, worker) => {
    expect(resultOf(tags, worker)).toMatchObject({ ok: false, actual: null, folded: true });
    expect(resultOf(tags, worker, 'http_req_duration')).toMatchObject({
      ok: false,
      actual: null,
      folded: true,
    });
  });

  test.each<Tags>([
    { name: '/known' },
    { task: 'price' },
    { name: '(other)' },
    { task: 'other' },
    { status: '503' },
  ])('on %j, which is kept apart, is judged', (tags) => {
    expect(resultOf(tags)).not.toHaveProperty('folded');
  });

  test('that what is kept apart breaks for certain is broken', () => {
    const limit = limitOn('http_reqs', 'count', '<', 2, { tags: { name: '/known' } });
    const collector = judgedCollector(planWith({ workers: 2, thresholds: [limit] }));
    for (const [worker, tags] of [known, folded].entries()) {
      collector.accept(windowOf(worker, 0, (meter) => meter.counter('http_reqs', tags).add(5)));
    }
    expect(collector.finish(1000).thresholds[0]).toMatchObject({ ok: false, actual: 5 });
  });
});
