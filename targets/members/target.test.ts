import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../../src/system/free-port.ts';
import { findServerAccount } from '../../src/system/os-account.ts';
import { type RunningPostgres, startPostgres } from '../../src/target-kit/postgres.ts';
import { findInstalled } from '../../src/target-kit/postgres-binaries.ts';
import { fingerprint } from './fingerprint.ts';
import { startMembers, startTarget } from './target.ts';

let postgres: RunningPostgres;
let client: Client;
beforeAll(async () => {
  postgres = await startPostgres();
  const { info } = await startMembers({ databaseUrl: postgres.url });
  console.log(`seeded ${JSON.stringify(info.counts)} in ${info.seedingMs!.toFixed(0)} ms`);
  client = await connect(postgres.url);
});
afterAll(async () => {
  await client?.end();
  await postgres?.stop();
});

async function connect(url: string): Promise<Client> {
  const connection = new Client({ connectionString: url, options: '-c search_path=plimsoll_members' });
  await connection.connect();
  return connection;
}

/** A new database of the shared server. */
async function createDatabase(name: string): Promise<string> {
  await client.query(`CREATE DATABASE ${name}`);
  const url = new URL(postgres.url);
  url.pathname = `/${name}`;
  return url.href;
}

/** The rows' fingerprint after seeding a new database with these options. */
async function fingerprintOf(url: string, options: object): Promise<Record<string, string>> {
  await startMembers({ databaseUrl: url, ...options });
  const connection = await connect(url);
  try {
    return await fingerprint(connection);
  } finally {
    await connection.end();
  }
}

async function one<Row extends object>(text: string): Promise<Row> {
  return (await client.query<Row>(text)).rows[0]!;
}

describe('the schema', () => {
  it('has the four indexes of the source document, on its tables and columns', async () => {
    const { rows } = await client.query<{ name: string; definition: string }>(
      `SELECT indexname AS name, replace(indexdef, 'plimsoll_members.', '') AS definition FROM pg_indexes
       WHERE schemaname = 'plimsoll_members'`,
    );
    const found = Object.fromEntries(rows.map(({ name, definition }) => [name, definition]));
    expect(found).toMatchObject({
      idx_members_status: 'CREATE INDEX idx_members_status ON members USING btree (status)',
      idx_members_classification:
        'CREATE INDEX idx_members_classification ON members USING btree (classification)',
      idx_members_last_name: 'CREATE INDEX idx_members_last_name ON members USING btree (last_name)',
      idx_employments_member_current:
        'CREATE INDEX idx_employments_member_current ON member_employments USING btree (member_id, is_current)',
    });
  });

  it('has an index or key behind each foreign key, for joins and for deletes', async () => {
    const { rows } = await client.query(
      `SELECT conrelid::regclass::text || '.' || attname AS bare FROM pg_constraint
         JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
       WHERE contype = 'f' AND connamespace = 'plimsoll_members'::regnamespace
         AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = conrelid AND indkey[0] = conkey[1])`,
    );
    expect(rows.map(({ bare }) => bare)).toEqual(['students.organization_id']);
  });

  it('can do without the four', async () => {
    const url = await createDatabase('without_indexes');
    const { info } = await startMembers({ databaseUrl: url, members: 200, namedIndexes: false });
    expect(info.namedIndexes).toBe(false);
    const connection = await connect(url);
    const { rows } = await connection.query<{ indexname: string }>(
      `SELECT indexname FROM pg_indexes WHERE schemaname = 'plimsoll_members'`,
    );
    await connection.end();
    const names = rows.map(({ indexname }) => indexname);
    expect(names).toContain('members_pkey');
    expect(names.filter((name) => /^idx_members|member_current/.test(name))).toEqual([]);
  });
});

