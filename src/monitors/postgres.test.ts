// The monitor of PostgreSQL against real servers: what it tells, and what pg_stat_* say over another connection.

import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type QueryResultRow } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MonitorTable, Reading } from '../model/monitor.ts';
import { type RunningPostgres, startPostgres } from '../target-kit/postgres.ts';
import { read } from './monitor.cases.ts';
import type { Monitor } from './monitor.ts';
import { connect, until, watch } from './postgres/server.cases.ts';

const tableOf = ({ tables }: Reading, name: string): MonitorTable | undefined =>
  tables?.find((table) => table.name === name);

/** The version that is installed, and the newest one that we know. */
describe.each([undefined, ['embedded'] as const])('a reading of PostgreSQL (%s)', (sources) => {
  let server: RunningPostgres;

  beforeAll(async () => {
    server = await startPostgres({
      ...(sources !== undefined && { sources }),
      preload: ['pg_stat_statements'],
      settings: { autovacuum: 'off', shared_buffers: '1MB', work_mem: '64kB', deadlock_timeout: '50ms' },
    });
    await rowsOf('CREATE EXTENSION pg_stat_statements');
    await rowsOf('CREATE TABLE items (id int PRIMARY KEY, text text)');
    await rowsOf(
      `CREATE TABLE large AS SELECT i, repeat('x', 1000) AS text FROM generate_series(1, 4000) AS i`,
    );
  });
  afterAll(() => server?.stop());

  /** Rows, by a session of its own: what a session did is counted when it ends, and else up to a second later. */
  async function rowsOf<Row extends QueryResultRow>(text: string): Promise<Row[]> {
    const client = new Client(server.url);
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  }

  async function ask<Row extends QueryResultRow>(text: string): Promise<Row> {
    return (await rowsOf<Row>(text))[0]!;
  }

  /** A total of the database, as the server has it now. */
  async function total(expression: string): Promise<number> {
    const { value } = await ask<{ value: number }>(
      `SELECT (${expression})::float8 AS value FROM pg_stat_database WHERE datname = current_database()`,
    );
    return value;
  }

  it('asked at the end, tells who is at work and which statements took most time', async () => {
    const monitor = watch(server.url);
    const client = new Client(server.url);
    await client.connect();
    try {
      await client.query("BEGIN; SELECT text FROM items WHERE text = 'a secret'");
      await read(monitor);
      const tables = await monitor.diagnose!(new AbortController().signal);
      const [sessions, statements] = tables;
      const own = sessions!.rows.find(([, state]) => state === 'idle in transaction');
      expect(own).toEqual([
        expect.stringMatching(/^\d+$/),
        'idle in transaction',
        'Client: ClientRead',
        expect.any(Number),
        'BEGIN; SELECT text FROM items WHERE text = ?',
      ]);
      expect(statements!.rows.length).toBeGreaterThan(0);
      expect(statements!.rows.length).toBeLessThanOrEqual(10);
      expect(JSON.stringify(tables)).not.toMatch(/secret|plimsoll_monitor/);
    } finally {
      await client.end();
    }
  });

  /** Values of the next reading that tells what sequential scans read. */
  async function scannedOf(monitor: Monitor) {
    let values: Reading['values'] = {};
    await until(async () => {
      values = (await read(monitor)).values;
      return values.rows_scanned !== undefined;
    });
    return values;
  }

  /** Runs statements in a session that ends, so that the server counts them at once. */
  async function run(...statements: readonly string[]): Promise<void> {
    const client = new Client(server.url);
    await client.connect();
    const { pid } = (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]!;
    for (const text of statements) await client.query(text).catch(() => {});
    await client.end();
    await until(async () => (await rowsOf(`SELECT FROM pg_stat_activity WHERE pid = ${pid}`)).length === 0);
  }

  it('counts sessions by what they do, as pg_stat_activity has them', async () => {
    const sessions: Client[] = [];
    for (let i = 0; i < 7; i++) sessions.push(await connect(server.url));
    await sessions[0]!.query('BEGIN');
    await sessions[1]!.query('BEGIN');
    await sessions[1]!.query('SELECT 1/0').catch(() => {});
    const sleeping = [2, 3, 4].map((i) => sessions[i]!.query('SELECT pg_sleep(30)').catch(() => {}));
    await until(
      async () =>
        (
          await ask<{ n: number }>(
            `SELECT count(*)::int AS n FROM pg_stat_activity WHERE query LIKE '%sleep(30)'`,
          )
        ).n === 3,
    );
    const reading = await read(watch(server.url));
    expect(reading.values).toMatchObject({
      connections: 7,
      connections_active: 3,
      connections_idle: 2,
      connections_idle_in_transaction: 2,
      connections_ratio: 7 / 117,
    });
    const states = new Map(
      tableOf(reading, 'sessions_by_state')!.rows.map(([state, count]) => [state, count]),
    );
    const rows = await rowsOf<{ state: string; n: number }>(
      `SELECT state, count(*)::int AS n FROM pg_stat_activity
       WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND application_name <> 'plimsoll-monitor'
       GROUP BY 1`,
    );
    for (const { state, n } of rows) expect(states.get(state)).toBe(n);
    await ask(`SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%sleep(30)'`);
    await Promise.all(sleeping);
  });

  it('counts transactions, rollbacks and rows, as pg_stat_database does', async () => {
    const monitor = watch(server.url);
    const first = await read(monitor);
    await run(
      ...Array.from({ length: 40 }, (_, i) => `INSERT INTO items VALUES (${i}, 'x')`),
      'UPDATE items SET text = NULL WHERE id < 15',
      'DELETE FROM items WHERE id < 5',
      ...Array.from({ length: 7 }, () => 'BEGIN; SELECT 1; ROLLBACK'),
    );
    const before = await total('xact_commit + xact_rollback');
    const { values } = await read(monitor);
    const after = await total('xact_commit + xact_rollback');
    expect(values.rollbacks! - first.values.rollbacks!).toBe(7);
    expect(values.rows_written! - first.values.rows_written!).toBe(40 + 15 + 5);
    expect(values.transactions! - first.values.transactions!).toBeGreaterThanOrEqual(49);
    expect(values.transactions).toBeGreaterThanOrEqual(before);
    expect(values.transactions).toBeLessThanOrEqual(after);
    expect(values.rows_returned! - first.values.rows_returned!).toBeGreaterThanOrEqual(15);
  });

  it('counts connections that were opened, and rows that sequential scans read', async () => {
    await run(
      'CREATE TABLE scanned (id int PRIMARY KEY, text text)',
      `INSERT INTO scanned SELECT i, 'row ' || i FROM generate_series(1, 1000) AS i`,
    );
    const monitor = watch(server.url);
    const first = await read(monitor);
    for (let i = 0; i < 3; i++)
      await run(`SELECT count(*) FROM scanned WHERE text = 'row 7'`, 'SELECT text FROM scanned WHERE id = 7');
    const later = await scannedOf(monitor);
    expect(later.rows_scanned! - first.values.rows_scanned!).toBe(3000);
    expect(later.connections_opened! - first.values.connections_opened!).toBeGreaterThanOrEqual(3);
    await run('DROP TABLE scanned');
    expect((await scannedOf(monitor)).rows_scanned).toBe(later.rows_scanned);
  });

  it('tells how much was found in the cache between two readings', async () => {
    const monitor = watch(server.url);
    const hits = await total('blks_hit');
    const reads = await total('blks_read');
    await read(monitor);
    // Several times as large as the cache, and so read anew each time.
    await run(...Array.from({ length: 120 }, () => 'SELECT count(text) FROM large'));
    const { values } = await read(monitor);
    const gainedHits = (await total('blks_hit')) - hits;
    const gainedReads = (await total('blks_read')) - reads;
    expect(gainedReads).toBeGreaterThan(40_000);
    expect(Math.abs(values.cache_hit_ratio! - gainedHits / (gainedHits + gainedReads))).toBeLessThan(0.05);
  });

  it('counts temporary files and the size of the database', async () => {
    const monitor = watch(server.url);
    const first = await read(monitor);
    await run('SELECT count(*) FROM (SELECT text FROM large ORDER BY text, i) AS sorted');
    await run(`CREATE TABLE more AS SELECT * FROM large`);
    await sleep(1200);
    let { values } = await read(monitor);
    expect(values.temp_files! - first.values.temp_files!).toBeGreaterThanOrEqual(1);
    expect(values.temp_files).toBe(await total('temp_files'));
    expect(values.temp_bytes).toBe(await total('temp_bytes'));
    await until(async () => {
      if (values.size_bytes === undefined) ({ values } = await read(monitor));
      return values.size_bytes !== undefined;
    });
    const { size } = await ask<{ size: number }>(
      'SELECT pg_database_size(current_database())::float8 AS size',
    );
    expect(values.size_bytes).toBe(size);
    expect(values.size_growth_bytes).toBe(size - first.values.size_bytes!);
    expect(values.size_growth_bytes).toBeGreaterThan(4_000_000);
  });

  it('shows who is blocked by whom, without what they write', async () => {
    const holder = await connect(server.url);
    const waiter = await connect(server.url);
    await holder.query('BEGIN');
    await holder.query("UPDATE items SET text = 'Geheim' WHERE id = 20");
    const waiting = waiter.query("UPDATE items SET text = 'Schmidt' WHERE id = 20");
    const monitor = watch(server.url);
    await until(async () => (await total('SELECT count(*) FROM pg_locks WHERE NOT granted')) === 1);
    await sleep(150);
    const reading = await read(monitor);
    expect(reading.values).toMatchObject({ lock_waits: 1, blocked_sessions: 1 });
    expect(reading.values.longest_transaction_ms).toBeGreaterThanOrEqual(150);
    const { waiter_pid, holder_pid } = await ask<{ waiter_pid: number; holder_pid: number }>(
      `SELECT pid AS waiter_pid, (pg_blocking_pids(pid))[1] AS holder_pid FROM pg_locks WHERE NOT granted`,
    );
    const [row] = tableOf(reading, 'blocked_sessions')!.rows;
    const statement = 'UPDATE items SET text = ? WHERE id = ?';
    expect(row).toEqual([
      waiter_pid,
      expect.any(Number),
      statement,
      holder_pid,
      statement,
      'idle in transaction',
    ]);
    expect(row![1]).toBeGreaterThanOrEqual(150);
    expect(row![1]).toBeLessThan(20_000);
    await holder.query('COMMIT');
    await waiting;
    const later = await read(monitor);
    expect(later.values).toMatchObject({ lock_waits: 0, blocked_sessions: 0, longest_transaction_ms: 0 });
    expect(tableOf(later, 'blocked_sessions')).toBeUndefined();
  });

  it('counts deadlocks', async () => {
    const monitor = watch(server.url);
    const first = await read(monitor);
    const one = await connect(server.url);
    const other = await connect(server.url);
    for (const [client, id] of [
      [one, 21],
      [other, 22],
    ] as const) {
      await client.query(`BEGIN; UPDATE items SET text = 'a' WHERE id = ${id}`);
    }
    const results = await Promise.allSettled([
      one.query("UPDATE items SET text = 'b' WHERE id = 22; COMMIT"),
      other.query("UPDATE items SET text = 'b' WHERE id = 21; COMMIT"),
    ]);
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    await Promise.all([one.end(), other.end()]);
    await until(async () => (await total('deadlocks')) > first.values.deadlocks!);
    expect((await read(monitor)).values.deadlocks).toBe(first.values.deadlocks! + 1);
  });

  it('counts slow statements once: seen running, seen just ended, or ended unseen', async () => {
    const monitor = watch(server.url, 300);
    expect((await read(monitor)).values).toMatchObject({ slow_statements: 0, slow_statements_running: 0 });
    const client = await connect(server.url);
    const running = client.query('SELECT pg_sleep(1.2), 1');
    await sleep(600);
    for (let i = 0; i < 3; i++) {
      expect((await read(monitor)).values).toMatchObject({ slow_statements: 1, slow_statements_running: 1 });
    }
    await running;
    await sleep(1100);
    expect((await read(monitor)).values).toMatchObject({ slow_statements: 1, slow_statements_running: 0 });
    await client.query('SELECT pg_sleep(0.5), 1, 2');
    await read(monitor);
    expect((await read(monitor)).values.slow_statements).toBe(2);
    // The session goes on at once, and the statistics of statements tell in the end.
    for (let i = 0; i < 2; i++) await client.query('SELECT pg_sleep(0.5), 1, 2, 3');
    await client.query('SELECT 1');
    let reading = await read(monitor);
    await until(async () => {
      reading = await read(monitor);
      return reading.values.slow_statements === 4;
    });
    const { calls, mean } = await ask<{ calls: number; mean: number }>(
      `SELECT calls::float8, mean_exec_time AS mean FROM pg_stat_statements WHERE query LIKE 'SELECT pg_sleep($1), $2, $3, $4'`,
    );
    await until(async () => {
      const table = tableOf(reading, 'slowest_statements');
      const row = table?.rows.find(([text]) => text === 'SELECT pg_sleep($1), $2, $3, $4');
      if (row !== undefined) {
        expect(row[1]).toBe(calls);
        expect(row[2]).toBeCloseTo(mean, 6);
        // The slowest comes first, and nothing of ours is there.
        expect(table!.rows[0]?.[0]).toBe('SELECT pg_sleep($1), $2');
        expect(JSON.stringify(table)).not.toMatch(/plimsoll|pg_database_size/);
      } else reading = await read(monitor);
      return row !== undefined;
    });
  });

  it('tells that statistics were reset', async () => {
    const monitor = watch(server.url);
    await read(monitor);
    await ask('SELECT pg_stat_reset()');
    await ask('SELECT pg_stat_statements_reset()');
    const events: string[] = [];
    await until(async () => {
      events.push(...((await read(monitor)).events ?? []));
      return events.length === 2;
    });
    expect(events).toEqual(['the statistics of the database were reset', 'pg_stat_statements was reset']);
  });

  it('counts checkpoints', async () => {
    const monitor = watch(server.url);
    const first = await read(monitor);
    await run(
      'CREATE TABLE written AS SELECT 1',
      'CHECKPOINT',
      'CREATE TABLE again AS SELECT 1',
      'CHECKPOINT',
    );
    await until(async () => (await read(monitor)).values.checkpoints! - first.values.checkpoints! === 2);
  });
});
