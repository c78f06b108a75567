import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { blackHole } from '../../network/black-hole.cases.ts';
import { delay } from '../../time/timer.ts';
import { makeCertificate } from './certificates.cases.ts';
import { atEnd, connect, listen, serve } from './keeping-client.cases.ts';

const echo: http.RequestListener = (request, response) => {
  const { method, url, headers } = request;
  response.end(JSON.stringify({ method, url, host: headers.host, auth: headers['proxy-authorization'] }));
};

test('unix sockets are reached by URL and by option', async () => {
  const file = path.join(os.tmpdir(), `plimsoll-test-${process.pid}.sock`);
  const server = http.createServer((request, response) => {
    response.setHeader('set-cookie', 'id=1; Path=/');
    response.end(`${request.headers.host} ${request.url} ${request.headers.cookie ?? '-'}`);
  });
  await new Promise<void>((resolve) => server.listen(file, resolve));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  const client = connect(`http+unix://${encodeURIComponent(file)}/api`);
  expect((await client.http.get('/x?y=1')).body).toBe('localhost /api/x?y=1 -');
  expect((await client.http.get('/again')).body).toBe('localhost /api/again id=1');
  const named = connect('http://shop.example', { socketPath: file });
  expect((await named.http.get('/')).body).toBe('shop.example / -');
});

test('hosts stand in for names, with and without a port', async () => {
  const port = Number(new URL(await serve(echo)).port);
  const client = connect('http://shop.example', {
    hosts: {
      'shop.example': `127.0.0.1:${port}`,
      'api.example:8080': `127.0.0.1:${port}`,
      'old.example': '127.0.0.1',
    },
  });
  expect((await client.http.get('/a')).json()).toMatchObject({ host: 'shop.example', url: '/a' });
  expect((await client.http.get('http://api.example:8080/b')).json()).toMatchObject({
    host: 'api.example:8080',
  });
  expect((await client.http.get(`http://old.example:${port}/`)).status).toBe(200);
});

test('hosts are found however their name is spelled, and no other names are', async () => {
  const port = Number(new URL(await serve(echo)).port);
  const { http: user } = connect('http://shop.example', {
    hosts: {
      'Shop.Example.': `127.0.0.1:${port}`,
      'bücher.example:8080': `127.0.0.1:${port}`,
      '[fd00::1]:80': `127.0.0.1:${port}`,
    },
  });
  for (const url of ['http://SHOP.example/', 'http://shop.example./', 'http://xn--bcher-kva.example:8080/']) {
    expect((await user.get(url)).status, url).toBe(200);
  }
  expect((await user.get('http://[fd00:0::1]/')).status).toBe(200);
  // A name that every object of JavaScript has.
  expect((await user.get(`http://constructor:${port}/`)).error?.code).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/);
});

test('IPv6 addresses stand in brackets', async () => {
  const hasIpv6 = Object.values(os.networkInterfaces()).some((list) =>
    list?.some(({ address }) => address === '::1'),
  );
  const port = hasIpv6 ? await listen(http.createServer(echo), '::1') : 1;
  const response = await connect(`http://[::1]:${port}`).http.get('/');
  if (hasIpv6) expect(response.json()).toMatchObject({ host: `[::1]:${port}` });
  else expect(response.error?.code).toMatch(/^E(CONNREFUSED|ADDRNOTAVAIL|NETUNREACH|AFNOSUPPORT)$/);
});

test('VUs take the local addresses in turn', async () => {
  const base = await serve((request, response) => response.end(request.socket.remoteAddress));
  // Only Linux answers for all of 127.0.0.0/8.
  const second = process.platform === 'linux' ? '127.0.0.2' : '127.0.0.1';
  const client = connect(base, { localAddresses: ['127.0.0.1', second] });
  const seen = [client.http, client.another(), client.another()].map(async (vu) => (await vu.get('/')).body);
  expect(await Promise.all(seen)).toEqual(['127.0.0.1', second, '127.0.0.1']);
});

