import http from 'node:http';
import net from 'node:net';
import { buffer } from 'node:stream/consumers';
import zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { zstd } from './content-encoding.ts';
import { serveClear } from './http2/servers.cases.ts';
import { connect, listen, serve } from './keeping-client.cases.ts';

const text = 'The quick brown fox jumps over the lazy dog. ';
/** Decoded at once; and too long for that, and for one piece. */
const contents = { small: Buffer.from(text), large: Buffer.from(text.repeat(60_000)) };

/** Answers each request with this body and coding. */
function servePacked(body: Buffer, coding: string): Promise<string> {
  return serve((_request, response) => {
    response.setHeader('content-encoding', coding);
    response.end(body);
  });
}

/** The body as kept, and as streamed. */
async function bothWays(body: Buffer, coding: string): Promise<Buffer[]> {
  const client = connect(await servePacked(body, coding));
  const kept = await client.http.get('/', { responseType: 'buffer' });
  expect(kept.error).toBeNull();
  const streamed = await client.http.get('/', { responseType: 'stream' });
  const bodies = [kept.body as unknown as Buffer, await buffer(streamed.body)];
  expect(client.failures).toEqual([]);
  expect(client.meter.requests({ status: '200' })).toBe(2);
  return bodies;
}

/** One member of gzip with everything that its header may hold. */
function fullHeader(content: Buffer): Buffer {
  const member = zlib.gzipSync(content);
  const head = Buffer.from(member.subarray(0, 10));
  head[3] = 2 | 4 | 8 | 16;
  const extra = Buffer.from('\x05\0extra', 'latin1');
  return Buffer.concat([
    head,
    extra,
    Buffer.from('name.txt\0a comment\0\x12\x34', 'latin1'),
    member.subarray(10),
  ]);
}

describe.each(Object.keys(contents) as ('small' | 'large')[])('a %s body', (size) => {
  const content = contents[size];
  const tail = Buffer.from('<!-- more -->');

  test.each<[name: string, coding: string, body: Buffer, content?: Buffer]>([
    ['gzip', 'gzip', zlib.gzipSync(content)],
    ['x-gzip, in capitals', 'X-GZIP', zlib.gzipSync(content)],
    ['zlib as deflate', 'deflate', zlib.deflateSync(content)],
    ['raw data as deflate', 'deflate', zlib.deflateRawSync(content)],
    ['brotli', 'br', zlib.brotliCompressSync(content)],
    ['gzip, then brotli', 'gzip, br', zlib.brotliCompressSync(zlib.gzipSync(content))],
    [
      'deflate, then gzip twice',
      'deflate,gzip, x-gzip',
      zlib.gzipSync(zlib.gzipSync(zlib.deflateSync(content))),
    ],
    ['identity and gzip', 'identity, gzip', zlib.gzipSync(content)],
    ['gzip followed by other bytes', 'gzip', Buffer.concat([zlib.gzipSync(content), tail])],
    ['gzip followed by zeros', 'gzip', Buffer.concat([zlib.gzipSync(content), Buffer.alloc(600)])],
    ['gzip followed by half a header', 'gzip', Buffer.concat([zlib.gzipSync(content), Buffer.from([0x1f])])],
    [
      'gzip followed by the start of one',
      'gzip',
      Buffer.concat([zlib.gzipSync(content), Buffer.from([0x1f, 0x8b, 7])]),
    ],
    [
      'two members of gzip',
      'gzip',
      Buffer.concat([zlib.gzipSync(content), zlib.gzipSync(text)]),
      Buffer.concat([content, Buffer.from(text)]),
    ],
    [
      'two members and other bytes',
      'gzip',
      Buffer.concat([fullHeader(content), zlib.gzipSync(text), tail]),
      Buffer.concat([content, Buffer.from(text)]),
    ],
    ['gzip with a full header', 'gzip', fullHeader(content)],
    ['zlib followed by other bytes', 'deflate', Buffer.concat([zlib.deflateSync(content), tail])],
    ['raw data followed by other bytes', 'deflate', Buffer.concat([zlib.deflateRawSync(content), tail])],
    ['brotli followed by other bytes', 'br', Buffer.concat([zlib.brotliCompressSync(content), tail])],
  ])('%s', async (_name, coding, body, expected = content) => {
    for (const decoded of await bothWays(body, coding)) expect(decoded.equals(expected)).toBe(true);
  });

  const packed = zlib.gzipSync(content);
  const wrongSum = Buffer.from(packed);
  wrongSum[packed.length - 8]! ^= 1;
  test.each<[name: string, coding: string, body: Buffer]>([
    ['what is no gzip', 'gzip', content],
    ['gzip that breaks off', 'gzip', packed.subarray(0, packed.length >> 1)],
    ['gzip that breaks off in its trailer', 'gzip', packed.subarray(0, packed.length - 3)],
    ['a wrong checksum before other bytes', 'gzip', Buffer.concat([wrongSum, tail])],
    ['what is no zlib', 'deflate', Buffer.from([0x78, 0x9c, 0xff, 0xff, 0xff])],
    ['deflate that breaks off', 'deflate', zlib.deflateSync(content).subarray(0, 30)],
    ['brotli that breaks off', 'br', zlib.brotliCompressSync(content).subarray(0, 20)],
    ['gzip inside of brotli that breaks off', 'gzip, br', zlib.brotliCompressSync(packed.subarray(0, 30))],
    ['more codings than anybody has', new Array(6).fill('gzip').join(), content],
  ])('%s is a failure by its name', async (_name, coding, body) => {
    const client = connect(await servePacked(body, coding));
    const { error, status } = await client.http.get('/');
    expect(error?.code).toBe('decode_error');
    expect(status).toBe(0);
    const streamed = await client.http.get('/', { responseType: 'stream' });
    await expect(buffer(streamed.body)).rejects.toMatchObject({
      name: 'HttpRequestError',
      code: 'decode_error',
    });
  });
});

