import type http2 from 'node:http2';
import net from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import type { HttpPlan } from '../../../model/http-settings.ts';
import { delay } from '../../../time/timer.ts';
import { connect, listen } from '../keeping-client.cases.ts';
import { serveClear } from './servers.cases.ts';

const clear: Partial<HttpPlan> = { version: '2' };

function answer(stream: http2.ServerHttp2Stream, body = 'ok', headers: http2.OutgoingHttpHeaders = {}): void {
  stream.respond({ ':status': 200, ...headers });
  stream.end(body);
}

describe('limits', () => {
  test('a timeout ends one request, and the others on the session go on', async () => {
    const server = await serveClear((stream, headers) => {
      if (headers[':path'] === '/silent') return;
      setTimeout(() => answer(stream), 150);
    });
    const client = connect(server.url, clear);
    const [silent, slow, phase] = await client.http.batch([
      { url: '/silent', options: { timeout: 80 } },
      { url: '/slow' },
      { url: '/silent', options: { timeout: { response: 60 } } },
    ]);
    expect(silent?.error?.code).toBe('timeout');
    expect(phase?.error?.code).toBe('response_timeout');
    expect(slow?.status).toBe(200);
    expect((await client.http.get('/again')).status).toBe(200);
  });

  test('a session that was silent for a whole timeout is given up', async () => {
    let silent = false;
    const server = await serveClear((stream) => {
      if (!silent) answer(stream);
    });
    const client = connect(server.url, clear);
    expect((await client.http.get('/')).status).toBe(200);
    await delay(20);
    silent = true;
    expect((await client.http.get('/', { timeout: 80 })).error?.code).toBe('timeout');
    silent = false;
    expect((await client.http.get('/')).status).toBe(200);
    expect((await client.http.get('/')).status).toBe(200);
    expect(server.sessions).toHaveLength(2);
  });

  test('connecting has a limit for all that wait', async () => {
    const port = await listen(net.createServer(() => {}));
    const client = connect(`https://127.0.0.1:${port}`);
    const all = await client.http.batch(
      ['/1', '/2'].map((url) => ({ url, options: { timeout: { connect: 60 } } })),
    );
    expect(all.map(({ error }) => error?.code)).toEqual(['connect_timeout', 'connect_timeout']);
  });

  test('a body beyond the limit ends its request alone', async () => {
    const server = await serveClear((stream, headers) => {
      if (headers[':path'] === '/ok') return void setTimeout(() => answer(stream), 50);
      stream.respond({});
      const piece = Buffer.alloc(64 * 1024, 'x');
      const write = (): void => {
        while (!stream.destroyed && stream.write(piece));
        if (!stream.destroyed) stream.once('drain', write);
      };
      write();
    });
    const client = connect(server.url, { ...clear, maxResponseBytes: 1024 * 1024 });
    const [endless, other] = await client.http.batch(['/', '/ok']);
    expect(endless?.error?.code).toBe('response_too_large');
    expect(other?.status).toBe(200);
    const discarded = await client.http.get('/', { responseType: 'none', timeout: 150 });
    expect(discarded.error?.code).toBe('timeout');
    expect(server.sessions).toHaveLength(1);
  });
});

describe('streams', () => {
  test('pieces come as they come; dropping them ends the request, not the session', async () => {
    let finish = (): void => {};
    const server = await serveClear((stream) => {
      stream.respond({});
      stream.write('first');
      finish = () => stream.end('last');
    });
    const client = connect(server.url, clear);
    const response = await client.http.get('/', { responseType: 'stream' });
    expect(client.meter.requests()).toBe(0);
    const pieces: string[] = [];
    for await (const piece of response.body) {
      pieces.push(String(piece));
      if (pieces.length === 1) finish();
    }
    expect(pieces).toEqual(['first', 'last']);
    expect(client.meter.requests({ status: '200' })).toBe(1);
    const dropped = await client.http.get('/', { responseType: 'stream' });
    dropped.body.destroy();
    await delay(20);
    expect(client.meter.requests({ status: '200' })).toBe(2);
    const none = await client.http.get('/', { responseType: 'stream' });
    client.http.close();
    await expect(buffer(none.body)).rejects.toThrow('stopped');
    expect(client.meter.requests({ error_code: 'aborted' })).toBe(1);
    expect(server.sessions).toHaveLength(1);
  });

  test('a slow reader slows its own sender down, and no other', async () => {
    let sentBytes = 0;
    const server = await serveClear((stream, headers) => {
      if (headers[':path'] === '/quick') return answer(stream);
      stream.respond({});
      const piece = Buffer.alloc(64 * 1024, 'x');
      let left = 512;
      const write = (): void => {
        while (left > 0) {
          left--;
          sentBytes += piece.length;
          if (!stream.write(piece)) return void stream.once('drain', write);
        }
        stream.end();
      };
      write();
    });
    const client = connect(server.url, clear);
    const response = await client.http.get('/', { responseType: 'stream' });
    await delay(150);
    expect(sentBytes).toBeLessThan(16 * 1024 * 1024);
    expect((await client.http.get('/quick')).status).toBe(200);
    expect(await buffer(response.body)).toHaveLength(32 * 1024 * 1024);
    expect(client.meter.requests({ status: '200' })).toBe(2);
  });
});

test('the end of a session lets what was sent reach the server, and closes the socket', async () => {
  let closed = 0;
  const server = await serveClear(() => {}, { settings: { maxConcurrentStreams: 5 } });
  const client = connect(server.url, clear);
  const pending = Array.from({ length: 8 }, (_, i) =>
    client.http.get(`/${i}`).catch((error: Error) => error.name),
  );
  while (server.paths.length < 5) await delay(5);
  server.sessions[0]!.on('close', () => closed++);
  client.http.close();
  expect(await Promise.all(pending)).toEqual(Array(8).fill('StoppedError'));
  expect(client.meter.requests()).toBe(5);
  expect(client.meter.requests({ error_code: 'aborted' })).toBe(5);
  while (closed === 0) await delay(5);
  expect(server.paths).toHaveLength(5);
});

test('requests cut off in the moment they are sent are received all the same', async () => {
  const server = await serveClear(() => {});
  const client = connect(server.url, clear);
  const first = client.http.get('/0').catch(() => {});
  while (server.paths.length < 1) await delay(5);
  const more = Array.from({ length: 9 }, (_, i) => client.http.get(`/${i + 1}`).catch(() => {}));
  client.http.close();
  await Promise.all([first, ...more]);
  expect(client.meter.requests({ error_code: 'aborted' })).toBe(10);
  while (server.paths.length < 10) await delay(5);
});
