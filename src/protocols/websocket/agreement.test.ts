// The handshake of WebSockets (RFC 6455 section 4.1): what a server may answer, and what is made of what it may not.

import { expect, test } from 'vitest';
import { connectUser } from '../held.cases.ts';
import { serve } from '../http/keeping-client.cases.ts';
import { acceptOf, echo, serveRaw, serveSockets } from './server.cases.ts';

/** The answer to an upgrade with these lines beside the status. */
function answerWith(lines: (key: string) => readonly string[], before = ''): (key: string) => string {
  return (key) => `${before}${['HTTP/1.1 101 Switching Protocols', ...lines(key)].join('\r\n')}\r\n\r\n`;
}

const sound = (key: string): string[] => [
  'Upgrade: websocket',
  'Connection: Upgrade',
  `Sec-WebSocket-Accept: ${acceptOf(key)}`,
];

test.each([
  ['no subprotocol of those offered', sound, ''],
  ['an empty subprotocol', (key: string) => [...sound(key), 'Sec-WebSocket-Protocol:'], ''],
  ['one of those offered', (key: string) => [...sound(key), 'sec-websocket-protocol: v2'], 'v2'],
  [
    'a list of connection options, in any case',
    (key: string) => ['UPGRADE: WebSocket', 'connection: keep-alive, uPgrade', sound(key)[2]!],
    '',
  ],
])('%s opens a session', async (_what, lines, protocol) => {
  const user = connectUser(undefined);
  const url = await serveRaw(
    (socket) => socket.write(Buffer.from([0x81, 0x02, 0x68, 0x69])),
    answerWith(lines),
  );
  const socket = await user.ws.connect(url, { protocols: ['v1', 'v2'] });
  expect(socket).toMatchObject({ status: 101, ok: true, error: null, protocol });
  expect((await socket.receive())!.text()).toBe('hi');
  expect(user.failures).toEqual([]);
});

test.each([
  ['folded lines (RFC 9112 section 5.2)', (text: string) => text.replaceAll(': ', ':\r\n ')],
  ['line feeds alone (section 2.2)', (text: string) => text.replaceAll('\r\n', '\n')],
  ['a head of 40 kB', (text: string) => text.replace('\r\n', `\r\nSet-Cookie: a=${'b'.repeat(40_000)}\r\n`)],
  ['no reason', (text: string) => text.replace(' Switching Protocols', '')],
])('an answer to the upgrade is read as any other: %s', async (_what, written) => {
  const user = connectUser(undefined);
  const url = await serveRaw(
    (socket) => socket.write(Buffer.from([0x81, 0x02, 0x68, 0x69])),
    (key) => written(answerWith(sound)(key)),
  );
  const socket = await user.ws.connect(url);
  expect(socket).toMatchObject({ status: 101, ok: true, error: null });
  expect((await socket.receive())!.text()).toBe('hi');
});

