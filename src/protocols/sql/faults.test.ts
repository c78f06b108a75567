import net from 'node:net';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningPostgres } from '../../target-kit/postgres.ts';
import { listen } from '../http/keeping-client.cases.ts';
import { connectTo, startProxy, startTestServer, until } from './sql.cases.ts';

let server: RunningPostgres;
beforeAll(async () => {
  server = await startTestServer({ max_connections: '20' });
});
afterAll(() => server?.stop());

/** Asks the server by another client. */
async function ask<Row>(text: string): Promise<Row[]> {
  const client = new Client(server.url);
  await client.connect();
  try {
    return (await client.query(text)).rows as Row[];
  } finally {
    await client.end();
  }
}

const sessions = "FROM pg_stat_activity WHERE application_name = 'plimsoll-test'";

describe('a server that', () => {
  it('is not there fails statements with growing pauses, and serves them when it is back', async () => {
    const proxy = await startProxy(server.url);
    proxy.target = null;
    const { sql, failures } = connectTo(proxy.url);
    const startedAtMs = performance.now();
    for (let i = 0; i < 4; i++) expect((await sql.query('SELECT 1')).error?.class).toBe('connection');
    // Pauses of 50, 100 and 200 ms stand between four attempts.
    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(340);
    proxy.target = server.url;
    expect((await sql.query('SELECT 2 AS x')).rows).toEqual([{ x: 2 }]);
    expect(failures.length).toBe(4);
  });

  it('resets connections fails what is on its way once, and the users go on', async () => {
    const proxy = await startProxy(server.url);
    const { another, failures, count } = connectTo(proxy.url);
    const users = [another(), another(), another()];
    const running = users.map((user) => user.query({ name: 'slow', text: 'SELECT pg_sleep(30)' }));
    await until(
      async () => (await ask<{ n: string }>(`SELECT 1 ${sessions} AND state = 'active'`)).length === 3,
    );
    proxy.reset();
    for (const { error } of await Promise.all(running)) expect(error?.class).toBe('connection');
    expect(failures.length).toBe(3);
    for (const user of users) expect((await user.query('SELECT 1 AS x')).rows).toEqual([{ x: 1 }]);
    expect(count('sql_ops', { operation: 'slow' })).toBe(3);
    await ask(`SELECT pg_terminate_backend(pid) ${sessions}`);
  });

  it('ends sessions is told apart by its code', async () => {
    const { sql } = connectTo(server.url);
    const running = sql.query('SELECT pg_sleep(30)');
    await until(async () => (await ask(`SELECT 1 ${sessions} AND state = 'active'`)).length === 1);
    await ask(`SELECT pg_terminate_backend(pid) ${sessions}`);
    expect((await running).error).toMatchObject({ code: '57P01', class: 'connection' });
    expect((await sql.query('SELECT 1 AS x')).rows).toEqual([{ x: 1 }]);
  });

  it('has no connection to spare says so', async () => {
    const { another } = connectTo(server.url);
    const results = await Promise.all(
      Array.from({ length: 30 }, () => another().query('SELECT pg_sleep(0.5)')),
    );
    const refused = results.flatMap(({ error }) => error ?? []);
    expect(refused.length).toBeGreaterThanOrEqual(10);
    for (const error of refused)
      expect(error).toMatchObject({ code: '53300', class: 'too_many_connections' });
  });

  it('never answers ends in a timeout, of connecting or of a statement', async () => {
    const port = await listen(net.createServer(() => {}));
    const silent = connectTo(`postgresql://u:p@127.0.0.1:${port}/db`, { connectTimeoutMs: 200 });
    expect((await silent.sql.query('SELECT 1')).error).toMatchObject({
      code: 'connect_timeout',
      class: 'timeout',
    });
    const proxy = await startProxy(server.url);
    const { sql } = connectTo(proxy.url, { statementTimeoutMs: 200 });
    expect((await sql.query('SELECT 1')).ok).toBe(true);
    proxy.stalled = true;
    expect((await sql.query('SELECT 1')).error).toMatchObject({ code: 'timeout', class: 'timeout' });
  });

  it('speaks another protocol, or nonsense, fails the statement', async () => {
    const port = await listen(
      net.createServer((socket) => socket.on('data', () => socket.write('HTTP/1.1 400\r\n\r\n'))),
    );
    const { sql } = connectTo(`postgresql://u:p@127.0.0.1:${port}/db`);
    expect((await sql.query('SELECT 1')).error).toMatchObject({
      code: 'protocol_error',
      class: 'connection',
    });
  });

  it('knows another password refuses, as does one that does not know ours', async () => {
    const url = new URL(server.url);
    url.password = 'wrong';
    const { sql } = connectTo(url.href);
    expect((await sql.query('SELECT 1')).error).toMatchObject({ code: '28P01', class: 'permission' });
  });
});

