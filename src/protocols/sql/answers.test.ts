import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningPostgres } from '../../target-kit/postgres.ts';
import { listen } from '../http/keeping-client.cases.ts';
import { connectTo, type Databases, startTestServer } from './sql.cases.ts';

let server: RunningPostgres;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

async function stillWorks(sql: Databases['sql'], pid: unknown): Promise<void> {
  const { rows } = await sql.query('SELECT 1 AS x, pg_backend_pid() AS pid');
  expect(rows).toEqual([{ x: 1, pid }]);
}

async function pidOf(sql: Databases['sql']): Promise<unknown> {
  return (await sql.query('SELECT pg_backend_pid() AS pid')).rows[0]?.pid;
}

async function drain(cursor: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of cursor) count++;
  return count;
}

describe('COPY', () => {
  it('by query ends at once with what to use in its place, and the connection goes on', async () => {
    const { sql, count } = connectTo(server.url);
    await sql.query('CREATE TABLE copied (a int)');
    const pid = await pidOf(sql);
    const brought = await sql.query({ name: 'in', text: 'COPY copied FROM STDIN' });
    expect(brought.error).toMatchObject({ code: 'copy_misused', class: 'syntax' });
    expect(brought.error?.message).toContain('copyFrom');
    expect(brought.duration).toBeLessThan(5000);
    await stillWorks(sql, pid);
    const taken = await sql.query({
      name: 'out',
      text: 'COPY (SELECT generate_series(1, 50000)) TO STDOUT',
    });
    expect(taken.error).toMatchObject({ code: 'copy_misused' });
    expect(taken.error?.message).toContain('copyTo');
    await stillWorks(sql, pid);
    expect(count('sql_op_failed', { error_code: 'copy_misused' })).toBe(2);
  });

  it('by cursor, in a transaction, or in the other direction does so, too', async () => {
    const { sql } = connectTo(server.url);
    await sql.query('CREATE TABLE moved (a int)');
    const pid = await pidOf(sql);
    await expect(drain(sql.cursor('COPY moved FROM STDIN'))).rejects.toMatchObject({ code: 'copy_misused' });
    await stillWorks(sql, pid);
    await expect(drain(sql.cursor('COPY moved TO STDOUT'))).rejects.toMatchObject({ code: 'copy_misused' });
    await stillWorks(sql, pid);
    const inside = await sql.transaction(async (tx) => {
      await drain(tx.cursor('COPY moved FROM STDIN'));
    });
    expect(inside.error).toMatchObject({ code: 'copy_misused' });
    await stillWorks(sql, pid);
    expect((await sql.copyTo('COPY moved FROM STDIN', () => {})).error?.code).toBe('copy_misused');
    await stillWorks(sql, pid);
    expect((await sql.copyFrom('COPY moved TO STDOUT', '1\n')).error?.code).toBe('copy_misused');
    await stillWorks(sql, pid);
    const twice = await sql.copyFrom('COPY moved FROM STDIN; COPY moved FROM STDIN', '1\n');
    expect(twice.error?.code).toBe('copy_misused');
    await stillWorks(sql, pid);
    expect((await sql.query('SELECT count(*) AS n FROM moved')).rows).toEqual([{ n: 0 }]);
  });

  it('in a batch fails what is behind it, and mixes up no answers', async () => {
    const { sql } = connectTo(server.url);
    await sql.query('CREATE TABLE batched (a int)');
    const results = await sql.batch([
      'SELECT 1 AS x',
      'COPY batched FROM STDIN',
      'INSERT INTO batched VALUES (7)',
      'SELECT 2 AS x',
    ]);
    expect(results[0]?.rows).toEqual([{ x: 1 }]);
    for (const { error } of results.slice(1)) expect(error?.code).toBe('copy_misused');
    expect((await sql.query('SELECT 3 AS x')).rows).toEqual([{ x: 3 }]);
    const out = await sql.batch(['COPY (SELECT 1) TO STDOUT', 'SELECT 4 AS x']);
    expect(out.map(({ error, rows }) => error?.code ?? rows)).toEqual(['copy_misused', [{ x: 4 }]]);
  });
});

