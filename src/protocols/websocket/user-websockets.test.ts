// Opening WebSockets, talking over them and closing them, against real servers.

import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { connectUser, until } from '../held.cases.ts';
import { makeCertificate } from '../http/certificates.cases.ts';
import { atEnd, listen } from '../http/keeping-client.cases.ts';
import { echo, serveSockets } from './server.cases.ts';

test('messages go out and come back, and both sides count the same', async () => {
  const server = await serveSockets();
  const { ws, meter, count, failures } = connectUser(server.url.replace('ws:', 'http:'));
  const socket = await ws.connect('/chat/17', { params: { room: 'blue' } });
  expect(socket).toMatchObject({ status: 101, ok: true, error: null, closed: false, closeCode: 0 });
  expect(server.requests[0]!.url).toBe('/chat/17?room=blue');
  expect(server.requests[0]!.headers['user-agent']).toBe('plimsoll/test');

  for (let i = 0; i < 20; i++) expect(socket.send(`{"number":${i}}`)).toBe(true);
  for (let i = 0; i < 20; i++) expect((await socket.receive())!.json()).toEqual({ number: i });
  expect(socket.send(Buffer.from([1, 2, 255]))).toBe(true);
  expect((await socket.receive())!.data).toEqual(Buffer.from([1, 2, 255]));

  await socket.close();
  expect(socket).toMatchObject({ closed: true, closeCode: 1000, error: null });
  expect(socket.send('too late')).toBe(false);
  expect(await socket.receive()).toBeNull();
  await until(() => server.closeCodes.length === 1);
  expect(server.closeCodes).toEqual([1000]);
  expect(server.received).toHaveLength(21);

  const tags = { name: '/chat/:id', status: '101', scenario: 'default', user: 'u', task: 't' };
  expect(count('ws_sessions', tags)).toBe(1);
  expect(count('ws_msgs_sent', tags)).toBe(21);
  expect(count('ws_msgs_received', tags)).toBe(21);
  expect(meter.values('ws_session_failed', tags)).toEqual([0]);
  const [connecting] = meter.values('ws_connecting', tags);
  const [first] = meter.values('ws_time_to_first_message', tags);
  const [duration] = meter.values('ws_session_duration', tags);
  expect(connecting).toBeGreaterThan(0);
  expect(first).toBeGreaterThanOrEqual(connecting!);
  expect(duration).toBeGreaterThanOrEqual(first!);
  expect(count('data_sent', tags)).toBeGreaterThan(21 * 10);
  expect(count('data_received', tags)).toBeGreaterThan(21 * 10);
  expect(count('http_reqs')).toBe(0);
  expect(failures).toEqual([]);
});

test('request takes the answer that matches, and leaves the rest to receive', async () => {
  const server = await serveSockets((socket) => {
    socket.on('message', (data) => {
      socket.send('news');
      socket.send(`answer to ${data.toString()}`);
    });
  });
  const { ws, meter, failures } = connectUser(undefined);
  const socket = await ws.connect(server.url);
  const answer = await socket.request('one', (message) => message.text().startsWith('answer'));
  expect(answer!.text()).toBe('answer to one');
  expect((await socket.receive())!.text()).toBe('news');
  expect(await socket.request('two', () => false, { timeout: 50 })).toBeNull();
  expect(meter.values('ws_request_failed')).toEqual([0, 1]);
  expect(meter.values('ws_request_duration', { error_code: 'ws_request_timeout' })[0]).toBeGreaterThan(45);
  expect(failures).toEqual(['ws_request_timeout']);
  await expect(
    socket.request('three', () => {
      throw new Error('a match of the suite');
    }),
  ).rejects.toThrow('a match of the suite');
});

test('a ping is measured until its own pong', async () => {
  const server = await serveSockets((socket) => {
    socket.pong('unasked');
  });
  const { ws, meter } = connectUser(undefined);
  const socket = await ws.connect(server.url);
  const took = await socket.ping();
  expect(took).toBeGreaterThan(0);
  expect(meter.values('ws_ping')).toEqual([took]);
  await socket.close();
  expect(await socket.ping()).toBeNull();
});

test('the loop over a socket ends when the server closes, and its code is there', async () => {
  const server = await serveSockets((socket) => {
    for (const text of ['a', 'b', 'c']) socket.send(text);
    socket.close(4001, 'enough');
  });
  const { ws, failures } = connectUser(undefined);
  const socket = await ws.connect(server.url);
  const texts: string[] = [];
  for await (const message of socket) texts.push(message.text());
  expect(texts).toEqual(['a', 'b', 'c']);
  expect(socket).toMatchObject({ closed: true, closeCode: 4001, closeReason: 'enough', error: null });
  expect(failures).toEqual([]);
});

test('receive gives up after its timeout, and the message that comes later is not lost', async () => {
  let speak = (): void => {};
  const server = await serveSockets((socket) => {
    speak = () => socket.send('late');
  });
  const { ws } = connectUser(undefined);
  const socket = await ws.connect(server.url);
  expect(await socket.receive({ timeout: '30ms' })).toBeNull();
  expect(socket.closed).toBe(false);
  speak();
  expect((await socket.receive())!.text()).toBe('late');
  expect(() => socket.receive({ timeout: 'soon' })).toThrow('is not a timeout');
});