describe('the data', () => {
  it('counts 10,000 members, and the marker table tells the truth about all tables', async () => {
    const { counts } = await one<{ counts: Record<string, number> }>(
      `SELECT counts FROM plimsoll_suite WHERE suite = 'members' AND seed = 1`,
    );
    expect(counts.members).toBe(10_000);
    expect(Object.keys(counts)).toHaveLength(6);
    for (const [table, count] of Object.entries(counts)) {
      // Ids without gaps: whoever draws one from 1 to the count hits a row.
      const found = await one(`SELECT count(*)::int, min(id), max(id) FROM ${table}`);
      expect(found).toEqual({ count, min: 1, max: count });
    }
    expect(await one(`SELECT nextval('members_id_seq')::int AS next`)).toEqual({ next: 10_001 });
  });

  it('has several employments a member, one after the other, of which at most one is current', async () => {
    const each = await one<Record<string, number>>(
      `SELECT min(n)::int AS least, max(n)::int AS most, avg(n)::float8 AS mean, max(current)::int AS current,
         avg(current)::float8 AS working, count(*)::int AS members
       FROM (SELECT count(*) AS n, count(*) FILTER (WHERE is_current) AS current
         FROM member_employments GROUP BY member_id) AS each`,
    );
    expect(each).toMatchObject({ least: 1, most: 5, current: 1, members: 10_000 });
    expect(each.mean).toBeCloseTo(2.1, 1);
    expect(each.working).toBeCloseTo(0.79, 1);
    const overlaps = await one(
      `SELECT count(*)::int AS overlaps FROM member_employments AS a JOIN member_employments AS b
         ON b.member_id = a.member_id AND b.id > a.id AND b.start_date < coalesce(a.end_date, 'infinity')`,
    );
    expect(overlaps).toEqual({ overlaps: 0 });
  });

  it('has names, statuses and employers as uneven as in life', async () => {
    const share = (column: string, value: string) =>
      one<{ share: number }>(`SELECT avg((${column} = '${value}')::int)::float8 AS share FROM members`).then(
        (row) => row.share,
      );
    expect(await share('status', 'active')).toBeCloseTo(0.76, 1);
    expect(await share('status', 'suspended')).toBeCloseTo(0.03, 2);
    expect(await share('classification', 'honorary')).toBeCloseTo(0.01, 2);
    const names = await one<Record<string, number>>(
      `SELECT count(DISTINCT last_name)::int AS last, count(DISTINCT first_name)::int AS first,
         count(DISTINCT (first_name, last_name))::int AS full FROM members`,
    );
    expect(names.last).toBeGreaterThan(250);
    expect(names.first).toBeGreaterThan(200);
    expect(names.full).toBeGreaterThan(7000);
    const employers = await client.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM member_employments GROUP BY organization_id ORDER BY n DESC',
    );
    const counts = employers.rows.map(({ n }) => n);
    expect(counts[0]!).toBeGreaterThan(10 * counts[Math.floor(counts.length / 2)]!);
    expect(
      await one(
        `SELECT count(*)::int AS minors FROM members WHERE joined_on < date_of_birth + interval '18 years'`,
      ),
    ).toEqual({ minors: 0 });
  });

  it('is the same for the same seed, and different in each table for another one', async () => {
    const [first, again] = await Promise.all(
      ['first', 'again'].map(async (name) => fingerprintOf(await createDatabase(name), { members: 300 })),
    );
    expect(again).toEqual(first);
    const other = await fingerprintOf(await createDatabase('other'), { members: 300, seed: 2 });
    for (const table of Object.keys(first!)) expect(other[table]).not.toBe(first![table]);
  });

  it('is the same on the PostgreSQL of the npm package as on an installed one', async () => {
    const account = await findServerAccount();
    const installed = await findInstalled(account).then(
      () => ['path', 'embedded'] as const,
      () => ['embedded'] as const,
    );
    const found = [];
    for (const source of installed) {
      const server = await startPostgres({ sources: [source], settings: { timezone: 'Asia/Tokyo' } });
      try {
        found.push(await fingerprintOf(server.url, { members: 300, seed: 5 }));
      } finally {
        await server.stop();
      }
    }
    const here = await fingerprintOf(await createDatabase('versions'), { members: 300, seed: 5 });
    for (const each of found) expect(each).toEqual(here);
  });

  it('has its statistics, so that the first plans are as good as later ones', async () => {
    const { rows } = await client.query<{ relname: string; reltuples: number; all: number; visible: number }>(
      `SELECT relname, reltuples, relpages AS all, relallvisible AS visible FROM pg_class
       WHERE relnamespace = 'plimsoll_members'::regnamespace AND relkind = 'r' AND relname <> 'plimsoll_suite'`,
    );
    expect(rows).toHaveLength(6);
    for (const { reltuples, all, visible } of rows) {
      expect(reltuples).toBeGreaterThan(0);
      expect(visible).toBe(all);
    }
  });
});

