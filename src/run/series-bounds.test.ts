// How many series one worker keeps apart, whatever user code does with names and tags.

import { describe, expect, test } from 'vitest';
import { createMeter, mostSeries } from '../meter/meter.ts';
import type { SeriesDefinition } from '../model/metric.ts';
import { plainWire } from '../protocols/http/wire.ts';
import { Scope } from '../protocols/scope.ts';

function crowdedScope(most: number) {
  const told: number[] = [];
  const overflows: string[] = [];
  const meter = createMeter(0, { mostSeries: most, onFilling: (count) => told.push(count) });
  const place = { scenario: 'main', user: 'buyer', task: 'price' };
  const scope = new Scope(meter, place, (what) => overflows.push(what));
  return { meter, scope, told, overflows };
}

describe('a worker', () => {
  test('keeps a bounded number of series for 500 tag sets with 500 names each, and counts all', () => {
    const { meter, scope, told } = crowdedScope(mostSeries);
    let windowed = 0;
    const definitions: SeriesDefinition[] = [];
    const flush = (): void => {
      const window = meter.flush(0, 1000);
      const ids = new Set<number>();
      definitions.push(...window.definitions);
      for (const { id, metric } of definitions) if (metric === 'http_reqs') ids.add(id);
      for (const delta of window.deltas) {
        if (delta.type === 'counter' && ids.has(delta.id)) windowed += delta.count;
      }
    };
    for (let set = 0; set < 500; set++) {
      const own = scope.with({ customer: String(set) });
      for (let name = 0; name < 500; name++) {
        own.endpoint('GET', `/items/${name}`).answered(200, true, plainWire).requests.add(1);
      }
      if (set % 50 === 49) flush();
    }
    flush();
    expect(windowed).toBe(250_000);
    // Each tag set that was known by then may have one endpoint for what came later.
    expect(told).toEqual([mostSeries / 2, mostSeries]);
    expect(new Set(definitions.map(({ id }) => id)).size).toBeLessThan(mostSeries * 1.1);
    expect(definitions.some(({ tags }) => tags.name === '(other)' || tags.customer === '(other)')).toBe(true);
  });

  test('keeps outcomes apart when it is full, as limits are on them', () => {
    const { meter, scope, told, overflows } = crowdedScope(40);
    const known = scope.endpoint('GET', '/a');
    for (let name = 0; name < 20; name++)
      scope.endpoint('GET', `/${name}`).answered(200, true, plainWire).requests.add(1);
    expect(told).toEqual([20, 40]);
    known.answered(503, false, plainWire).requests.add(1);
    scope.with({ error_code: '40P01', error_class: 'deadlock' }).counter('sql_ops').add(1);
    scope.with({ operation: 'late' }).counter('sql_ops').add(1);
    scope.check('late').add(true);
    const tags = meter.flush(0, 1000).definitions.map((one) => one.tags);
    expect(tags).toContainEqual(expect.objectContaining({ name: '/a', status: '503' }));
    expect(tags).toContainEqual(expect.objectContaining({ error_class: 'deadlock' }));
    expect(tags).toContainEqual(expect.objectContaining({ operation: '(other)' }));
    expect(tags).toContainEqual(expect.objectContaining({ check: '(other)' }));
    // The meter's own limit was told; that of 500 in one task was not reached.
    expect(overflows).toEqual([]);
  });

  test('still tells when one task has more than 500 names', () => {
    const { scope, overflows } = crowdedScope(mostSeries);
    for (let name = 0; name < 502; name++) scope.endpoint('GET', `/${name}`);
    expect(overflows).toEqual(['request names', 'request names']);
  });
});
