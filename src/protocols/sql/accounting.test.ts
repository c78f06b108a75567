import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningPostgres } from '../../target-kit/postgres.ts';
import { connectTo, startTestServer } from './sql.cases.ts';

// What PostgreSQL's own statistics count, against what we report. pg_stat_statements counts a statement when it has been
// carried out, however it was sent; one that failed or was cancelled it does not count at all.

let server: RunningPostgres;
let observer: Client;
beforeAll(async () => {
  server = await startTestServer({ shared_preload_libraries: 'pg_stat_statements' });
  observer = new Client(server.url);
  await observer.connect();
  await observer.query('CREATE EXTENSION pg_stat_statements');
  await observer.query('CREATE TABLE shelf (a int PRIMARY KEY, b text)');
});
afterAll(async () => {
  await observer?.end();
  await server?.stop();
});

async function callsOf(): Promise<Record<string, number>> {
  const { rows } = await observer.query<{ query: string; calls: string }>(
    'SELECT query, sum(calls) AS calls FROM pg_stat_statements GROUP BY query',
  );
  return Object.fromEntries(rows.map(({ query, calls }) => [query, Number(calls)]));
}

describe('operations that we report', () => {
  it('are the calls that the server counts, per statement', async () => {
    await observer.query('SELECT pg_stat_statements_reset()');
    const { another, count, end } = connectTo(server.url);
    const select = 'SELECT b FROM shelf WHERE a = $1';
    const unprepared = 'SELECT count(*) FROM shelf WHERE a > $1';
    const insert = 'INSERT INTO shelf VALUES ($1, $2)';
    const cursor = 'SELECT a FROM shelf ORDER BY a';
    const copy = 'COPY shelf FROM STDIN';
    await Promise.all(
      [0, 1, 2, 3].map(async (user) => {
        const sql = another();
        for (let i = 0; i < 25; i++) {
          await sql.query({ name: 'select', text: select }, [i]);
          await sql.query({ name: 'unprepared', text: unprepared }, [i], { prepare: false });
          // Every second one is there already.
          await sql.query({ name: 'insert', text: insert }, [user * 100 + (i >> 1), 'x']);
        }
        await sql.transaction(async (transaction) => {
          await transaction.query({ name: 'select', text: select }, [user]);
          await transaction.copyFrom(copy, `${1000 + user}\tcopied\n`, { name: 'copy' });
        });
        await sql.transaction((transaction) =>
          transaction.query({ name: 'lock', text: 'LOCK TABLE shelf IN SHARE MODE' }),
        );
        for await (const { a } of sql.cursor({ name: 'cursor', text: cursor }, [], { batch: 7 }))
          if (a > 200) break;
        await sql.batch(
          Array.from({ length: 5 }, () => ({ name: 'select', text: select, parameters: [user] })),
        );
      }),
    );
    await end();
    const calls = await callsOf();
    const succeeded = (operation: string): number =>
      count('sql_ops', { operation }) - count('sql_op_failed', { operation });
    expect(calls[select]).toBe(count('sql_ops', { operation: 'select' }));
    expect(calls[select]).toBe(4 * (25 + 1 + 5));
    expect(calls[unprepared]).toBe(count('sql_ops', { operation: 'unprepared' }));
    expect(calls[cursor]).toBe(count('sql_ops', { operation: 'cursor' }));
    expect(calls[copy]).toBe(count('sql_ops', { operation: 'copy' }));
    expect(calls['LOCK TABLE shelf IN SHARE MODE']).toBe(count('sql_ops', { operation: 'lock' }));
    expect(count('sql_ops', { operation: 'begin' })).toBe(8);
    expect(calls.BEGIN).toBe(count('sql_ops', { operation: 'begin' }));
    expect(calls.COMMIT).toBe(count('sql_ops', { operation: 'commit' }));
    expect(count('sql_ops', { operation: 'insert' })).toBe(100);
    expect(calls[insert]).toBe(succeeded('insert'));
    expect(calls[insert]).toBe(4 * 13);
  });

  it('count statements that failed, which the server does not', async () => {
    await observer.query('SELECT pg_stat_statements_reset()');
    const { sql, count, end } = connectTo(server.url);
    const failing = 'SELECT $2::int / $1::int';
    for (const divisor of [1, 0, 0]) await sql.query({ name: 'divide', text: failing }, [divisor, 1]);
    await sql.query({ name: 'slow', text: 'SELECT pg_sleep($1)' }, [30], { timeout: 100 });
    await end();
    const calls = await callsOf();
    expect(calls[failing]).toBe(1);
    expect(calls['SELECT pg_sleep($1)']).toBeUndefined();
    expect(count('sql_ops', { operation: 'divide' })).toBe(3);
    expect(count('sql_op_failed', { operation: 'divide' })).toBe(2);
    expect(count('sql_ops', { operation: 'slow' })).toBe(1);
  });
});
