// Tables and rows of the Jorge system: made once, inside PostgreSQL, the same for the same seed.
// Called by target.ts.

import type { Client } from 'pg';
import { PlimsollError } from '../../src/model/errors.ts';
import { createClient } from '../../src/target-kit/postgres-client.ts';

/** Its own schema, so that a database given by URL keeps its other tables untouched. */
export const schemaName = 'plimsoll_jorge';
const version = 1;

export const accountCount = 300;
const leadCount = 45_000;
const dealCount = 15_000;
const eventCount = 40_000;
const userCount = 400;

/** The moment the data ends. Fixed, so that the same seed gives the same answers on any day. */
export const asOf = '2026-01-17T00:00:00Z';

export interface DatasetFacts {
  readonly seed: number;
  /** Rows over all tables. */
  readonly rowCount: number;
  /** False when the rows were there already. */
  readonly seeded: boolean;
}

/**
 * Makes schema and rows unless a marker says they are there for this seed. One transaction under a lock:
 * two targets on one database do not get in each other's way, and there is never half a data set.
 * Without `hasIndexes`, the five indexes of the data set are dropped; primary keys stay. `adminSecret` is the stored form of the admin's password.
 */
export async function prepareDataset(
  databaseUrl: string,
  { seed, hasIndexes }: { readonly seed: number; readonly hasIndexes: boolean },
  adminSecret: string,
  onLog: (line: string) => void,
): Promise<DatasetFacts> {
  const client = createClient(databaseUrl);
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock(7269114)');
    const marker = await readMarker(client);
    if (marker?.version === version && marker.seed === seed) {
      await client.query(`SET LOCAL search_path = ${schemaName}; ${hasIndexes ? indexes : dropIndexes}`);
      await client.query('COMMIT');
      return { seed, rowCount: marker.row_count, seeded: false };
    }
    onLog(`seeding about 100,000 rows (seed ${seed})`);
    await client.query(`DROP SCHEMA IF EXISTS ${schemaName} CASCADE`);
    await client.query(`CREATE SCHEMA ${schemaName}; SET LOCAL search_path = ${schemaName}`);
    // VACUUM below marks pages as all-visible only once the commit is known to be written.
    await client.query('SET LOCAL synchronous_commit = on');
    await client.query(tables);
    await client.query(rows(seed));
    await client.query(`INSERT INTO users VALUES (0, 'admin', 'admin@jorge.example', 'admin', $1, $2)`, [
      adminSecret,
      asOf,
    ]);
    await client.query(foreignKeys);
    await client.query(hasIndexes ? indexes : dropIndexes);
    const rowCount = await countRows(client);
    await client.query('INSERT INTO seed_marker VALUES ($1, $2, $3)', [version, seed, rowCount]);
    await client.query('COMMIT');
    // Statistics and visibility are what plans rest on: not left to the next autovacuum.
    await client.query(
      tableNames.map((name) => `${schemaName}.${name}`).reduce(joinNames, 'VACUUM ANALYZE '),
    );
    return { seed, rowCount, seeded: true };
  } finally {
    await client.end().catch(() => {});
  }
}

interface Marker {
  readonly version: number;
  readonly seed: number;
  readonly row_count: number;
}

async function readMarker(client: Client): Promise<Marker | undefined> {
  const found = await client.query<{ marker: string | null; owned: string | null }>(
    'SELECT to_regclass($1)::text AS marker, to_regnamespace($2)::text AS owned',
    [`${schemaName}.seed_marker`, schemaName],
  );
  if (found.rows[0]!.marker === null) {
    if (found.rows[0]!.owned === null) return undefined;
    throw new PlimsollError(3, `the database has a schema ${schemaName} that was not made by this target`, {
      hint: `give another database, or drop the schema ${schemaName} yourself`,
    });
  }
  const marker = await client.query<Marker>(`SELECT version, seed, row_count FROM ${schemaName}.seed_marker`);
  return marker.rows[0];
}

const tableNames = ['accounts', 'leads', 'deals', 'events', 'users', 'pricing_plans', 'pricing_tiers'];
const joinNames = (text: string, name: string, index: number) => `${text}${index === 0 ? '' : ', '}${name}`;

async function countRows(client: Client): Promise<number> {
  const sum = tableNames.map((name) => `(SELECT count(*) FROM ${name})`).join(' + ');
  const result = await client.query<{ total: number }>(`SELECT (${sum})::int AS total`);
  return result.rows[0]!.total;
}

const tables = `
CREATE TABLE seed_marker (version int NOT NULL, seed int NOT NULL, row_count int NOT NULL);
CREATE TABLE pricing_plans (
  plan text PRIMARY KEY, currency text NOT NULL, rate numeric(10,4) NOT NULL,
  platform_fee numeric(10,2) NOT NULL, success_ratio numeric(6,4) NOT NULL, updated_at timestamptz NOT NULL
) WITH (fillfactor = 50);
CREATE TABLE pricing_tiers (
  plan text NOT NULL REFERENCES pricing_plans, from_leads int NOT NULL, discount_ratio numeric(5,4) NOT NULL,
  PRIMARY KEY (plan, from_leads)
);
CREATE TABLE accounts (
  id int PRIMARY KEY, name text NOT NULL, plan text NOT NULL REFERENCES pricing_plans, region text NOT NULL,
  monthly_spend numeric(10,2) NOT NULL, created_at timestamptz NOT NULL
);
CREATE TABLE leads (
  id int PRIMARY KEY, account_id int NOT NULL, source text NOT NULL, status text NOT NULL,
  score smallint NOT NULL, created_at timestamptz NOT NULL,
  month date NOT NULL
);
CREATE TABLE deals (
  id int PRIMARY KEY, lead_id int NOT NULL, account_id int NOT NULL, stage text NOT NULL,
  value numeric(12,2) NOT NULL, closed_at timestamptz NOT NULL, month date NOT NULL
);
CREATE TABLE events (
  id int PRIMARY KEY, account_id int NOT NULL, kind text NOT NULL, value float8 NOT NULL,
  occurred_at timestamptz NOT NULL, day date NOT NULL
);
CREATE TABLE users (
  id int PRIMARY KEY, name text NOT NULL UNIQUE, email text NOT NULL, role text NOT NULL,
  secret text, created_at timestamptz NOT NULL
);
`;

