// WebSockets that cannot be opened, that break, and those left open when their user ends: each counts once.

import http from 'node:http';
import net from 'node:net';
import { expect, test } from 'vitest';
import { HttpRequestError, StoppedError } from '../../model/errors.ts';
import { connectUser, type HeldClient, until } from '../held.cases.ts';
import { listen, serve } from '../http/keeping-client.cases.ts';
import { serveRaw, serveSockets } from './server.cases.ts';

/** The session was counted once, and as failed. */
function expectOneFailure({ meter, count, failures }: HeldClient, code: string, status: string): void {
  expect(failures).toEqual([code]);
  expect(count('ws_sessions')).toBe(1);
  expect(meter.values('ws_session_failed')).toEqual([1]);
  expect(meter.values('ws_session_failed', { error_code: code, status })).toEqual([1]);
}

test('a refused upgrade keeps its status, and throws only when asked to', async () => {
  const url = await serve((_request, response) => response.writeHead(401, { 'x-why': 'token' }).end('no'));
  const user = connectUser(url);
  const socket = await user.ws.connect('/chat');
  expect(socket).toMatchObject({ status: 401, ok: false, closed: true, error: { code: 'ws_http_401' } });
  expect(socket.headers['x-why']).toBe('token');
  expect(socket.send('x')).toBe(false);
  expect(await socket.receive()).toBeNull();
  expect(await socket.request('x')).toBeNull();
  expect(await socket.ping()).toBeNull();
  await socket.close();
  expectOneFailure(user, 'ws_http_401', '401');
  await expect(user.ws.connect('/chat', { throw: true })).rejects.toThrow(HttpRequestError);
});

test('a refused connection is told by its code', async () => {
  const closed = net.createServer();
  const port = await listen(closed);
  await new Promise((resolve) => closed.close(resolve));
  const user = connectUser(`http://127.0.0.1:${port}`);
  expect((await user.ws.connect('/chat')).error!.code).toBe('ECONNREFUSED');
  expectOneFailure(user, 'ECONNREFUSED', '0');
});

test.each([
  [{ timeout: 60 }, 'timeout'],
  [{ timeout: { response: 60 } }, 'response_timeout'],
] as const)('a server that never answers the upgrade: %o', async (options, code) => {
  const port = await listen(net.createServer((socket) => socket.resume()));
  const user = connectUser(`http://127.0.0.1:${port}`);
  const socket = await user.ws.connect('/chat', options);
  expect(socket).toMatchObject({ status: 0, error: { code } });
  expectOneFailure(user, code, '0');
});

test.each([
  ['garbage in place of an answer', () => 'GARBAGE\r\n\r\n', 'protocol_error'],
  [
    'an answer to another key',
    () => 'HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: no\r\n\r\n',
    'ws_protocol_error',
  ],
])('%s fails the handshake', async (_what, answer, code) => {
  const user = connectUser(undefined);
  const socket = await user.ws.connect(await serveRaw(() => {}, answer));
  expect(socket).toMatchObject({ status: 0, ok: false, error: { code } });
  expectOneFailure(user, code, '0');
});

test('a server that hangs up during the handshake fails it', async () => {
  const port = await listen(net.createServer((socket) => socket.once('data', () => socket.end())));
  const user = connectUser(`http://127.0.0.1:${port}`);
  const { error } = await user.ws.connect('/chat');
  expectOneFailure(user, error!.code, '0');
});

test.each([
  ['a frame with reserved bits', Buffer.from([0xf1, 0x00]), 'ws_protocol_error'],
  ['a masked frame', Buffer.from([0x81, 0x81, 1, 2, 3, 4, 5]), 'ws_protocol_error'],
  ['text that is no UTF-8', Buffer.from([0x81, 0x02, 0xc3, 0x28]), 'ws_invalid_utf8'],
])('%s breaks the session', async (_what, bytes, code) => {
  const user = connectUser(undefined);
  const socket = await user.ws.connect(await serveRaw((raw) => void raw.write(bytes)));
  expect(socket.status).toBe(101);
  expect(await socket.receive()).toBeNull();
  expect(socket.error!.code).toBe(code);
  expect(socket.send('x')).toBe(false);
  expectOneFailure(user, code, '101');
});

test('a message above the limit breaks the session', async () => {
  const server = await serveSockets((socket) => socket.send('x'.repeat(2000)));
  const user = connectUser(server.url.replace('ws', 'http'), { maxResponseBytes: 1000 });
  const wide = await user.ws.connect('/chat', { maxMessageSize: '2KB' });
  expect((await wide.receive())!.text()).toHaveLength(2000);
  const socket = await user.ws.connect('/chat');
  expect(await socket.receive()).toBeNull();
  expect(socket.error!.code).toBe('ws_message_too_large');
  expect(user.failures).toEqual(['ws_message_too_large']);
  await until(() => server.closeCodes.includes(1009));
});

