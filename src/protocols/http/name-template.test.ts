import { describe, expect, test } from 'vitest';
import type { Meter } from '../../model/metric.ts';
import { Scope } from '../scope.ts';
import { connect, KeepingMeter, serve } from './keeping-client.cases.ts';
import { templateOf } from './name-template.ts';

describe('the template of a path', () => {
  test.each([
    ['/users/17', '/users/:id'],
    ['/users/17/orders/4711/', '/users/:id/orders/:id/'],
    ['/42', '/:id'],
    ['/items/123e4567-e89b-12d3-a456-426614174000', '/items/:id'],
    ['/items/123E4567-E89B-12D3-A456-426614174000/x', '/items/:id/x'],
    ['/docs/507f1f77bcf86cd799439011', '/docs/:id'],
    ['/files/da39a3ee5e6b4b0d3255bfef95601890afd80709', '/files/:id'],
    ['/v/01ARZ3NDEKTSV4RRFFQ69G5FAV', '/v/:id'],
    ['/v/V1StGXR8_Z5jdHi6B-myT', '/v/:id'],
    ['/v/aGVsbG8gd29ybGQgMTIz', '/v/:id'],
    ['/v/cjld2cjxh0000qzrmn831i7rn', '/v/:id'],
  ])('%s is %s', (path, template) => {
    expect(templateOf(path)).toBe(template);
  });

  test.each([
    '/',
    '/users',
    '/api/v2/users',
    '/facade/deadbeef',
    '/articles/what-2024-brought-to-everybody',
    '/files/report-2024-01.pdf',
    '/iso-8859-1',
    '/internationalization',
    '//x//1a/',
  ])('%s stays as it is', (path) => {
    expect(templateOf(path)).toBe(path);
  });
});

test('requests that differ by an id share a series, unless they have a name or paths are wanted', async () => {
  const base = await serve((_request, response) => response.end('ok'));
  const client = connect(base);
  for (const id of [17, 18]) await client.http.get(`/users/${id}?page=1`);
  await client.http.get('/users/19', { name: '/users/nineteen' });
  expect(client.meter.requests({ name: '/users/:id' })).toBe(2);
  expect(client.meter.requests({ name: '/users/nineteen' })).toBe(1);
  const exact = connect(base, { nameFromPath: 'path' });
  for (const id of [17, 18]) await exact.http.get(`/users/${id}?page=1`);
  expect(exact.meter.requests({ name: '/users/17' })).toBe(1);
});

test('a path of the base URL stands before the request as it is', async () => {
  const paths: string[] = [];
  const base = await serve((request, response) => {
    paths.push(request.url!);
    response.end();
  });
  const client = connect(`${base}/tenants/7/`);
  await client.http.get('/users/1');
  expect(paths).toEqual(['/tenants/7/users/1']);
  expect(client.meter.requests({ name: '/tenants/:id/users/:id' })).toBe(1);
});

describe('too many names, tags or checks', () => {
  test('are folded into "(other)", and said once each', () => {
    const told: string[] = [];
    const meter: Meter = new KeepingMeter();
    const scope = new Scope(meter, { task: 't' }, (what, example) => told.push(`${what}: ${example}`));
    for (let i = 0; i < 600; i++) {
      scope.endpoint('GET', `/word-${i}`).answered(200, true, { tags: {} }).requests.add(1);
      scope.check(`check ${i}`).add(true);
      scope
        .with({ shop: `s${i}` })
        .counter('visits')
        .add(1);
    }
    const samples = (meter as KeepingMeter).samples;
    const distinct = (tag: string): number => new Set(samples.map(({ tags }) => tags[tag])).size - 1;
    expect(distinct('name')).toBe(501);
    expect(distinct('check')).toBe(501);
    expect(distinct('shop')).toBe(501);
    expect(samples.filter(({ tags }) => tags.name === '(other)')).toHaveLength(100);
    expect(samples.filter(({ tags }) => tags.check === '(other)')).toHaveLength(100);
    expect(samples.filter(({ tags }) => tags.shop === '(other)')).toHaveLength(100);
    expect(new Set(told.map((one) => one.split(':')[0]))).toEqual(
      new Set(['request names', 'check names', 'tag values']),
    );
    expect(told[0]).toContain('/word-500');
  });
});
