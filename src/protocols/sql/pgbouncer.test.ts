import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunningPostgres } from '../../target-kit/postgres.ts';
import { type Pooler, startPgbouncer } from './pgbouncer.cases.ts';
import { assertDatabase } from './reachable.ts';
import type { SqlPlan } from './setting-types.ts';
import { connectTo, type Databases, startTestServer, until } from './sql.cases.ts';

let server: RunningPostgres;
let observer: Client;
beforeAll(async () => {
  server = await startTestServer({ shared_preload_libraries: 'pg_stat_statements' });
  observer = new Client(server.url);
  await observer.connect();
  await observer.query('CREATE EXTENSION pg_stat_statements');
  await observer.query('CREATE TABLE shelf AS SELECT a, 0 AS b FROM generate_series(1, 100) a');
});
afterAll(async () => {
  await observer?.end();
  await server?.stop();
});

// PgBouncer asks whoever comes first for its sessions: each test has its own.
let pooler: Pooler;
beforeEach(async () => {
  pooler = await startPgbouncer(server.url, 3);
});
afterEach(() => pooler.stop());

function planFor(url: string, more: Partial<SqlPlan> = {}): SqlPlan {
  return {
    ...{ url, connections: 'per-vu', connectTimeoutMs: 5000, statementTimeoutMs: 5000, serverTimeout: false },
    ...{ poolTimeoutMs: 5000, applicationName: 'plimsoll-test', retries: 0, readOnly: false, ...more },
  } as SqlPlan;
}

const kinds = ['one', 'two', 'three', 'four', 'five', 'six'];
const textOf = (kind: string): string => `SELECT '${kind}' AS kind, $1::int AS x`;

/** Statements of different kinds from one user; resolves with answers that belong to another statement, and failures. */
async function useAll(sql: Databases['sql'], user: number, rounds: number): Promise<string[]> {
  const wrong: string[] = [];
  const look = (kind: string, x: number, { rows, error }: { rows: unknown[]; error: unknown }): void => {
    const expected = JSON.stringify([{ kind, x }]);
    if (error !== null || JSON.stringify(rows) !== expected) wrong.push(JSON.stringify(error ?? rows));
  };
  for (let i = 0; i < rounds; i++) {
    const kind = kinds[(user + i) % kinds.length]!;
    look(kind, i, await sql.query({ name: 'query', text: textOf(kind) }, [i]));
    const { error } = await sql.transaction(async (tx) => {
      look(kind, i, await tx.query({ name: 'inside', text: textOf(kind) }, [i]));
      await tx.query({ name: 'update', text: 'UPDATE shelf SET b = b + 1 WHERE a = $1' }, [user + 1]);
    });
    if (error !== null) wrong.push(JSON.stringify(error));
    for (const result of await sql.batch([{ name: 'batch', text: textOf(kind), parameters: [i] }])) {
      look(kind, i, result);
    }
    const rows: unknown[] = [];
    const cursor = sql.cursor({ name: 'cursor', text: `${textOf(kind)} FROM generate_series(1, 5)` }, [i], {
      batch: 2,
    });
    try {
      for await (const row of cursor) rows.push(row);
    } catch (thrown) {
      wrong.push(String(thrown));
    }
    if (rows.length !== 5) wrong.push(`${rows.length} rows of a cursor`);
  }
  return wrong;
}

