import type http from 'node:http';
import net from 'node:net';
import { buffer } from 'node:stream/consumers';
import zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { delay } from '../../time/timer.ts';
import { connect, listen, serve } from './keeping-client.cases.ts';

describe('timeouts', () => {
  test('connecting has a limit of its own', async () => {
    // Accepts connections and never speaks, so that no TLS handshake comes to an end.
    const port = await listen(net.createServer(() => {}));
    const client = connect(`https://127.0.0.1:${port}`);
    const { error } = await client.http.get('/', { timeout: { connect: 60 } });
    expect(error).toEqual({ code: 'connect_timeout', message: 'no connection within 60 ms' });
    expect(client.meter.values('http_req_duration')[0]).toBeGreaterThanOrEqual(60);
  });

  test('the first byte has one, which a slow body does not meet', async () => {
    const base = await serve((request, response) => {
      if (request.url === '/silent') return;
      response.write('a');
      setTimeout(() => response.end('b'), 150);
    });
    const client = connect(base, { responseTimeoutMs: 80 });
    expect((await client.http.get('/silent')).error?.code).toBe('response_timeout');
    expect((await client.http.get('/slow')).body).toBe('ab');
    expect((await client.http.get('/slow', { timeout: { total: 70 } })).error?.code).toBe('timeout');
    expect(client.failures).toEqual(['response_timeout', 'timeout']);
  });
});

describe('sizes', () => {
  const endless: http.RequestListener = (_request, response) => {
    const piece = Buffer.alloc(64 * 1024, 'x');
    const write = (): void => {
      while (!response.destroyed && response.write(piece));
      if (!response.destroyed) response.once('drain', write);
    };
    write();
  };

  test('a body beyond the limit ends the request, however it is sent', async () => {
    const client = connect(await serve(endless), { maxResponseBytes: 1024 * 1024 });
    const { error } = await client.http.get('/');
    expect(error?.code).toBe('response_too_large');
    expect(error?.message).toContain('maxResponseSize');
    expect((await client.http.get('/', { maxResponseSize: '10KB' })).error?.code).toBe('response_too_large');
    expect(client.meter.requests({ error_code: 'response_too_large' })).toBe(2);
    // What is not kept has no limit but the time.
    expect((await client.http.get('/', { responseType: 'none', timeout: 100 })).error?.code).toBe('timeout');
  });

  test('a body that unpacks to more than the limit is not unpacked', async () => {
    const bomb = zlib.gzipSync(Buffer.alloc(5_000_000));
    const base = await serve((_request, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(bomb);
    });
    const { http: client } = connect(base);
    expect((await client.get('/')).text()).toHaveLength(5_000_000);
    expect((await client.get('/', { maxResponseSize: '1MB' })).error?.code).toBe('response_too_large');
    expect(() => client.get('/', { maxResponseSize: 'big' })).toThrow('not a size');
  });
});

