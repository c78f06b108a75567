import net from 'node:net';
import tls from 'node:tls';
import { describe, expect, test } from 'vitest';
import type { HttpVersion } from '../../model/http-settings.ts';
import { delay } from '../../time/timer.ts';
import { loopback, serveClear, trusting } from './http2/servers.cases.ts';
import { type Client, connect, listen } from './keeping-client.cases.ts';

const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

const resentCount = ({ meter }: Client): number =>
  meter.values('http_req_resent').reduce((sum, value) => sum + value, 0);

/** Counts the requests it reads, and answers those that `answers` says; else it closes the connection. */
async function serveCounted(
  answers: (nthOnConnection: number, received: number) => boolean,
  {
    secure = false,
    version = '1.1' as HttpVersion,
    close = (socket: net.Socket): unknown => socket.destroy(),
  } = {},
) {
  const seen = { requests: 0, connections: 0, sockets: [] as net.Socket[] };
  const serve = (socket: net.Socket): void => {
    let nth = 0;
    seen.connections++;
    seen.sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', () => {
      if (answers(++nth, ++seen.requests)) socket.write(ok);
      else close(socket);
    });
  };
  const port = await listen(secure ? tls.createServer(loopback, serve) : net.createServer(serve));
  const client = connect(`${secure ? 'https' : 'http'}://127.0.0.1:${port}`, { version }, trusting);
  return { client, seen };
}

describe('a server that closes after each answer without saying so', () => {
  test.each([
    ['in order', false, (socket: net.Socket) => void socket.end()],
    ['by a reset', false, (socket: net.Socket) => void socket.resetAndDestroy()],
    ['over TLS', true, (socket: net.Socket) => void socket.destroy()],
  ])(
    '%s when the next request comes: each GET succeeds, and the figures add up',
    async (_name, secure, close) => {
      const { client, seen } = await serveCounted((nth) => nth === 1, { secure, close });
      for (let i = 0; i < 10; i++) expect((await client.http.get(`/${i}`)).body).toBe('ok');
      expect(client.failures).toEqual([]);
      expect(client.meter.requests({ status: '200' })).toBe(10);
      expect(client.meter.requests()).toBe(10);
      expect(resentCount(client)).toBe(9);
      expect(seen.requests).toBe(client.meter.requests() + resentCount(client));
    },
  );

  test('at once after its answer: no request fails, whatever is seen of the closing', async () => {
    const server = net.createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(ok));
    });
    const client = connect(`http://127.0.0.1:${await listen(server)}`);
    for (let i = 0; i < 50; i++) expect((await client.http.get('/')).body).toBe('ok');
    expect(client.failures).toEqual([]);
    expect(client.meter.requests()).toBe(50);
  });
});

test.each([
  ['HEAD', true],
  ['PUT', true],
  ['DELETE', true],
  ['OPTIONS', true],
  ['TRACE', true],
  ['POST', false],
  ['PATCH', false],
])('%s is sent again: %s (RFC 9110 section 9.2.2)', async (method, again) => {
  const { client, seen } = await serveCounted((nth) => nth === 1);
  await client.http.get('/');
  const { error } = await client.http.request(method, '/', {});
  expect(error === null).toBe(again);
  expect(resentCount(client)).toBe(again ? 1 : 0);
  expect(client.meter.requests()).toBe(2);
  expect(seen.requests).toBe(2 + resentCount(client));
  expect(seen.connections).toBe(again ? 2 : 1);
});

test('it is sent again once: what fails the second time has failed', async () => {
  const { client, seen } = await serveCounted((_nth, received) => received === 1);
  await client.http.get('/');
  const { error } = await client.http.get('/');
  expect(error?.code).toBe('connection_closed');
  expect(client.failures).toEqual(['connection_closed']);
  expect(client.meter.requests()).toBe(2);
  expect(resentCount(client)).toBe(1);
  expect(seen.requests).toBe(3);
  const sent = client.meter.values('data_sent');
  expect(sent[1]).toBe(2 * sent[0]!);
});

test('on the first request of a connection, or after a byte of an answer, a closing is a failure', async () => {
  const { client, seen } = await serveCounted(() => false);
  expect((await client.http.get('/')).error?.code).toBe('connection_closed');
  expect(seen.requests).toBe(1);

  const half = await serveCounted((nth) => nth === 1, { close: (socket) => void socket.end('HTTP/1.1 2') });
  await half.client.http.get('/');
  expect((await half.client.http.get('/')).error?.code).toBe('connection_closed');
  expect(resentCount(half.client)).toBe(0);
});

test('a timeout is not sent again', async () => {
  const { client, seen } = await serveCounted((nth) => nth === 1, { close: () => {} });
  await client.http.get('/');
  expect((await client.http.get('/', { timeout: 60 })).error?.code).toBe('timeout');
  expect(seen.requests).toBe(2);
});

