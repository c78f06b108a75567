// Redis under load, from the built command line: its own counts agree with ours, and a run outlives an outage.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from 'plimsoll';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askAny, callsOf } from '../src/protocols/redis/user-redis.cases.ts';
import { findFreePort } from '../src/system/free-port.ts';
import { type RunningRedis, startRedis } from '../src/target-kit/redis.ts';
import { expectExit } from './exit-code.ts';
import { type CliResult, type RunningCli, readRecord, startCli, temporaryFolder } from './run-cli.ts';

let server: RunningRedis;
beforeAll(async () => {
  server = await startRedis({ open: true });
});
afterAll(() => server?.stop());

interface RedisRun extends RunningCli {
  finished(): Promise<CliResult & { readonly record: RunRecord; readonly text: string }>;
}

function startRun(profile: string, redisUrl: string, args: readonly string[] = []): RedisRun {
  const folder = temporaryFolder();
  const file = fileURLToPath(new URL('./fixtures/redis.suite.ts', import.meta.url));
  const flags = ['--profile', profile, '--out', folder.path, '--formats', 'json'];
  const run = startCli(['run', file, ...flags, ...args], { env: { REDIS_URL: redisUrl } });
  return {
    ...run,
    async finished() {
      const result = await run.done;
      try {
        const record = readRecord(folder.path, 'redis');
        return { ...result, record, text: readFileSync(join(folder.path, 'redis/latest/run.json'), 'utf8') };
      } finally {
        folder.dispose();
      }
    },
  };
}

function count(record: RunRecord, command: string): number {
  return Object.values(record.metrics)
    .filter(({ metric, tags }) => metric === 'redis_ops' && tags?.command === command && !('name' in tags))
    .reduce((sum, { values }) => sum + ('count' in values ? values.count : 0), 0);
}

const commands = ['get', 'set', 'hincrby', 'expire', 'multi', 'exec', 'incr', 'rpush'];

async function expectSameCounts(record: RunRecord, names: readonly string[]): Promise<void> {
  const calls = await callsOf(server.url);
  const reported = Object.fromEntries(names.map((name) => [name, count(record, name)]));
  expect(reported).toEqual(Object.fromEntries(names.map((name) => [name, calls[name] ?? 0])));
}

describe('a Redis server under load', () => {
  it.each(['users', 'rate'])('has carried out exactly what the record says: %s', async (profile) => {
    await askAny(server.url, 'config', 'resetstat');
    const { record } = await startRun(profile, server.url).finished();
    expect(record.metrics.redis_op_failed).toMatchObject({ values: { rate: 0 } });
    await expectSameCounts(record, commands);
    expect(count(record, 'get')).toBeGreaterThan(100);
    expect(record.metrics.redis_hits).toBeDefined();
    expect(record.metrics.redis_pool_wait !== undefined).toBe(profile === 'rate');
  });

  it('tells every user what is published for it', async () => {
    await askAny(server.url, 'config', 'resetstat');
    const finished = await startRun('chat', server.url).finished();
    const { record } = finished;
    expectExit(finished, 0);
    expect(record.checks.filter(({ passes, fails }) => passes !== 20 || fails !== 0)).toEqual([]);
    await expectSameCounts(record, ['subscribe', 'publish']);
    expect(record.metrics.redis_msgs_received).toMatchObject({ values: { count: 20 } });
  });

  it('is left in order by Ctrl-C, with what was cut off counted as aborted', async () => {
    await askAny(server.url, 'config', 'resetstat');
    const run = startRun('long', server.url);
    await run.saw(/long/);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    run.child.kill('SIGINT');
    const { record, code } = await run.finished();
    expect(code).toBe(130);
    expect(count(record, 'get')).toBeGreaterThan(0);
    await expectSameCounts(record, commands);
    expect(await askAny(server.url, 'client', 'list')).not.toContain('name=plimsoll ');
  });

  it('may be killed and started again: the run goes on, with errors by class', async () => {
    const port = await findFreePort();
    const first = await startRedis({ port, open: true });
    const run = startRun('outage', first.url);
    await run.saw(/outage/);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    process.kill(first.pid!, 'SIGKILL');
    await first.stop();
    const second = await startRedis({ port, open: true });
    try {
      const { record } = await run.finished();
      const codes = record.errors.filter(({ source }) => source === 'request').map(({ code }) => code);
      expect(codes).toContain('ECONNREFUSED');
      expect(
        codes.filter((code) => !/^(ECONNREFUSED|ECONNRESET|EPIPE|connection_closed)$/.test(code)),
      ).toEqual([]);
      const after = await callsOf(second.url);
      expect(after.get).toBeGreaterThan(10);
      expect(record.metrics.redis_op_failed).toMatchObject({ values: { fails: expect.any(Number) } });
    } finally {
      await second.stop();
    }
  });
});

describe('before any load', () => {
  it('a server that is not there ends the run with exit code 3 and a hint', async () => {
    const result = await startRun('users', `redis://127.0.0.1:${await findFreePort()}`).done;
    expect(result.code).toBe(3);
    expect(result.stderr).toMatch(/cannot be used: connect ECONNREFUSED/);
    expect(result.stderr).toMatch(/start the server first/);
    const none = await startRun('users', '').done;
    expect(none.code).toBe(3);
    expect(none.stderr).toMatch(/set REDIS_URL/);
  });

  it('a password that is missing is asked for, and one that is given is in no file', async () => {
    const closed = await startRedis({ settings: { requirepass: 'tell-nobody' } });
    try {
      const without = await startRun('users', closed.url).done;
      expect(without.code).toBe(3);
      expect(without.stderr).toMatch(/NOAUTH[\s\S]*check user and password/);
      const url = closed.url.replace('//', '//:tell-nobody@');
      const finished = await startRun('chat', url).finished();
      expectExit(finished, 0);
      expect(finished.text).not.toContain('tell-nobody');
    } finally {
      await closed.stop();
    }
  });

  it('a server that looks like production is refused with exit code 4', async () => {
    const result = await startRun('users', 'redis://cache.production.example.com:6379').done;
    expect(result.code).toBe(4);
  });
});
