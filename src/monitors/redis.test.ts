// The monitor of Redis against real servers: what it tells, and what the server itself says to redis-cli.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { MonitorTable } from '../model/monitor.ts';
import { redisFigures } from '../model/monitor-figures.ts';
import { findFreePort } from '../system/free-port.ts';
import { type RunningRedis, startRedis } from '../target-kit/redis.ts';
import { delay } from '../time/timer.ts';
import { describeMonitor, failureOf, read } from './monitor.cases.ts';
import type { Monitor } from './monitor.ts';
import { createRedisMonitor } from './redis.ts';

const run = promisify(execFile);
const open: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A server of its own for a test. */
async function serve(settings: Record<string, string> = {}): Promise<RunningRedis> {
  const server = await startRedis({ open: true, settings });
  open.push(() => server.stop());
  return server;
}

function watch(url: string): Monitor {
  const monitor = createRedisMonitor({ kind: 'redis', url: url.replace(/\/\/[^@]*@/, '//') }, { url });
  open.push(() => monitor.close());
  return monitor;
}

/** What redis-cli prints. */
async function cli(server: RunningRedis, ...words: string[]): Promise<string> {
  const { stdout } = await run('redis-cli', ['-p', new URL(server.url).port, ...words]);
  return stdout;
}

/** A number of INFO, as redis-cli shows it. */
async function told(server: RunningRedis, field: string): Promise<number> {
  const text = await cli(server, 'info', 'everything');
  return Number(new RegExp(`^${field}:(.*)$`, 'm').exec(text)?.[1]);
}

async function cliLines(server: RunningRedis, lines: readonly string[]): Promise<void> {
  const child = run('redis-cli', ['-p', new URL(server.url).port]);
  child.child.stdin!.end(lines.join('\n'));
  await child;
}

const tableOf = (tables: readonly MonitorTable[] | undefined, name: string) =>
  tables?.find((table) => table.name === name);

{
  let server: RunningRedis | null = null;
  let port = 0;
  const password = 'kRs9-hidden';
  const start = async () => {
    server ??= await startRedis({ port, settings: { requirepass: password } });
  };
  beforeAll(async () => {
    port = await findFreePort();
    await start();
  });
  afterAll(() => server?.stop());
  describeMonitor('the Redis monitor', {
    create: () =>
      createRedisMonitor(
        { kind: 'redis', url: `redis://127.0.0.1:${port}/0` },
        { url: `redis://:${password}@127.0.0.1:${port}/0` },
      ),
    figures: redisFigures,
    always: [
      'memory_bytes',
      'memory_peak_bytes',
      'clients',
      'commands',
      'hits',
      'misses',
      'keys',
      'cpu_ratio',
    ],
    secrets: [password],
    start,
    stop: async () => {
      await server?.stop();
      server = null;
    },
    hang: async () => {
      const pid = server!.pid!;
      process.kill(pid, 'SIGSTOP');
      return () => {
        process.kill(pid, 'SIGCONT');
      };
    },
  });
}