test('a POST of which not one byte was written goes out on a new connection, and was sent once', async () => {
  const { client, seen } = await serveCounted(() => true);
  await client.http.get('/');
  // The reset is with the system, and nobody has read of it yet.
  seen.sockets[0]!.resetAndDestroy();
  expect((await client.http.post('/', { body: 'x' })).body).toBe('ok');
  expect(seen.connections).toBe(2);
  expect(seen.requests).toBe(2);
  expect(resentCount(client)).toBe(0);
  expect(client.meter.requests()).toBe(2);

  // A large body, and one that is made while it is sent: nothing of them was used up.
  seen.sockets[1]!.resetAndDestroy();
  expect((await client.http.post('/', { body: Buffer.alloc(50_000) })).body).toBe('ok');
  expect(client.failures).toEqual([]);
});

test('a body that can be made anew is sent again with PUT, one that is used up is not', async () => {
  const { client, seen } = await serveCounted((nth) => nth === 1);
  const make = async function* () {
    yield 'some';
  };
  await client.http.get('/');
  expect((await client.http.put('/', { body: () => make() })).status).toBe(200);
  expect((await client.http.put('/', { body: make() })).error?.code).toMatch(
    /connection_closed|ECONNRESET|EPIPE/,
  );
  expect(resentCount(client)).toBe(1);
  expect(seen.connections).toBe(2);
});

test('a request that is sent again as the run ends counts as it should', async () => {
  let closed = 0;
  const { client, seen } = await serveCounted((_nth, received) => received === 1, {
    close: (socket) => closed++ === 0 && void socket.destroy(),
  });
  await client.http.get('/');
  const pending = client.http.get('/');
  while (seen.requests < 3) await delay(1);
  client.http.close();
  await expect(pending).rejects.toThrow('stopped');
  expect(client.meter.requests({ error_code: 'aborted' })).toBe(1);
  expect(client.meter.requests() + resentCount(client)).toBe(seen.requests);
});

describe('over HTTP/2', () => {
  test('a session that ends without a word: idempotent requests go over a new one, others fail', async () => {
    let count = 0;
    const server = await serveClear((stream) => {
      if (++count % 4 === 0) return void server.sockets.at(-1)!.destroy();
      if (count % 4 === 3) return;
      stream.respond({ ':status': 200 });
      stream.end('ok');
    });
    const client = connect(server.url, { version: '2' });
    expect((await client.http.get('/1')).body).toBe('ok');
    expect((await client.http.get('/2')).body).toBe('ok');
    const answers = await Promise.all([client.http.get('/3'), client.http.post('/4', { body: 'x' })]);
    expect(answers[0].body).toBe('ok');
    expect(answers[1].error?.code).toMatch(/connection_closed|ECONNRESET/);
    expect(client.meter.requests()).toBe(4);
    expect(resentCount(client)).toBe(1);
    expect(server.paths).toEqual(['/1', '/2', '/3', '/4', '/3']);
  });

  test('refused streams are counted as resent, whatever their method', async () => {
    let refused = false;
    const server = await serveClear((stream) => {
      if (!refused) {
        refused = true;
        return void stream.close(7);
      }
      stream.respond({ ':status': 200 });
      stream.end('ok');
    });
    const client = connect(server.url, { version: '2' });
    expect((await client.http.post('/', { body: 'x' })).body).toBe('ok');
    expect(client.meter.values('http_req_resent', { error_code: 'http2_refused_stream' })).toEqual([1]);
    expect(server.paths).toHaveLength(client.meter.requests() + resentCount(client));
  });
});

test('where HTTP/2 might have been spoken, requests over HTTP/1.1 are sent again all the same', async () => {
  const { client, seen } = await serveCounted((nth) => nth === 1, { secure: true, version: 'auto' });
  for (let i = 0; i < 4; i++) expect((await client.http.get('/')).body).toBe('ok');
  expect(client.failures).toEqual([]);
  expect(seen.requests).toBe(4 + resentCount(client));
  expect(resentCount(client)).toBe(3);
});

test.each([
  ['close', 5],
  ['TE, Close', 5],
  ['closed', 1],
])(
  'after a request with connection: %s its connection carries no other, whatever the answer says (RFC 9112 section 9.6)',
  async (connection, connections) => {
    const { client, seen } = await serveCounted(() => true);
    for (let i = 0; i < 5; i++) {
      expect((await client.http.post('/', { headers: { connection } })).body).toBe('ok');
    }
    expect(seen.connections).toBe(connections);
    // The rest goes on as it does.
    for (let i = 0; i < 2; i++) await client.http.get('/');
    expect(seen.connections).toBe(connections === 1 ? 1 : 6);
  },
);
