// Makes the tables and rows of the members system, once, and reads what the marker says of them.
// Called by target.ts.

import type { Client } from 'pg';
import { TargetError } from '../../src/model/errors.ts';
import { asOf, rows, sizesFor } from './rows.ts';
import {
  namedIndexes,
  ownIndexes,
  schemaName,
  type TableName,
  tableNames,
  tables,
  writtenTables,
} from './tables.ts';

/** The name that the marker table holds. */
const suiteName = 'members';
const version = 1;
// Any number that nothing else in the database uses.
const lockKey = 7269115;

export interface DatasetOptions {
  /** 0 to 2^31 - 1. */
  readonly seed: number;
  /** How many members; the other tables follow. */
  readonly members: number;
  /** Whether the four indexes that the source document names are made. */
  readonly namedIndexes: boolean;
}

export interface DatasetFacts extends DatasetOptions {
  /** Rows of each table as seeded. */
  readonly counts: Readonly<Record<TableName, number>>;
  /** Time for tables, rows, indexes and statistics; `null` when the rows were there already. */
  readonly seedingMs: number | null;
  /** Rows that earlier runs made or changed and have not cleaned up; they stay as they are. */
  readonly touchedRowCount: number;
}

interface Marker {
  readonly version: number;
  readonly seed: number;
  readonly options: { readonly members: number; readonly namedIndexes: boolean };
  readonly counts: Record<TableName, number>;
}

/**
 * Makes schema and rows unless the marker table says that just these are there. One transaction under a lock:
 * two targets on one database do not get in each other's way, and there is never half a data set. Throws a
 * `TargetError` when the database has a schema of this name that the marker does not claim.
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
    onLog(`seeding ${options.members.toLocaleString('en-US')} members (seed ${options.seed})`);
    const counts = await seed(client, options);
    await client.query('COMMIT');
    // Statistics and visibility are what plans rest on: not left to the next autovacuum.
    const names = tableNames.map((name) => `${schemaName}.${name}`);
    await client.query(`VACUUM (ANALYZE) ${names.join(', ')}`);
    return { ...options, counts, seedingMs: performance.now() - startedAtMs, touchedRowCount: 0 };
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

async function seed(client: Client, options: DatasetOptions): Promise<Record<TableName, number>> {
  await client.query(`DROP SCHEMA IF EXISTS ${schemaName} CASCADE; CREATE SCHEMA ${schemaName}`);
  // VACUUM marks pages as all-visible only once the commit is known to be written.
  await client.query(
    `SET LOCAL search_path = ${schemaName}; SET LOCAL timezone = 'UTC'; SET LOCAL synchronous_commit = on`,
  );
  await client.query(tables);
  await client.query(rows(options.seed, sizesFor(options.members)));
  await client.query(options.namedIndexes ? namedIndexes + ownIndexes : ownIndexes);
  for (const name of tableNames) {
    await client.query(
      `SELECT setval(pg_get_serial_sequence('${name}', 'id'), (SELECT max(id) FROM ${name}))`,
    );
  }
  const counts = await countRows(client);
  const { members, namedIndexes: indexed } = options;
  await client.query(
    'INSERT INTO plimsoll_suite (suite, version, seed, options, counts, as_of) VALUES ($1, $2, $3, $4, $5, $6)',
    [suiteName, version, options.seed, { members, namedIndexes: indexed }, counts, asOf],
  );
  return counts;
}

function fits(marker: Marker, options: DatasetOptions): boolean {
  return (
    marker.version === version &&
    marker.seed === options.seed &&
    marker.options.members === options.members &&
    marker.options.namedIndexes === options.namedIndexes
  );
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

async function countRows(client: Client): Promise<Record<TableName, number>> {
  const columns = tableNames.map((name) => `(SELECT count(*)::int FROM ${schemaName}.${name}) AS ${name}`);
  const result = await client.query<Record<TableName, number>>(`SELECT ${columns.join(', ')}`);
  return result.rows[0]!;
}

async function countTouched(client: Client): Promise<number> {
  const counts = writtenTables.map(
    (name) => `(SELECT count(*) FROM ${schemaName}.${name} WHERE run_id IS NOT NULL)`,
  );
  const result = await client.query<{ touched: number }>(`SELECT (${counts.join(' + ')})::int AS touched`);
  return result.rows[0]!.touched;
}
