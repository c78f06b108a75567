// The monitor of PostgreSQL where something is in its way: servers that go, hang, are full or do not show everything.

import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresFigures } from '../model/monitor-figures.ts';
import { describeMonitor, failureOf, read, readOnceBack } from './monitor.cases.ts';
import { connect, startTestServer, type TestServer, until, watch } from './postgres/server.cases.ts';
import { createPostgresMonitor } from './postgres.ts';

const password = 'kRs9-hidden';
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ settings: { max_connections: '12' } });
  const admin = new Client(server.url);
  await admin.connect();
  await admin.query(`CREATE ROLE watcher LOGIN PASSWORD '${password}'; GRANT pg_monitor TO watcher`);
  await admin.end();
});
afterAll(() => server?.end());

/** With another user. */
function urlOf(user: string, password = 'pw'): string {
  const url = new URL(server.url);
  url.username = user;
  url.password = password;
  return url.href;
}

describeMonitor('the PostgreSQL monitor', {
  create() {
    return createPostgresMonitor(
      { kind: 'postgres', url: urlOf('watcher', ''), slowStatementMs: 1000 },
      { url: urlOf('watcher', password) },
    );
  },
  figures: postgresFigures,
  always: ['connections', 'connections_ratio', 'transactions', 'deadlocks', 'slow_statements', 'temp_bytes'],
  secrets: [password],
  start: () => server.start(),
  stop: () => server.stop(),
  hang: async () => server.hold(),
});

describe('a database that', () => {
  it('was restarted is told so once', async () => {
    const monitor = watch(server.url);
    await read(monitor);
    await server.stop();
    for (let i = 0; i < 2; i++) {
      const message = String(await failureOf(read(monitor)));
      expect(message).toMatch(/Error: PostgreSQL at 127.0.0.1:\d+\/postgres cannot be read: /);
      expect(message).not.toContain(new URL(server.url).password);
    }
    await server.start();
    expect((await readOnceBack(monitor)).events).toContain('the server was restarted');
    expect((await read(monitor)).events).toEqual([]);
  });

  it('ends our session is read again by another', async () => {
    const monitor = watch(server.url);
    await read(monitor);
    const admin = await connect(server.url);
    const ours = "FROM pg_stat_activity WHERE application_name = 'plimsoll-monitor'";
    await admin.query(`SELECT pg_terminate_backend(pid) ${ours}`);
    await until(async () => (await admin.query(`SELECT 1 ${ours}`)).rowCount === 0);
    await sleep(50);
    // What was noticed between two readings costs none.
    expect((await read(monitor)).events).toEqual([]);
  });

  it('has no connection left says so', async () => {
    const sessions = [];
    // Three of the twelve are kept for superusers, as the test's own user is one.
    const admin = await connect(server.url);
    await admin.query("CREATE ROLE plain LOGIN PASSWORD 'pw'");
    for (let i = 0; i < 8; i++) sessions.push(await connect(urlOf('plain')));
    const message = String(await failureOf(read(watch(urlOf('plain')))));
    expect(message).toMatch(/cannot be read: too many connections: .*\(53300\)/);
    const { values } = await read(watch(server.url));
    expect(values.connections).toBe(9);
    expect(values.connections_ratio).toBe(1);
  });

  it('does not know user or password says so without naming them', async () => {
    for (const url of [urlOf('plimsoll', 'wr0ng'), urlOf('nobody0', 'wr0ng')]) {
      const message = String(await failureOf(read(watch(url))));
      expect(message).toMatch(/user or password is wrong, or may not connect from here \(28P01\)/);
      expect(message).not.toMatch(/wr0ng|nobody0/);
    }
  });

  it('shows a role its own sessions only is read for the rest, and what is missing is said once', async () => {
    const admin = await connect(server.url);
    await admin.query("DROP ROLE IF EXISTS little; CREATE ROLE little LOGIN PASSWORD 'pw'");
    await connect(server.url);
    const monitor = watch(urlOf('little'));
    await read(monitor);
    const { values, events } = await read(watch(urlOf('little')));
    expect(values.connections).toBe(3);
    for (const figure of ['transactions', 'size_bytes', 'deadlocks', 'connections_ratio']) {
      expect(values).toHaveProperty(figure);
    }
    for (const figure of ['connections_active', 'lock_waits', 'longest_transaction_ms', 'slow_statements']) {
      expect(values).not.toHaveProperty(figure);
    }
    expect(events).toEqual([
      expect.stringContaining('GRANT pg_monitor'),
      expect.stringContaining('pg_stat_statements is not installed'),
    ]);
    expect((await read(monitor)).events).toEqual([]);
  });

  it('shows everything to a role with pg_read_all_stats alone', async () => {
    const admin = await connect(server.url);
    await admin.query(
      "DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN PASSWORD 'pw'; GRANT pg_read_all_stats TO reader",
    );
    await admin.query('CREATE EXTENSION pg_stat_statements');
    const monitor = watch(urlOf('reader'));
    const { values, events } = await read(monitor);
    expect(events).toEqual([]);
    expect(values).toMatchObject({ connections: 1, connections_idle: 1, slow_statements: 0 });
    // One session is all it takes.
    const ours = await admin.query(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'plimsoll-monitor'",
    );
    expect(ours.rows).toEqual([{ n: 1 }]);
    await admin.query('DROP EXTENSION pg_stat_statements');
  });

  it('was promised statistics of statements, and has none of them loaded, says so', async () => {
    const other = await startTestServer({ preload: [] });
    try {
      const admin = await connect(other.url);
      await admin.query('CREATE EXTENSION pg_stat_statements');
      const monitor = watch(other.url);
      const { values, events } = await read(monitor);
      expect(events).toEqual([expect.stringContaining('shared_preload_libraries')]);
      expect(values).toHaveProperty('size_bytes');
      await admin.end();
    } finally {
      await other.end();
    }
  });
});
