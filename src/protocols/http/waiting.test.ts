import http from 'node:http';
import { expect, test } from 'vitest';
import { connect, listen, serve } from './keeping-client.cases.ts';

test('a request that waits for a connection fails in time', async () => {
  const client = connect(await serve(() => {}), { connectionsPerHost: 1 });
  const held = client.http.get('/', { timeout: 400 });
  const startedAtMs = performance.now();
  const { error } = await client.http.get('/', { timeout: 80 });
  expect(performance.now() - startedAtMs).toBeLessThan(350);
  expect(error).toEqual({ code: 'timeout', message: 'no free connection within 80 ms' });
  expect((await held).error?.code).toBe('timeout');
  expect(client.meter.requests()).toBe(2);
});

test('requests to one host do not wait for connections to another', async () => {
  const answers: (() => void)[] = [];
  const slow = `http://127.0.0.1:${await listen(http.createServer((_request, response) => void answers.push(() => response.end('slow'))))}`;
  const fast = await serve((_request, response) => void setTimeout(() => response.end('fast'), 20));
  const client = connect(undefined, { connectionsPerHost: 1 });
  const slowOnes = [client.http.get(slow), client.http.get(slow)];
  const fastOnes = await Promise.all([1, 2, 3, 4].map(() => client.http.get(fast)));
  expect(fastOnes.map(({ body }) => body)).toEqual(['fast', 'fast', 'fast', 'fast']);
  await expect.poll(() => answers.length).toBe(1);
  answers.shift()!();
  await expect.poll(() => answers.length).toBe(1);
  answers.shift()!();
  expect((await Promise.all(slowOnes)).map(({ body }) => body)).toEqual(['slow', 'slow']);
});

test('those that wait go in their order, each over the connection that came free', async () => {
  const seen: string[] = [];
  const base = await serve((request, response) => {
    seen.push(request.url!);
    setTimeout(() => response.end(), 5);
  });
  const client = connect(base, { connectionsPerHost: 2 });
  const paths = Array.from({ length: 12 }, (_, i) => `/${i}`);
  await client.http.batch(paths);
  // Two are on their way at a time, and either may arrive first.
  expect(seen.filter((path, i) => Math.abs(Number(path.slice(1)) - i) > 2)).toEqual([]);
  expect(client.meter.values('http_req_connecting').filter((ms) => ms > 0)).toHaveLength(2);
});
