// Requests and connections that end in an unlucky order: none is lost, sent for nothing or recorded wrongly.

import type net from 'node:net';
import { describe, expect, test } from 'vitest';
import type { HttpPlan } from '../../../model/http-settings.ts';
import { delay } from '../../../time/timer.ts';
import { connect } from '../keeping-client.cases.ts';
import { frame, serveBytes, serveClear } from './servers.cases.ts';

const clear: Partial<HttpPlan> = { version: '2', timeoutMs: 3000 };
const settings = frame(4, 0, 0);
const okHead = (streamId: number, flags = 4): Buffer => frame(1, flags, streamId, Buffer.from([0x88]));
const words = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
};
const goaway = (lastStreamId: number, code = 0): Buffer => frame(7, 0, 0, words(lastStreamId, code));
const reset = (streamId: number, code: number): Buffer => frame(3, 0, streamId, words(code));

describe('a session that the server leaves', () => {
  test('is in the way of no other, although it is not closed yet', async () => {
    let count = 0;
    const peer = await serveBytes((socket) => {
      // The server keeps its side open for as long as it is let.
      socket.allowHalfOpen = true;
      count++;
      socket.write(Buffer.concat([settings, okHead(1, 5), goaway(1)]));
    });
    const client = connect(peer.url, { ...clear, connectionsPerHost: 1, timeoutMs: 700 });
    expect((await client.http.get('/')).status).toBe(200);
    expect((await client.http.get('/')).error).toBeNull();
    expect(count).toBe(2);
  });

  test('is told the code of the rule that it broke, also while requests are open (5.4.1)', async () => {
    const seen: Buffer[] = [];
    const peer = await serveBytes((socket) => {
      socket.on('data', (chunk) => seen.push(chunk));
      socket.write(Buffer.concat([settings, frame(6, 0, 0, Buffer.alloc(7))]));
    });
    expect((await connect(peer.url, clear).http.get('/')).error?.code).toBe('http2_frame_size_error');
    await expect.poll(() => Buffer.concat(seen).includes(goaway(0, 6))).toBe(true);
  });
});

describe('a response that has begun was processed, whatever the server says', () => {
  test.each<[string, Buffer, string]>([
    ['refuses', reset(1, 7), 'http2_refused_stream'],
    ['says goodbye to with an error', goaway(0, 2), 'http2_internal_error'],
  ])('one that it %s fails', async (_, end, code) => {
    let count = 0;
    const peer = await serveBytes((socket) => {
      count++;
      socket.write(Buffer.concat([settings, okHead(1)]));
      setTimeout(() => socket.write(end), 30);
    });
    const client = connect(peer.url, clear);
    const { body } = await client.http.get('/', { responseType: 'stream' });
    await expect(body.toArray()).rejects.toMatchObject({ code });
    expect(client.failures).toEqual([code]);
    expect(client.meter.requests()).toBe(1);
    expect(count).toBe(1);
  });

  test('one that it says goodbye to without an error goes on to its end', async () => {
    const peer = await serveBytes((socket) => {
      socket.write(Buffer.concat([settings, okHead(1), goaway(0)]));
      setTimeout(() => socket.write(frame(0, 1, 1, Buffer.from('ok'))), 30);
    });
    const client = connect(peer.url, clear);
    expect((await client.http.get('/')).body).toBe('ok');
    expect(client.meter.values('http_req_resent')).toEqual([]);
  });
});

test('bytes of a request that goes out three times are all counted', async () => {
  // Each connection takes the first request, and none of those that came with it.
  const peer = await serveBytes((socket) => {
    socket.write(settings);
    setTimeout(() => socket.write(Buffer.concat([okHead(1, 5), goaway(1)])), 50);
  });
  const client = connect(peer.url, clear);
  const body = Buffer.alloc(1000);
  const all = await client.http.batch(
    ['/1', '/2', '/3'].map((url) => ({ url, method: 'POST', options: { body } })),
  );
  expect(all.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(client.meter.values('http_req_resent')).toHaveLength(3);
  const sentBytes = client.meter.values('data_sent').reduce((sum, value) => sum + value, 0);
  expect(sentBytes).toBeGreaterThan(6 * body.length);
});

test('a request that waited too long for a stream is not sent when one is free at last', async () => {
  const server = await serveClear(() => {}, { settings: { maxConcurrentStreams: 2 } });
  const client = connect(server.url, { ...clear, timeoutMs: 300 });
  const speaking = setInterval(() => server.sessions[0]?.ping(() => {}), 20);
  const all = await client.http.batch(['/1', '/2', '/3', '/4', '/5', '/6']);
  clearInterval(speaking);
  expect(all.map(({ error }) => error?.code)).toEqual(Array(6).fill('timeout'));
  await delay(50);
  expect(server.paths).toEqual(['/1', '/2']);
});

describe('a body on its way out', () => {
  const opening = Buffer.concat([
    frame(4, 0, 0, Buffer.from([0, 4, 0x7f, 0xff, 0xff, 0xff])),
    frame(8, 0, 0, words(2 ** 30)),
  ]);

  test('does not keep pings from being answered', async () => {
    const peer = await serveBytes((socket: net.Socket) => {
      socket.write(opening);
      socket.pause();
      let received = 0;
      socket.on('data', (chunk) => {
        received += chunk.length;
        if (received > 12_000_000) socket.write(okHead(1, 5));
      });
      socket.pause();
      setTimeout(() => socket.write(frame(6, 0, 0, Buffer.alloc(8))), 100);
      setTimeout(() => socket.resume(), 200);
    });
    const client = connect(peer.url, clear);
    const { error, status } = await client.http.post('/', { body: Buffer.alloc(16_000_000) });
    expect(error).toBeNull();
    expect(status).toBe(200);
  });

  test('leaves the others on the session their share', async () => {
    const order: number[] = [];
    const server = await serveClear(
      (stream) => {
        stream.resume();
        stream.on('end', () => {
          order.push(stream.id!);
          stream.respond({}, { endStream: true });
        });
      },
      { settings: { initialWindowSize: 2 ** 30 } },
    );
    const client = connect(server.url, { ...clear, timeoutMs: 20_000 });
    await client.http.get('/');
    server.sessions[0]!.setLocalWindowSize(2 ** 30);
    await delay(20);
    await client.http.batch(
      [40_000_000, 400_000].map((size) => ({
        url: '/',
        method: 'POST',
        options: { body: Buffer.alloc(size) },
      })),
    );
    expect(order).toEqual([1, 5, 3]);
  });
});

test.each([
  ['HEAD', '200', [0x88]],
  ['GET', '204', [0x89]],
  ['GET', '304', [0x8b]],
])('a %s that is answered by %s has no body, whatever its content-length', async (method, status, block) => {
  const length = Buffer.from([0x0f, 0x0d, 1, 0x35]);
  const head = frame(1, 4, 1, Buffer.concat([Buffer.from(block), length]));
  const good = await serveBytes((socket) => {
    socket.write(Buffer.concat([settings, head, frame(0, 1, 1)]));
  });
  const answer = await connect(good.url, clear).http.request(method, `${good.url}/`);
  expect([answer.error, answer.status]).toEqual([null, Number(status)]);
  const bad = await serveBytes((socket) => {
    socket.write(Buffer.concat([settings, head, frame(0, 1, 1, Buffer.from('hello'))]));
  });
  const refused = await connect(bad.url, clear).http.request(method, `${bad.url}/`);
  expect(refused.error?.code).toBe('http2_protocol_error');
});