describe('responseType', () => {
  test('json is parsed when it is read', async () => {
    const base = await serve((request, response) => response.end(request.url === '/ok' ? '{"a":1}' : 'oops'));
    const { http: client } = connect(base);
    expect((await client.get('/ok', { responseType: 'json' })).body).toEqual({ a: 1 });
    const bad = await client.get('/bad', { responseType: 'json' });
    expect(bad.ok).toBe(true);
    expect(() => bad.body).toThrow('is not JSON');
  });

  test('a stream gives its pieces as they come, and ends the request with its end', async () => {
    let finish = (): void => {};
    const base = await serve((_request, response) => {
      response.write('first');
      finish = () => response.end('last');
    });
    const client = connect(base);
    const response = await client.http.get('/', { responseType: 'stream' });
    expect(response.status).toBe(200);
    expect(client.meter.requests()).toBe(0);
    const pieces: string[] = [];
    for await (const piece of response.body) {
      pieces.push(String(piece));
      if (pieces.length === 1) finish();
    }
    expect(pieces).toEqual(['first', 'last']);
    expect(client.meter.requests({ status: '200' })).toBe(1);
    // The connection serves the next request.
    const again = await client.http.get('/', { responseType: 'stream' });
    finish();
    expect(String(await buffer(again.body))).toBe('firstlast');
    expect(client.meter.values('http_req_connecting').filter((ms) => ms > 0)).toHaveLength(1);
  });

  test('a slow reader slows the sender down', async () => {
    let sentBytes = 0;
    const base = await serve((_request, response) => {
      const piece = Buffer.alloc(64 * 1024, 'x');
      let left = 1024;
      const write = (): void => {
        while (left > 0) {
          left--;
          sentBytes += piece.length;
          if (!response.write(piece)) return void response.once('drain', write);
        }
        response.end();
      };
      write();
    });
    const client = connect(base);
    const response = await client.http.get('/', { responseType: 'stream' });
    await delay(150);
    // 64 MB in all; what may be under way are the buffers of the two sockets.
    expect(sentBytes).toBeLessThan(32 * 1024 * 1024);
    expect(await buffer(response.body)).toHaveLength(64 * 1024 * 1024);
    expect(client.meter.requests({ status: '200' })).toBe(1);
  });

  test('a stream is decoded, follows redirects, and may be empty', async () => {
    const base = await serve((request, response) => {
      if (request.url === '/from') return void response.writeHead(302, { location: '/to' }).end('moved');
      if (request.url === '/none') return void response.writeHead(204).end();
      response.setHeader('content-encoding', 'gzip');
      response.end(zlib.gzipSync('packed'));
    });
    const client = connect(base);
    const response = await client.http.get('/from', { responseType: 'stream' });
    expect(response.url).toBe(`${base}/to`);
    expect(String(await buffer(response.body))).toBe('packed');
    const empty = await client.http.get('/none', { responseType: 'stream' });
    expect(await buffer(empty.body)).toHaveLength(0);
    expect(client.meter.requests()).toBe(3);
  });

  test('a stream that breaks off fails its reader, one that is dropped does not fail', async () => {
    const base = await serve((request, response) => {
      response.write('some');
      if (request.url === '/break') setTimeout(() => response.destroy(), 20);
    });
    const client = connect(base);
    const broken = await client.http.get('/break', { responseType: 'stream' });
    await expect(buffer(broken.body)).rejects.toMatchObject({ name: 'HttpRequestError' });
    expect(client.failures).toHaveLength(1);
    const dropped = await client.http.get('/drop', { responseType: 'stream' });
    dropped.body.destroy();
    await delay(20);
    expect(client.meter.requests({ status: '200' })).toBe(1);
    expect(client.failures).toHaveLength(1);
    const cut = await client.http.get('/cut', { responseType: 'stream' });
    client.http.close();
    await expect(buffer(cut.body)).rejects.toThrow('stopped');
    expect(client.meter.requests({ error_code: 'aborted' })).toBe(1);
    expect(client.meter.waits.get('http_req_duration')).toHaveLength(1);
  });
});

describe('retries', () => {
  /** Fails as `failures` says, one after the other, then answers 200. */
  async function flaky(failures: readonly (number | 'reset')[]): Promise<{ base: string; times: number[] }> {
    const times: number[] = [];
    const base = await serve((request, response) => {
      const failure = failures[times.length];
      times.push(performance.now());
      if (failure === 'reset') request.socket.resetAndDestroy();
      else response.writeHead(failure ?? 200).end('done');
    });
    return { base, times };
  }

  test('each attempt counts, and the waits double', async () => {
    const { base, times } = await flaky([503, 'reset', 502]);
    const client = connect(base);
    const response = await client.http.post('/', { body: 'x', retries: { count: 3, backoff: '20ms' } });
    expect(response.status).toBe(200);
    expect(times).toHaveLength(4);
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(19);
    expect(times[3]! - times[2]!).toBeGreaterThanOrEqual(79);
    expect(client.meter.requests()).toBe(4);
    expect(client.meter.requests({ status: '503' })).toBe(1);
    expect(client.meter.requests({ status: '0' })).toBe(1);
    expect(client.failures).toHaveLength(3);
  });

  test('they end with their count, and are for listed reasons only', async () => {
    const { base, times } = await flaky([500, 503, 503, 503]);
    const client = connect(base, { retries: { count: 2, backoffMs: 1, on: [503] } });
    expect((await client.http.get('/')).status).toBe(500);
    expect(times).toHaveLength(1);
    expect((await client.http.get('/')).status).toBe(503);
    expect(times).toHaveLength(4);
  });

  test('an end in the middle of a wait ends it', async () => {
    const { base, times } = await flaky([503]);
    const client = connect(base);
    const pending = client.http.get('/', { retries: { count: 1, backoff: '1h' } });
    while (times.length === 0 || client.meter.requests() === 0) await delay(5);
    client.http.close();
    await expect(pending).rejects.toThrow('stopped');
  });
});