describe('a statement', () => {
  it('that is several is refused by the server, and one that is none has no rows', async () => {
    const { sql } = connectTo(server.url);
    const pid = await pidOf(sql);
    expect((await sql.query('SELECT 1; SELECT 2')).error).toMatchObject({ code: '42601' });
    for (const text of ['', ' ; ', '-- nothing']) {
      expect(await sql.query(text)).toMatchObject({ ok: true, rows: [], rowCount: 0 });
      expect(await drain(sql.cursor(text))).toBe(0);
      expect(await sql.copyFrom(text, '')).toMatchObject({ ok: true });
    }
    await stillWorks(sql, pid);
  });

  it('is answered behind notices and notifications without end', async () => {
    const { sql } = connectTo(server.url);
    await sql.query('LISTEN plimsoll');
    const { rows, error } = await sql.query(`DO $$ BEGIN FOR i IN 1..20000 LOOP RAISE NOTICE 'note %', i;
      IF i % 100 = 0 THEN PERFORM pg_notify('plimsoll', i::text); END IF; END LOOP; END $$`);
    expect({ rows, error }).toEqual({ rows: [], error: null });
    expect((await sql.query('SELECT 1 AS x')).rows).toEqual([{ x: 1 }]);
  });

  it('takes 65535 parameters, and is refused by name with more', async () => {
    const { sql, count } = connectTo(server.url);
    const listOf = (size: number): [string, number[]] => {
      const numbers = Array.from({ length: size }, (_, i) => i + 1);
      return [`SELECT ${numbers.map((i) => `$${i}::int`).join('+')} AS sum`, numbers.map(() => 1)];
    };
    await expect(sql.query(...listOf(65_536))).rejects.toThrow('at most 65535 parameters');
    expect(count('sql_ops')).toBe(0);
    const values = Array.from({ length: 65_535 }, () => 1);
    const text = `SELECT count(*) AS n FROM (VALUES ${values.map((_, i) => `($${i + 1}::int)`).join(',')}) v`;
    expect((await sql.query(text, values)).rows).toEqual([{ n: 65_535 }]);
  });

  it('that begins a transaction is refused on a pool, where others would be in it', async () => {
    const { another, sql } = connectTo(server.url, { connections: { pool: 1 } });
    for (const text of ['BEGIN', ' begin isolation level serializable', '/* x */ START TRANSACTION']) {
      await expect(Promise.resolve().then(() => sql.query(text))).rejects.toThrow('use sql.transaction');
    }
    await sql.batch(['BEGIN', 'CREATE TABLE orphan (a int)']);
    const { rows } = await another().query("SELECT to_regclass('orphan') IS NULL AS gone");
    expect(rows).toEqual([{ gone: true }]);
    const own = connectTo(server.url);
    await own.sql.query('BEGIN');
    await own.sql.query('CREATE TABLE temporary_one (a int)');
    await own.sql.query('ROLLBACK');
    expect((await own.sql.query("SELECT to_regclass('temporary_one') IS NULL AS gone")).rows).toEqual([
      { gone: true },
    ]);
  });
});

/** Answers the start-up, then each Sync with these messages. */
async function startOddServer(answer: readonly Buffer[]): Promise<string> {
  const message = (type: string, body: Buffer): Buffer => {
    const head = Buffer.alloc(5);
    head.write(type);
    head.writeInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  };
  const ready = message('Z', Buffer.from('I'));
  const port = await listen(
    net.createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        socket.write(Buffer.concat([message('R', Buffer.alloc(4)), ready]));
        socket.on('data', () => socket.write(Buffer.concat([...answer, ready])));
      });
    }),
  );
  return `postgresql://u:p@127.0.0.1:${port}/db`;
}

describe('a server that', () => {
  it('begins a row of half a gigabyte is told that it is too large', async () => {
    const row = Buffer.concat([Buffer.from('D'), Buffer.from([0x20, 0, 0, 0]), Buffer.alloc(100)]);
    const { sql } = connectTo(await startOddServer([row]));
    expect((await sql.query('SELECT 1')).error).toMatchObject({ code: 'result_too_large', class: 'other' });
  });

  it('says that the session is over and then goes on has not answered the statement', async () => {
    const body = Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0');
    const fatal = Buffer.concat([Buffer.from('E'), Buffer.from([0, 0, 0, body.length + 4]), body]);
    const { sql, count } = connectTo(await startOddServer([fatal]));
    expect((await sql.query('SELECT 1')).error).toMatchObject({ code: '57P01', class: 'connection' });
    expect(count('sql_op_failed')).toBe(1);
  });
});
