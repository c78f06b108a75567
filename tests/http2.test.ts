// Whole runs over HTTP/2: every request that is counted is a stream that the server received, also when sessions are
// replaced in the middle and when the run is interrupted.

import http2 from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { RunRecord } from 'plimsoll';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeCertificate } from '../src/protocols/http/certificates.cases.ts';
import { expectFinished } from './exit-code.ts';
import { figureOf, readRun, startProfile } from './profile-run.ts';
import { temporaryFolder } from './run-cli.ts';

const certificate = makeCertificate({ name: 'loopback', hosts: ['127.0.0.1'] });

interface StreamCounter {
  readonly url: string;
  readonly byPath: Map<string, number>;
  readonly sessionCount: number;
  readonly openSockets: number;
  close(): void;
}

/** Admits three streams at a time. A session ends after `streamsPerSession`, as those of busy servers do. */
async function startServer(streamsPerSession: number, delayMs: () => number): Promise<StreamCounter> {
  const byPath = new Map<string, number>();
  const sockets = new Set<Socket>();
  let sessionCount = 0;
  const server = http2.createSecureServer({ ...certificate, settings: { maxConcurrentStreams: 3 } });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('sessionError', () => {});
  server.on('session', (session) => {
    sessionCount++;
    let streamCount = 0;
    let lastId = Number.POSITIVE_INFINITY;
    session.on('stream', (stream, headers) => {
      stream.on('error', () => {});
      // What came with the last one, and was said not to be looked at.
      if (stream.id! > lastId) return;
      const path = headers[':path']!;
      byPath.set(path, (byPath.get(path) ?? 0) + 1);
      setTimeout(() => {
        if (stream.destroyed) return;
        stream.respond({ ':status': 200 });
        stream.end('ok');
      }, delayMs());
      if (++streamCount < streamsPerSession) return;
      // The client ends the session: a server that does so at once may lose what it has said to a reset.
      lastId = stream.id!;
      session.goaway(http2.constants.NGHTTP2_NO_ERROR, lastId);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    byPath,
    get sessionCount() {
      return sessionCount;
    },
    get openSockets() {
      return sockets.size;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

let server: StreamCounter | undefined;
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  server?.close();
  folder.dispose();
});

function start(profile: string, url: string): ReturnType<typeof startProfile> {
  return startProfile('http2', profile, { url, outDir: folder.path, args: ['--workers', '2'] });
}

function expectSameCounts(record: RunRecord, { byPath }: StreamCounter): void {
  const received = [...byPath.values()].reduce((sum, count) => sum + count, 0);
  expect(figureOf(record, 'http_reqs')).toBe(received);
  for (const [path, count] of byPath) {
    const method = path === '/d' ? 'POST' : 'GET';
    const task = path === '/one' ? 'one' : 'many';
    expect(figureOf(record, `http_reqs{method:${method},name:${path},task:${task},user:reader}`), path).toBe(
      count,
    );
  }
}

test('requests sent are streams received, over sessions that end again and again', async () => {
  server = await startServer(25, () => Math.random() * 10);
  const result = await start('fixed', server.url).done;
  expectFinished(result);
  const { record } = readRun(folder.path, 'http2', result);
  expect(record.errors).toEqual([]);
  expectSameCounts(record, server);
  expect(figureOf(record, 'iterations')).toBe(240);
  expect(server.sessionCount).toBeGreaterThan(6);
});

test.each([1, 2])('also when the run is interrupted twice, round %i', async () => {
  server = await startServer(Number.POSITIVE_INFINITY, () => 20 + Math.random() * 400);
  const run = start('long', server.url);
  await run.saw(/running/);
  await new Promise((resolve) => setTimeout(resolve, 500 + Math.random() * 400));
  run.child.kill('SIGINT');
  await run.saw(/stopping/);
  run.child.kill('SIGINT');
  const result = await run.done;
  expect(result.code, result.stderr).toBe(130);
  const { record } = readRun(folder.path, 'http2', result);
  expect(record.interrupted).toBe(true);
  expectSameCounts(record, server);
  // One session for each user, and none is left.
  expect(server.sessionCount).toBe(8);
  for (let i = 0; i < 100 && server.openSockets > 0; i++) await new Promise((done) => setTimeout(done, 20));
  expect(server.openSockets).toBe(0);
});
