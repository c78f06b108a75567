// Requests sent by us = requests received by the server, exactly: for every executor, with and without
// Ctrl-C. PLIMSOLL_ROUNDS=10 repeats each case ten times.

import { fileURLToPath } from 'node:url';
import type { RunRecord } from 'plimsoll';
import { test as baseTest, describe, expect } from 'vitest';
import { type CountingServer, startCountingServer } from './counting-server.ts';
import { expectFinished } from './exit-code.ts';
import { readRecord, runCli, startCli, temporaryFolder } from './run-cli.ts';
import { startStreamCounter } from './stream-counter.ts';

const suite = fileURLToPath(new URL('./fixtures/accounting.suite.ts', import.meta.url));
const rounds = Number(process.env.PLIMSOLL_ROUNDS ?? 1);
const executors = [
  'constant-vus',
  'ramping-vus',
  'per-vu-iterations',
  'shared-iterations',
  'constant-arrival-rate',
  'ramping-arrival-rate',
  'externally-controlled',
];

/** A server that counts, and a folder for results, of one test. */
interface Place {
  readonly server: Pick<CountingServer, 'url' | 'count' | 'byPath'>;
  readonly folder: string;
}

const test = baseTest.extend<{ place: Place }>({
  place: async ({ task: _ }, use) => {
    const server = await startCountingServer(() => Math.random() * 40);
    const folder = temporaryFolder();
    await use({ server, folder: folder.path });
    await server.close();
    folder.dispose();
  },
});

function count(record: RunRecord, series: string): number {
  const values = record.metrics[series]?.values;
  return values !== undefined && 'count' in values ? values.count : 0;
}

function arguments_({ server, folder }: Place, profile: string): string[] {
  const flags = ['--profile', profile, '--base-url', server.url, '--out', folder, '--workers', '2'];
  return ['run', suite, ...flags];
}

function expectExactCounts({ server }: Place, record: RunRecord): void {
  // What setup and teardown did is no load, and stands under their own tasks.
  const beside = ['setup', 'teardown'].map((task) => [task, server.byPath.get(`/${task}`) ?? 0] as const);
  for (const [task, times] of beside) expect(count(record, `http_reqs{task:${task},user:suite}`)).toBe(times);
  expect(count(record, 'http_reqs')).toBe(beside.reduce((load, [, times]) => load - times, server.count));
  const byName = new Map<string, number>();
  for (const entry of Object.values(record.metrics)) {
    const { name, method } = entry.tags ?? {};
    if (entry.metric !== 'http_reqs' || name === undefined || method === undefined) continue;
    if ('count' in entry.values) byName.set(name, (byName.get(name) ?? 0) + entry.values.count);
  }
  expect(Object.fromEntries([...byName].sort())).toEqual(Object.fromEntries([...server.byPath].sort()));
}

/** Nothing that was due is missing. */
function expectWhole(executor: string, record: RunRecord): void {
  if (executor === 'per-vu-iterations') expect(count(record, 'iterations')).toBe(160);
  if (executor === 'shared-iterations') expect(count(record, 'iterations')).toBe(250);
  if (executor === 'constant-arrival-rate') {
    // Those that were under way when the time was up have no outcome, and are counted.
    const cut = (record.cutOff ?? [])
      // Users that were still at their onStart had not begun one.
      .filter(({ metric, tags }) => metric === 'iteration_duration' && tags.task !== 'onStart')
      .reduce((sum, one) => sum + one.count, 0);
    expect(count(record, 'iterations') + count(record, 'dropped_iterations') + cut).toBe(300);
  }
}

describe.concurrent.each(executors)('%s', (executor) => {
  test.for(Array.from({ length: rounds }, (_, round) => round + 1))(
    'every request is accounted for, round %i',
    async (_round, { place }) => {
      expectFinished(await runCli(arguments_(place, executor)));
      const record = readRecord(place.folder, 'accounting');
      expect(record.interrupted).toBe(false);
      expect(place.server.byPath.get('/setup')).toBe(1);
      expect(place.server.byPath.get('/teardown')).toBe(1);
      expectExactCounts(place, record);
      expectWhole(executor, record);
    },
  );

  test.for(Array.from({ length: rounds }, (_, round) => round + 1))(
    'also over HTTP/2, with sessions that the server ends again and again, round %i',
    async (_round, { place: { folder } }) => {
      // A request that a server says not to have looked at, while the end of the run cuts it off, is both sent and not received.
      const server = await startStreamCounter(10, () => Math.random() * 20, { isGraceful: true });
      try {
        expectFinished(await runCli(arguments_({ server, folder }, executor)));
        const record = readRecord(folder, 'accounting');
        expectExactCounts({ server, folder }, record);
        expectWhole(executor, record);
        // What was under way when the time was up is the only thing that did not end well.
        expect(record.errors.filter(({ code }) => code !== 'aborted')).toEqual([]);
        expect(server.sessionCount).toBeGreaterThan(server.count / 20);
      } finally {
        await server.close();
      }
    },
  );

  test.for(Array.from({ length: rounds }, (_, round) => round + 1))(
    'also when interrupted twice, round %i',
    async (_round, { place }) => {
      const run = startCli(arguments_(place, executor));
      await run.saw(/running accounting/);
      await new Promise((resolve) => setTimeout(resolve, 300 + Math.random() * 400));
      run.child.kill('SIGINT');
      await run.saw(/stopping/);
      run.child.kill('SIGINT');
      const { code, stdout, stderr } = await run.done;
      expect(code, stdout + stderr).toBe(130);
      const record = readRecord(place.folder, 'accounting');
      expect(record.interrupted).toBe(true);
      expectExactCounts(place, record);
    },
  );
});
