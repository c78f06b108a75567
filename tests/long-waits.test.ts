// Durations beyond the 24.8 days that a timer of Node's can hold: runs start, drive load and stop as all others do,
// and nothing that was to wait for weeks goes on at once.

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { test as baseTest, expect } from 'vitest';
import { expectFinished } from './exit-code.ts';
import { figureOf, readRun, startProfile } from './profile-run.ts';
import { temporaryFolder } from './run-cli.ts';

/** A server of the test's own, the requests that it has seen, and a folder for results. */
interface Place {
  readonly url: string;
  readonly byPath: ReadonlyMap<string, number>;
  readonly folder: string;
}

const test = baseTest.extend<{ place: Place }>({
  place: async ({ task: _ }, use) => {
    const byPath = new Map<string, number>();
    const server = http.createServer((request, response) => {
      const path = request.url!;
      byPath.set(path, (byPath.get(path) ?? 0) + 1);
      const stream = { 'content-type': 'text/event-stream' };
      if (path === '/events') response.writeHead(200, stream).end('retry: 9999999999\ndata: hello\n\n');
      else if (path === '/silence') response.writeHead(200, stream).flushHeaders();
      else if (path === '/broken') response.writeHead(503).end();
      else if (path === '/slow') setTimeout(() => response.end('ok'), 50);
      else response.end('ok');
    });
    const folder = temporaryFolder();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await use({ url: `http://127.0.0.1:${port}`, byPath, folder: folder.path });
    server.closeAllConnections();
    server.close();
    folder.dispose();
  },
});

async function runForASecond({ url, byPath, folder }: Place, profile: string) {
  const run = startProfile('long-waits', profile, { url, outDir: folder, args: ['--workers', '2'] });
  await run.saw(/running/);
  await wait(1500);
  run.child.kill('SIGINT');
  await run.saw(/stopping/);
  run.child.kill('SIGINT');
  const result = await run.done;
  expect(result.code, result.stdout + result.stderr).toBe(130);
  const { record, log } = readRun(folder, 'long-waits', result);
  expect(log.filter(({ level }) => level === 'error')).toEqual([]);
  expect(record.generator.workers.map(({ completed }) => completed)).toEqual([true, true]);
  expect(figureOf(record, 'http_reqs')).toBe([...byPath.values()].reduce((sum, count) => sum + count, 0));
  return record;
}

test.concurrent.for([
  'constant-vus',
  'ramping-vus',
  'constant-arrival-rate',
  'per-vu-iterations',
  'externally-controlled',
])('%s of weeks drives load until it is stopped', async (profile, { place }) => {
  const record = await runForASecond(place, profile);
  const requests = place.byPath.get('/slow') ?? 0;
  // 50 a second, or four users that take 50 ms and think for 20 ms; half of it on a busy machine.
  expect(requests).toBeGreaterThan(profile === 'constant-arrival-rate' ? 35 : 20);
  expect(requests).toBeLessThan(400);
  expect(figureOf(record, 'http_req_failed', 'rate')).toBe(0);
});

test.concurrent('a scenario that starts in 25 days does not start now', async ({ place }) => {
  await runForASecond(place, 'later');
  expect(place.byPath.get('/slow')).toBeGreaterThan(10);
  expect(place.byPath.get('/thinker')).toBeUndefined();
});

test.concurrent('a grace of 30 days lets the last iterations end', async ({ place }) => {
  const run = startProfile('long-waits', 'graceful-stop', { url: place.url, outDir: place.folder });
  const result = await run.done;
  const { record } = readRun(place.folder, 'long-waits', result);
  expectFinished(result);
  expect(place.byPath.get('/slow')).toBe(50);
  expect(figureOf(record, 'iterations')).toBe(50);
  expect(figureOf(record, 'http_req_failed', 'rate')).toBe(0);
});

test.concurrent('thinking, sleeping, reconnecting, reading and retrying wait', async ({ place }) => {
  await runForASecond(place, 'within');
  expect(Object.fromEntries([...place.byPath].sort())).toEqual({
    '/broken': 2,
    '/events': 2,
    '/silence': 2,
    '/sleeper': 2,
    '/thinker': 2,
  });
});