test('what nobody reads is kept up to a limit, counted all the same, and warned of once', async () => {
  const server = await serveSockets((socket) => {
    for (let i = 0; i < 50; i++) socket.send(String(i));
  });
  const { ws, count, warnings } = connectUser(undefined);
  const socket = await ws.connect(server.url, { maxUnread: 3 });
  await until(() => count('ws_msgs_received') === 50);
  expect([(await socket.receive())!.text(), (await socket.receive())!.text()]).toEqual(['47', '48']);
  expect(warnings).toHaveLength(1);
});

test('subprotocols, headers and tags are sent and kept', async () => {
  const server = await serveSockets(echo, { handleProtocols: (offered) => [...offered][1]! });
  const { ws, count } = connectUser(undefined);
  const socket = await ws.connect(server.url, {
    protocols: ['v1', 'v2'],
    headers: { 'X-Tenant': 7 },
    tags: { room: 'red' },
    name: 'chat',
  });
  expect(socket.protocol).toBe('v2');
  expect(server.requests[0]!.headers['x-tenant']).toBe('7');
  expect(count('ws_sessions', { name: 'chat', room: 'red' })).toBe(1);
  await expect(ws.connect(server.url, { protocols: ['v1', 'v1'] })).rejects.toThrow('subprotocol');
  expect(count('ws_sessions')).toBe(1);
});

test('cookies of the user go with the upgrade, and those it sets come back', async () => {
  const server = http.createServer((_request, response) => {
    response.setHeader('set-cookie', 'account=7; Path=/');
    response.end();
  });
  const { requests, port } = await serveSockets(echo, {}, server);
  server.on('upgrade', () => {});
  const { ws, http: client } = connectUser(`http://127.0.0.1:${port}`);
  await client.get('/login');
  await ws.connect('/chat');
  expect(requests[0]!.headers.cookie).toBe('account=7');
});

test('a cookie that only the upgrade sets goes with the next request', async () => {
  let cookie: string | undefined;
  const server = http.createServer((request, response) => {
    cookie = request.headers.cookie;
    response.end();
  });
  const { port } = await serveSockets(echo, {}, server);
  server.prependListener('upgrade', (_request, socket) => {
    const write = socket.write.bind(socket) as (text: string) => boolean;
    socket.write = ((text: string) => {
      socket.write = write as typeof socket.write;
      return write(text.replace('\r\n\r\n', '\r\nset-cookie: ticket=9\r\n\r\n'));
    }) as typeof socket.write;
  });
  const { ws, http: client } = connectUser(`http://127.0.0.1:${port}`);
  const socket = await ws.connect('/chat');
  expect(socket.headers['set-cookie']).toBe('ticket=9');
  await client.get('/next');
  expect(cookie).toBe('ticket=9');
});

test('wss uses the certificates, names and settings of http', async () => {
  const authority = makeCertificate({ name: 'Test Authority', isAuthority: true });
  const { key, cert } = makeCertificate({ name: 'shop', hosts: ['shop.test'], issuer: authority });
  const server = https.createServer({ key, cert, ALPNProtocols: ['h2', 'http/1.1'] });
  const { port, received } = await serveSockets(echo, {}, server);
  const trusting = connectUser(
    `https://shop.test:${port}`,
    { hosts: { 'shop.test': '127.0.0.1' } },
    { tls: { ca: [authority.cert] } },
  );
  const socket = await trusting.ws.connect('/chat');
  expect(socket).toMatchObject({ url: `wss://shop.test:${port}/chat`, error: null, ok: true });
  expect((await socket.request('hidden'))!.text()).toBe('hidden');
  expect((await (await trusting.ws.connect('/chat')).request('again'))!.text()).toBe('again');
  expect(received).toEqual(['hidden', 'again']);

  const careful = connectUser(`https://127.0.0.1:${port}`);
  const refused = await careful.ws.connect('/chat');
  expect(refused.error!.code).toBe('tls_certificate_untrusted');
  expect(refused.closed).toBe(true);
});

test('a unix socket is reached by its path', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-ws-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'chat.sock');
  const server = http.createServer();
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', echo);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  atEnd(() => void server.close());
  const { ws, end } = connectUser(undefined);
  const socket = await ws.connect(`ws+unix://${encodeURIComponent(path)}/chat`);
  expect((await socket.request('by path'))!.text()).toBe('by path');
  await end();
});

test('an arrival is measured from when it was due, and only its first operation', async () => {
  const server = await serveSockets();
  const { ws, meter, due } = connectUser(undefined);
  // Due when this process began.
  const nowMs = performance.now();
  due(1);
  await ws.connect(server.url);
  await ws.connect(server.url);
  const [first, second] = meter.values('ws_connecting');
  expect(first).toBeGreaterThan(nowMs - 1);
  expect(second).toBeLessThan(performance.now() - nowMs);
});

test('a proxy carries plain WebSockets in a tunnel', async () => {
  const server = await serveSockets();
  const asked: string[] = [];
  const net = await import('node:net');
  const proxy = http.createServer();
  proxy.on('connect', (request, client) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization']}`);
    const onward = net.connect(Number(request.url!.split(':')[1]), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(client).pipe(onward);
    });
    onward.on('error', () => client.destroy());
    client.on('error', () => onward.destroy());
  });
  const proxyUrl = `http://me:secret@127.0.0.1:${await listen(proxy)}`;
  const { ws } = connectUser(`http://shop.test:${server.port}`, {}, { proxies: { http: proxyUrl } });
  const socket = await ws.connect('/chat');
  expect((await socket.request('through'))!.text()).toBe('through');
  expect(asked).toEqual([`shop.test:${server.port} Basic ${Buffer.from('me:secret').toString('base64')}`]);
  expect(server.requests[0]!.headers.host).toBe(`shop.test:${server.port}`);
});
