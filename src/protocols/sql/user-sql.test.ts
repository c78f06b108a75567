import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningPostgres } from '../../target-kit/postgres.ts';
import { monotonicMs } from '../../time/clock.ts';
import { connectTo, startTestServer, until } from './sql.cases.ts';
import { SqlError } from './sql-error.ts';

let server: RunningPostgres;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

async function rowsOf<Row>(cursor: AsyncIterable<Row>, most = Number.POSITIVE_INFINITY): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of cursor) {
    rows.push(row);
    if (rows.length >= most) break;
  }
  return rows;
}

describe('query', () => {
  it('gives values as they were sent', async () => {
    const { sql } = connectTo(server.url);
    const given = [
      9007199254740993n,
      'h\u00e9\u{1f600}',
      { x: [1] },
      [1, null, 3],
      ['a"b\\', null],
      Buffer.from([0, 255]),
    ];
    const { rows, fields, rowCount } = await sql.query(
      `SELECT $1::int8 AS big, $2::text AS word, $3::jsonb AS json, $4::int[] AS list, $5::text[] AS words,
              $6::bytea AS bytes, -5::int2 AS small, 1.50::numeric AS exact, 2.5::float8 AS float, true AS flag,
              NULL AS nothing, 42::int8 AS safe`,
      given,
    );
    expect(rows).toEqual([
      {
        ...{
          big: given[0],
          word: given[1],
          json: given[2],
          list: given[3],
          words: given[4],
          bytes: given[5],
        },
        ...{ small: -5, exact: '1.50', float: 2.5, flag: true, nothing: null, safe: 42 },
      },
    ]);
    expect(fields[0]).toEqual({ name: 'big', typeId: 20 });
    expect(rowCount).toBe(1);
  });

  it('returns dates as the moment they stand for', async () => {
    const { sql } = connectTo(server.url);
    const moment = new Date('2026-02-03T04:05:06.789Z');
    const { rows } = await sql.query('SELECT $1::timestamptz AS at', [moment]);
    expect(rows).toEqual([{ at: moment }]);
  });

  it('returns a failure with its code and class in place of throwing', async () => {
    const { sql, failures, count } = connectTo(server.url);
    const { ok, error, rows } = await sql.query({ name: 'divide', text: 'SELECT 1 / $1::int AS x' }, [0]);
    expect({ ok, error, rows }).toEqual({
      ok: false,
      error: { code: '22012', class: 'other', message: 'division by zero' },
      rows: [],
    });
    expect(failures).toEqual(['22012']);
    expect(count('sql_op_failed', { operation: 'divide', error_code: '22012', error_class: 'other' })).toBe(
      1,
    );
    expect((await sql.query('SELECT 1 / $1::int AS x', [1])).rows).toEqual([{ x: 1 }]);
  });

  it('throws an SqlError where it is asked to', async () => {
    const { sql } = connectTo(server.url);
    const failed = sql.query('SELECT * FROM nowhere', [], { throw: true });
    await expect(failed).rejects.toThrow(SqlError);
    await expect(failed).rejects.toMatchObject({ code: '42P01', class: 'syntax' });
  });

  it('sends and counts nothing for parameters that cannot be sent', async () => {
    const { sql, count } = connectTo(server.url);
    await expect(sql.query('SELECT $1::int AS x', [() => 1])).rejects.toThrow(
      'a function cannot be a parameter',
    );
    expect(count('sql_ops')).toBe(0);
    expect((await sql.query('SELECT $1::int AS x', [3])).rows).toEqual([{ x: 3 }]);
  });

  it('carries out parallel calls one after the other on one connection', async () => {
    const { sql, count } = connectTo(server.url);
    const calls = [1, 2, 3, 4].map((x) => sql.query('SELECT $1::int AS x, pg_backend_pid() AS pid', [x]));
    const rows = (await Promise.all(calls)).map((result) => result.rows[0]);
    expect(rows.map((row) => row?.x)).toEqual([1, 2, 3, 4]);
    expect(new Set(rows.map((row) => row?.pid)).size).toBe(1);
    expect(count('sql_connecting')).toBeGreaterThan(0);
  });

  it('prepares a statement once per connection, and again after it was forgotten or has changed', async () => {
    const { sql, count } = connectTo(server.url);
    const text = 'SELECT * FROM changing';
    await sql.query('CREATE TABLE changing (a int)');
    for (let i = 0; i < 3; i++) await sql.query(text);
    const prepared = 'SELECT count(*) AS n FROM pg_prepared_statements WHERE statement = $1';
    expect((await sql.query(prepared, [text])).rows).toEqual([{ n: 1 }]);
    await sql.query('ALTER TABLE changing ADD b text');
    // Refused is the plan that we keep, before anything is carried out: a client that prepares nothing would not notice.
    const changed = await sql.query({ name: 'changed', text });
    expect([changed.error, changed.fields.map(({ name }) => name)]).toEqual([null, ['a', 'b']]);
    expect(count('sql_ops', { operation: 'changed' })).toBe(1);
    expect(count('sql_errors')).toBe(0);
    expect((await sql.query(text)).error).toBeNull();
    await sql.query('DEALLOCATE ALL');
    // The server has not carried it out under a name that it does not know: it is sent once more, and counts once.
    expect((await sql.query({ name: 'again', text })).error).toBeNull();
    expect(count('sql_ops', { operation: 'again' })).toBe(1);
    expect((await sql.query(text)).error).toBeNull();
    expect((await sql.query(prepared, [text])).rows).toEqual([{ n: 1 }]);
  });

  it('fails by a plan that no longer fits within a transaction only', async () => {
    const { sql } = connectTo(server.url);
    const text = 'SELECT * FROM altered';
    await sql.query('CREATE TABLE altered (a int)');
    await sql.query(text);
    const kept = await sql
      .transaction(async (tx) => {
        await tx.query('ALTER TABLE altered ADD b text');
        return tx.query(text);
      })
      .catch((error: unknown) => error);
    expect(String((kept as { error?: { message: string } }).error?.message ?? kept)).toContain(
      'cached plan must not',
    );
    // A statement that raises the same code itself has failed.
    await sql.query(
      "CREATE FUNCTION unsupported() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'cannot' USING ERRCODE = '0A000'; END $$",
    );
    for (let i = 0; i < 2; i++) expect((await sql.query('SELECT unsupported()')).error?.code).toBe('0A000');
  });

  it('gives columns the names that they have, also those that objects have', async () => {
    const { sql } = connectTo(server.url);
    const { rows } = await sql.query('SELECT 1 AS "__proto__", 2 AS constructor');
    expect(Object.entries(rows[0]!)).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
    ]);
  });

  it('keeps no more statements prepared than its bound', async () => {
    const { sql } = connectTo(server.url);
    for (let i = 0; i < 300; i++) expect((await sql.query(`SELECT ${i} AS x`)).rows).toEqual([{ x: i }]);
    const { rows } = await sql.query('SELECT count(*) AS n FROM pg_prepared_statements', [], {
      prepare: false,
    });
    expect(rows[0]?.n).toBeLessThanOrEqual(256);
  });

  it('measures the first statement of an arrival from when it was due', async () => {
    const { another, meter } = connectTo(server.url);
    const sql = another(monotonicMs() - 500);
    await sql.query({ name: 'first', text: 'SELECT 1' });
    await sql.query({ name: 'second', text: 'SELECT 1' });
    expect(meter.values('sql_op_duration', { operation: 'first' })[0]).toBeGreaterThanOrEqual(500);
    expect(meter.values('sql_op_service_time', { operation: 'first' })[0]).toBeLessThan(500);
    expect(meter.values('sql_op_service_time', { operation: 'second' })).toEqual([]);
  });

  it('counts rows read and rows changed', async () => {
    const { sql, count } = connectTo(server.url);
    await sql.query('CREATE TABLE counted (a int)');
    await sql.query({ name: 'fill', text: 'INSERT INTO counted SELECT generate_series(1, 7)' });
    await sql.query({ name: 'look', text: 'SELECT * FROM counted WHERE a > 2' });
    expect(count('sql_rows', { operation: 'fill', effect: 'changed' })).toBe(7);
    expect(count('sql_rows', { operation: 'look', effect: 'read' })).toBe(5);
  });

  it('tries again after a serialization failure, and counts each attempt', async () => {
    const { sql, count } = connectTo(server.url);
    await sql.query('CREATE SEQUENCE attempts');
    await sql.query(`CREATE FUNCTION third_time() RETURNS int LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('attempts') < 3 THEN RAISE EXCEPTION 'not yet' USING ERRCODE = '40001'; END IF; RETURN 3; END $$`);
    const { rows } = await sql.query('SELECT third_time() AS n', [], { retries: 5, name: 'stubborn' });
    expect(rows).toEqual([{ n: 3 }]);
    expect(count('sql_ops', { operation: 'stubborn' })).toBe(3);
    expect(count('sql_retries', { operation: 'stubborn', error_class: 'serialization' })).toBe(2);
  });
});

