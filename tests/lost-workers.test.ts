// Worker processes that die under load: their users are started again elsewhere, what is known is exact, and
// what is not is said.

import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { RunRecord } from 'plimsoll';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ownReasons } from './exit-code.ts';
import { figureOf, type LogLine, readRun, startProfile } from './profile-run.ts';
import { type RunningCli, temporaryFolder } from './run-cli.ts';
import { workersOf } from './worker-processes.ts';

let server: Server;
/** Every request received, in order. */
let received: string[];
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(async () => {
  received = [];
  folder = temporaryFolder();
  server = createServer((request, response) => {
    received.push(request.url!);
    response.end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  folder.dispose();
});

const markerPath = () => join(folder.path, 'marker');

function start(profile: string, mode = '', workers = '2'): RunningCli {
  return startProfile('losing', profile, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    outDir: folder.path,
    args: ['--workers', workers],
    env: { MODE: mode, MARKER: markerPath() },
  });
}

async function endOf(
  run: RunningCli,
): Promise<{ code: number | null; record: RunRecord; log: readonly LogLine[] }> {
  const result = await run.done;
  return { code: result.code, ...readRun(folder.path, 'losing', result) };
}

const tasksSince = (position: number) => received.slice(position).filter((url) => url.startsWith('/go'));
const vuOf = (url: string) => Number(/vu=(\d+)/.exec(url)![1]);

async function until(what: string, done: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !done(); i++) await wait(50);
  expect(done(), what).toBe(true);
}

/** Kills one of two workers after its first window, and waits until its place is taken. */
async function loseOne(profile: string): Promise<{ run: RunningCli; backAt: number }> {
  const run = start(profile);
  await run.saw(/running/);
  await wait(1150);
  process.kill(workersOf(run.child.pid!)[0]!, 'SIGKILL');
  await run.saw(/worker \d is back as process \d+/);
  return { run, backAt: received.length };
}

/** What every run must say that lost one worker of two and replaced it. */
function expectToldGap({ record, log }: { record: RunRecord; log: readonly LogLine[] }): void {
  const { gaps, workers } = record.generator;
  expect(gaps).toHaveLength(1);
  const { worker, fromMs, untilMs, measuredUntilMs, reason } = gaps[0]!;
  expect(reason).toBe('it was ended by SIGKILL');
  expect(measuredUntilMs).toBeGreaterThanOrEqual(1000);
  expect(fromMs).toBeGreaterThanOrEqual(measuredUntilMs);
  expect(untilMs).toBeGreaterThan(fromMs);
  expect(workers.map(({ index, completed }) => [index, completed])).toEqual([
    [0, worker !== 0],
    [1, worker !== 1],
    [worker, true],
  ]);
  expect(new Set(workers.map(({ pid }) => pid)).size).toBe(3);
  expect(record.verdict.status).toBe('inconclusive');
  expect(ownReasons(record)[0]).toMatch(
    /Worker \d of 2 was lost at [\d.]+m?s \(it was ended by SIGKILL\): its .* started again in another process .* later/,
  );
  expect(record.findings.map(({ kind }) => kind)).toContain('worker-lost');
  expect(log.map(({ message }) => message).join('\n')).toMatch(
    /was lost at .* started again in another process/,
  );
}

