import http from 'node:http';
import type http2 from 'node:http2';
import https from 'node:https';
import { buffer } from 'node:stream/consumers';
import zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { HttpPlan } from '../../model/http-settings.ts';
import { delay } from '../../time/clock.ts';
import { makeCertificate } from './certificates.cases.ts';
import { connect, listen, serve } from './client.cases.ts';
import { loopback, serveClear, serveSecure, testAuthority, trusting } from './http2.cases.ts';

const clear: Partial<HttpPlan> = { version: '2' };

function answer(stream: http2.ServerHttp2Stream, body = 'ok', headers: http2.OutgoingHttpHeaders = {}): void {
  stream.respond({ ':status': 200, ...headers });
  stream.end(body);
}

describe('which protocol is spoken', () => {
  test('auto takes what the server chooses in the handshake', async () => {
    const both = await serveSecure((stream) => answer(stream));
    const client = connect(both.url, {}, trusting);
    expect((await client.http.get('/')).body).toBe('ok');
    expect(client.meter.requests({ proto: 'HTTP/2.0', tls_version: 'tls1.3', status: '200' })).toBe(1);
    const old = https.createServer(loopback, (_request, response) => response.end('old'));
    const plain = connect(`https://127.0.0.1:${await listen(old)}`, {}, trusting);
    expect((await plain.http.get('/')).body).toBe('old');
    expect(plain.meter.requests({ proto: 'HTTP/1.1' })).toBe(1);
  });

  test('1.1 never offers HTTP/2, and auto without TLS speaks HTTP/1.1', async () => {
    const offers: unknown[] = [];
    const server = https.createServer(
      {
        ...loopback,
        ALPNCallback: ({ protocols }) => {
          offers.push(protocols);
          return protocols[0];
        },
      },
      (_request, response) => response.end('ok'),
    );
    const url = `https://127.0.0.1:${await listen(server)}`;
    expect((await connect(url, { version: '1.1' }, trusting).http.get('/')).status).toBe(200);
    expect(offers).toEqual([]);
    const clearText = connect(await serve((_request, response) => response.end('ok')));
    expect((await clearText.http.get('/')).status).toBe(200);
    expect(clearText.meter.requests({ proto: 'HTTP/1.1' })).toBe(1);
  });

  test('2 without TLS starts with HTTP/2 at once', async () => {
    const server = await serveClear((stream) => answer(stream));
    const client = connect(server.url, clear);
    expect((await client.http.get('/')).status).toBe(200);
    expect(client.meter.requests({ proto: 'HTTP/2.0' })).toBe(1);
  });

  test('2 fails by name where the server does not agree', async () => {
    const noAlpn = https.createServer(loopback, (_request, response) => response.end('ok'));
    const other = https.createServer({ ...loopback, ALPNProtocols: ['http/1.1'] });
    for (const server of [noAlpn, other]) {
      server.on('tlsClientError', () => {});
      const client = connect(`https://127.0.0.1:${await listen(server)}`, clear, trusting);
      const { error } = await client.http.get('/');
      expect(error?.code).toBe('http2_not_spoken');
      expect(error?.message).toContain('http.version');
    }
    const clearText = connect(await serve((_request, response) => response.end('ok')), clear);
    expect((await clearText.http.get('/')).error?.code).toBe('http2_not_spoken');
    expect(clearText.meter.requests({ error_code: 'http2_not_spoken' })).toBe(1);
  });

  test('requests at once wait for the first handshake, and share the session or part', async () => {
    const server = await serveSecure((stream) => answer(stream));
    const client = connect(server.url, {}, trusting);
    const all = await client.http.batch(Array.from({ length: 30 }, (_, i) => `/${i}`));
    expect(all.every(({ status }) => status === 200)).toBe(true);
    expect(server.sessions).toHaveLength(1);
    expect(server.paths).toHaveLength(30);
    expect(client.meter.values('http_req_connecting').filter((ms) => ms > 0)).toHaveLength(1);
    await client.another().get('/');
    expect(server.sessions).toHaveLength(2);

    let sockets = 0;
    const old = https.createServer(loopback, (_request, response) => setTimeout(() => response.end(), 20));
    old.on('secureConnection', () => sockets++);
    const parted = connect(`https://127.0.0.1:${await listen(old)}`, { connectionsPerHost: 3 }, trusting);
    await parted.http.batch(Array.from({ length: 9 }, () => '/'));
    expect(sockets).toBe(3);
    expect(parted.meter.requests({ status: '200' })).toBe(9);
  });

  test('a failed handshake fails all that wait for it', async () => {
    const server = https.createServer(makeCertificate({ name: 'self', hosts: ['127.0.0.1'] }));
    server.on('tlsClientError', () => {});
    const client = connect(`https://127.0.0.1:${await listen(server)}`);
    const all = await client.http.batch(['/1', '/2', '/3']);
    expect(all.map(({ error }) => error?.code)).toEqual(Array(3).fill('tls_certificate_self_signed'));
    expect(client.meter.requests({ status: '0' })).toBe(3);
  });
});

