import fc from 'fast-check';
import { Pool, type PoolClient } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRandom } from '../../src/stats/random.ts';
import { fingerprint } from '../../targets/members/fingerprint.ts';
import { schemaName, writtenTables } from '../../targets/members/tables.ts';
import { type RunningMembers, startMembers } from '../../targets/members/target.ts';
import { cleanUp, findLeftByRuns } from './clean-up.ts';
import { type Dataset, type Draw, draws } from './draws.ts';
import { type OperationName, operations, readDataset, type Sql, type SqlRunner } from './queries.ts';
import { markerTable, type StatementName, schema, statements } from './statements.ts';

let members: RunningMembers;
let pool: Pool;
let sql: Sql;
let dataset: Dataset;
/** How often each statement was sent. */
const sent = new Map<string, number>();

beforeAll(async () => {
  members = await startMembers();
  pool = new Pool({ connectionString: members.url, max: 8 });
  pool.on('error', () => {});
  sql = createSql(pool);
  dataset = (await readDataset(sql))!;
});
afterAll(async () => {
  await pool?.end();
  await members?.stop();
});
beforeEach(() => sent.clear());

/** The suite's view of a database, on `pg`. */
function createSql(connections: Pool): Sql {
  const runner = (client: Pool | PoolClient, throws: boolean): SqlRunner => ({
    async query<Row>(statement: { name: string; text: string }, parameters: readonly unknown[] = []) {
      sent.set(statement.name, (sent.get(statement.name) ?? 0) + 1);
      try {
        const result = await client.query({ ...statement, values: [...parameters] });
        return { rows: result.rows as Row[], rowCount: result.rowCount ?? 0, error: null };
      } catch (error) {
        if (throws) throw error;
        return { rows: [], rowCount: 0, error: error as Error };
      }
    },
  });
  return {
    ...runner(connections, false),
    async transaction(body) {
      const client = await connections.connect();
      try {
        await client.query('BEGIN');
        const value = await body(runner(client, true));
        await client.query('COMMIT');
        return { value, error: null };
      } catch (error) {
        await client.query('ROLLBACK');
        return { value: undefined, error: error as Error };
      } finally {
        client.release();
      }
    },
  };
}

const drawFor = (seed: number, runId: string, from = dataset): Draw => ({
  random: createRandom(seed, runId),
  dataset: from,
  runId,
});
const names = Object.keys(operations) as OperationName[];

async function takeFingerprint(): Promise<Record<string, string>> {
  const client = await pool.connect();
  try {
    return await fingerprint(client as never);
  } finally {
    client.release();
  }
}

describe('the data set', () => {
  it('is the one the target made, in the schema both speak of', async () => {
    expect(schema).toBe(schemaName);
    expect((await pool.query(`SELECT suite FROM ${markerTable}`)).rows).toEqual([{ suite: 'members' }]);
    expect(dataset).toEqual({ seed: 1, counts: members.info.counts });
  });

  it('is none in a database without the marker, which is no error', async () => {
    const database = new URL(members.url);
    await pool.query('CREATE DATABASE unmarked');
    database.pathname = '/unmarked';
    const other = new Pool({ connectionString: database.href });
    expect(await readDataset(createSql(other))).toBeUndefined();
    await other.end();
    await expect(readDataset(createSql(other))).rejects.toThrow(/cannot look for the marker table/);
  });
});

describe('draws', () => {
  it('stay inside the seeded ranges and depend on the random function alone', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.constantFrom(...(Object.keys(draws) as (keyof typeof draws)[])),
        (seed, name) => {
          const drawn = draws[name](drawFor(seed, 'r'));
          expect(draws[name](drawFor(seed, 'r'))).toEqual(drawn);
          for (const value of drawn) expect(value).not.toBeUndefined();
        },
      ),
    );
    const ends = { first: 0, last: 1 - 2 ** -32 };
    const at = (random: number): Draw => ({ random: () => random, dataset, runId: 'r' });
    expect([draws.member(at(ends.first)), draws.member(at(ends.last))]).toEqual([[1], [10_000]]);
    expect([draws.member_list(at(ends.first)), draws.member_list(at(ends.last))]).toEqual([[0], [475]]);
    expect(draws.organization_list(at(ends.last))).toEqual([225]);
    expect(draws.name_range(at(ends.first))).toEqual(['Sm', 'Sn']);
  });
});

