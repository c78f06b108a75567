import http from 'node:http';
import type http2 from 'node:http2';
import https from 'node:https';
import { buffer } from 'node:stream/consumers';
import zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { HttpPlan } from '../../../model/http-settings.ts';
import { delay } from '../../../time/timer.ts';
import { makeCertificate } from '../certificates.cases.ts';
import { connect, listen, serve } from '../keeping-client.cases.ts';
import { loopback, serveClear, serveSecure, testAuthority, trusting } from './servers.cases.ts';

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
    buffer(stream).then(
      (body) => answer(stream, JSON.stringify({ headers, body: body.toString() })),
      // A body that its client gave up.
      () => {},
    );
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
    // A busy machine may read the head late, and then waits less for the body.
    expect(timings.receiving).toBeGreaterThanOrEqual(20);
    expect(timings.waiting + timings.receiving).toBeGreaterThanOrEqual(67);
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
