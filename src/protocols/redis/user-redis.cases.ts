// What the tests of the Redis client share: a real server, a user of it, a server that behaves badly, and a proxy that
// breaks connections.

import net from 'node:net';
import { type RedisOptions, type RunningRedis, startRedis } from '../../target-kit/redis.ts';
import { atEnd, KeepingMeter, listen } from '../http/keeping-client.cases.ts';
import { Scope } from '../scope.ts';
import { RedisRuntime } from './runtime.ts';
import type { RedisPlan, RedisSecrets } from './setting-types.ts';
import { UserSubscriptions } from './subscriptions.ts';
import { UserCommands } from './user-commands.ts';
import { UserRedis } from './user-redis.ts';

const defaults: RedisPlan = {
  connections: 'per-vu',
  connectTimeoutMs: 5000,
  commandTimeoutMs: 5000,
  poolTimeoutMs: 5000,
  clientName: 'plimsoll-test',
};

/** A server until the test ends. */
export async function serve(options: RedisOptions = {}): Promise<RunningRedis> {
  const server = await startRedis({ open: true, ...options });
  atEnd(() => server.stop());
  return server;
}

export interface Crowd {
  readonly runtime: RedisRuntime;
  readonly meter: KeepingMeter;
  /** Codes of failures, in order. */
  readonly failures: string[];
  readonly warnings: string[];
  user(): TestUser;
  /** Sum of a counter over all its series. */
  count(metric: string, tags?: Readonly<Record<string, string>>): number;
  /** Ends all users, and waits for their connections. */
  end(): Promise<void>;
}

export interface TestUser {
  readonly redis: UserRedis;
  /** Makes the next command the first of an arrival that was due then (process clock). */
  due(atMs: number): void;
  close(cause?: { code: string; message: string }): void;
}

/** Users of one worker until the test ends. */
export async function connectUsers(
  url: string,
  plan: Partial<RedisPlan> = {},
  secrets: RedisSecrets = {},
): Promise<Crowd> {
  const meter = new KeepingMeter();
  const failures: string[] = [];
  const warnings: string[] = [];
  const runtime = await RedisRuntime.create({
    plan: { ...defaults, url, ...plan },
    secrets,
    worker: 0,
    workerCount: 1,
    onFailure: (_tags, code) => failures.push(code),
    onWarning: (message) => warnings.push(message),
  });
  const scope = new Scope(meter, { scenario: 'default', user: 'u', task: 't' }, () => {});
  const users: TestUser[] = [];
  let ended: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    for (const user of users) user.close();
    await runtime.close();
  };
  const end = (): Promise<void> => {
    ended ??= close();
    return ended;
  };
  atEnd(end);
  return {
    runtime,
    meter,
    failures,
    warnings,
    user() {
      let dueAtMs = -1;
      const session = new UserCommands(runtime, {
        scope,
        takeScheduledAtMs() {
          const taken = dueAtMs;
          dueAtMs = -1;
          return taken;
        },
      });
      const subscriptions = new UserSubscriptions(session);
      const user: TestUser = {
        redis: new UserRedis(session, subscriptions),
        due: (atMs) => {
          dueAtMs = atMs;
        },
        close(cause) {
          session.close(cause);
          subscriptions.close(cause);
        },
      };
      users.push(user);
      return user;
    },
    count: (metric, tags) => meter.values(metric, tags).reduce((sum, value) => sum + value, 0),
    end,
  };
}

/** The answer to one command, on a connection of its own. */
export async function askAny(url: string, name: string, ...args: string[]): Promise<string> {
  const { Redis } = await import('ioredis');
  const redis = new Redis(url, { protocol: 2, disableClientInfo: true, enableReadyCheck: false });
  try {
    return String(await redis.call(name, ...args));
  } finally {
    redis.disconnect();
  }
}

/** `INFO commandstats` of a server: calls by command, those it refused to carry out among them. */
export async function callsOf(url: string): Promise<Record<string, number>> {
  const text = await askAny(url, 'info', 'commandstats');
  const lines = text.matchAll(/^cmdstat_(\S+?):calls=(\d+),.*?rejected_calls=(\d+)/gm);
  return Object.fromEntries(
    [...lines].map(([, name, calls, refused]) => [name!, Number(calls) + Number(refused)]),
  );
}

export interface RawServer {
  readonly url: string;
  readonly sockets: net.Socket[];
}

/** Listens, and does what it is told with what comes. */
export async function serveRaw(onData: (socket: net.Socket, text: string) => void): Promise<RawServer> {
  const sockets: net.Socket[] = [];
  const server = net.createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => onData(socket, data.toString()));
  });
  atEnd(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `redis://127.0.0.1:${await listen(server)}/0`, sockets };
}
