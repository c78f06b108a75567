import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import tls from 'node:tls';
import { describe, expect, test } from 'vitest';
import type { HttpOptions } from '../../model/context.ts';
import { delay } from '../../time/timer.ts';
import { loopback, serveClear, serveSecure, trusting } from './http2/servers.cases.ts';
import { type Client, connect, listen } from './keeping-client.cases.ts';

/** More than the system's buffers take on both sides. */
const hugeBytes = 32 * 1024 * 1024;
const piece = Buffer.alloc(256 * 1024, 'x');

const bodies: Record<string, () => NonNullable<HttpOptions['body']>> = {
  'a text': () => 'x'.repeat(hugeBytes),
  'a buffer': () => Buffer.alloc(hugeBytes),
  'a stream': () => Readable.from(new Array(hugeBytes / piece.length).fill(piece)),
  'a generator': () =>
    (async function* () {
      for (let i = 0; i < hugeBytes / piece.length; i++) yield piece;
    })(),
};

const early = 'HTTP/1.1 413 Too Large\r\ncontent-length: 6\r\n\r\nenough';
const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

interface Early {
  readonly client: Client;
  readonly connections: () => number;
}

/** Answers a POST once its head is there and does `afterwards`; reads no body. Answers a GET. */
async function serveEarly(secure: boolean, afterwards: (socket: net.Socket) => void): Promise<Early> {
  let connections = 0;
  const answer = (socket: net.Socket): void => {
    connections++;
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      if (!bytes.subarray(0, 4).equals(Buffer.from('POST'))) return void socket.write(ok);
      socket.pause();
      socket.write(early, () => afterwards(socket));
    });
  };
  const port = await listen(secure ? tls.createServer(loopback, answer) : net.createServer(answer));
  const url = `${secure ? 'https' : 'http'}://127.0.0.1:${port}`;
  return { client: connect(url, { version: '1.1' }, trusting), connections: () => connections };
}

describe.each([
  ['plain', false],
  ['over TLS', true],
])('%s, an answer before the body is out', (_name, secure) => {
  test.each(Object.keys(bodies))(
    'of %s: the next request goes over a connection of its own',
    async (kind) => {
      const { client, connections } = await serveEarly(secure, () => {});
      const answer = await client.http.post('/', { body: bodies[kind]!(), timeout: 5000 });
      expect(answer).toMatchObject({ status: 413, body: 'enough' });
      const next = await client.http.get('/', { timeout: 5000 });
      expect(next).toMatchObject({ status: 200, body: 'ok' });
      expect(next.timings.blocked).toBeLessThan(1000);
      expect(connections()).toBe(2);
      expect(client.meter.requests()).toBe(2);
      expect(client.failures).toEqual(['http_413']);
    },
  );

  test.each(Object.keys(bodies))('of %s, by a server that then closes, is the answer', async (kind) => {
    const { client } = await serveEarly(secure, (socket) => {
      if (secure) socket.destroy();
      else socket.resetAndDestroy();
    });
    for (let i = 0; i < 5; i++) {
      const answer = await client.http.post('/', { body: bodies[kind]!(), timeout: 5000 });
      expect(answer).toMatchObject({ status: 413, body: 'enough' });
    }
    expect(client.meter.requests({ status: '413' })).toBe(5);
  });

  test('by a server that read all of it lets the connection carry the next', async () => {
    const sockets = new Set<unknown>();
    const handler: http.RequestListener = (request, response) => {
      sockets.add(request.socket);
      void buffer(request).then((body) => response.end(String(body.length)));
    };
    const server = secure ? https.createServer(loopback, handler) : http.createServer(handler);
    const url = `${secure ? 'https' : 'http'}://127.0.0.1:${await listen(server)}`;
    const client = connect(url, { version: '1.1' }, trusting);
    for (let i = 0; i < 60; i++) {
      const size = [100, 17_000, 300_000, 3_000_000][i % 4]!;
      const body = i % 3 === 0 ? Buffer.alloc(size) : i % 3 === 1 ? 'x'.repeat(size) : [Buffer.alloc(size)];
      const sent = Array.isArray(body) ? Readable.from(body) : body;
      expect((await client.http.post('/', { body: sent })).body).toBe(String(size));
    }
    expect(sockets.size).toBe(1);
  });

  test('a session that ends in the middle of a body leaves nothing open', async () => {
    const { client } = await serveEarly(secure, () => {});
    const posts = [client.http.post('/', { body: Buffer.alloc(hugeBytes) })];
    await Promise.all(posts);
    const pending = client.http.post('/', { body: Buffer.alloc(hugeBytes), timeout: 60_000 });
    client.http.close();
    await expect(pending).rejects.toThrow('stopped');
  });
});

test('a server that closes without any answer fails the request once, by what it did', async () => {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.resetAndDestroy());
  });
  const client = connect(`http://127.0.0.1:${await listen(server)}`);
  const codes = /^(ECONNRESET|EPIPE|connection_closed)$/;
  for (const kind of Object.keys(bodies)) {
    const startedAt = performance.now();
    const { error } = await client.http.post('/', { body: bodies[kind]!(), timeout: 10_000 });
    expect(error?.code).toMatch(codes);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  }
  expect(client.meter.requests()).toBe(4);
});

describe.each([
  ['without TLS', serveClear],
  ['over TLS', serveSecure],
])('over HTTP/2 %s, an answer before the body is out', (_name, start) => {
  test.each(Object.keys(bodies))('of %s ends the request; the session carries the next', async (kind) => {
    for (const reset of [false, true]) {
      const server = await start((stream, headers) => {
        if (headers[':method'] !== 'POST') {
          stream.respond({ ':status': 200 });
          return void stream.end('ok');
        }
        stream.pause();
        stream.respond({ ':status': 413 });
        stream.end('enough');
        // RFC 9113 section 8.1: a reset without an error after a whole answer asks for no more of the body.
        if (reset) stream.once('finish', () => stream.close(0));
      });
      const client = connect(server.url, { version: '2' }, trusting);
      for (let i = 0; i < 3; i++) {
        const answer = await client.http.post('/', { body: bodies[kind]!(), timeout: 5000 });
        expect(answer).toMatchObject({ status: 413, body: 'enough' });
        expect(await client.http.get('/', { timeout: 5000 })).toMatchObject({ status: 200, body: 'ok' });
      }
      expect(server.sessions).toHaveLength(1);
      expect(client.meter.requests()).toBe(6);
      await delay(5);
    }
  });
});
