// What the tests of the database client share: a real server, clients of it, a proxy that breaks connections, and a
// meter that keeps what it is told.

import net from 'node:net';
import { type PostgresOptions, type RunningPostgres, startPostgres } from '../../target-kit/postgres.ts';
import { atEnd, KeepingMeter } from '../http/keeping-client.cases.ts';
import { Scope } from '../scope.ts';
import { SqlRuntime } from './runtime.ts';
import type { SqlPlan, SqlSecrets } from './setting-types.ts';
import { UserSql } from './user-sql.ts';

/** A server for one file of tests, whatever DATABASE_URL says: they change and end what they find. */
export function startTestServer(
  settings: Readonly<Record<string, string>> = {},
  more: Pick<PostgresOptions, 'tls' | 'access'> = {},
): Promise<RunningPostgres> {
  return startPostgres({ settings, ...more });
}

export interface Databases {
  readonly sql: UserSql;
  readonly runtime: SqlRuntime;
  readonly meter: KeepingMeter;
  /** Codes of failures, in order. */
  readonly failures: string[];
  /** Another virtual user of the same worker. */
  another(scheduledAtMs?: number): UserSql;
  /** Sum of a counter over all its series with these tags. */
  count(metric: string, tags?: Readonly<Record<string, string>>): number;
  /** Ends all users, and waits for their connections. */
  end(): Promise<void>;
}

/** A client of the database until the test ends. */
export function connectTo(
  databaseUrl: string,
  plan: Partial<SqlPlan> = {},
  tls?: SqlSecrets['tls'],
  more: Pick<SqlSecrets, 'pooled'> = {},
): Databases {
  const meter = new KeepingMeter();
  const failures: string[] = [];
  const url = new URL(databaseUrl);
  const { password } = url;
  url.password = '';
  const runtime = new SqlRuntime({
    plan: {
      url: url.href,
      connections: 'per-vu',
      connectTimeoutMs: 10_000,
      statementTimeoutMs: 20_000,
      serverTimeout: false,
      poolTimeoutMs: 20_000,
      applicationName: 'plimsoll-test',
      retries: 0,
      readOnly: false,
      ...plan,
    },
    secrets: { ...more, password, ...(tls === undefined ? {} : { tls }) },
    worker: 0,
    workers: 1,
    onFailure: (_tags, code) => failures.push(code),
  });
  const scope = new Scope(meter, { scenario: 'default', user: 'u', task: 't' }, () => {});
  const users: UserSql[] = [];
  const another = (scheduledAtMs = -1): UserSql => {
    let dueAtMs = scheduledAtMs;
    const user = new UserSql(runtime, {
      scope,
      takeScheduledAtMs() {
        const taken = dueAtMs;
        dueAtMs = -1;
        return taken;
      },
    });
    users.push(user);
    return user;
  };
  let ended: Promise<void> | undefined;
  const end = (): Promise<void> => {
    for (const user of users) user.close();
    ended ??= runtime.close();
    return ended;
  };
  atEnd(end);
  return {
    sql: another(),
    runtime,
    meter,
    failures,
    another,
    count: (metric, tags) => meter.values(metric, tags).reduce((sum, value) => sum + value, 0),
    end,
  };
}

export interface Proxy {
  /** The database by way of the proxy. */
  readonly url: string;
  /** Bytes from the server are held back while this is true. */
  stalled: boolean;
  /** Where new connections go; `null` refuses them. */
  target: string | null;
  /** Resets all connections. */
  reset(): void;
  openCount(): number;
}

/** Stands between a client and a real server until the test ends. */
export async function startProxy(databaseUrl: string): Promise<Proxy> {
  const clients = new Set<net.Socket>();
  const server = net.createServer((client) => {
    if (proxy.target === null) {
      client.resetAndDestroy();
      return;
    }
    const { hostname, port } = new URL(proxy.target);
    const upstream = net.connect(Number(port), hostname);
    clients.add(client);
    client.on('error', () => {});
    upstream.on('error', () => client.resetAndDestroy());
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => {
      if (!proxy.stalled) client.write(bytes);
    });
    client.on('close', () => {
      clients.delete(client);
      upstream.destroy();
    });
    upstream.on('end', () => client.end());
    client.on('end', () => upstream.end());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = new URL(databaseUrl);
  url.port = String((server.address() as net.AddressInfo).port);
  const proxy: Proxy = {
    url: url.href,
    stalled: false,
    target: databaseUrl,
    reset() {
      for (const client of clients) client.resetAndDestroy();
    },
    openCount: () => clients.size,
  };
  atEnd(() => {
    proxy.reset();
    server.close();
  });
  return proxy;
}

/** Resolves once `holds` does; what it waits for must come, so the limit is the test's own. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}
