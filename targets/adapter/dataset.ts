// Makes tables, rows, policies and indexes of the adapter's database, once, and reads what the marker says of them.
// Called by target.ts.

import type { Client } from 'pg';
import { TargetError } from '../../src/model/errors.ts';
import { asOf, rows, sizesFor } from './rows.ts';
import {
  indexes,
  makeRoles,
  type PolicyKind,
  type SearchIndex,
  schemaName,
  security,
  type TableName,
  tableNames,
  tables,
  writtenTables,
} from './tables.ts';

/** The name that the marker table holds. */
const suiteName = 'adapter';
const version = 1;
// Any number that nothing else in the database uses.
const lockKey = 7269116;

/** What changes the schema or the rows: a database made with other options is made anew. */
export interface DatasetOptions {
  /** 0 to 2^31 - 1. */
  readonly seed: number;
  readonly contacts: number;
  /** Leaves out one of the indexes that the application needs. */
  readonly missingIndex: SearchIndex | null;
  /** Adds an index that the application has no use for. */
  readonly unusedIndex: boolean;
  readonly policy: PolicyKind;
}

export interface DatasetFacts extends DatasetOptions {
  /** Rows of each table as seeded. */
  readonly counts: Readonly<Record<TableName, number>>;
  /** Time for tables, rows, indexes and statistics; `null` when the rows were there already. */
  readonly seedingMs: number | null;
  /** Rows that earlier runs made and have not cleaned up; they stay. */
  readonly touchedRowCount: number;
}

interface Marker {
  readonly version: number;
  readonly options: DatasetOptions;
  readonly counts: Record<TableName, number>;
}

/**
 * Makes schema, rows and roles unless the marker table says that just these are there, in one transaction under a lock.
 * Throws a `TargetError` when the database has a schema of this name that the marker does not claim.
 */
export async function prepareDataset(
  client: Client,
  options: DatasetOptions,
  onLog: (line: string) => void,
): Promise<DatasetFacts> {
  const startedAtMs = performance.now();
  await client.query('BEGIN');
  try {
    await client.query('SELECT pg_advisory_xact_lock($1)', [lockKey]);
    const marker = await readMarker(client);
    if (marker !== undefined && fits(marker, options)) {
      const touchedRowCount = await countTouched(client);
      await client.query('COMMIT');
      return { ...options, counts: marker.counts, seedingMs: null, touchedRowCount };
    }
    onLog(`seeding ${options.contacts.toLocaleString('en-US')} contacts (seed ${options.seed})`);
    const counts = await seed(client, options);
    await client.query('COMMIT');
    // Statistics and visibility are what plans rest on: not left to the next autovacuum.
    await client.query(`VACUUM (ANALYZE) ${tableNames.map((name) => `${schemaName}.${name}`).join(', ')}`);
    return { ...options, counts, seedingMs: performance.now() - startedAtMs, touchedRowCount: 0 };
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

async function seed(client: Client, options: DatasetOptions): Promise<Record<TableName, number>> {
  await makeRolesOrExplain(client);
  await client.query(`DROP SCHEMA IF EXISTS ${schemaName} CASCADE; CREATE SCHEMA ${schemaName}`);
  // VACUUM marks pages as all-visible only once the commit is known to be written.
  await client.query(
    `SET LOCAL search_path = ${schemaName}; SET LOCAL timezone = 'UTC'; SET LOCAL synchronous_commit = on`,
  );
  await client.query(tables);
  await client.query(rows(options.seed, sizesFor(options.contacts)));
  await client.query(indexes(options.missingIndex, options.unusedIndex));
  await client.query(security(options.policy));
  for (const name of tableNames) {
    await client.query(
      `SELECT setval(pg_get_serial_sequence('${name}', 'id'), (SELECT max(id) FROM ${name}))`,
    );
  }
  const columns = tableNames.map((name) => `(SELECT count(*)::int FROM ${name}) AS ${name}`);
  const counted = await client.query<Record<TableName, number>>(`SELECT ${columns.join(', ')}`);
  const counts = counted.rows[0]!;
  await client.query(
    'INSERT INTO plimsoll_suite (suite, version, seed, options, counts, as_of) VALUES ($1, $2, $3, $4, $5, $6)',
    [suiteName, version, options.seed, options, counts, asOf],
  );
  return counts;
}

async function makeRolesOrExplain(client: Client): Promise<void> {
  try {
    await client.query(makeRoles);
  } catch (cause) {
    throw new TargetError(`the roles of the adapter cannot be made: ${(cause as Error).message}`, {
      cause,
      hint: 'row-level security is compared with a role that has BYPASSRLS, which only a superuser can make',
    });
  }
}

function fits(marker: Marker, options: DatasetOptions): boolean {
  const names = Object.keys(options) as (keyof DatasetOptions)[];
  return marker.version === version && names.every((name) => marker.options[name] === options[name]);
}

async function readMarker(client: Client): Promise<Marker | undefined> {
  const table = `${schemaName}.plimsoll_suite`;
  const found = await client.query<{ marker: string | null; owned: string | null }>(
    'SELECT to_regclass($1)::text AS marker, to_regnamespace($2)::text AS owned',
    [table, schemaName],
  );
  const { marker, owned } = found.rows[0]!;
  if (owned === null) return undefined;
  if (marker !== null) {
    const result = await client.query<Marker>(`SELECT * FROM ${table} WHERE suite = $1`, [suiteName]);
    if (result.rows[0] !== undefined) return result.rows[0];
  }
  throw new TargetError(`the database has a schema ${schemaName} that was not made by this target`, {
    hint: `give another database, or drop the schema ${schemaName} yourself`,
  });
}

async function countTouched(client: Client): Promise<number> {
  const counts = writtenTables.map(
    (name) => `(SELECT count(*) FROM ${schemaName}.${name} WHERE run_id IS NOT NULL)`,
  );
  const result = await client.query<{ touched: number }>(`SELECT (${counts.join(' + ')})::int AS touched`);
  return result.rows[0]!.touched;
}
