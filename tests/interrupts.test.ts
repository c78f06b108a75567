// Ctrl-C, and processes that die, at every moment of a run: it ends, says what it has, and leaves nothing.

import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { expectExit, ownReasons, wasHeldUp } from './exit-code.ts';
import { type OddServer, startOddServer } from './odd-server.ts';
import { figureOf, readRun, startProfile } from './profile-run.ts';
import { type CliResult, type RunningCli, temporaryFolder } from './run-cli.ts';
import { workersOf } from './worker-processes.ts';

let server: OddServer;
let folder: ReturnType<typeof temporaryFolder>;
beforeAll(async () => {
  server = await startOddServer();
});
afterAll(() => server.close());
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.dispose());

function start(profile: string, mode = '', ...args: string[]): RunningCli {
  return startProfile('interrupts', profile, {
    url: server.url,
    outDir: folder.path,
    args: ['--workers', '1', ...args],
    env: { MODE: mode },
  });
}

const recordOf = (result: CliResult) => readRun(folder.path, 'interrupts', result).record;

async function expectGone(pids: readonly number[]): Promise<void> {
  expect(pids.length).toBeGreaterThan(0);
  const lives = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  for (let i = 0; i < 40 && pids.some(lives); i++) await wait(50);
  expect(pids.filter(lives)).toEqual([]);
}

describe('Ctrl-C', () => {
  test('while the suite loads', async () => {
    const run = start('long', 'slow-load');
    await run.saw(/loading/);
    run.child.kill('SIGINT');
    const { code, stderr } = await run.done;
    expect(code).toBe(130);
    expect(stderr).not.toMatch(/running/);
  });

  test('twice while setup hangs', async () => {
    const before = server.byPath.get('/setup') ?? 0;
    const run = start('long', 'hanging-setup');
    while ((server.byPath.get('/setup') ?? 0) === before) await wait(20);
    const workers = workersOf(run.child.pid!);
    run.child.kill('SIGINT');
    await run.saw(/stopping: interrupted:/);
    run.child.kill('SIGINT');
    const { code, stderr } = await run.done;
    expect(code).toBe(130);
    expect(stderr).toMatch(/interrupted before any load was driven/);
    await expectGone(workers);
  });

  test('twice while user code blocks a worker: the record is written without it', async () => {
    const run = start('blocking', '', '--workers', '2');
    await run.saw(/running/);
    await wait(1500);
    const workers = workersOf(run.child.pid!);
    run.child.kill('SIGINT');
    await run.saw(/stopping: interrupted:/);
    run.child.kill('SIGINT');
    const result = await run.done;
    expect(result.code).toBe(130);
    const record = recordOf(result);
    expect(record.interrupted).toBe(true);
    expect(record.generator.workers.map(({ completed }) => completed)).toEqual([false, true]);
    expect(figureOf(record, 'http_reqs')).toBeGreaterThan(0);
    await expectGone(workers);
  });

  test('three times: the process ends at once and takes a blocked worker along', async () => {
    const run = start('blocking');
    await run.saw(/running/);
    await wait(500);
    const workers = workersOf(run.child.pid!);
    run.child.kill('SIGINT');
    await run.saw(/stopping: interrupted:/);
    run.child.kill('SIGINT');
    await run.saw(/interrupted again/);
    run.child.kill('SIGINT');
    expect((await run.done).code).toBe(130);
    await expectGone(workers);
  });

  test('twice while teardown hangs: what was measured is kept', async () => {
    const before = server.byPath.get('/teardown') ?? 0;
    const run = start('visiting', 'hanging-teardown');
    while ((server.byPath.get('/teardown') ?? 0) === before) await wait(20);
    run.child.kill('SIGINT');
    await run.saw(/stopping: interrupted:/);
    run.child.kill('SIGINT');
    const result = await run.done;
    expect(result.code).toBe(130);
    const record = recordOf(result);
    expect(record.generator.workers[0]!.completed).toBe(true);
    expect(figureOf(record, 'iterations')).toBeGreaterThan(50);
  });

  test('during the first of two profiles: the second does not run', async () => {
    const before = server.byPath.get('/setup') ?? 0;
    const run = start('long', '', '--profile', 'visiting');
    await run.saw(/running/);
    run.child.kill('SIGINT');
    expect((await run.done).code).toBe(130);
    expect(server.byPath.get('/setup')).toBe(before + 1);
  });
});

describe('a worker that dies', () => {
  test('near the end of the plan: the run goes on without it, and is inconclusive', async () => {
    const run = start('visiting', '', '--workers', '2', '--duration', '3s');
    await run.saw(/running/);
    await wait(1500);
    process.kill(workersOf(run.child.pid!)[0]!, 'SIGKILL');
    const result = await run.done;
    expect(result.code).toBe(5);
    const record = recordOf(result);
    expect(record.interrupted).toBe(false);
    expect(record.verdict.status).toBe('inconclusive');
    expect(ownReasons(record)[0]).toMatch(/Worker \d of 2 ended before/);
    expect(record.generator.workers.filter(({ completed }) => completed)).toHaveLength(1);
    // Four users for a second, then two for two more, each about every 21 ms: what both measured is there.
    const [first, , last] = record.timeline.map(({ metrics }) => metrics.iterations);
    const done = (values: typeof first) => (values !== undefined && 'count' in values ? values.count : 0);
    expect(done(first)).toBeGreaterThan(1.5 * done(last));
    expect(done(last)).toBeGreaterThan(20);
  });

  test('in setup: exit 3, and the reason', async () => {
    const { code, stderr } = await start('visiting', 'dying-setup').done;
    expect(code).toBe(3);
    expect(stderr).toMatch(/lost during the suite's setup: it exited with code 3/);
  });

  test('with its coordinator: nothing is left that drives load', async () => {
    const run = start('long');
    await run.saw(/running/);
    const workers = workersOf(run.child.pid!);
    run.child.kill('SIGKILL');
    await expectGone(workers);
    await wait(200);
    expect(server.openSockets).toBe(0);
  });
});

test('a setup that fails is told with its place in the suite, exit 3', async () => {
  const { code, stderr } = await start('visiting', 'failing-setup').done;
  expect(code).toBe(3);
  expect(stderr).toMatch(/setup failed: no account/);
  expect(stderr).toMatch(/interrupts\.suite\.ts:\d+/);
  expect(stderr).not.toMatch(/was lost/);
});

test('what a suite leaves open does not keep the process alive', async () => {
  const result = await start('visiting', 'open-handle').done;
  const goneAtMs = Date.now();
  const { record, log } = readRun(folder.path, 'interrupts', result);
  expectExit({ ...result, record }, 0);
  if (!wasHeldUp(record)) expect(record.verdict.status).toBe('pass');
  const ended = log.find(({ message }) => message === 'ended')!;
  expect(goneAtMs - Date.parse(ended.time)).toBeLessThan(5000);
});