describe('operations', () => {
  it.each(names)('%s succeeds and finds its rows', async (name) => {
    const { run, kind } = operations[name];
    let rowCount = 0;
    for (let i = 0; i < 12; i++) {
      const outcome = await run(sql, drawFor(i, 'each'));
      expect(outcome.ok).toBe(true);
      if (name !== 'read_attachment_list') expect(outcome.rowCount).toBeGreaterThan(0);
      rowCount += outcome.rowCount;
    }
    expect(rowCount).toBeGreaterThan(0);
    const left = (await findLeftByRuns(sql)).filter(({ runId }) => runId === 'each');
    expect(left).toHaveLength(kind === 'write' ? 1 : 0);
    await cleanUp(sql, 'each');
  });

  it('tell of a failure and write nothing then', async () => {
    const broken = { ...dataset, counts: { ...dataset.counts, organizations: 1e9 } };
    const draw: Draw = { random: () => 0.99, dataset: broken, runId: 'broken' };
    for (const name of ['create_employment', 'create_organization_contact'] as const) {
      expect(await operations[name].run(sql, draw)).toEqual({ ok: false, rowCount: 0 });
    }
    expect(await findLeftByRuns(sql)).toEqual([]);
  });

  it('are counted by the server as often as they were sent', async () => {
    expect(members.info.statementStatistics).toBe(true);
    await pool.query('SELECT pg_stat_statements_reset()');
    for (let i = 0; i < 200; i++) {
      const outcome = await operations[names[i % names.length]!].run(sql, drawFor(i, 'counted'));
      expect(outcome.ok).toBe(true);
    }
    const { rows } = await pool.query<{ name: string; calls: number }>(
      `SELECT substring(query FROM '/\\* (\\w+) \\*/') AS name, sum(calls)::int AS calls FROM pg_stat_statements
       WHERE query LIKE '% /* % */ %' AND query NOT LIKE '%pg_stat_statements%' GROUP BY 1`,
    );
    const counted = Object.fromEntries(rows.map(({ name, calls }) => [name, calls]));
    expect(counted).toEqual(Object.fromEntries(sent));
    await cleanUp(sql, 'counted');
  });

  it('never leave a member with two current employments, however many write at once', async () => {
    const few = { ...dataset, counts: { ...dataset.counts, members: 3 } };
    const user = async (seed: number) => {
      const draw = drawFor(seed, 'crowd', few);
      for (let i = 0; i < 15; i++) {
        const name = draw.random() < 0.5 ? 'create_employment' : 'update_employment_status';
        expect(await operations[name].run(sql, draw)).toMatchObject({ ok: true });
      }
    };
    await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(user));
    const { rows } = await pool.query(
      `SELECT member_id FROM ${schema}.member_employments WHERE is_current GROUP BY 1 HAVING count(*) > 1`,
    );
    expect(rows).toEqual([]);
    await cleanUp(sql, 'crowd');
  });
});