describe('a statement that takes too long', () => {
  it('is cancelled by us, and its connection serves the next', async () => {
    const { sql } = connectTo(server.url);
    const pid = (await sql.query('SELECT pg_backend_pid() AS pid')).rows[0]?.pid;
    const { error, duration } = await sql.query('SELECT pg_sleep(30)', [], { timeout: 150 });
    expect(error).toMatchObject({ code: '57014', class: 'timeout' });
    expect(duration).toBeLessThan(10_000);
    expect((await sql.query('SELECT pg_backend_pid() AS pid')).rows).toEqual([{ pid }]);
  });

  it('is cancelled by the server that was told the limit', async () => {
    const { sql } = connectTo(server.url, { statementTimeoutMs: 150, serverTimeout: true });
    expect((await sql.query('SELECT pg_sleep(30)')).error).toMatchObject({ code: '57014', class: 'timeout' });
  });

  it('and is cancelled by somebody else is no timeout', async () => {
    const { sql } = connectTo(server.url);
    const running = sql.query('SELECT pg_sleep(30)');
    await until(async () => (await ask(`SELECT 1 ${sessions} AND state = 'active'`)).length === 1);
    await ask(`SELECT pg_cancel_backend(pid) ${sessions}`);
    expect((await running).error).toMatchObject({ code: '57014', class: 'cancelled' });
  });
});

describe('the end', () => {
  it('counts a statement on its way as aborted, cancels it, and leaves no session behind', async () => {
    const { sql, count, failures, end, meter } = connectTo(server.url);
    const running = sql.query({ name: 'long', text: 'SELECT pg_sleep(30)' });
    const behind = sql.query({ name: 'behind', text: 'SELECT 1' });
    const ends = Promise.allSettled([running, behind]);
    await until(async () => (await ask(`SELECT 1 ${sessions} AND state = 'active'`)).length === 1);
    await end();
    expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(failures).toEqual(['aborted']);
    expect(count('sql_ops', { operation: 'long', error_code: 'aborted' })).toBe(1);
    expect(count('sql_ops', { operation: 'behind' })).toBe(0);
    expect(meter.values('sql_op_failed', { operation: 'long' })).toEqual([]);
    // How long both had waited is told beside; the second was not sent yet.
    expect(meter.waits.get('sql_op_duration')).toHaveLength(2);
    await until(async () => (await ask(`SELECT 1 ${sessions}`)).length === 0);
  });

  it('rolls a transaction back in the middle', async () => {
    const { sql, end } = connectTo(server.url);
    await sql.query('CREATE TABLE half (a int)');
    let inserted = false;
    const open = sql.transaction(async (transaction) => {
      await transaction.query('INSERT INTO half VALUES (1)');
      inserted = true;
      await transaction.query('SELECT pg_sleep(30)');
    });
    const ended = expect(open).rejects.toThrow('the virtual user was stopped');
    await until(() => inserted);
    await end();
    await ended;
    expect(await ask('SELECT * FROM half')).toEqual([]);
  });

  it('fails what an iteration has open when it took too long', async () => {
    const { another, count } = connectTo(server.url, { connections: { pool: 1 } });
    const slow = another();
    const running = slow.query({ name: 'slow', text: 'SELECT pg_sleep(30)' });
    const stopped = expect(running).rejects.toThrow('stopped');
    await until(async () => (await ask(`SELECT 1 ${sessions} AND state = 'active'`)).length === 1);
    slow.close({ code: 'iteration_timeout', message: 'took too long' });
    await stopped;
    expect(count('sql_op_failed', { operation: 'slow', error_code: 'iteration_timeout' })).toBe(1);
    // The pool opens another connection once the first is gone.
    expect((await another().query('SELECT 1 AS x')).rows).toEqual([{ x: 1 }]);
  });
});