describe('batch', () => {
  it('sends all in one go and returns results in order, failures among them', async () => {
    const { sql, count } = connectTo(server.url);
    const results = await sql.batch([
      'SELECT 1 AS a',
      { text: 'SELECT $1::int AS b', parameters: [5] },
      { name: 'bad', text: 'SELECT 1 / 0' },
      'SELECT 1 AS a',
    ]);
    expect(results.map(({ rows, error }) => error?.code ?? rows)).toEqual([
      [{ a: 1 }],
      [{ b: 5 }],
      '22012',
      [{ a: 1 }],
    ]);
    expect(count('sql_ops')).toBe(4);
  });
});

describe('cursor', () => {
  it('reads all rows in batches, and counts one operation', async () => {
    const { sql, count } = connectTo(server.url);
    const rows = await rowsOf(
      sql.cursor('SELECT generate_series(1, 1000) AS i', [], { batch: 300, name: 'all' }),
    );
    expect(rows.length).toBe(1000);
    expect(rows.at(-1)).toEqual({ i: 1000 });
    expect(count('sql_ops', { operation: 'all' })).toBe(1);
    expect(count('sql_rows', { operation: 'all' })).toBe(1000);
  });

  it('is closed when the loop is left, and the connection is free again', async () => {
    const { sql } = connectTo(server.url);
    expect(
      (await rowsOf(sql.cursor('SELECT generate_series(1, 1000) AS i', [], { batch: 10 }), 25)).length,
    ).toBe(25);
    expect((await sql.query("SELECT count(*) AS n FROM pg_cursors WHERE name <> ''")).rows).toEqual([
      { n: 0 },
    ]);
  });

  it('throws what goes wrong in the middle, after the rows before it', async () => {
    const { sql } = connectTo(server.url);
    const seen: unknown[] = [];
    const read = async (): Promise<void> => {
      const text = 'SELECT 6 / (3 - generate_series(1, 9)) AS i';
      for await (const row of sql.cursor(text, [], { batch: 1 })) seen.push(row);
    };
    await expect(read()).rejects.toMatchObject({ code: '22012' });
    expect(seen).toEqual([{ i: 3 }, { i: 6 }]);
    expect((await sql.query('SELECT 1 AS x')).rows).toEqual([{ x: 1 }]);
  });

  it('says why its user may not query beside it, and lets a transaction do so', async () => {
    const { sql } = connectTo(server.url);
    const text = 'SELECT generate_series(1, 10) AS i';
    const beside = async (): Promise<void> => {
      for await (const _ of sql.cursor(text, [], { batch: 2 })) await sql.query('SELECT 1');
    };
    await expect(beside()).rejects.toThrow("this user's only connection");
    const { value } = await sql.transaction(async (transaction) => {
      let sum = 0;
      for await (const { i } of transaction.cursor(text, [], { batch: 2 })) {
        sum += (await transaction.query<{ d: number }>('SELECT $1::int * 2 AS d', [i])).rows[0]!.d;
      }
      return sum;
    });
    expect(value).toBe(110);
  });
});

