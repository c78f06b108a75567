// Sources and senders that misbehave over the network: each reading fails by name, in time, and the next one goes on.

import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { planSelections } from '../model/selection-figures.ts';
import { findFreePort } from '../system/free-port.ts';
import { monotonicMs } from '../time/clock.ts';
import { createHttpMonitor } from './http.ts';
import { httpSource } from './http-source.cases.ts';
import { failureOf } from './monitor.cases.ts';
import type { Monitor } from './monitor.ts';
import { createReceiver, type ReceiverLimits } from './otlp/receiver.ts';
import { createOtlpMonitor } from './otlp.ts';
import { createPrometheusMonitor } from './prometheus.ts';

/** As the sampler asks: what is not there in time is given up. */
async function readWithin(monitor: Monitor, ms: number): Promise<string> {
  const startedAtMs = monotonicMs();
  const failure = await failureOf(monitor.read(AbortSignal.timeout(ms)));
  expect(monotonicMs() - startedAtMs).toBeLessThan(ms + 3000);
  return (failure as Error).message;
}

type Page = (response: http.ServerResponse) => void;

describe('a page that', () => {
  const never: Page = (response) => {
    response.write('h 1\n');
  };
  const endless: Page = (response) => {
    const more = (): void => {
      while (!response.destroyed && response.write('other 1\n'.repeat(8192)));
    };
    response.on('drain', more);
    more();
  };
  const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20, 'a 1\n'));
  const small = brotliCompressSync(Buffer.alloc(64 * 2 ** 20, 'a 1\n'));

  it.each<[string, Page, RegExp]>([
    ['never ends', never, /no complete answer came before the time limit/],
    ['has no end', endless, /the answer is larger than 16 MiB/],
    [
      'is a gzip bomb',
      (r) => r.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
      /larger than 16 MiB/,
    ],
    [
      'is a brotli bomb',
      (r) => r.writeHead(200, { 'content-encoding': 'br' }).end(small),
      /larger than 16 MiB/,
    ],
    [
      'claims a coding of objects',
      (r) => r.writeHead(200, { 'content-encoding': 'constructor' }).end('h 1\n'),
      /coded as "constructor"/,
    ],
    [
      'is cut off',
      (r) => r.writeHead(200, { 'content-length': '100' }).end('h 1\n'),
      /complete|closed|aborted/,
    ],
    ['is no text', (r) => r.writeHead(200).end(Buffer.from([0xff, 0xfe, 0x00])), /it is not UTF-8 text/],
    [
      'is no protobuf',
      (r) => r.writeHead(200, { 'content-type': 'application/vnd.google.protobuf' }).end('hello'),
      /the message/,
    ],
    [
      'has a head without end',
      (r) => r.writeHead(200, { x: 'y'.repeat(100_000) }).end('h 1\n'),
      /Header overflow|Parse Error/,
    ],
  ])('%s fails that reading, and the next one is read', async (_what, page, message) => {
    let answer = page;
    const { url } = await httpSource((_request, response) => answer(response));
    const select = planSelections({ h: 'h' });
    const monitor = createPrometheusMonitor({ kind: 'prometheus', url, select });
    onTestFinished(() => monitor.close());
    expect(await readWithin(monitor, 1500)).toMatch(message);
    answer = (response) => response.end('h 7');
    expect((await monitor.read(AbortSignal.timeout(5000))).values).toEqual({ h: 7 });
  });
});

describe('a health page that', () => {
  it.each([
    ['is nested without end', '{"a":'.repeat(100_000)],
    ['is larger than it may be', JSON.stringify({ a: 'x'.repeat(2 ** 21) })],
    ['has other things where numbers should be', '{"constructor":{"name":{}},"__proto__":{"a":5}}'],
  ])('%s gives no figure', async (_what, body) => {
    const { url } = await httpSource((_request, response) => response.end(body));
    const figures = { a: 'a', toString: 'constructor.name', own: 'toString', length: 'constructor.length' };
    const monitor = createHttpMonitor({ kind: 'http', url, json: {}, figures }, undefined, {
      timeoutMs: 5000,
    });
    onTestFinished(() => monitor.close());
    const { values } = await monitor.read(AbortSignal.timeout(5000));
    for (const figure of Object.keys(figures)) expect(Object.hasOwn(values, figure)).toBe(false);
    expect(values).toHaveProperty('up');
  });
});

