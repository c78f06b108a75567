import http2 from 'node:http2';
import net from 'node:net';
import { describe, expect, test } from 'vitest';
import type { HttpPlan } from '../../../model/http-settings.ts';
import { delay } from '../../../time/timer.ts';
import { connect, listen } from '../keeping-client.cases.ts';
import { frame, loopback, serveBytes, serveClear, serveSecure, trusting } from './servers.cases.ts';

const clear: Partial<HttpPlan> = { version: '2', timeoutMs: 3000 };
const { constants } = http2;

describe('what a server says', () => {
  test.each([
    [constants.NGHTTP2_INTERNAL_ERROR, 'http2_internal_error'],
    [constants.NGHTTP2_CANCEL, 'http2_cancel'],
    [constants.NGHTTP2_ENHANCE_YOUR_CALM, 'http2_enhance_your_calm'],
    [constants.NGHTTP2_HTTP_1_1_REQUIRED, 'http2_http_1_1_required'],
    [4711, 'http2_unknown_error'],
  ])('a stream reset with code %d fails its request as %s', async (code, name) => {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(code);
    const settings = frame(4, 0, 0);
    const reset = frame(3, 0, 1, payload);
    const half = Buffer.concat([frame(1, 4, 1, Buffer.from([0x88])), frame(0, 0, 1, Buffer.from('half'))]);
    for (const before of [settings, Buffer.concat([settings, half])]) {
      const peer = await serveBytes((socket) => {
        socket.write(before);
        setTimeout(() => socket.write(reset), 20);
      });
      const client = connect(peer.url, clear);
      const { error } = await client.http.get('/');
      expect(error?.code).toBe(name);
      expect(error?.message).toContain(`(${code})`);
      expect(client.meter.requests({ error_code: name })).toBe(1);
    }
  });

  test('a body that ends before its length, by a reset without an error, is not whole', async () => {
    const server = await serveClear((stream) => {
      stream.respond({ 'content-length': 100 });
      stream.write('half');
      setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), 20);
    });
    const client = connect(server.url, clear);
    const { error } = await client.http.get('/');
    expect(['protocol_error', 'http2_protocol_error']).toContain(error?.code);
  });

  test('a refused stream is sent again once, whatever its method, and counts once', async () => {
    let refusals = 1;
    const server = await serveClear((stream) => {
      if (refusals-- > 0) stream.close(constants.NGHTTP2_REFUSED_STREAM);
      else stream.respond({ ':status': 201 }, { endStream: true });
    });
    const client = connect(server.url, clear);
    expect((await client.http.post('/', { body: 'x' })).status).toBe(201);
    expect(client.meter.requests()).toBe(1);
    refusals = 2;
    expect((await client.http.post('/', { body: 'x' })).error?.code).toBe('http2_refused_stream');
    expect(client.meter.requests()).toBe(2);
    expect(server.paths).toHaveLength(4);
  });

  test('after a goaway what was not processed goes over a new session, the rest ends where it is', async () => {
    const server = await serveClear((stream, headers) => {
      const session = stream.session!;
      if (headers[':path'] === '/last') {
        // Says so before it has looked at what came with it.
        session.goaway(constants.NGHTTP2_NO_ERROR, stream.id);
      }
      setTimeout(() => {
        if (stream.closed || stream.destroyed) return;
        stream.respond({}, { endStream: true });
      }, 60);
    });
    const client = connect(server.url, clear);
    expect((await client.http.get('/first')).status).toBe(200);
    const all = await client.http.batch([
      '/last',
      '/1',
      '/2',
      { url: '/3', method: 'POST', options: { body: 'x' } },
    ]);
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(client.meter.requests()).toBe(5);
    expect(server.sessions).toHaveLength(2);
    expect((await client.http.get('/next')).status).toBe(200);
    expect(server.sessions).toHaveLength(2);
  });

  test('a goaway with an error fails what was processed', async () => {
    const server = await serveClear((stream) => {
      stream.session!.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, stream.id);
    });
    const client = connect(server.url, clear);
    const { error } = await client.http.get('/');
    expect(error).toEqual({
      code: 'http2_enhance_your_calm',
      message: 'the server closed the session: ENHANCE_YOUR_CALM (11)',
    });
    expect((await client.http.get('/')).error?.code).toBe('http2_enhance_your_calm');
    expect(server.sessions).toHaveLength(2);
  });

  test('a server that says goodbye after each answer serves a whole batch', async () => {
    const server = await serveClear(
      (stream) => {
        stream.session!.close();
        stream.respond({}, { endStream: true });
      },
      { settings: { maxConcurrentStreams: 1 } },
    );
    const client = connect(server.url, clear);
    const all = await client.http.batch(['/1', '/2', '/3', '/4', '/5']);
    expect(all.map(({ status }) => status)).toEqual(Array(5).fill(200));
    expect(client.meter.requests()).toBe(5);
  });
});

