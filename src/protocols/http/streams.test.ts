import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import net from 'node:net';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { delay } from '../../time/timer.ts';
import { serveClear } from './http2/servers.cases.ts';
import { type Client, connect, listen, serve } from './keeping-client.cases.ts';

const whole = (body: Buffer | string, headers = ''): Buffer =>
  Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n${headers}\r\n`),
    Buffer.from(body),
  ]);

/** Every request was counted once, under its status. */
async function expectCounted(client: Client, count: number): Promise<void> {
  for (let i = 0; i < 5; i++) await turn();
  expect(client.meter.requests()).toBe(count);
  expect(client.meter.requests({ status: '200' })).toBe(count);
  expect(client.meter.values('http_req_duration')).toHaveLength(count);
  expect(client.failures).toEqual([]);
}

/** Answers `/slow` by a head and, a moment later, all of the body in one write; everything else at once. */
async function serveSlow(head: string, body: string): Promise<string> {
  const server = net.createServer((socket) => {
    socket.on('data', (bytes) => {
      if (!bytes.includes('/slow')) return void socket.write(whole('ok'));
      socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`);
      setTimeout(() => socket.write(body), 20);
    });
  });
  return `http://127.0.0.1:${await listen(server)}`;
}

describe.each([
  ['of a known length', 'content-length: 4', 'abcd'],
  ['in chunks', 'transfer-encoding: chunked', '2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n'],
])('a body %s', (_name, head, bytes) => {
  test.each(['data', 'end', 'close'])('counts once when a %s handler destroys it', async (event) => {
    const client = connect(await serveSlow(head, bytes));
    for (let i = 1; i <= 2; i++) {
      const { body } = await client.http.get('/slow', { responseType: 'stream' });
      body.on('data', () => {});
      // The handler of the data runs inside the read that completes the response.
      body.on(event, () => body.destroy());
      await once(body, 'close');
      await expectCounted(client, 2 * i - 1);
      // On a connection that is dead but taken for idle, it would never be answered.
      expect((await client.http.get('/', { timeout: 2000 })).body).toBe('ok');
      await expectCounted(client, 2 * i);
    }
  });
});

test('a handler that throws ends its own stream, counted once; what it threw goes on by itself', async () => {
  const client = connect(await serveSlow('content-length: 4', 'abcd'));
  const thrown: unknown[] = [];
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => thrown.push(error));
  try {
    const { body } = await client.http.get('/slow', { responseType: 'stream' });
    body.on('data', () => {
      throw new Error('of the handler');
    });
    await once(body, 'close');
    await expectCounted(client, 1);
    expect((await client.http.get('/')).body).toBe('ok');
    expect(thrown).toEqual([new Error('of the handler')]);
  } finally {
    process.removeAllListeners('uncaughtException');
    for (const listener of others) process.on('uncaughtException', listener);
  }
});

test('a readable handler that destroys at the end of the body counts once', async () => {
  const base = await serve((_request, response) => {
    response.write('abc');
    setTimeout(() => response.end(), 20);
  });
  const client = connect(base);
  const { body } = await client.http.get('/', { responseType: 'stream' });
  body.on('readable', () => {
    if (body.read() === null) body.destroy();
  });
  await once(body, 'close');
  await expectCounted(client, 1);
});

test('a packed body that is destroyed in the middle counts once', async () => {
  const packed = zlib.gzipSync(Buffer.alloc(400_000, 'pack'));
  const base = await serve((_request, response) => {
    response.setHeader('content-encoding', 'gzip');
    response.write(packed.subarray(0, 100));
    setTimeout(() => response.end(packed.subarray(100)), 20);
  });
  const client = connect(base);
  for (let i = 1; i <= 3; i++) {
    const { body } = await client.http.get('/', { responseType: 'stream' });
    body.on('data', () => body.destroy());
    await once(body, 'close');
    await delay(30);
    await expectCounted(client, i);
  }
});

test('an abandoned loop over a body, while more of it waits, counts once', async () => {
  const base = await serve((_request, response) => response.end(Buffer.alloc(3_000_000)));
  const client = connect(base, { connectionsPerHost: 1 });
  const loop = async (): Promise<void> => {
    const { body } = await client.http.get('/', { responseType: 'stream' });
    for await (const _piece of body) break;
  };
  // The second waits for the connection that the first one ends.
  await Promise.all([loop(), loop(), client.http.get('/', { responseType: 'none' })]);
  await expectCounted(client, 3);
});

test('cookies of a streamed response are there with its head, and stay when the body is dropped', async () => {
  const base = await serve((request, response) => {
    if (request.url === '/echo') return void response.end(request.headers.cookie ?? '');
    response.setHeader('set-cookie', 'sid=7; Path=/');
    response.write('never ends');
  });
  const client = connect(base);
  const { body } = await client.http.get('/', { responseType: 'stream' });
  expect((await client.http.get('/echo')).body).toBe('sid=7');
  body.destroy();
  expect((await client.http.get('/echo')).body).toBe('sid=7');
});

test('over HTTP/2 a handler that destroys counts once, and the session goes on', async () => {
  const server = await serveClear((stream) => {
    stream.respond({ ':status': 200 });
    stream.write('abc');
    setTimeout(() => stream.end('def'), 10);
  });
  const client = connect(server.url, { version: '2' });
  for (const [index, ending] of (['data', 'end', 'close'] as const).entries()) {
    const { body } = await client.http.get('/', { responseType: 'stream' });
    body.on('data', () => {});
    body.on(ending, () => body.destroy());
    await once(body, 'close');
    await delay(20);
    await expectCounted(client, 2 * index + 1);
    expect((await client.http.get('/')).body).toBe('abcdef');
    await expectCounted(client, 2 * index + 2);
  }
  expect(server.sessions).toHaveLength(1);
});

test('a source that fails before it is read fails its request, and takes nothing down', async () => {
  const base = await serve((request, response) => {
    request.resume().on('end', () => response.end('ok'));
  });
  const client = connect(base);
  const missing = createReadStream('/nowhere/at-all');
  const { error } = await client.http.post('/', { body: missing });
  expect(error?.code).toBe('upload_failed');
  expect(error?.message).toContain('ENOENT');
  expect((await client.http.get('/')).body).toBe('ok');
});

test('a source whose request is never sent is closed, and may fail afterwards', async () => {
  const server = net.createServer();
  const port = await listen(server);
  server.close();
  const client = connect(`http://127.0.0.1:${port}`);
  const source = new Readable({ read() {} });
  expect((await client.http.post('/', { body: source })).error?.code).toBe('ECONNREFUSED');
  expect(source.destroyed).toBe(true);
  source.emit('error', new Error('late'));
});

test('a source that fails after the answer is nobody’s failure', async () => {
  const base = await serve((request, response) => {
    request.once('data', () => response.writeHead(413).end('enough'));
  });
  const client = connect(base);
  const source = new Readable({
    read() {},
    destroy(_error, callback) {
      setTimeout(() => callback(new Error('cannot be closed')), 10);
    },
  });
  source.push('some');
  expect(await client.http.post('/', { body: source })).toMatchObject({ status: 413, body: 'enough' });
  await delay(40);
  expect(client.failures).toEqual(['http_413']);
  expect(client.meter.requests()).toBe(1);
});