test.each(['HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(3)])(
  'an interim answer before the 101 is passed over: %j',
  async (before) => {
    const user = connectUser(undefined);
    const socket = await user.ws.connect(await serveRaw(() => {}, answerWith(sound, before)));
    expect(socket).toMatchObject({ status: 101, ok: true, error: null });
  },
);

test.each<[string, (key: string) => readonly string[], string]>([
  [
    'a subprotocol that was not offered',
    (key) => [...sound(key), 'Sec-WebSocket-Protocol: v3'],
    'the server chose the subprotocol "v3"; offered were v1, v2',
  ],
  [
    'two subprotocols',
    (key) => [...sound(key), 'Sec-WebSocket-Protocol: v1, v2'],
    'the server chose the subprotocol "v1, v2"',
  ],
  [
    'an extension that was not offered',
    (key) => [...sound(key), 'Sec-WebSocket-Extensions: permessage-deflate'],
    'Sec-WebSocket-Extensions',
  ],
  [
    'the key of another request',
    (key) => [...sound(key).slice(0, 2), `Sec-WebSocket-Accept: ${acceptOf('x')}`],
    'Sec-WebSocket-Accept',
  ],
  ['no key', (key) => sound(key).slice(0, 2), 'Sec-WebSocket-Accept'],
  ['another protocol', (key) => ['Upgrade: h2c', ...sound(key).slice(1)], 'Upgrade'],
])('%s fails the handshake, and is named', async (_what, lines, message) => {
  const user = connectUser(undefined);
  const url = await serveRaw(() => {}, answerWith(lines));
  const { status, ok, error } = await user.ws.connect(url, { protocols: ['v1', 'v2'] });
  expect([status, ok, error!.code]).toEqual([0, false, 'ws_protocol_error']);
  expect(error!.message).toContain(message);
  expect(user.failures).toEqual(['ws_protocol_error']);
  expect(user.count('ws_sessions')).toBe(1);
});

test('a 101 without "Connection: Upgrade" is named', async () => {
  const user = connectUser(undefined);
  const url = await serveRaw(
    () => {},
    answerWith((key) => [sound(key)[0]!, sound(key)[2]!]),
  );
  const { status, error } = await user.ws.connect(url, { timeout: '2s' });
  const message = 'the handshake: status 101 came without the headers Upgrade and Connection: Upgrade';
  expect([status, error]).toEqual([0, { code: 'ws_protocol_error', message }]);
});

test('a subprotocol where none was offered fails the handshake', async () => {
  const url = await serveRaw(
    () => {},
    answerWith((key) => [...sound(key), 'Sec-WebSocket-Protocol: v1']),
  );
  const { error } = await connectUser(undefined).ws.connect(url);
  expect(error!.message).toBe('the handshake: the server chose the subprotocol "v1"; none was offered');
});

test('subprotocols may stand in an own header, and each once', async () => {
  const server = await serveSockets(echo, { handleProtocols: (offered) => [...offered].at(-1)! });
  const { ws } = connectUser(undefined);
  const socket = await ws.connect(server.url, {
    headers: { 'Sec-WebSocket-Protocol': 'a, b' },
    protocols: 'c',
  });
  expect(socket.protocol).toBe('b');
  expect(server.requests[0]!.headers['sec-websocket-protocol']).toBe('c, a, b');
  for (const protocols of ['a b', '', 'a\r\nx: y', 'a,b', 'ä']) {
    await expect(ws.connect(server.url, { protocols })).rejects.toThrow('is not a subprotocol such as "v1"');
  }
});

test.each([
  [
    302,
    { location: 'http://u:secret@127.0.0.1/login?token=secret' },
    'a redirect to "http://127.0.0.1/login", which WebSockets do not follow',
  ],
  [401, { 'www-authenticate': 'Basic realm="x"' }, 'status 401: the server requires credentials (Basic)'],
  [403, {}, 'the upgrade was answered with status 403'],
  [200, {}, 'the upgrade was answered with status 200'],
])('an upgrade that is answered with %i says what that means', async (status, headers, message) => {
  const base = await serve((_request, response) => response.writeHead(status, headers).end('no'));
  const user = connectUser(base);
  const { error } = await user.ws.connect('/chat');
  expect(error!.code).toBe(`ws_http_${status}`);
  expect(error!.message).toContain(message);
  expect(error!.message).not.toContain('secret');
});

test('credentials of the URL and own cookies go with the upgrade', async () => {
  const server = await serveSockets();
  const { ws } = connectUser(undefined);
  const socket = await ws.connect(server.url.replace('//', '//u:p%40@'), { headers: { cookie: 'a=1' } });
  expect(server.requests[0]!.headers).toMatchObject({
    authorization: `Basic ${Buffer.from('u:p@').toString('base64')}`,
    cookie: 'a=1',
  });
  expect(socket.url).toBe(`${server.url}/`);
});

test('headers of the upgrade are checked, and the value is not shown', async () => {
  const { ws } = connectUser(undefined);
  const refused = ws.connect('ws://127.0.0.1:1/', { headers: { 'x-key': 'secret\r\nx: y' } });
  await expect(refused).rejects.toThrow(
    /^the header "x-key" has a carriage return \(U\+000D\) as character 7 of 12/,
  );
});