/** A receiver until the test ends. */
async function receive(limits?: ReceiverLimits) {
  const refused: string[] = [];
  let taken = 0;
  const events = {
    taken: () => {
      taken++;
    },
    refused: (reason: string) => refused.push(reason),
  };
  const server = createReceiver(new Set(['m']), events, limits);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, refused, taken: () => taken };
}

/** Status and body of one export with this `Host`. */
function send(port: number, host: string | undefined, body = '{}'): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = http.request({
      ...{ port, host: '127.0.0.1', path: '/v1/metrics', method: 'POST', agent: false },
      headers: { 'content-type': 'application/json', ...(host !== undefined && { host }) },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
    request.end(body);
  });
}

describe('the OTLP receiver', () => {
  it.each(['localhost:4318', 'LOCALHOST', '127.0.0.1:4318', '127.0.0.1', '[::1]:4318', '127.1.2.3'])(
    'takes what was sent to %s',
    async (host) => {
      const { port, taken } = await receive();
      expect(await send(port, host)).toBe(200);
      expect(taken()).toBe(1);
    },
  );

  // A page whose own name was made to point here is same-origin to the browser.
  it.each([
    'evil.example',
    'evil.example:4318',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '10.0.0.5',
    '[::2]',
    'a:b:c',
  ])('refuses what was sent to "%s"', async (host) => {
    const { port, taken, refused } = await receive();
    expect(await send(port, host)).toBe(403);
    expect(taken()).toBe(0);
    expect(refused).toEqual([expect.stringContaining('only requests to localhost')]);
  });

  it.each([
    ['says nothing', ''],
    ['begins a head', 'POST /v1/metrics HTTP/1.1\r\nHost: localhost\r\n'],
    [
      'begins a body',
      'POST /v1/metrics HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    ],
    [
      'sends an export and stays',
      'POST /v1/metrics HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}',
    ],
  ])('ends a connection that %s', async (_what, bytes) => {
    const { port } = await receive({ headMs: 300, requestMs: 600, idleMs: 300, heldBytes: 2 ** 20 });
    const socket = net.connect(port, '127.0.0.1');
    socket.write(bytes);
    socket.resume();
    const startedAtMs = monotonicMs();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(monotonicMs() - startedAtMs).toBeLessThan(6000);
    expect(await send(port, 'localhost')).toBe(200);
  });

  it('holds no more of unfinished exports than it may, and takes the next', async () => {
    const { port, refused } = await receive({
      headMs: 5000,
      requestMs: 5000,
      idleMs: 5000,
      heldBytes: 300_000,
    });
    const head = `POST /v1/metrics HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 250000\r\n\r\n`;
    const slow = net.connect(port, '127.0.0.1');
    slow.on('error', () => {});
    slow.write(head + ' '.repeat(200_000));
    while ((await send(port, 'localhost', `{"a":"${'x'.repeat(150_000)}"}`)) !== 503);
    expect(refused.at(-1)).toContain('too much is being received');
    slow.destroy();
    while ((await send(port, 'localhost', `{"a":"${'x'.repeat(150_000)}"}`)) !== 200);
  });
});

it('the OTLP monitor tells why exports were refused, each reason once, and reads the others', async () => {
  const port = await findFreePort();
  const monitor = createOtlpMonitor({ kind: 'otlp', port, select: planSelections({ m: 'm' }) });
  onTestFinished(() => monitor.close());
  const read = () => monitor.read(AbortSignal.timeout(5000));
  await failureOf(read());
  const exportOf = (data: object): string =>
    JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', ...data }] }] }] });
  const bad = exportOf({
    exponentialHistogram: { dataPoints: [{ count: 1, zeroThreshold: 'NaN' }, { count: 1 }] },
  });
  expect(await send(port, 'localhost', bad)).toBe(400);
  expect(((await failureOf(read())) as Error).message).toContain('zero threshold of a histogram is NaN');
  expect(await send(port, 'localhost', bad)).toBe(400);
  expect(await send(port, 'localhost', exportOf({ gauge: { dataPoints: [{ asDouble: 4 }] } }))).toBe(200);
  expect(await read()).toEqual({
    values: { m: 4 },
    events: ['an export was refused: the zero threshold of a histogram is NaN, which is not a finite width'],
  });
  expect(await send(port, 'localhost', bad)).toBe(400);
  expect((await read()).events).toBeUndefined();
});