describe('copy', () => {
  it('brings rows in and out as streams', async () => {
    const { sql, count } = connectTo(server.url);
    await sql.query('CREATE TABLE copied (a int, b text)');
    const lines = function* (): Generator<string> {
      for (let i = 0; i < 30_000; i++) yield `${i}\tword ${i}\n`;
    };
    const brought = await sql.copyFrom('COPY copied FROM STDIN', lines(), { name: 'in' });
    expect(brought.rowCount).toBe(30_000);
    let text = '';
    const taken = await sql.copyTo('COPY (SELECT * FROM copied ORDER BY a) TO STDOUT', async (piece) => {
      await new Promise((resolve) => setImmediate(resolve));
      text += piece.toString();
    });
    expect(taken.rowCount).toBe(30_000);
    expect(text).toBe([...lines()].join(''));
    expect(count('sql_rows', { operation: 'in', effect: 'changed' })).toBe(30_000);
    expect(count('data_sent', { operation: 'in' })).toBeGreaterThan(text.length);
  });

  it('fails for a row that does not fit, and for a source or sink that throws', async () => {
    const { sql, failures } = connectTo(server.url);
    await sql.query('CREATE TABLE strict (a int)');
    expect((await sql.copyFrom('COPY strict FROM STDIN', 'word\n')).error?.code).toBe('22P02');
    const broken = function* (): Generator<string> {
      yield '1\n';
      throw new Error('no more');
    };
    await expect(sql.copyFrom('COPY strict FROM STDIN', broken())).rejects.toThrow('no more');
    const sink = (): never => {
      throw new Error('full');
    };
    await expect(sql.copyTo('COPY (SELECT 1) TO STDOUT', sink)).rejects.toThrow('full');
    expect((await sql.query('SELECT count(*) AS n FROM strict')).rows).toEqual([{ n: 0 }]);
    expect(failures).toEqual(['22P02', '57014']);
  });
});