describe('a worker that is killed', () => {
  test.each(['constant-vus', 'ramping-vus'])('%s: every user comes back', async (profile) => {
    const { run, backAt } = await loseOne(profile);
    const all = 10;
    const seen = () => new Set(tasksSince(backAt).map(vuOf));
    await until('all users are at work again', () => seen().size === all);
    const end = await endOf(run);
    expect(end.code).toBe(5);
    expectToldGap(end);
    const { record } = end;
    expect(record.generator.gaps[0]!.users).toBe(all / 2);
    // The sum of users falls in the gap, is whole again, and is never more than planned.
    const { untilMs } = record.generator.gaps[0]!;
    const vus = record.timeline.map(({ startAtMs, metrics }) => ({ startAtMs, ...metrics.vus }) as Vus);
    expect(Math.min(...vus.slice(1, 3).map(({ min }) => min))).toBeLessThan(all);
    const whole = vus.filter(({ startAtMs }) => startAtMs > untilMs! + 1000 && startAtMs < 4000);
    for (const { max } of whole) expect(max).toBe(all);
    expect(figureOf(record, 'vus', 'max')).toBe(all);
    expect(figureOf(record, 'http_reqs')).toBeLessThanOrEqual(received.length);
  });

  test('constant-arrival-rate: starts go on by their numbers, those due in the gap are dropped', async () => {
    const { run } = await loseOne('constant-arrival-rate');
    const end = await endOf(run);
    expect(end.code).toBe(5);
    expectToldGap(end);
    const { fromMs, untilMs, measuredUntilMs } = end.record.generator.gaps[0]!;
    // A worker has every second of 100 starts a second.
    const dueIn = (ms: number) => (ms * 50) / 1000;
    const dropped = figureOf(end.record, 'dropped_iterations');
    expect(Math.abs(dropped - dueIn(untilMs! - fromMs))).toBeLessThanOrEqual(1);
    // All others are done, except those that nobody knows of.
    const unknown = 500 - dropped - figureOf(end.record, 'iterations');
    expect(unknown).toBeGreaterThanOrEqual(0);
    expect(unknown).toBeLessThanOrEqual(dueIn(fromMs - measuredUntilMs) + 10);
    const numbers = tasksSince(0).map((url) => Number(/n=(\d+)/.exec(url)![1]));
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers.length).toBeLessThanOrEqual(500 - dropped);
    expect(figureOf(end.record, 'http_reqs')).toBeLessThanOrEqual(received.length);
  });

  test('per-vu-iterations: every user completes its number', async () => {
    const { run } = await loseOne('per-vu-iterations');
    const end = await endOf(run);
    expect(end.code).toBe(5);
    expectToldGap(end);
    expect(figureOf(end.record, 'iterations')).toBe(1000);
    expect(figureOf(end.record, 'dropped_iterations')).toBe(0);
    const wanted = Array.from({ length: 1000 }, (_, i) => `/go?vu=${1 + (i % 10)}&n=${Math.floor(i / 10)}`);
    expect(new Set(tasksSince(0))).toEqual(new Set(wanted));
    expect(received.length).toBeGreaterThanOrEqual(figureOf(end.record, 'http_reqs'));
  });

  test('shared-iterations: each number is completed, and repeated only when no window told of it', async () => {
    const { run, backAt } = await loseOne('shared-iterations');
    const before = new Set(tasksSince(0).slice(0, backAt));
    const end = await endOf(run);
    expect(end.code).toBe(5);
    expectToldGap(end);
    expect(figureOf(end.record, 'iterations')).toBe(1000);
    expect(figureOf(end.record, 'dropped_iterations')).toBe(0);
    const numbers = tasksSince(0).map((url) => Number(/n=(\d+)/.exec(url)![1]));
    expect(new Set(numbers).size).toBe(1000);
    // Server and record differ by what the lost worker did after its last window: those iterations, and no more.
    const repeated = numbers.length - 1000;
    const ofLoad = received.filter((url) => !url.startsWith('/teardown'));
    expect(ofLoad.length - figureOf(end.record, 'http_reqs')).toBe(repeated);
    expect(repeated).toBeLessThan(before.size / 2);
  });
});

interface Vus {
  readonly startAtMs: number;
  readonly min: number;
  readonly max: number;
}

test('an exception that nothing caught: all up to it is counted, and each user goes on with what it had left', async () => {
  const end = await endOf(start('short', 'throwing'));
  expect(end.code).toBe(5);
  expect(end.record.errors).toMatchObject([{ code: 'uncaught_exception', count: 1 }]);
  expect(end.record.generator.gaps).toMatchObject([{ worker: 0, reason: 'it exited with code 1' }]);
  expect(figureOf(end.record, 'iterations')).toBe(100);
  expect(new Set(tasksSince(0)).size).toBe(100);
});

test('user code that ends every process: three replacements, then the run ends, and what it made is cleaned up', async () => {
  const end = await endOf(start('long', 'exiting', '1'));
  expect(end.code).toBe(5);
  const { gaps } = end.record.generator;
  expect(gaps.map(({ untilMs }) => untilMs === null)).toEqual([false, false, false, true]);
  expect(gaps[0]!.reason).toBe('it exited with code 7');
  expect(ownReasons(end.record)[0]).toMatch(/Worker 0 of 1 ended before .* not started again/);
  expect(end.log.map(({ message }) => message).join('\n')).toMatch(/replaced 3 times, which is the limit/);
  expect(received.filter((url) => url === '/teardown?token=abc')).toHaveLength(1);
});

test('Ctrl-C while a replacement boots: the run does not wait for it', async () => {
  const run = start('long', 'slow-again');
  await run.saw(/running/);
  await wait(300);
  writeFileSync(markerPath(), '');
  process.kill(workersOf(run.child.pid!)[0]!, 'SIGKILL');
  await run.saw(/started again in another process/);
  const startedAtMs = performance.now();
  run.child.kill('SIGINT');
  const end = await endOf(run);
  expect(end.code).toBe(130);
  expect(performance.now() - startedAtMs).toBeLessThan(15_000);
  expect(end.record.interrupted).toBe(true);
  expect(end.record.generator.gaps).toMatchObject([{ untilMs: null }]);
});

test('a worker that is lost in teardown: another one is asked', async () => {
  const end = await endOf(start('short', 'dying-teardown'));
  expect(received.filter((url) => url === '/teardown?token=abc')).toHaveLength(2);
  expect(end.record.generator.workers.map(({ completed }) => completed)).toEqual([false, true]);
  expect(end.log.map(({ message }) => message).join('\n')).not.toMatch(/teardown failed/);
});
