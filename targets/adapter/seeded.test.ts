import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningPostgres, startPostgres } from '../../src/target-kit/postgres.ts';
import { type AdapterOptions, startAdapter } from './seeded.ts';
import { roles, searchIndexes, tableNames, unusedIndex } from './tables.ts';
import { startTarget } from './target.ts';

let postgres: RunningPostgres;
let client: Client;
beforeAll(async () => {
  postgres = await startPostgres();
  client = await seeded();
});
afterAll(async () => {
  await client?.end();
  await postgres?.stop();
});

/** A connection to the database as seeded with these options. */
async function seeded(options: AdapterOptions = {}): Promise<Client> {
  await startAdapter({ databaseUrl: postgres.url, contacts: 2000, ...options });
  const connection = new Client({
    connectionString: postgres.url,
    options: '-c search_path=plimsoll_adapter',
  });
  await connection.connect();
  return connection;
}

async function inRole<Result>(role: string, body: () => Promise<Result>): Promise<Result> {
  await client.query('BEGIN');
  try {
    await client.query(`SET LOCAL ROLE ${role}`);
    await client.query(`SELECT set_config('app.tenant', '2', true)`);
    return await body();
  } finally {
    await client.query('ROLLBACK');
  }
}

async function indexNames(): Promise<string[]> {
  const { rows } = await client.query<{ indexname: string }>(
    `SELECT indexname FROM pg_indexes WHERE schemaname = 'plimsoll_adapter' AND indexname LIKE 'idx_%' ORDER BY 1`,
  );
  return rows.map(({ indexname }) => indexname);
}

const tenantsOf = (table: string) => async (): Promise<number[]> =>
  (await client.query<{ t: number }>(`SELECT DISTINCT tenant_id AS t FROM ${table} ORDER BY 1`)).rows.map(
    ({ t }) => t,
  );

describe('row-level security', () => {
  it.each(tableNames.filter((name) => name !== 'tenants'))(
    'shows the application one tenant of %s',
    async (table) => {
      expect(await inRole(roles.app, tenantsOf(table))).toEqual([2]);
    },
  );

  it('lets the service role see all tenants', async () => {
    expect(await inRole(roles.service, tenantsOf('tickets'))).toHaveLength(5);
  });

  it('keeps the application from writing for another tenant', async () => {
    const steal = inRole(roles.app, () =>
      client.query(
        'INSERT INTO workflow_runs (tenant_id, workflow_id, status, duration_ms) VALUES (1, 1, $1, 5)',
        ['running'],
      ),
    );
    await expect(steal).rejects.toThrow(/row-level security/);
  });

  it('keeps rows of a tenant together: tickets, contacts, assignees and runs agree', async () => {
    const { rows } = await client.query<{ strays: number }>(
      `SELECT ((SELECT count(*) FROM tickets t JOIN crm_contacts c ON c.id = t.contact_id WHERE c.tenant_id <> t.tenant_id)
       + (SELECT count(*) FROM tickets t JOIN app_users u ON u.id = t.assignee_id WHERE u.tenant_id <> t.tenant_id)
       + (SELECT count(*) FROM workflow_runs r JOIN workflows w ON w.id = r.workflow_id WHERE w.tenant_id <> r.tenant_id)
       )::int AS strays`,
    );
    expect(rows[0]!.strays).toBe(0);
  });
});

describe('the data set', () => {
  it('is made once, and again for other options', async () => {
    const first = await startAdapter({ databaseUrl: postgres.url, contacts: 2000 });
    expect(first.info.seedingMs).toBeNull();
    expect(first.info.counts).toEqual({
      tenants: 5,
      app_users: 125,
      crm_contacts: 2000,
      tickets: 4000,
      workflows: 200,
      workflow_runs: 4000,
    });
    const other = await startAdapter({ databaseUrl: postgres.url, contacts: 1000 });
    expect(other.info.seedingMs).not.toBeNull();
    await startAdapter({ databaseUrl: postgres.url, contacts: 2000 });
  });

  it('is left alone where the marker does not claim it', async () => {
    await client.query('CREATE DATABASE strange');
    const url = new URL(postgres.url);
    url.pathname = '/strange';
    const strange = new Client({ connectionString: url.href });
    await strange.connect();
    await strange.query('CREATE SCHEMA plimsoll_adapter');
    await strange.end();
    await expect(startAdapter({ databaseUrl: url.href })).rejects.toThrow(/was not made by this target/);
  });
});

describe('what can be planted', () => {
  it('is a missing index, an unused index and an expensive policy; without it there is none', async () => {
    const all = Object.keys(searchIndexes).sort();
    expect(await indexNames()).toEqual(all);
    const planted = await seeded({
      missingIndex: 'idx_tickets_tenant_status_created',
      unusedIndex: true,
      policy: 'expensive',
    });
    await planted.end();
    expect(await indexNames()).toEqual(
      [...all.filter((name) => name !== 'idx_tickets_tenant_status_created'), unusedIndex].sort(),
    );
    // The expensive policy guards just as well.
    expect(await inRole(roles.app, tenantsOf('tickets'))).toEqual([2]);
    await (await seeded()).end();
    expect(await indexNames()).toEqual(all);
  });

  it('is named by variables, which are checked', async () => {
    const env = { DATABASE_URL: postgres.url, ADAPTER_CONTACTS: '2000' };
    const target = await startTarget({ env: { ...env, ADAPTER_UNUSED_INDEX: 'on' } });
    expect(target.describe().join('\n')).toContain('planted: an index that nothing uses');
    expect(target.describe().join('\n')).not.toContain(new URL(postgres.url).password);
    await target.stop();
    await expect(startTarget({ env: { ...env, ADAPTER_POLICY: 'dear' } })).rejects.toThrow(
      /cheap, expensive/,
    );
    await (await seeded()).end();
  });

  it('is a server that takes few connections', async () => {
    const small = await startAdapter({ maxConnections: 7, contacts: 1000 });
    try {
      expect(small.info.maxConnections).toBe(7);
    } finally {
      await small.stop();
    }
  });
});