describe('transaction', () => {
  it('commits what its body did, and returns what it returned', async () => {
    const { sql, count } = connectTo(server.url);
    await sql.query('CREATE TABLE kept (a int)');
    const result = await sql.transaction(
      async (transaction) => {
        await transaction.query('INSERT INTO kept VALUES (1)');
        return (await transaction.query("SELECT current_setting('transaction_isolation') AS level")).rows[0]
          ?.level;
      },
      { isolation: 'serializable', name: 'keep' },
    );
    expect(result).toMatchObject({ ok: true, value: 'serializable', error: null, attempts: 1 });
    expect((await sql.query('SELECT * FROM kept')).rows).toEqual([{ a: 1 }]);
    expect(count('sql_transactions', { operation: 'keep', outcome: 'committed' })).toBe(1);
    expect(count('sql_ops')).toBe(6);
  });

  it('rolls back when a statement fails or the body throws', async () => {
    const { sql, count } = connectTo(server.url);
    await sql.query('CREATE TABLE undone (a int PRIMARY KEY)');
    const failed = await sql.transaction(async (transaction) => {
      await transaction.query('INSERT INTO undone VALUES (1)');
      await transaction.query('INSERT INTO undone VALUES (1)');
    });
    expect(failed).toMatchObject({ ok: false, error: { code: '23505', class: 'constraint' } });
    const thrown = sql.transaction(async (transaction) => {
      await transaction.query('INSERT INTO undone VALUES (2)');
      throw new RangeError('changed my mind');
    });
    await expect(thrown).rejects.toThrow(RangeError);
    const swallowed = await sql.transaction(async (transaction) => {
      await transaction.query('INSERT INTO undone VALUES (3)');
      await transaction.query('SELECT 1 / 0').catch(() => {});
    });
    expect(swallowed).toMatchObject({ ok: false, error: { code: '25P02' } });
    expect((await sql.query('SELECT * FROM undone')).rows).toEqual([]);
    expect(count('sql_transaction_failed')).toBe(3);
  });

  it('runs again after a deadlock when it may, each attempt counted', async () => {
    const { another, count } = connectTo(server.url);
    const [one, two] = [another(), another()];
    await one.query('CREATE TABLE pair AS SELECT a, 0 AS n FROM generate_series(1, 2) a');
    const update = 'UPDATE pair SET n = n + 1 WHERE a = $1';
    let waiting = 0;
    const both = (sql: typeof one, first: number, second: number): ReturnType<typeof sql.transaction> =>
      sql.transaction(
        async (transaction) => {
          await transaction.query(update, [first]);
          waiting++;
          await until(() => waiting >= 2);
          await transaction.query(update, [second]);
        },
        { retries: 20 },
      );
    const results = await Promise.all([both(one, 1, 2), both(two, 2, 1)]);
    expect(results.map(({ ok }) => ok)).toEqual([true, true]);
    // One is given up for the other; on a busy server that finds out late, now and then both.
    const deadlockCount = count('sql_op_failed', { error_class: 'deadlock' });
    expect(deadlockCount).toBeGreaterThanOrEqual(1);
    expect(count('sql_retries')).toBe(deadlockCount);
    expect(count('sql_transactions')).toBe(2 + deadlockCount);
    expect((await one.query('SELECT sum(n) AS n FROM pair')).rows).toEqual([{ n: 4 }]);
  });

  it('is refused by the server when it would write and must not', async () => {
    const { sql } = connectTo(server.url, { readOnly: true });
    expect((await sql.query('CREATE TABLE forbidden (a int)')).error?.code).toBe('25006');
  });
});