test('an address that answers late is waited for as long as the suite says, beside the next one', async () => {
  const port = await blackHole('127.0.0.1', atEnd);
  const resolve = async () => ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }));
  const dns = { ttlMs: 60_000, select: 'first', policy: 'any' } as const;
  const late = connect(`http://shop.test:${port}`, { dns, timeoutMs: 900 }, {}, { resolve });
  // Nothing listens at the second address: the first has all of the timeout.
  expect((await late.http.get('/')).error).toEqual({
    code: 'timeout',
    message: 'no complete response within 900 ms (while connecting)',
  });
  const server = http.createServer(echo);
  await new Promise<void>((listening) => server.listen(port, '127.0.0.2', listening));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  const client = connect(`http://shop.test:${port}`, { dns }, {}, { resolve });
  expect((await client.http.get('/')).status).toBe(200);
  const [connectingMs] = client.meter.values('http_req_connecting');
  expect(connectingMs).toBeGreaterThan(240);
});

test('of several addresses that refuse, the first cause is told', async () => {
  const server = http.createServer(echo);
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  const resolve = async () => ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }));
  const dns = { ttlMs: 60_000, select: 'first', policy: 'any' } as const;
  const { http: user } = connect(`http://shop.test:${port}`, { dns }, {}, { resolve });
  expect((await user.get('/')).error).toEqual({
    code: 'ECONNREFUSED',
    message: `connect ECONNREFUSED 127.0.0.1:${port}`,
  });
});

/** A proxy that connects everything to one port, and knows one account. */
async function serveProxy(targetPort: number): Promise<{ port: number; seen: string[] }> {
  const seen: string[] = [];
  const proxy = http.createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    echo(request, response);
  });
  proxy.on('connect', (request, socket: net.Socket) => {
    seen.push(`CONNECT ${request.url}`);
    if (request.headers['proxy-authorization'] !== 'Basic dTpw') {
      return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    }
    if (request.url === 'forbidden.example:443') return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const upstream = net.connect(targetPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  return { port: await listen(proxy), seen };
}

test('a proxy gets whole URLs for http, and tunnels https', async () => {
  const authority = makeCertificate({ name: 'Test Authority', isAuthority: true });
  const pair = makeCertificate({ name: 'shop', hosts: ['shop.example'], issuer: authority });
  const large = 'x'.repeat(3_000_000);
  const secure = https.createServer(pair, (request, response) =>
    response.end(request.url === '/large' ? large : `secret ${request.url}`),
  );
  const { port, seen } = await serveProxy(await listen(secure));
  const url = `http://u:p@127.0.0.1:${port}`;
  const tls = { ca: [authority.cert] };
  const client = connect('https://shop.example', {}, { tls, proxies: { http: url, https: url } });
  expect((await client.http.get('/1')).body).toBe('secret /1');
  expect((await client.http.get('/2')).body).toBe('secret /2');
  expect((await client.http.get('/large')).body).toBe(large);
  expect(client.meter.requests({ tls_version: 'tls1.3' })).toBe(3);
  expect(client.meter.values('http_req_connecting').filter((ms) => ms > 0)).toHaveLength(1);
  const plain = await client.http.get('http://other.example/path?q=1');
  expect(plain.json()).toEqual({
    method: 'GET',
    url: 'http://other.example/path?q=1',
    host: 'other.example',
    auth: 'Basic dTpw',
  });
  const forbidden = await client.http.get('https://forbidden.example/');
  expect(forbidden.error).toMatchObject({ code: 'proxy_refused' });
  expect(forbidden.error?.message).toContain('403');
  expect(seen).toEqual([
    'CONNECT shop.example:443',
    'GET http://other.example/path?q=1',
    'CONNECT forbidden.example:443',
  ]);
  const stranger = connect(
    'https://shop.example',
    {},
    { tls, proxies: { https: `http://127.0.0.1:${port}` } },
  );
  expect((await stranger.http.get('/')).error?.code).toBe('proxy_authentication_required');
});

test('hosts excepted from the proxy are reached without it', async () => {
  const base = await serve(echo);
  const proxies = { http: 'http://127.0.0.1:1', except: ['.local.example', '127.0.0.1'] };
  const client = connect(base, { hosts: { 'a.local.example': new URL(base).host } }, { proxies });
  expect((await client.http.get('/')).json()).toMatchObject({ url: '/' });
  expect((await client.http.get('http://a.local.example/')).status).toBe(200);
  expect((await client.http.get('http://elsewhere.example/')).error?.code).toBe('ECONNREFUSED');
});

/** A proxy that says what it is told to say, in pieces, and notes what it was asked. */
async function sayingProxy(...pieces: string[]): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    const say = async (): Promise<void> => {
      for (const piece of pieces) {
        socket.write(piece);
        await delay(5);
      }
      if (pieces.length === 0) socket.end();
    };
    socket.once('data', (bytes) => {
      asked.push(bytes.toString());
      void say();
    });
  });
  return { url: `http://u:p@127.0.0.1:${await listen(server)}`, asked };
}