describe('startMembers', () => {
  it('finds what is there, says what runs left, and seeds again for another seed or count', async () => {
    const url = await createDatabase('kept');
    const first = await startMembers({ databaseUrl: url, members: 150 });
    expect(first.info.seedingMs).toBeGreaterThan(0);
    const connection = await connect(url);
    await connection.query(`UPDATE members SET run_id = 'r1' WHERE id <= 3`);
    const second = await startMembers({ databaseUrl: url, members: 150 });
    expect(second.info).toMatchObject({ seedingMs: null, touchedRowCount: 3, counts: first.info.counts });
    const third = await startMembers({ databaseUrl: url, members: 160 });
    expect(third.info).toMatchObject({ touchedRowCount: 0, counts: { members: 160 } });
    expect((await startMembers({ databaseUrl: url, members: 160, seed: 9 })).info.seed).toBe(9);
    await connection.end();
  });

  it('lets two seed one database at the same time', async () => {
    const url = await createDatabase('twice');
    const both = await Promise.all([1, 2].map(() => startMembers({ databaseUrl: url, members: 120 })));
    expect(both.filter(({ info }) => info.seedingMs === null)).toHaveLength(1);
  });

  it('leaves a schema alone that is not its own', async () => {
    const url = await createDatabase('foreign_schema');
    const connection = await connect(url);
    await connection.query('CREATE SCHEMA plimsoll_members; CREATE TABLE plimsoll_members.members (id int)');
    await expect(startMembers({ databaseUrl: url })).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('not made by this target'),
    });
    expect((await connection.query('SELECT * FROM plimsoll_members.members')).fields).toHaveLength(1);
    await connection.end();
  });

  it('starts a server of its own whose statement counts begin after the seeding, and removes it', async () => {
    const members = await startMembers({ members: 200 });
    const connection = await connect(members.url);
    const { rows } = await connection.query<{ folder: string; limit: string }>(
      `SELECT current_setting('data_directory') AS folder, current_setting('max_connections') AS limit`,
    );
    expect(rows[0]!.limit).toBe('400');
    expect(members.info.statementStatistics).toBe(true);
    for (let i = 0; i < 3; i++) await connection.query('SELECT first_name FROM members WHERE id = $1', [i]);
    const counted = await connection.query<{ query: string; calls: string }>(
      `SELECT query, calls::text FROM public.pg_stat_statements WHERE query ~ 'members'`,
    );
    expect(counted.rows).toEqual([{ query: 'SELECT first_name FROM members WHERE id = $1', calls: '3' }]);
    await connection.end();
    await Promise.all([members.stop(), members.stop()]);
    expect(existsSync(rows[0]!.folder)).toBe(false);
  });
});

describe('startTarget', () => {
  it('describes what runs, without the password of a given database', async () => {
    const url = await createDatabase('described');
    const env = { DATABASE_URL: url, MEMBERS_COUNT: '130', MEMBERS_SEED: '4', MEMBERS_INDEXES: 'off' };
    const target = await startTarget({ env });
    const text = [target.url, ...target.describe()].join('\n');
    expect(text).toContain('130 members');
    expect(text).toContain('seed 4');
    expect(text).toContain('without the four indexes');
    expect(text).not.toContain(new URL(url).password);
    await target.stop();
  });

  it('refuses knobs that do not fit', async () => {
    const url = postgres.url;
    for (const [name, value] of [
      ['MEMBERS_COUNT', '0'],
      ['MEMBERS_COUNT', '1e9'],
      ['MEMBERS_SEED', '1.5'],
      ['MEMBERS_INDEXES', 'maybe'],
    ] as const) {
      const attempt = startTarget({ env: { DATABASE_URL: url, [name]: value } });
      await expect(attempt).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining(name) });
    }
  });

  it('refuses an address, and a port that is taken or that a given database does not have', async () => {
    const taken = Number(new URL(postgres.url).port);
    for (const [options, message] of [
      [{ env: {}, databasePort: taken }, `port ${taken} of 127.0.0.1 is taken`],
      [{ databaseUrl: postgres.url, databasePort: 5433 }, 'a port can be chosen'],
      [{ env: {}, host: '0.0.0.0' }, 'a database is started on 127.0.0.1 only'],
    ] as const) {
      await expect(startTarget(options)).rejects.toMatchObject({
        exitCode: 2,
        message: expect.stringContaining(message),
      });
    }
  });
});

describe('plimsoll target members', () => {
  it('listens on the port it is told, prints a URL that works, and leaves nothing behind after Ctrl-C', async () => {
    const port = await findFreePort();
    const command = runCommand(port);
    const url = await command.url;
    expect(new URL(url).port).toBe(String(port));
    const connection = await connect(url);
    const { rows } = await connection.query<{ folder: string; members: number }>(
      `SELECT current_setting('data_directory') AS folder, (SELECT count(*)::int FROM members) AS members`,
    );
    await connection.end();
    expect(rows[0]!.members).toBe(200);
    const server = Number(readFileSync(`${rows[0]!.folder}/postmaster.pid`, 'utf8').split('\n')[0]);
    command.child.kill('SIGINT');
    expect(await command.ended).toBe(0);
    expect(() => process.kill(server, 0)).toThrow(/ESRCH/);
    expect(existsSync(rows[0]!.folder)).toBe(false);
  });
});

/** The command in a process of its own, as the command line runs it. */
function runCommand(port: number): {
  child: ChildProcess;
  url: Promise<string>;
  ended: Promise<number | null>;
} {
  const module = new URL('../../src/cli/target.ts', import.meta.url).href;
  const program = `import { runTarget } from ${JSON.stringify(module)}; await runTarget('members', { json: true, port: ${port} });`;
  const { DATABASE_URL: _, ...env } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...env, MEMBERS_COUNT: '200' },
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const url = new Promise<string>((resolve, reject) => {
    child.stdout!.once('data', (data) => resolve((JSON.parse(String(data)) as { url: string }).url));
    child.once('exit', () => reject(new Error('the command ended before it was ready')));
  });
  return { child, url, ended };
}