describe('a pool', () => {
  it('opens no more connections than it may, and serves all', async () => {
    const { another, count, end } = connectTo(server.url, { connections: { pool: 3 } });
    const calls = Array.from({ length: 40 }, async () => {
      const { rows } = await another().query<{ pid: number }>(
        'SELECT pg_backend_pid() AS pid, pg_sleep(0.002)',
      );
      return rows[0]!.pid;
    });
    expect(new Set(await Promise.all(calls)).size).toBeLessThanOrEqual(3);
    expect(count('sql_ops')).toBe(40);
    await end();
  });

  it('fails statements that wait too long for a connection', async () => {
    const { another, failures, count, meter } = connectTo(server.url, {
      connections: { pool: 1 },
      poolTimeoutMs: 100,
    });
    // Opening the connection is part of the wait, and may take that long where the machine is busy.
    await until(async () => (await another().query('SELECT 1')).ok);
    failures.length = 0;
    const first = another().query('SELECT pg_sleep(0.6)');
    const second = await another().query({ name: 'late', text: 'SELECT 1' });
    expect(second.error).toMatchObject({ code: 'sql_pool_timeout', class: 'sql_pool_timeout' });
    expect((await first).ok).toBe(true);
    expect(failures).toEqual(['sql_pool_timeout']);
    expect(count('sql_op_failed', { operation: 'late' })).toBe(1);
    expect(meter.values('sql_pool_wait', { operation: 'late' })[0]).toBeGreaterThanOrEqual(100);
  });

  it('waits for weeks where it may, the server as long as it can', async () => {
    const weeksMs = 30 * 86_400_000;
    const { another, failures } = connectTo(server.url, {
      connections: { pool: 1 },
      connectTimeoutMs: weeksMs,
      statementTimeoutMs: weeksMs,
      poolTimeoutMs: weeksMs,
      serverTimeout: true,
    });
    const first = another().query('SELECT pg_sleep(0.2)');
    const limit = await another().query<{ statement_timeout: string }>('SHOW statement_timeout');
    expect(limit.rows).toEqual([{ statement_timeout: '2147483647ms' }]);
    expect((await first).ok).toBe(true);
    expect(failures).toEqual([]);
  });
});
