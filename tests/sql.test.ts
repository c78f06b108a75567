import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { RunRecord } from 'plimsoll';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startPgbouncer } from '../src/protocols/sql/pgbouncer.cases.ts';
import { startProxy, until } from '../src/protocols/sql/sql.cases.ts';
import { type RunningPostgres, startPostgres } from '../src/target-kit/postgres.ts';
import { startSqlRun } from './sql-run.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let server: RunningPostgres;
let observer: Client;
beforeAll(async () => {
  server = await startPostgres({ settings: { shared_preload_libraries: 'pg_stat_statements' } });
  observer = new Client(server.url);
  await observer.connect();
  await observer.query('CREATE EXTENSION pg_stat_statements');
});
afterAll(async () => {
  await observer?.end();
  await server?.stop();
});

function count(record: RunRecord, operation: string): number {
  return Object.values(record.metrics)
    .filter(({ metric, tags }) => metric === 'sql_ops' && tags?.operation === operation)
    .reduce((sum, { values }) => sum + ('count' in values ? values.count : 0), 0);
}

async function callsOf(start: string): Promise<number> {
  const { rows } = await observer.query<{ calls: string }>(
    'SELECT coalesce(sum(calls), 0) AS calls FROM pg_stat_statements WHERE query LIKE $1',
    [`${start}%`],
  );
  return Number(rows[0]!.calls);
}

const statements = {
  select: 'SELECT b FROM shelf',
  update: 'UPDATE shelf',
  begin: 'BEGIN',
  commit: 'COMMIT',
};

describe('a database under load', () => {
  it.each(['users', 'rate'])('has been asked exactly what the record says: %s', async (profile) => {
    await observer.query('SELECT pg_stat_statements_reset()');
    const run = startSqlRun(profile, server.url);
    const { record } = await run.finished();
    expect(record.metrics.sql_op_failed).toMatchObject({ values: { rate: 0 } });
    for (const [operation, start] of Object.entries(statements)) {
      expect([operation, count(record, operation)]).toEqual([operation, await callsOf(start)]);
    }
    expect(count(record, 'select')).toBeGreaterThan(100);
    expect(record.metrics.sql_pool_wait).toBeDefined();
  });

  it('has been asked so by two workers through a pooler in transaction mode, which the run finds', async () => {
    const pooler = await startPgbouncer(server.url, 3);
    try {
      await observer.query('SELECT pg_stat_statements_reset()');
      const run = startSqlRun('pooled', pooler.url, ['--workers', '2']);
      const { record, stdout, stderr } = await run.finished();
      expect(stdout + stderr).toContain('the database is behind a pooler');
      expect(record.metrics.sql_op_failed).toMatchObject({ values: { rate: 0 } });
      for (const [operation, start] of Object.entries(statements)) {
        expect([operation, count(record, operation)]).toEqual([operation, await callsOf(start)]);
      }
      expect(count(record, 'select')).toBeGreaterThan(100);
    } finally {
      await pooler.stop();
    }
  });

  it('is left in order by Ctrl-C, with what was cut off counted as aborted', async () => {
    const run = startSqlRun('long', server.url);
    await run.saw(/long/);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    run.child.kill('SIGINT');
    const { record, code } = await run.finished();
    expect(code).toBe(130);
    expect(count(record, 'select')).toBeGreaterThan(0);
    // The server may take a moment to end sessions that have said goodbye.
    const sessions = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'plimsoll'";
    await until(async () => (await observer.query(sessions)).rows.length === 0);
  });

  it('may be killed and started again: the run goes on, with errors by class', async () => {
    // The one that takes its place is there before, so that the outage is shorter than the run on any machine.
    const [own, next] = await Promise.all([startPostgres(), startPostgres()]);
    const again = new Client(next.url);
    await again.connect();
    await again.query('CREATE TABLE shelf AS SELECT a, 0 AS b FROM generate_series(1, 100) a');
    const old = new URL(own.url);
    await again.query(`ALTER USER ${old.username} PASSWORD '${old.password}'`);
    const proxy = await startProxy(own.url);
    const run = startSqlRun('outage', proxy.url);
    await run.saw(/outage/);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    process.kill(own.pid!, 'SIGKILL');
    proxy.target = null;
    proxy.reset();
    await own.stop();
    proxy.target = next.url;
    const { record } = await run.finished();
    const { rows } = await again.query('SELECT sum(b)::int AS changes FROM shelf');
    await again.end();
    await next.stop();
    expect(rows[0]).not.toEqual({ changes: 0 });
    const classes = Object.values(record.metrics)
      .filter(
        ({ metric, tags }) => metric === 'sql_op_failed' && Object.keys(tags ?? {}).join() === 'error_class',
      )
      .map(({ tags }) => tags?.error_class);
    expect(classes).toContain('connection');
    const { values } = record.metrics.sql_op_failed!;
    const { passes, fails } = values as { passes: number; fails: number };
    expect(passes + fails).toBeLessThanOrEqual((record.metrics.sql_ops!.values as { count: number }).count);
    expect(fails).toBeGreaterThan(passes);
    expect(record.errors.every(({ code }) => code !== 'unhandled_rejection')).toBe(true);
  });
});

describe('before the load', () => {
  it('a database that is not there ends in exit code 3, with a hint', async () => {
    const run = startSqlRun('users', 'postgresql://u:secret-word@127.0.0.1:1/db');
    const { code, stderr } = await run.done;
    expect(code).toBe(3);
    expect(stderr).toContain('127.0.0.1:1/db');
    expect(stderr).toContain('start the database first');
    expect(stderr).not.toContain('secret-word');
  });

  it('a suite without a URL says what to set', async () => {
    const { code, stderr } = await startSqlRun('users', '').done;
    expect(code).toBe(3);
    expect(stderr).toContain('DATABASE_URL');
  });

  it('a database without the marker is refused, unless the run is forced or it has one', async () => {
    expect((await startSqlRun('marked', server.url).done).code).toBe(4);
    expect((await startSqlRun('marked', server.url, ['--force']).finished()).record.profile).toBe('marked');
    await observer.query('CREATE TABLE plimsoll_marker ()');
    expect((await startSqlRun('marked', server.url).finished()).record.profile).toBe('marked');
  });
});

it('the password is in no file that a run leaves behind', async () => {
  const run = startSqlRun('marked', server.url, ['--force', '--formats', 'json,html,md,csv,junit']);
  const { folder } = await run.finished(true);
  const { password } = new URL(server.url);
  const files = readdirSync(folder.path, { recursive: true, withFileTypes: true }).filter((one) =>
    one.isFile(),
  );
  expect(files.length).toBeGreaterThan(4);
  for (const file of files) {
    expect(readFileSync(join(file.parentPath, file.name), 'utf8').includes(password)).toBe(false);
  }
  folder.dispose();
});