describe('codings that are not known', () => {
  test.each([
    'constructor',
    '__proto__',
    'toString',
    'hasOwnProperty',
    'utf-8',
    'foo',
    'gzip, foo',
    'compress',
  ])('%s leaves the body as it is', async (coding) => {
    for (const decoded of await bothWays(Buffer.from(text), coding)) expect(String(decoded)).toBe(text);
  });

  test('the coding is named where the body is not what was expected of it', async () => {
    const response = await connect(await servePacked(Buffer.from('\x01\x02'), 'gzip, foo')).http.get('/');
    expect(() => response.json()).toThrow('is not JSON (its content-encoding "foo" is not known here)');
  });
});

describe('zstd', () => {
  // "abc" as one raw block of a frame (RFC 8878 section 3.1.1).
  const body = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, 3, 0x19, 0, 0, 0x61, 0x62, 0x63]);

  test('is undone where Node can, and fails elsewhere by a name that says which Node has it', async () => {
    if (zstd !== null) {
      for (const decoded of await bothWays(body, 'zstd')) expect(String(decoded)).toBe('abc');
      return;
    }
    const client = connect(await servePacked(body, 'zstd'));
    const { error } = await client.http.get('/');
    expect(error?.code).toBe('encoding_not_supported');
    expect(error?.message).toContain('zstd');
    expect(error?.message).toContain('22.15');
    const streamed = await client.http.get('/', { responseType: 'stream' });
    await expect(buffer(streamed.body)).rejects.toMatchObject({ code: 'encoding_not_supported' });
  });

  test('is not asked for', async () => {
    const base = await serve((request, response) =>
      response.end(request.headers['accept-encoding'] ?? 'none'),
    );
    expect((await connect(base).http.get('/')).body).toBe('none');
  });
});

describe('without a body there is nothing to undo', () => {
  test.each(['gzip', 'deflate', 'br', 'gzip, br', 'foo'])('%s', async (coding) => {
    const base = await serve((request, response) => {
      response.setHeader('content-encoding', coding);
      response.statusCode = request.url === '/304' ? 304 : request.url === '/204' ? 204 : 200;
      response.end();
    });
    const client = connect(base);
    for (const responseType of ['text', 'stream'] as const) {
      for (const [method, path] of [
        ['GET', '/'],
        ['HEAD', '/'],
        ['GET', '/304'],
        ['GET', '/204'],
      ] as const) {
        const response = await client.http.request(method, path, { responseType });
        expect(response.error).toBeNull();
        if (responseType === 'stream') expect(await buffer(response.body as never)).toHaveLength(0);
        else expect(response.text()).toBe('');
      }
    }
    expect(client.failures).toEqual([]);
  });
});

