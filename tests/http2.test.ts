// Whole runs over HTTP/2: every request that is counted is a stream that the server received, also when sessions are
// replaced in the middle and when the run is interrupted.

import type { RunRecord } from 'plimsoll';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { expectFinished } from './exit-code.ts';
import { figureOf, readRun, startProfile } from './profile-run.ts';
import { temporaryFolder } from './run-cli.ts';
import { type StreamCounter, startStreamCounter } from './stream-counter.ts';

let server: StreamCounter | undefined;
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  await server?.close();
  folder.dispose();
});

function start(profile: string, url: string): ReturnType<typeof startProfile> {
  return startProfile('http2', profile, { url, outDir: folder.path, args: ['--workers', '2'] });
}

function expectSameCounts(record: RunRecord, { byPath, count: received }: StreamCounter): void {
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
  server = await startStreamCounter(25, () => Math.random() * 10);
  const result = await start('fixed', server.url).done;
  expectFinished(result);
  const { record } = readRun(folder.path, 'http2', result);
  expect(record.errors).toEqual([]);
  expectSameCounts(record, server);
  expect(figureOf(record, 'iterations')).toBe(240);
  expect(server.sessionCount).toBeGreaterThan(6);
});

test.each([1, 2])('also when the run is interrupted twice, round %i', async () => {
  server = await startStreamCounter(Number.POSITIVE_INFINITY, () => 20 + Math.random() * 400);
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
