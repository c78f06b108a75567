// Changes the VUs of a run while it goes on, through the library, and sees it at the server.

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type RunControl, type RunOutcome, run, UsageError } from 'plimsoll/run';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { figureOf } from './profile-run.ts';
import { temporaryFolder } from './run-cli.ts';
import { workersOf } from './worker-processes.ts';

const suiteFile = fileURLToPath(new URL('./fixtures/numbered.suite.ts', import.meta.url));

/** Requests since `forget`, by VU. */
let byVu = new Map<string, number>();
let total = 0;
let server: http.Server;
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(async () => {
  byVu = new Map();
  total = 0;
  server = http.createServer((request, response) => {
    const vu = String(request.headers['x-vu']);
    byVu.set(vu, (byVu.get(vu) ?? 0) + 1);
    total++;
    setTimeout(() => response.end('ok'), 10);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  folder = temporaryFolder();
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  folder.dispose();
});

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
async function until(holds: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (holds()) return;
    await wait(25);
  }
  throw new Error(`${what} did not happen within 10 s`);
}

/** The VUs that ask for something from now on, once they are these, three requests from each. */
async function expectVus(ids: readonly string[]): Promise<void> {
  for (let round = 0; ; round++) {
    byVu = new Map();
    await until(() => ids.every((id) => (byVu.get(id) ?? 0) >= 3), `requests of ${ids.join(', ')}`);
    if ([...byVu.keys()].sort().join() === [...ids].sort().join()) return;
    if (round === 20) expect([...byVu.keys()].sort()).toEqual([...ids].sort());
  }
}

interface ControlledRun {
  readonly control: RunControl;
  /** Ends the run and gives what it left. */
  end(): Promise<RunOutcome>;
}

async function start(): Promise<ControlledRun> {
  const drain = new AbortController();
  let running: Promise<RunOutcome> | undefined;
  const control = await new Promise<RunControl>((resolve, reject) => {
    running = run({
      suite: suiteFile,
      profile: 'controlled',
      overrides: { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
      workers: 2,
      seed: 1,
      outDir: folder.path,
      formats: ['json'],
      signal: drain.signal,
      onControl: resolve,
    });
    running.catch(reject);
  });
  return {
    control,
    async end() {
      drain.abort();
      return running!;
    },
  };
}

test('VUs come and go, pause and resume as they are told', async () => {
  const { control, end } = await start();
  let outcome: RunOutcome;
  try {
    expect(control.state()).toEqual([{ scenario: 'default', vus: 2, paused: false }]);
    await expectVus(['1', '2']);
    control.setVus(5);
    await expectVus(['1', '2', '3', '4', '5']);

    control.pause();
    expect(control.state()).toEqual([{ scenario: 'default', vus: 5, paused: true }]);
    let before = -1;
    await until(() => {
      const quiet = before === total;
      before = total;
      return quiet;
    }, 'the pause');
    await wait(300);
    expect(total).toBe(before);
    control.setVus(3);
    control.resume('default');
    await expectVus(['1', '2', '3']);
    control.setVus(0);
    await until(() => {
      const gone = byVu.size === 0;
      byVu = new Map();
      return gone;
    }, 'the end of all VUs');
    control.setVus(1);
    await expectVus(['1']);

    expect(() => control.setVus(9)).toThrow(UsageError);
    expect(() => control.setVus(1.5)).toThrow(/0 to its maxVUs, 8/);
    expect(() => control.pause('other')).toThrow(/no scenario other/);
    expect(control.state()).toEqual([{ scenario: 'default', vus: 1, paused: false }]);
  } finally {
    outcome = await end();
  }
  const { record } = outcome;
  expect(figureOf(record, 'http_reqs')).toBe(total);
  expect(figureOf(record, 'iterations_failed')).toBe(0);
  expect(figureOf(record, 'vus_max', 'max')).toBe(5);
}, 60_000);

test('a replacement for a lost worker has the VUs that were asked for last', async () => {
  const { control, end } = await start();
  let outcome: RunOutcome;
  try {
    control.setVus(5);
    await expectVus(['1', '2', '3', '4', '5']);
    process.kill(workersOf(process.pid)[0]!, 'SIGKILL');
    control.setVus(4);
    await expectVus(['1', '2', '3', '4']);
  } finally {
    outcome = await end();
  }
  expect(outcome.record.generator.gaps).toMatchObject([{ untilMs: expect.any(Number) as unknown }]);
}, 60_000);