test.each([
  ['without a close frame', (raw: net.Socket) => raw.end(), 'ws_close_1006'],
  ['with a reset', (raw: net.Socket) => raw.resetAndDestroy(), 'ECONNRESET'],
  [
    'because of its own trouble',
    (raw: net.Socket) => raw.end(Buffer.from([0x88, 2, 3, 243])),
    'ws_close_1011',
  ],
])('a server that closes %s breaks the session', async (_what, close, code) => {
  const user = connectUser(undefined);
  // Only when asked to, so that the session is open by then.
  const url = await serveRaw((raw) => raw.once('data', () => close(raw)));
  const socket = await user.ws.connect(url);
  expect(await socket.request('go on')).toBeNull();
  await until(() => socket.closed);
  expect(user.failures).toContain(code);
  expect(user.meter.values('ws_session_failed')).toEqual([1]);
  expect(user.meter.values('ws_request_failed')).toEqual([1]);
  expect(user.count('ws_sessions')).toBe(1);
});

test('a user that ends closes its sockets with 1001, and all that it sent has arrived', async () => {
  const server = await serveSockets(() => {});
  const user = connectUser(server.url.replace('ws', 'http'));
  const sockets = await Promise.all([1, 2, 3].map(() => user.ws.connect('/chat')));
  for (const socket of sockets) for (let i = 0; i < 500; i++) socket.send('x'.repeat(1000));
  await user.end();
  expect(server.closeCodes).toEqual([1001, 1001, 1001]);
  expect(server.received).toHaveLength(1500);
  expect(user.count('ws_msgs_sent')).toBe(1500);
  expect(user.count('ws_sessions')).toBe(3);
  expect(user.meter.values('ws_session_failed')).toEqual([0, 0, 0]);
  expect(user.meter.values('ws_session_duration')).toHaveLength(3);
  expect(user.failures).toEqual([]);
});

test('who waits when the user ends gets a StoppedError, and the session is told as aborted', async () => {
  const server = await serveSockets(() => {});
  const user = connectUser(server.url.replace('ws', 'http'));
  const socket = await user.ws.connect('/chat');
  const waits = [socket.receive(), socket.request('x'), socket.ping()];
  const settled = Promise.allSettled(waits);
  await user.end();
  const kinds = (await settled).map((one) => one.status === 'rejected' && one.reason instanceof StoppedError);
  // The server is the library itself, and may answer the ping before the end.
  expect(kinds.slice(0, 2)).toEqual([true, true]);
  expect(user.failures).toEqual(['aborted']);
  expect(user.count('ws_sessions')).toBe(1);
  expect(user.meter.values('ws_session_failed')).toEqual([0]);
  expect(user.meter.values('ws_request_failed')).toEqual([]);
  expect(user.meter.waits.get('ws_request_duration')).toHaveLength(1);
  expect(user.meter.waits.get('ws_time_to_first_message')).toHaveLength(1);
  await expect(socket.receive()).rejects.toThrow(StoppedError);
  await expect(user.ws.connect('/chat')).rejects.toThrow(StoppedError);
  expect(socket.send('x')).toBe(false);
});

test('an upgrade on its way when the user ends counts once, as aborted', async () => {
  let upgrades = 0;
  const server = http.createServer();
  server.on('upgrade', (_request, socket) => {
    upgrades++;
    socket.on('end', () => socket.end());
    socket.resume();
  });
  const user = connectUser(`http://127.0.0.1:${await listen(server)}`);
  const connecting = user.ws.connect('/chat');
  const rejected = expect(connecting).rejects.toThrow(StoppedError);
  await until(() => upgrades === 1);
  await user.end();
  await rejected;
  expect(user.count('ws_sessions', { error_code: 'aborted' })).toBe(1);
  expect(user.meter.values('ws_session_failed')).toEqual([]);
  expect(user.meter.waits.get('ws_connecting')).toHaveLength(1);
  expect(user.failures).toEqual(['aborted']);
});

test('sessions that an iteration waits for when it takes too long have failed of it', async () => {
  const server = await serveSockets(() => {});
  const user = connectUser(server.url.replace('ws', 'http'));
  const socket = await user.ws.connect('/chat');
  const waiting = expect(socket.receive()).rejects.toThrow(StoppedError);
  await user.end({ code: 'iteration_timeout', message: 'too long' });
  await waiting;
  expectOneFailure(user, 'iteration_timeout', '101');
});

test('a server that ignores the close is left after a while, and the user does not wait longer', async () => {
  const user = connectUser(undefined);
  await user.ws.connect(await serveRaw((raw) => void raw.resume()));
  const startedAtMs = performance.now();
  await user.end();
  expect(performance.now() - startedAtMs).toBeGreaterThan(900);
  expect(user.failures).toEqual([]);
});