const indexes = `
CREATE INDEX IF NOT EXISTS leads_account ON leads (account_id, id DESC);
CREATE INDEX IF NOT EXISTS leads_month ON leads (account_id, month);
CREATE INDEX IF NOT EXISTS deals_month ON deals (account_id, month) INCLUDE (stage, value);
CREATE INDEX IF NOT EXISTS deals_lead ON deals (lead_id);
CREATE INDEX IF NOT EXISTS events_day ON events (day) INCLUDE (kind, value);
`;

const dropIndexes = 'DROP INDEX IF EXISTS leads_account, leads_month, deals_month, deals_lead, events_day';

const foreignKeys = `
ALTER TABLE leads ADD FOREIGN KEY (account_id) REFERENCES accounts;
ALTER TABLE deals ADD FOREIGN KEY (lead_id) REFERENCES leads;
ALTER TABLE deals ADD FOREIGN KEY (account_id) REFERENCES accounts;
ALTER TABLE events ADD FOREIGN KEY (account_id) REFERENCES accounts;
`;

/**
 * `unit(i, k)` is a number 0 <= x < 1 that depends on nothing but row, column and seed. PostgreSQL's random()
 * would not do: its generator changed between versions, and its order depends on the plan.
 */
function rows(seed: number): string {
  return `
CREATE FUNCTION pg_temp.unit(i int, k int) RETURNS float8 LANGUAGE sql IMMUTABLE AS
  $$ SELECT (hashint8extended(i::int8 * 64 + k, ${seed}) & 1073741823) / 1073741824.0::float8 $$;
INSERT INTO pricing_plans VALUES
  ('starter', 'USD', 2.5000, 49, 0.0300, '${asOf}'),
  ('growth', 'USD', 1.8000, 199, 0.0220, '${asOf}'),
  ('enterprise', 'USD', 1.1000, 899, 0.0150, '${asOf}');
INSERT INTO pricing_tiers
  SELECT plan, tier.from_leads, tier.discount FROM pricing_plans,
    (VALUES (0, 0.0), (100, 0.05), (500, 0.12), (2000, 0.2), (10000, 0.3)) AS tier (from_leads, discount);
INSERT INTO accounts
  SELECT i, 'Account ' || i, (ARRAY['starter','growth','enterprise'])[1 + floor(pg_temp.unit(i, 1) * 3)::int],
    (ARRAY['north','south','east','west'])[1 + floor(pg_temp.unit(i, 2) * 4)::int],
    round((200 + pg_temp.unit(i, 3) * 4800)::numeric, 2),
    timestamptz '${asOf}' - (400 + floor(pg_temp.unit(i, 4) * 600)) * interval '1 day'
  FROM generate_series(1, ${accountCount}) AS i;
INSERT INTO leads
  SELECT *, date_trunc('month', made.created_at AT TIME ZONE 'UTC')::date FROM (SELECT i, 1 + floor(pg_temp.unit(i, 11) * ${accountCount})::int,
    (ARRAY['web','ads','referral','event','partner'])[1 + floor(pg_temp.unit(i, 12) * 5)::int],
    (ARRAY['new','contacted','qualified','won','lost'])[1 + floor(pg_temp.unit(i, 13) * 5)::int],
    floor(pg_temp.unit(i, 14) * 101)::smallint,
    timestamptz '${asOf}' - pg_temp.unit(i, 15) * interval '365 days' AS created_at
  FROM generate_series(1, ${leadCount}) AS i) AS made;
INSERT INTO deals
  SELECT *, date_trunc('month', made.closed_at AT TIME ZONE 'UTC')::date FROM (SELECT i, l.id, l.account_id, (ARRAY['won','won','lost','open'])[1 + floor(pg_temp.unit(i, 21) * 4)::int],
    round((500 + (pg_temp.unit(i, 22) ^ 3) * 49500)::numeric, 2),
    least(timestamptz '${asOf}', l.created_at + pg_temp.unit(i, 23) * interval '45 days') AS closed_at
  FROM generate_series(1, ${dealCount}) AS i JOIN leads AS l ON l.id = i * ${leadCount / dealCount}) AS made;
INSERT INTO events
  SELECT *, (made.occurred_at AT TIME ZONE 'UTC')::date FROM (SELECT i, 1 + floor(pg_temp.unit(i, 31) * ${accountCount})::int,
    (ARRAY['visit','visit','visit','signup','call','demo'])[1 + floor(pg_temp.unit(i, 32) * 6)::int],
    floor(pg_temp.unit(i, 33) * 400) / 4,
    timestamptz '${asOf}' - pg_temp.unit(i, 34) * interval '120 days' AS occurred_at
  FROM generate_series(1, ${eventCount}) AS i) AS made;
INSERT INTO users
  SELECT i, 'user' || i, 'user' || i || '@jorge.example', (ARRAY['viewer','editor'])[1 + i % 2], NULL,
    timestamptz '${asOf}' - pg_temp.unit(i, 41) * interval '700 days'
  FROM generate_series(1, ${userCount}) AS i;
`;
}