describe('connections that end', () => {
  test.each([
    ['closed', (socket: net.Socket) => socket.end(), 'connection_closed'],
    ['reset', (socket: net.Socket) => socket.resetAndDestroy(), 'ECONNRESET'],
  ])('requests on a session whose socket is %s fail by its name', async (_how, end, code) => {
    const sockets: net.Socket[] = [];
    const inner = http2.createServer();
    inner.on('session', (session) => session.on('error', () => {}));
    inner.on('stream', (stream) => {
      stream.on('error', () => {});
      stream.respond({});
      stream.write('half');
    });
    const server = net.createServer((socket) => {
      sockets.push(socket);
      inner.emit('connection', socket);
    });
    const client = connect(`http://127.0.0.1:${await listen(server)}`, clear);
    const pending = [client.http.get('/1'), client.http.get('/2')];
    await delay(60);
    end(sockets[0]!);
    const errors = (await Promise.all(pending)).map(({ error }) => error?.code);
    expect(errors).toEqual([code, code]);
    expect(client.meter.requests({ error_code: code })).toBe(2);
  });

  test('over TLS they have the same names', async () => {
    const sockets: net.Socket[] = [];
    const server = http2.createSecureServer(loopback);
    server.on('connection', (socket: net.Socket) => sockets.push(socket));
    server.on('session', (session) => session.on('error', () => {}));
    server.on('sessionError', () => {});
    server.on('stream', (stream) => stream.on('error', () => {}));
    const url = `https://127.0.0.1:${await listen(server as unknown as net.Server)}`;
    const client = connect(url, {}, trusting);
    const pending = client.http.get('/');
    await delay(80);
    sockets[0]!.resetAndDestroy();
    expect((await pending).error?.code).toBe('ECONNRESET');
    const next = client.http.get('/');
    while (sockets.length < 2) await delay(5);
    await delay(60);
    sockets[1]!.end();
    expect((await next).error?.code).toBe('connection_closed');
  });

  test('a server that closes an idle session costs no request', async () => {
    const server = await serveSecure((stream) => stream.respond({}, { endStream: true }));
    const client = connect(server.url, {}, trusting);
    expect((await client.http.get('/')).status).toBe(200);
    server.sessions[0]!.close();
    await delay(50);
    expect((await client.http.get('/')).status).toBe(200);
    server.sessions[1]!.destroy();
    await delay(50);
    expect((await client.http.post('/', { body: 'x' })).status).toBe(200);
    expect(server.sessions).toHaveLength(3);
    expect(client.meter.requests()).toBe(3);
    expect(client.failures).toEqual([]);
  });
});

describe('broken frames', () => {
  const settings = frame(4, 0, 0);
  const headers = (flags: number, block: Buffer): Buffer => frame(1, flags, 1, block);
  /** `:status: 200` of the static table. */
  const ok = Buffer.from([0x88]);

  test.each([
    ['random bytes', Buffer.from('not HTTP/2 at all, whatever this may be'), 'http2_not_spoken'],
    [
      'an answer to a stream never opened',
      Buffer.concat([settings, frame(1, 5, 7, ok)]),
      'http2_protocol_error',
    ],
    [
      'no status',
      Buffer.concat([settings, headers(5, Buffer.from([0x00, 1, 0x61, 1, 0x62]))]),
      'http2_protocol_error',
    ],
    [
      'a body longer than its length',
      Buffer.concat([
        settings,
        headers(4, Buffer.from([0x88, 0x0f, 0x0d, 1, 0x31])),
        frame(0, 1, 1, Buffer.from('xxx')),
      ]),
      'http2_protocol_error',
    ],
    [
      'a window that overflows',
      Buffer.concat([settings, frame(8, 0, 0, Buffer.from([0x7f, 0xff, 0xff, 0xff]))]),
      'http2_flow_control_error',
    ],
  ])('%s: the request fails by name', async (_name, bytes, code) => {
    const peer = await serveBytes((socket) => void socket.write(bytes));
    const client = connect(peer.url, clear);
    expect((await client.http.get('/')).error?.code).toBe(code);
    expect(client.meter.requests()).toBe(1);
  });

  test('a header block that never ends is given up', async () => {
    let sentBytes = 0;
    const peer = await serveBytes((socket) => {
      socket.write(settings);
      socket.write(headers(0, Buffer.concat([ok, Buffer.from([0x00, 1, 0x61, 1, 0x62])])));
      const line = Buffer.concat([Buffer.from([0x00, 1, 0x61, 0x7f, 0x81, 0x7e]), Buffer.alloc(16_256, 'x')]);
      const more = (): void => {
        while (!socket.destroyed && socket.writable) {
          sentBytes += line.length;
          if (!socket.write(frame(9, 0, 1, line.subarray(0, 16_384)))) return void socket.once('drain', more);
          if (sentBytes > 64 * 1024 * 1024) return;
        }
      };
      more();
    });
    const client = connect(peer.url, clear);
    const { error } = await client.http.get('/');
    expect(error?.code).toMatch(/^http2_/);
    expect(sentBytes).toBeLessThan(32 * 1024 * 1024);
  });

  test('a head larger than 64 KB is no answer', async () => {
    // One field of 16 KB, five times over.
    const value = Buffer.alloc(16_000, 'y');
    const line = Buffer.concat([Buffer.from([0x00, 1, 0x61, 0x7f, 0x81, 0x7c]), value]);
    const peer = await serveBytes((socket) => {
      socket.write(Buffer.concat([settings, headers(0, ok)]));
      for (let i = 0; i < 5; i++) socket.write(frame(9, i === 4 ? 4 : 0, 1, line));
    });
    const { error } = await connect(peer.url, { ...clear, timeoutMs: 500 }).http.get('/');
    expect(error).not.toBeNull();
  });

  test('informational responses without end are given up', async () => {
    const peer = await serveBytes((socket) => {
      socket.write(settings);
      // `:status: 103`, literal.
      const early = headers(4, Buffer.from([0x08, 3, 0x31, 0x30, 0x33]));
      socket.write(Buffer.concat(Array.from({ length: 1100 }, () => early)));
    });
    const client = connect(peer.url, clear);
    expect((await client.http.get('/')).error?.code).toBe('protocol_error');
  });
});