describe('plans', () => {
  const own = (table: string) => `${table}_pkey`;
  /** The index that each statement is meant to use, and draws for it. */
  const meant: readonly (readonly [StatementName, index: string, (draw: Draw) => readonly unknown[]])[] = [
    ['read_member_list', 'idx_members_last_name', draws.member_list],
    ['read_member_detail', own('members'), draws.member],
    ['read_member_employments', 'idx_employments_member_current', draws.member],
    ['search_members_by_status', 'idx_members_status', draws.status],
    ['search_members_by_classification', 'idx_members_classification', draws.classification],
    ['search_members_by_name', 'idx_members_last_name', draws.name_range],
    ['read_student_list', 'idx_students_last_name', draws.student_list],
    ['update_member', own('members'), draws.member_update],
    ['lock_member', own('members'), draws.member],
    ['end_current_employment', 'idx_employments_member_current', (draw) => [...draws.member(draw), 'r']],
    [
      'set_employment_status',
      'idx_employments_member_current',
      (draw) => [...draws.member(draw), ...draws.employment_status(draw)],
    ],
    ['read_attachment_list', 'idx_file_attachments_member', draws.member],
    ['read_attachment_metadata', own('file_attachments'), draws.attachment],
  ];
  const big = ['members', 'member_employments', 'students', 'file_attachments'];

  for (const mode of ['force_custom_plan', 'force_generic_plan']) {
    it.each(meant)(`%s uses %s (${mode})`, async (name, index, draw) => {
      const client = await pool.connect();
      try {
        await client.query(`SET plan_cache_mode = ${mode}; PREPARE planned AS ${statements[name].text}`);
        for (let seed = 0; seed < 6; seed++) {
          const literals = draw(drawFor(seed, 'r')).map((value) => `'${String(value)}'`);
          const { rows } = await client.query<{ 'QUERY PLAN': string }>(
            `EXPLAIN (COSTS OFF) EXECUTE planned(${literals.join(', ')})`,
          );
          const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
          expect(plan).toContain(index);
          const scanned = [...plan.matchAll(/Seq Scan on (\w+)/g)].map(([, table]) => table!);
          expect(
            scanned.filter((table) => big.includes(table)),
            plan,
          ).toEqual([]);
        }
      } finally {
        await client.query('DEALLOCATE ALL; RESET plan_cache_mode');
        client.release(true);
      }
    });
  }
});

describe('cleanUp', () => {
  const work = async (runId: string, seed: number, count: number, from = dataset) => {
    const draw = drawFor(seed, runId, from);
    for (let i = 0; i < count; i++) {
      const name = names[Math.floor(draw.random() * names.length)]!;
      expect(await operations[name].run(sql, draw)).toMatchObject({ ok: true });
    }
  };

  it('leaves each row as it was seeded, and says what it took back', async () => {
    const before = await takeFingerprint();
    await work('run-1', 1, 150);
    expect(await takeFingerprint()).not.toEqual(before);
    const left = await findLeftByRuns(sql);
    expect(left).toEqual([{ runId: 'run-1', rowCount: expect.any(Number) }]);
    const { restored, deleted } = await cleanUp(sql, 'run-1');
    for (const count of [...Object.values(restored), ...Object.values(deleted)]) {
      expect(count).toBeGreaterThan(0);
    }
    expect(await takeFingerprint()).toEqual(before);
    expect(await findLeftByRuns(sql)).toEqual([]);
    const none = await cleanUp(sql, 'run-1');
    expect(Object.values(none.deleted)).toEqual(writtenTables.map(() => 0));
  });

  it('takes back runs that wrote the same rows, in whatever order', async () => {
    const before = await takeFingerprint();
    const few = { ...dataset, counts: { ...dataset.counts, members: 2, file_attachments: 2 } };
    const runs = ['a', 'b', 'c'];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...runs), fc.nat()), { minLength: 2, maxLength: 6 }),
        fc.shuffledSubarray(runs, { minLength: 3 }),
        async (turns, order) => {
          for (const [run, seed] of turns) await work(run, seed, 8, few);
          for (const run of order) await cleanUp(sql, run);
          expect(await takeFingerprint()).toEqual(before);
        },
      ),
      { numRuns: 8 },
    );
  });

  it('throws and takes nothing back when a row of its own is still in use', async () => {
    const { rows } = await sql.query<{ id: number }>(
      statements.create_member,
      draws.new_member(drawFor(1, 'parent')),
    );
    const values = [rows[0]!.id, 'application', 1, 'f'.repeat(64), 'staff1', 'child'];
    await sql.query(statements.create_attachment, values);
    await sql.query(statements.update_member, draws.member_update(drawFor(1, 'parent')));
    const before = await takeFingerprint();
    await expect(cleanUp(sql, 'parent')).rejects.toThrow(/clean-up of run parent failed.*foreign key/);
    expect(await takeFingerprint()).toEqual(before);
    await cleanUp(sql, 'child');
    await cleanUp(sql, 'parent');
    expect(await findLeftByRuns(sql)).toEqual([]);
  });
});