describe('a reading of Redis', () => {
  it('counts commands, hits, misses, keys and clients as the server does', async () => {
    const server = await serve();
    const monitor = watch(server.url);
    const first = await read(monitor);
    await cliLines(server, [
      ...Array.from({ length: 20 }, (_, i) => `SET key:${i} v`),
      ...Array.from({ length: 30 }, () => 'GET key:1'),
      ...Array.from({ length: 10 }, () => 'GET nothing'),
    ]);
    await delay(60);
    const { values, tables } = await read(monitor);
    expect(values.hits! - first.values.hits!).toBe(30);
    expect(values.misses! - first.values.misses!).toBe(10);
    expect(values.hit_ratio).toBe(0.75);
    expect(values.keys).toBe(20);
    // Nobody but us is there.
    expect(values.clients).toBe(0);
    // What the first reading sent is counted in the second: INFO and two of SLOWLOG.
    expect(values.commands! - first.values.commands!).toBeGreaterThanOrEqual(60);
    expect(await told(server, 'total_commands_processed')).toBeGreaterThan(values.commands!);
    expect(await told(server, 'keyspace_hits')).toBe(values.hits);
    const rows = tableOf(tables, 'command_statistics')!.rows;
    expect(rows.find(([command]) => command === 'get')?.[1]).toBe(40);
    expect(rows.find(([command]) => command === 'set')?.[1]).toBe(20);
    expect(values.cpu_ratio).toBeGreaterThan(0);
    expect(values.cpu_ratio).toBeLessThan(2);
    expect(values).not.toHaveProperty('memory_ratio');
    // No key was looked up since.
    expect((await read(monitor)).values).not.toHaveProperty('hit_ratio');
  });

  it('counts keys that expired, and clients that wait', async () => {
    const server = await serve();
    const monitor = watch(server.url);
    await read(monitor);
    await cliLines(server, ['SET a 1 PX 1', 'SET b 1 PX 1', 'SET c 1']);
    // Who looks for a key that has expired makes the server let go of it.
    while ((await cli(server, 'EXISTS', 'a', 'b')) !== '0\n');
    const blocked = run('redis-cli', ['-p', new URL(server.url).port, 'BLPOP', 'queue', '20']);
    let values: Readonly<Record<string, number>> = {};
    for (let i = 0; i < 200 && values.blocked_clients !== 1; i++) ({ values } = await read(monitor));
    expect(values).toMatchObject({ expirations: 2, keys: 1, blocked_clients: 1, clients: 1 });
    await cli(server, 'LPUSH', 'queue', 'x');
    await blocked;
  });

  it('counts evictions, and holds memory against its limit', async () => {
    const limit = 3_000_000;
    const server = await serve({ maxmemory: String(limit), 'maxmemory-policy': 'allkeys-lru' });
    const monitor = watch(server.url);
    await read(monitor);
    await cliLines(
      server,
      Array.from({ length: 3000 }, (_, i) => `SET key:${i} ${'x'.repeat(1000)}`),
    );
    const before = await told(server, 'evicted_keys');
    const { values, events } = await read(monitor);
    expect(before).toBeGreaterThan(1000);
    // What redis-cli itself takes makes the server evict a few more.
    expect(values.evictions).toBeGreaterThanOrEqual(before);
    expect(values.evictions).toBeLessThanOrEqual(await told(server, 'evicted_keys'));
    expect(values.memory_ratio).toBeCloseTo(values.memory_bytes! / limit, 9);
    expect(values.memory_ratio).toBeGreaterThan(0.5);
    expect(values.memory_peak_bytes).toBeGreaterThanOrEqual(values.memory_bytes!);
    expect(events).toEqual([]);
  });

  it('says once that memory is full and nothing is evicted, and again when that comes back', async () => {
    const server = await serve({ maxmemory: '2000000', 'maxmemory-policy': 'noeviction' });
    const monitor = watch(server.url);
    expect((await read(monitor)).events).toEqual([]);
    const fill = () =>
      cliLines(
        server,
        Array.from({ length: 1500 }, (_, i) => `SET k:${i} ${'x'.repeat(1000)}`),
      );
    await fill();
    const full = ['memory has reached maxmemory, and the policy is noeviction: the server refuses to write'];
    expect((await read(monitor)).events).toEqual(full);
    expect((await read(monitor)).events).toEqual([]);
    await cli(server, 'FLUSHALL');
    expect((await read(monitor)).events).toEqual([]);
    await fill();
    expect((await read(monitor)).events).toEqual(full);
  });

  it('counts slow commands beyond the length of the log, and shows the newest without arguments', async () => {
    const server = await serve({ 'slowlog-log-slower-than': '-1', 'slowlog-max-len': '16' });
    const monitor = watch(server.url);
    expect((await read(monitor)).values.slow_commands).toBe(0);
    const logged = [
      'CONFIG SET slowlog-log-slower-than 0',
      ...Array.from({ length: 50 }, (_, i) => `SET user:${i} geheim`),
    ];
    await cliLines(server, [...logged.slice(0, 6), 'CONFIG SET slowlog-log-slower-than -1']);
    // The command that sets the limit runs under the new one: 6 are logged, the last CONFIG is not.
    expect((await read(monitor)).values.slow_commands).toBe(6);
    await cliLines(server, [...logged, 'CONFIG SET slowlog-log-slower-than -1']);
    const { values, tables } = await read(monitor);
    expect(values.slow_commands).toBe(6 + 51);
    const rows = tableOf(tables, 'slow_log')!.rows;
    expect(rows).toHaveLength(10);
    expect(rows[0]?.[2]).toBe('SET user:49 ?');
    expect(Date.now() - Date.parse(String(rows[0]?.[0]))).toBeLessThan(60_000);
    expect(JSON.stringify(tables)).not.toContain('geheim');
    await cli(server, 'SLOWLOG', 'RESET');
    const later = await read(monitor);
    expect(later.values.slow_commands).toBe(57);
    expect(tableOf(later.tables, 'slow_log')).toBeUndefined();
    await cliLines(server, [...logged.slice(0, 3), 'CONFIG SET slowlog-log-slower-than -1']);
    expect((await read(monitor)).values.slow_commands).toBe(60);
  });

  it('tells a restart and a reset of the statistics', async () => {
    const port = await findFreePort();
    let server = await startRedis({ port, open: true });
    open.push(() => server.stop());
    const monitor = watch(server.url);
    await read(monitor);
    await cliLines(
      server,
      Array.from({ length: 30 }, () => 'INCR a'),
    );
    await read(monitor);
    await cli(server, 'CONFIG', 'RESETSTAT');
    await cli(server, 'INCR', 'a');
    const reset = await read(monitor);
    expect(reset.events).toEqual(['the statistics of the server were reset']);
    const rows = tableOf(reset.tables, 'command_statistics')!.rows;
    expect(rows.find(([command]) => command === 'incr')?.[1]).toBe(31);
    await server.stop();
    expect(String(await failureOf(read(monitor)))).toMatch(/Redis at 127.0.0.1:\d+\/0 cannot be read: /);
    server = await startRedis({ port, open: true });
    expect((await read(monitor)).events).toEqual(['the server was restarted']);
    expect((await read(monitor)).events).toEqual([]);
  });
});

