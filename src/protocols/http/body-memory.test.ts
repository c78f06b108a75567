import http from 'node:http';
import zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HttpResponse } from '../../model/context.ts';
import { delay } from '../../time/timer.ts';
import { BodyBuffer, BodyMemory } from './body-memory.ts';
import { serveClear } from './http2/servers.cases.ts';
import { connect, listen, serve } from './keeping-client.cases.ts';

const megabyte = 1024 * 1024;

describe('a buffer', () => {
  test('gives back what was put into it, and takes memory for all but short bodies', async () => {
    const pieces = fc.array(fc.integer({ min: 0, max: 200_000 }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(
        pieces,
        fc.nat({ max: 300_000 }),
        fc.boolean(),
        async (sizes, likelyBytes, inTurns) => {
          const memory = new BodyMemory();
          const body = new BodyBuffer(memory, likelyBytes);
          const all = sizes.map((size, index) => Buffer.alloc(size, index + 1));
          for (const piece of all) expect(body.append(piece, 0, piece.length)).toBe(true);
          const expected = Buffer.concat(all);
          expect(body.byteCount).toBe(expected.length);
          if (expected.length > 64 * 1024) expect(memory.takenBytes).toBeGreaterThan(expected.length / 2);
          const content = inTurns ? await body.contentInTurns() : body.content();
          expect(content.equals(expected)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('is refused beyond the limit, copies nothing then, and gives all back when it is given up', () => {
    const memory = new BodyMemory(megabyte);
    const body = new BodyBuffer(memory);
    const piece = Buffer.alloc(100_000);
    let count = 0;
    while (body.append(piece, 0, piece.length)) count++;
    expect(count).toBeGreaterThan(3);
    expect(body.byteCount).toBe(count * piece.length);
    expect(memory.takenBytes).toBeLessThanOrEqual(megabyte);
    body.release();
    expect(memory.takenBytes).toBe(0);
  });

  test('what nobody has any more makes room again, what somebody has does not', () => {
    const memory = new BodyMemory(10 * megabyte);
    const kept: Buffer[] = [];
    const make = (): Buffer | null => {
      const body = new BodyBuffer(memory);
      return body.append(Buffer.alloc(3 * megabyte), 0, 3 * megabyte) ? body.content() : null;
    };
    for (let i = 0; i < 3; i++) kept.push(make()!);
    expect(make()).toBeNull();
    expect(kept).toHaveLength(3);
  });
});

describe('a worker', () => {
  test('keeps no more than its memory of bodies that users hold; the failure has a name', async () => {
    const base = await serve((_request, response) => response.end(Buffer.alloc(3 * megabyte)));
    const client = connect(base, {}, {}, { bodyMemoryBytes: 11 * megabyte });
    const held: HttpResponse[] = [];
    for (let i = 0; i < 4; i++) held.push(await client.http.get('/'));
    expect(held.map(({ error }) => error?.code ?? null).filter((code) => code !== null)).toEqual([
      'body_memory_exceeded',
    ]);
    expect(held.at(-1)!.error!.message).toContain("responseType 'none'");
    expect(client.meter.requests({ error_code: 'body_memory_exceeded' })).toBe(1);
    // Short bodies, and those that are not kept, have room at any time.
    expect((await client.http.get('/', { responseType: 'none' })).status).toBe(200);
  });

  test('serves any number of bodies one after the other', async () => {
    const base = await serve((_request, response) => response.end(Buffer.alloc(3 * megabyte)));
    const client = connect(base, {}, {}, { bodyMemoryBytes: 11 * megabyte });
    for (let i = 0; i < 30; i++) {
      expect((await client.http.get('/')).error).toBeNull();
      await delay(1);
    }
  });

  test('gives back what broken, refused and abandoned responses had taken', async () => {
    const server = http.createServer((request, response) => {
      response.setHeader('content-length', 5 * megabyte);
      response.write(Buffer.alloc(2 * megabyte));
      if (request.url === '/break') setTimeout(() => response.destroy(), 30);
    });
    const base = `http://127.0.0.1:${await listen(server)}`;
    const client = connect(base, {}, {}, { bodyMemoryBytes: 11 * megabyte });
    for (let i = 0; i < 8; i++) {
      expect((await client.http.get('/break')).error?.code).toMatch(/connection_closed|ECONNRESET/);
      expect((await client.http.get('/', { timeout: 40 })).error?.code).toBe('timeout');
      expect((await client.http.get('/', { maxResponseSize: '1MB' })).error?.code).toBe('response_too_large');
    }
    expect(client.bodies.takenBytes).toBe(0);
  });

  test('bounds what bodies unpack to over all users, as they unpack', async () => {
    const bomb = zlib.gzipSync(zlib.gzipSync(Buffer.alloc(40 * megabyte)));
    const base = await serve((_request, response) => {
      response.setHeader('content-encoding', 'gzip, gzip');
      response.end(bomb);
    });
    const client = connect(base, {}, {}, { bodyMemoryBytes: 100 * megabyte });
    const users = [client.http, client.another(), client.another(), client.another()];
    const responses = await Promise.all(users.map((user) => user.get('/')));
    const codes = responses.map(({ error }) => error?.code ?? 'ok').sort();
    expect(codes).toEqual(['body_memory_exceeded', 'body_memory_exceeded', 'ok', 'ok']);
    expect(client.bodies.takenBytes).toBeLessThanOrEqual(100 * megabyte);
  });

  test('bounds them over HTTP/2, too', async () => {
    const server = await serveClear((stream) => {
      stream.respond({ ':status': 200 });
      stream.end(Buffer.alloc(3 * megabyte));
    });
    const client = connect(server.url, { version: '2' }, {}, { bodyMemoryBytes: 11 * megabyte });
    const held: HttpResponse[] = [];
    for (let i = 0; i < 4; i++) held.push(await client.http.get('/'));
    expect(held.map(({ error }) => error?.code).filter((code) => code !== undefined)).toEqual([
      'body_memory_exceeded',
    ]);
    expect((await client.http.get('/', { responseType: 'none' })).status).toBe(200);
  });
});