describe('requests', () => {
  interface Echo {
    headers: Record<string, string>;
    body: string;
  }
  const echo = (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders): void => {
    void buffer(stream).then((body) => answer(stream, JSON.stringify({ headers, body: body.toString() })));
  };

  test('method, path, authority, headers and bodies arrive as written', async () => {
    const { url, port } = await serveClear(echo);
    const { http: client } = connect(url, clear);
    const get = (await client.get('/a?x=1', { params: { y: 'b' }, headers: { 'X-One': 1 } })).json<Echo>();
    expect(get.headers).toMatchObject({
      ':method': 'GET',
      ':scheme': 'http',
      ':authority': `127.0.0.1:${port}`,
      ':path': '/a?x=1&y=b',
      'x-one': '1',
      'user-agent': 'plimsoll/test',
    });
    const posted = (await client.post('/p', { json: { name: 'Jürgen' } })).json<Echo>();
    expect(JSON.parse(posted.body)).toEqual({ name: 'Jürgen' });
    expect(posted.headers).toMatchObject({ 'content-type': 'application/json', 'content-length': '18' });
    const bytes = (await client.put('/b', { body: Buffer.alloc(300_000, 'x') })).json<Echo>();
    expect(bytes.body).toHaveLength(300_000);
    const empty = (await client.post('/e')).json<Echo>();
    expect(empty.headers['content-length']).toBe('0');
    expect((await client.head('/h')).body).toBe('');
    const form = (await client.post('/m', { multipart: { note: 'hello' } })).json<Echo>();
    expect(form.body).toContain('hello');
  });

  test('headers that belong to a connection are left out, and host is the authority', async () => {
    const { url } = await serveClear(echo);
    const { http: client } = connect(url, clear);
    const headers = {
      host: 'shop.example',
      connection: 'keep-alive',
      'keep-alive': 'timeout=5',
      'transfer-encoding': 'chunked',
      te: 'gzip',
      upgrade: 'h2c',
    };
    const seen = (await client.post('/', { headers, body: 'x' })).json<Echo>().headers;
    expect(seen[':authority']).toBe('shop.example');
    for (const name of Object.keys(headers)) expect(seen[name], name).toBeUndefined();
    expect((await client.get('/', { headers: { te: 'trailers' } })).json<Echo>().headers.te).toBe('trailers');
  });

  test('a body that is made while it is sent goes out in pieces', async () => {
    const { url } = await serveClear(echo);
    const client = connect(url, clear);
    async function* source(): AsyncGenerator<string> {
      yield 'one ';
      await delay(5);
      yield 'two';
    }
    const sent = (await client.http.post('/', { body: source })).json<Echo>();
    expect(sent.body).toBe('one two');
    async function* broken(): AsyncGenerator<string> {
      yield 'one';
      throw new Error('no more');
    }
    expect((await client.http.post('/', { body: broken })).error?.code).toBe('upload_failed');
    expect((await client.http.get('/')).status).toBe(200);
  });

  test('cookies, redirects, decoding and digest work as over HTTP/1.1', async () => {
    const server = await serveSecure((stream, headers) => {
      const path = headers[':path'];
      if (path === '/set') answer(stream, '', { 'set-cookie': ['a=1; Path=/', 'b=2; Path=/'] });
      else if (path === '/cookies') answer(stream, headers.cookie);
      else if (path === '/from') answer(stream, '', { ':status': 302, location: '/cookies' });
      else if (path === '/packed') {
        stream.respond({ 'content-encoding': 'gzip' });
        stream.end(zlib.gzipSync('packed'));
      } else if (headers.authorization === undefined) {
        const challenge = 'Digest realm="r", nonce="n", qop="auth"';
        answer(stream, '', { ':status': 401, 'www-authenticate': challenge });
      } else answer(stream, headers.authorization.split(' ')[0]);
    });
    const { http: client } = connect(server.url, {}, trusting);
    const set = await client.get('/set');
    expect(set.headers['set-cookie']).toBe('a=1; Path=/\nb=2; Path=/');
    expect((await client.get('/cookies')).body).toBe('a=1; b=2');
    expect((await client.get('/from')).body).toBe('a=1; b=2');
    expect((await client.get('/packed')).body).toBe('packed');
    const auth = { scheme: 'digest', username: 'u', password: 'p' } as const;
    expect((await client.get('/digest', { auth })).body).toBe('Digest');
    expect(server.sessions).toHaveLength(1);
  });

  test('a proxy tunnels it, and a client certificate is shown', async () => {
    const own = makeCertificate({ name: 'tester', issuer: testAuthority });
    const server = await serveSecure(
      (stream) => {
        const socket = stream.session!.socket as import('node:tls').TLSSocket;
        answer(stream, socket.getPeerCertificate().subject.CN as string);
      },
      { ca: testAuthority.cert, requestCert: true, rejectUnauthorized: true },
    );
    const net = await import('node:net');
    const proxy = http.createServer();
    proxy.on('connect', (_request, socket) => {
      const upstream = net.connect(server.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
    });
    const proxies = { https: `http://127.0.0.1:${await listen(proxy)}` };
    const tls = { ca: [testAuthority.cert], cert: own.cert, key: own.key };
    const client = connect('https://shop.example', {}, { tls, proxies });
    const all = await client.http.batch(['/1', '/2', '/3']);
    expect(all.map(({ body }) => body)).toEqual(['tester', 'tester', 'tester']);
    expect(client.meter.requests({ proto: 'HTTP/2.0' })).toBe(3);
    expect(server.sessions).toHaveLength(1);
    const stranger = connect(server.url, {}, trusting);
    expect((await stranger.http.get('/')).error?.code).toBe('tls_client_certificate_required');
  });
});

describe('sharing a session', () => {
  test('no more streams are open than the server allows; the others wait, blocked', async () => {
    let open = 0;
    let most = 0;
    const server = await serveClear(
      (stream) => {
        most = Math.max(most, ++open);
        setTimeout(() => {
          open--;
          answer(stream);
        }, 20);
      },
      { settings: { maxConcurrentStreams: 4 } },
    );
    const client = connect(server.url, clear);
    await client.http.batch(Array.from({ length: 20 }, (_, i) => `/${i}`));
    expect(most).toBe(4);
    expect(server.sessions).toHaveLength(1);
    expect(client.meter.requests({ status: '200' })).toBe(20);
    const blocked = client.meter.values('http_req_blocked');
    expect(Math.max(...blocked)).toBeGreaterThanOrEqual(60);
    const waiting = client.meter.values('http_req_waiting');
    expect(Math.min(...waiting)).toBeGreaterThanOrEqual(15);
  });

  test('times and bytes are those of the request; all bytes of the session are shared out', async () => {
    const server = await serveClear((stream, headers) => {
      setTimeout(() => {
        stream.respond({ ':status': 200 });
        stream.write('a');
        setTimeout(() => stream.end('b'.repeat(headers[':path'] === '/large' ? 100_000 : 10)), 40);
      }, 30);
    });
    const client = connect(server.url, clear);
    const { timings } = await client.http.get('/');
    expect(timings.waiting).toBeGreaterThanOrEqual(29);
    expect(timings.receiving).toBeGreaterThanOrEqual(38);
    expect(timings.connecting).toBeGreaterThan(0);
    expect(timings.blocked).toBeGreaterThanOrEqual(timings.connecting);
    await client.http.batch([
      '/small',
      '/large',
      { method: 'POST', url: '/post', options: { body: 'x'.repeat(50_000) } },
    ]);
    const sum = (metric: string, name?: string): number =>
      client.meter.values(metric, name === undefined ? {} : { name }).reduce((a, b) => a + b, 0);
    expect(sum('data_received', '/large')).toBeGreaterThanOrEqual(99_000);
    expect(sum('data_received', '/small')).toBeLessThan(1000);
    expect(sum('data_sent', '/post')).toBeGreaterThanOrEqual(50_000);
    const { bytesRead, bytesWritten } = server.sessions[0]!.socket as import('node:net').Socket;
    // Window updates and the like after the last request are nobody's.
    expect(bytesRead - sum('data_sent')).toBeLessThan(200);
    expect(bytesRead - sum('data_sent')).toBeGreaterThanOrEqual(0);
    expect(bytesWritten - sum('data_received')).toBeLessThan(200);
    expect(bytesWritten - sum('data_received')).toBeGreaterThanOrEqual(0);
  });
});

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
    const net = await import('node:net');
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