describe('behind a pooler in transaction mode', () => {
  const userCount = 4;
  const rounds = 15;

  it.each([
    ['found before the load', undefined],
    ['by sql.prepare: false', false],
  ])('two workers get the answers of their own statements, each counted once: %s', async (_name, prepare) => {
    const found = await assertDatabase(planFor(pooler.url, { connections: 'per-vu' }), {}, false);
    expect(found).toEqual({ pooled: true });
    await observer.query('SELECT pg_stat_statements_reset()');
    const own = prepare === undefined ? { pooled: true } : {};
    const workers = [1, 2].map(() =>
      connectTo(pooler.url, prepare === undefined ? {} : { prepare }, undefined, own),
    );
    const users = workers.flatMap((worker) => Array.from({ length: userCount }, () => worker.another()));
    const wrong = await Promise.all(users.map((sql, user) => useAll(sql, user, rounds)));
    expect(wrong.flat()).toEqual([]);
    for (const operation of ['query', 'inside', 'batch', 'cursor', 'update']) {
      expect(workers.map(({ count }) => count('sql_ops', { operation }))).toEqual([
        userCount * rounds,
        userCount * rounds,
      ]);
    }
    const { rows } = await observer.query<{ calls: string }>(
      "SELECT sum(calls) AS calls FROM pg_stat_statements WHERE query ~ '^(SELECT .* AS kind|UPDATE shelf)'",
    );
    expect(Number(rows[0]!.calls)).toBe(2 * userCount * rounds * 5);
  });

  it('never carries out another worker’s statement under a name, and sends a refused name again', async () => {
    const workers = [1, 2].map(() => connectTo(pooler.url, { prepare: true }));
    const users = workers.flatMap((worker) => Array.from({ length: 4 }, () => worker.another()));
    const ends = await Promise.all(
      users.map(async (sql, user) => {
        const seen: unknown[] = [];
        for (let i = 0; i < 40; i++) {
          const kind = kinds[(user + i) % kinds.length]!;
          const { rows, error } = await sql.query({ name: 'named', text: textOf(kind) }, [i]);
          seen.push(error?.code ?? (rows[0]!.kind === kind && rows[0]!.x === i));
        }
        return seen;
      }),
    );
    expect(new Set(ends.flat())).toEqual(new Set([true]));
    for (const { count, failures } of workers) {
      expect(count('sql_ops', { operation: 'named' })).toBe(160);
      expect(failures).toEqual([]);
    }
  });

  it('says which setting helps when a name is refused within a transaction', async () => {
    const { another } = connectTo(pooler.url, { prepare: true });
    const [one, two] = [another(), another()];
    const text = 'SELECT 7 AS seven';
    const use = (sql: typeof one) => sql.transaction((tx) => tx.query(text));
    expect((await use(one)).error).toBeNull();
    const { error } = await use(two);
    expect(error).toMatchObject({ code: '42P05' });
    expect(error?.message).toContain('set sql.prepare to false');
  });

  it('cancels a statement that takes too long, and nothing else', async () => {
    const { another } = connectTo(pooler.url, { prepare: false });
    const [slow, quick] = [another(), another()];
    const late = slow.query('SELECT pg_sleep(30)', [], { timeout: 200 });
    const beside = quick.query('SELECT pg_sleep(1), 5 AS x');
    expect((await late).error).toMatchObject({ code: '57014', class: 'timeout' });
    expect((await beside).rows).toMatchObject([{ x: 5 }]);
    expect((await slow.query('SELECT 6 AS x')).rows).toEqual([{ x: 6 }]);
  });

  it('leaves no transaction open for others when a user is cut off', async () => {
    const { another, end } = connectTo(pooler.url, { prepare: false });
    const sql = another();
    let begun = false;
    const open = sql.transaction(async (tx) => {
      await tx.query('UPDATE shelf SET b = -1 WHERE a = 100');
      begun = true;
      await tx.query('SELECT pg_sleep(30)');
    });
    const ended = expect(open).rejects.toThrow('stopped');
    await until(() => begun);
    await end();
    await ended;
    const sessions = "SELECT 1 FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'";
    await until(async () => (await observer.query(sessions)).rows.length === 0);
    expect((await observer.query('SELECT 1 FROM shelf WHERE b = -1')).rows).toEqual([]);
  });
});

describe('a pooler that is full', () => {
  it('is told apart from one that is broken', async () => {
    const full = await startPgbouncer(server.url, 1, { max_client_conn: '3', query_wait_timeout: '1' });
    try {
      const { another } = connectTo(full.url, { prepare: false });
      const users = Array.from({ length: 5 }, () => another());
      const ends = await Promise.all(users.map((sql) => sql.query('SELECT pg_sleep(3)')));
      const classes = new Set(ends.map(({ error }) => error?.class ?? 'answered'));
      expect(classes).toEqual(new Set(['answered', 'timeout', 'too_many_connections']));
    } finally {
      await full.stop();
    }
  });
});

describe('a pooler that refuses a setting of sessions', () => {
  it.each([
    ['statement_timeout', { serverTimeout: true }, 'sql.serverTimeout: false'],
    ['default_transaction_read_only', { readOnly: true }, 'leave sql.readOnly out'],
    ['options', { url: '?options=-c%20search_path%3Dpublic' }, 'leave `options` out'],
  ])('is told by %s and by ours', async (parameter, more, ours) => {
    const plan = planFor(pooler.url, more);
    const url = pooler.url + ('url' in more ? more.url : '');
    const failed = assertDatabase({ ...plan, url }, {}, false);
    await expect(failed).rejects.toThrow(`list ${parameter} in its ignore_startup_parameters`);
    await expect(failed).rejects.toThrow(ours);
  });

  it('and is told to pass over it lets the load in, but not a readOnly one that may write', async () => {
    const lenient = await startPgbouncer(server.url, 2, {
      ignore_startup_parameters: 'default_transaction_read_only,statement_timeout',
    });
    try {
      const timed = planFor(lenient.url, { serverTimeout: true });
      expect(await assertDatabase(timed, {}, false)).toEqual({ pooled: true });
      const readOnly = planFor(lenient.url, { readOnly: true });
      await expect(assertDatabase(readOnly, {}, false)).rejects.toThrow('sql.readOnly has no effect');
    } finally {
      await lenient.stop();
    }
  });

  it('is no pooler when the server itself answers', async () => {
    const url = new URL(server.url);
    const { password } = url;
    url.password = '';
    expect(await assertDatabase(planFor(url.href, { readOnly: true }), { password }, false)).toEqual({});
  });
});