const errorBehind = async (...pieces: string[]) => {
  const { url } = await sayingProxy(...pieces);
  const { http: user } = connect('https://shop.test', { timeoutMs: 600 }, { proxies: { https: url } });
  return (await user.get('/')).error;
};

test('answers to CONNECT that are odd are read, and those that are none are told', async () => {
  // Behind each of these TLS begins, and gets no answer.
  for (const pieces of [
    ['HTTP/1.0 200 OK\r\n\r\n'],
    ['HTTP/1.1 200\r\n\r\n'],
    ['HTTP/1.1 200 Connection established\nProxy-agent: x\n\n'],
    ['\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\n'],
    [...'HTTP/1.1 200 OK\r\n\r\n'],
  ]) {
    expect((await errorBehind(...pieces))?.code, pieces.join('')).toBe('timeout');
  }
  const refused = async (...pieces: string[]) => {
    const error = await errorBehind(...pieces);
    expect(error?.code).toBe('proxy_refused');
    return error?.message;
  };
  expect(await refused('HTTP/1.1 502 Bad Gateway\r\nx: y\r\n\r\nno route')).toBe(
    'the proxy did not connect to shop.test:443: "HTTP/1.1 502 Bad Gateway"',
  );
  expect(await refused('SSH-2.0-OpenSSH_9.6\r\n')).toContain('it does not speak HTTP: "SSH-2.0-OpenSSH_9.6"');
  expect(await refused('HTTP/1.1 abc\r\n\r\n')).toContain('it answers "HTTP/1.1 abc"');
  expect(await refused('HTTP/1.1 200 OK\r\n\r\nhello')).toContain('sent more than its answer: "hello"');
  expect(await refused(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(17_000)}`)).toContain('longer than 16384 bytes');
  expect(await refused()).toBe('the proxy hung up when asked for shop.test:443');
}, 30_000);

test('a 407 names what the proxy wants', async () => {
  const wanting = (scheme: string) =>
    errorBehind(`HTTP/1.1 407 Authenticate\r\nProxy-Authenticate: ${scheme}\r\n\r\n`);
  expect(await wanting('Basic realm="x"')).toEqual({
    code: 'proxy_authentication_required',
    message: 'the proxy does not accept the user and password in its URL: check http.proxy',
  });
  expect((await wanting('NTLM\r\nProxy-Authenticate: Negotiate'))?.message).toBe(
    'the proxy requires NTLM or Negotiate credentials, and only Basic is supported',
  );
});

test('a proxy may be named without its scheme, and one that cannot be reached is named', async () => {
  const base = await serve(echo);
  const { port } = new URL(base);
  const { http: user } = connect('http://shop.test', {}, { proxies: { http: `u:100%@127.0.0.1:${port}` } });
  expect((await user.get('/x')).json()).toMatchObject({
    url: 'http://shop.test/x',
    auth: `Basic ${Buffer.from('u:100%').toString('base64')}`,
  });
  const server = net.createServer();
  const closed = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  const proxies = { http: `127.0.0.1:${closed}`, https: `127.0.0.1:${closed}` };
  const { http: other } = connect('http://shop.test', {}, { proxies });
  for (const url of ['http://shop.test/', 'https://shop.test/']) {
    expect((await other.get(url)).error).toEqual({
      code: 'ECONNREFUSED',
      message: `the proxy at 127.0.0.1:${closed} cannot be reached: connect ECONNREFUSED 127.0.0.1:${closed}`,
    });
  }
});

test('a host whose name every object has is a host like any other', async () => {
  const base = await serve((request, response) => response.end(request.headers.host));
  const { port } = new URL(base);
  for (const name of ['constructor', '__proto__', 'tostring']) {
    const client = connect(
      base,
      {},
      {},
      {
        resolve: async () => [{ address: '127.0.0.1', family: 4 }],
      },
    );
    expect((await client.http.get(`http://${name}:${port}/`)).body).toBe(`${name}:${port}`);
  }
});