describe('a Redis that', () => {
  it('does not let us in says so without the password', async () => {
    const server = await serve({ requirepass: 'right' });
    const port = new URL(server.url).port;
    for (const url of [`redis://127.0.0.1:${port}`, `redis://:wr0ng@127.0.0.1:${port}`]) {
      const message = String(await failureOf(read(watch(url))));
      expect(message).toMatch(/cannot be read: user or password is wrong or missing \((NOAUTH|WRONGPASS)\)/);
      expect(message).not.toContain('wr0ng');
    }
  });

  it('has no room for another client says so, and is read later', async () => {
    const server = await serve({ maxclients: '1' });
    const first = watch(server.url);
    await read(first);
    const second = watch(server.url);
    expect(String(await failureOf(read(second)))).toMatch(/too many clients|maxclients/);
    await first.close();
    for (let i = 0; ; i++) {
      const outcome = await read(second).catch((error: unknown) => error);
      if (!(outcome instanceof Error)) break;
      if (i === 100) throw outcome;
    }
    expect((await read(second)).values.rejected_connections).toBeGreaterThanOrEqual(1);
  });

  it('shows a part is read for that part, and what is missing is said once', async () => {
    const server = await serve();
    const port = new URL(server.url).port;
    await cli(server, 'ACL', 'SETUSER', 'partly', 'on', '>pw', '~*', '+info|memory', '+info|stats');
    const partly = watch(`redis://partly:pw@127.0.0.1:${port}`);
    const { values, events } = await read(partly);
    expect(Object.keys(values)).toEqual(expect.arrayContaining(['memory_bytes', 'hits', 'commands']));
    for (const figure of ['clients', 'slow_commands', 'keys']) expect(values).not.toHaveProperty(figure);
    expect(events).toEqual([
      'the server does not show the sections server, clients, cpu, keyspace, commandstats, errorstats of INFO, whose figures are missing; allow +info',
      'the server does not show its slow log, so slow commands are missing; allow +slowlog',
    ]);
    expect((await read(partly)).events).toEqual([]);
    await cli(server, 'ACL', 'SETUSER', 'nothing', 'on', '>pw');
    const nothing = watch(`redis://nothing:pw@127.0.0.1:${port}`);
    expect(String(await failureOf(read(nothing)))).toContain('NOPERM');
    // The grants that the documentation names.
    await cli(server, 'ACL', 'SETUSER', 'plimsoll', 'on', '>pw', '+info', '+slowlog|get', '+slowlog|len');
    const whole = await read(watch(`redis://plimsoll:pw@127.0.0.1:${port}`));
    expect(whole.events).toEqual([]);
    expect(whole.values).toHaveProperty('slow_commands');
  });

  it('cuts our connection is read again by another', async () => {
    const server = await serve();
    const monitor = watch(server.url);
    await read(monitor);
    await cli(server, 'CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    const outcome = await read(monitor).catch((error: unknown) => error);
    if (outcome instanceof Error) expect(outcome.message).toMatch(/closed|ECONNRESET|EPIPE/);
    expect((await read(monitor)).values.keys).toBe(0);
  });
});

it('asked at the end, tells of memory, commands and the slow log', async () => {
  const server = await serve({ 'slowlog-log-slower-than': '0', maxmemory: '50mb' });
  await cli(server, 'set', 'user:17', 'a secret');
  const monitor = watch(server.url);
  const tables = await monitor.diagnose!(new AbortController().signal);
  const facts = new Map(tableOf(tables, 'server_facts')!.rows as [string, string][]);
  expect(facts.get('limit of memory, bytes (0: none)')).toBe(String(50 * 2 ** 20));
  expect(tableOf(tables, 'commands_since_start')!.rows.map(([command]) => command)).toContain('set');
  expect(tableOf(tables, 'slow_log')!.rows.length).toBeGreaterThan(0);
  expect(JSON.stringify(tables)).not.toContain('secret');
});