test('a transfer coding beside chunks is undone as well (RFC 9112 section 7)', async () => {
  const body = zlib.gzipSync(text);
  const server = net.createServer((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n');
      socket.write(
        Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]),
      );
    });
  });
  expect((await connect(`http://127.0.0.1:${await listen(server)}`).http.get('/')).body).toBe(text);
});

test('over HTTP/2 they are undone as over HTTP/1.1', async () => {
  const server = await serveClear((stream, headers) => {
    stream.respond({ ':status': 200, 'content-encoding': 'gzip, br' });
    const content = headers[':path'] === '/large' ? contents.large : contents.small;
    stream.end(zlib.brotliCompressSync(Buffer.concat([zlib.gzipSync(content), Buffer.from('more')])));
  });
  const client = connect(server.url, { version: '2' });
  expect((await client.http.get('/')).body).toBe(text);
  expect((await client.http.get('/large')).text()).toHaveLength(contents.large.length);
  const streamed = await client.http.get('/large', { responseType: 'stream' });
  expect((await buffer(streamed.body)).equals(contents.large)).toBe(true);
});

test('large bodies are decoded beside the event loop', async () => {
  const client = connect(await servePacked(zlib.gzipSync(Buffer.alloc(100_000_000)), 'gzip'));
  let longestMs = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - last);
    last = performance.now();
  }, 1);
  const startedAt = performance.now();
  // 97 kB on the wire: short enough to look harmless.
  expect(((await client.http.get('/', { responseType: 'buffer' })).body as unknown as Buffer).length).toBe(
    100_000_000,
  );
  const wholeMs = performance.now() - startedAt;
  clearInterval(timer);
  expect(longestMs).toBeLessThan(Math.max(100, wholeMs / 2));
});

test('a redirect and a challenge are followed, however damaged their bodies are', async () => {
  const base = await serve((request, response) => {
    response.setHeader('content-encoding', 'gzip');
    if (request.url === '/moved') response.writeHead(302, { location: '/' }).end('no gzip');
    else if (request.url === '/locked' && request.headers.authorization === undefined) {
      response
        .writeHead(401, { 'www-authenticate': 'Digest realm="r", nonce="n", qop="auth"' })
        .end('no gzip');
    } else response.end(zlib.gzipSync(text));
  });
  const client = connect(base);
  expect((await client.http.get('/moved')).body).toBe(text);
  const auth = { scheme: 'digest', username: 'u', password: 'p' } as const;
  expect((await client.http.get('/locked', { auth })).body).toBe(text);
  expect(client.failures).toEqual([]);
  expect((await client.http.get('/moved', { redirects: 0 })).error?.code).toBe('decode_error');
});

test('bodies with and without coding share a connection', async () => {
  const sockets = new Set<unknown>();
  const server = http.createServer((request, response) => {
    sockets.add(request.socket);
    if (request.url === '/gzip') response.setHeader('content-encoding', 'gzip');
    response.end(request.url === '/gzip' ? zlib.gzipSync(contents.large) : text);
  });
  const client = connect(`http://127.0.0.1:${await listen(server)}`);
  for (let i = 0; i < 5; i++) {
    expect((await client.http.get('/gzip')).text()).toHaveLength(contents.large.length);
    expect((await client.http.get('/plain')).text()).toBe(text);
  }
  expect(sockets.size).toBe(1);
});

test.each([
  ['gzip', () => zlib.createGzip()],
  ['deflate', () => zlib.createDeflateRaw()],
  ['br', () => zlib.createBrotliCompress()],
])('what a server has flushed of a %s stream is there before the rest of it', async (coding, make) => {
  let goOn = (): void => {};
  const base = await serve((_request, response) => {
    response.setHeader('content-encoding', coding);
    const packer = make();
    packer.pipe(response);
    packer.write('first');
    packer.flush();
    goOn = () => packer.end('last');
  });
  const { body } = await connect(base).http.get('/', { responseType: 'stream' });
  const pieces: string[] = [];
  for await (const piece of body) {
    pieces.push(String(piece));
    if (pieces.join('') === 'first') goOn();
  }
  expect(pieces.join('')).toBe('firstlast');
});
