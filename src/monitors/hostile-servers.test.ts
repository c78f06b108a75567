// Servers of databases that never end their answers, or claim what cannot be: readings fail by name, in bounded memory.

import net, { type AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { startPgbouncer } from '../protocols/sql/pgbouncer.cases.ts';
import { startPostgres } from '../target-kit/postgres.ts';
import { monotonicMs } from '../time/clock.ts';
import { failureOf } from './monitor.cases.ts';
import type { Monitor } from './monitor.ts';
import { createPostgresMonitor } from './postgres.ts';
import { createRedisMonitor } from './redis.ts';

/** A server of bytes until the test ends; returns its port. */
async function serve(onData: (socket: net.Socket, asked: string) => void): Promise<number> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => onData(socket, bytes.toString('latin1')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function pour(socket: net.Socket, piece: Buffer): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', more);
  more();
}

async function failureIn(monitor: Monitor, limitMs: number): Promise<string> {
  onTestFinished(() => monitor.close());
  const startedAtMs = monotonicMs();
  const before = process.memoryUsage().rss;
  const failure = await failureOf(monitor.read(AbortSignal.timeout(limitMs)));
  expect(monotonicMs() - startedAtMs).toBeLessThan(limitMs + 3000);
  expect(process.memoryUsage().rss - before).toBeLessThan(600 * 2 ** 20);
  return (failure as Error).message;
}

const watchRedis = (port: number): Monitor =>
  createRedisMonitor({ kind: 'redis', url: `redis://127.0.0.1:${port}/0` }, {});

const pieces = Buffer.alloc(64 * 1024, 'x');

it.each<[string, string, RegExp]>([
  ['a text without end', '$4000000000\r\n', /its answer is larger than 32 MiB/],
  ['a list of two thousand million', '*2000000000\r\n', /its answer is larger|cannot be read/],
  ['a line without end', '+', /its answer is larger than 32 MiB/],
])('a Redis server that answers with %s', async (_what, start, message) => {
  const port = await serve((socket, asked) => {
    if (/setname/i.test(asked)) socket.write('+OK\r\n');
    if (!/info/i.test(asked)) return;
    socket.write(start);
    pour(socket, pieces);
  });
  expect(await failureIn(watchRedis(port), 10_000)).toMatch(message);
});

it.each(['HTTP/1.1 400 Bad Request\r\n\r\n', '\0\0\0', '*-5\r\n', ':1\r\n$-1\r\n*0\r\n'.repeat(50)])(
  'a Redis server that answers with nonsense: %j',
  async (nonsense) => {
    const port = await serve((socket) => socket.write(nonsense));
    expect(await failureIn(watchRedis(port), 1500)).toMatch(/Redis at 127.0.0.1:\d+\/0/);
  },
);

const watchPostgres = (port: number): Monitor => {
  const url = `postgresql://watcher@127.0.0.1:${port}/db`;
  return createPostgresMonitor({ kind: 'postgres', url, slowStatementMs: 1000 }, { url });
};

/** A message of PostgreSQL's protocol. */
function message(type: string, body: Buffer, length = body.length + 4): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, body]);
}
const letIn = Buffer.concat([message('R', Buffer.alloc(4)), message('Z', Buffer.from('I'))]);
const row = message('D', Buffer.from([0, 1, 0, 0, 0, 1, 65]));

it.each<[string, Buffer]>([
  ['rows without end', Buffer.concat(new Array(5000).fill(row))],
  ['a message of a gigabyte', message('D', pieces, 2 ** 30)],
])('a PostgreSQL server that answers with %s', async (_what, piece) => {
  const field = Buffer.concat([Buffer.from('a\0'), Buffer.alloc(18)]);
  const head = message('T', Buffer.concat([Buffer.from([0, 1]), field]));
  const port = await serve((socket, asked) => {
    if (asked.includes('watcher')) {
      socket.write(letIn);
      return;
    }
    socket.write(head);
    pour(socket, piece);
  });
  expect(await failureIn(watchPostgres(port), 10_000)).toContain('its answer is larger than 32 MiB');
});

it('a pooler that refuses the settings of the watcher is told as such', async () => {
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  const pooler = await startPgbouncer(server.url, 2);
  onTestFinished(() => pooler.stop());
  const monitor = createPostgresMonitor(
    { kind: 'postgres', url: pooler.url, slowStatementMs: 1000 },
    { url: pooler.url },
  );
  expect(await failureIn(monitor, 5000)).toContain('watch the server itself');
});

it('watchers behind a pooler, whose sessions are one another’s, read without a name when names are refused', async () => {
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  const pooler = await startPgbouncer(server.url, 3, {
    ignore_startup_parameters: 'statement_timeout,lock_timeout,options',
  });
  onTestFinished(() => pooler.stop());
  const watchers = [1, 2, 3].map(() => {
    const source = { kind: 'postgres', url: pooler.url, slowStatementMs: 1000 } as const;
    const monitor = createPostgresMonitor(source, { url: pooler.url });
    onTestFinished(() => monitor.close());
    return monitor;
  });
  for (let i = 0; i < 4; i++) {
    // One after the other: the pooler gives each the session that the one before has just used.
    for (const one of watchers) {
      const { values } = await one.read(AbortSignal.timeout(10_000));
      expect(values).toHaveProperty('connections');
    }
    await Promise.all(watchers.map((one) => one.read(AbortSignal.timeout(10_000))));
  }
});
