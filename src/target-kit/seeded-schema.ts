// Makes the tables and rows of a suite in a schema of their own, once, and reads what the marker there says of them.
// Called by seeded-database.ts.

import type { Client } from 'pg';
import { TargetError } from '../model/errors.ts';
import { monotonicMs } from '../time/clock.ts';

/** What goes into the schema. All names are ours and need no quotes. */
export interface Dataset<Options extends object, TableName extends string> {
  /** As the marker names it. */
  readonly suite: string;
  /** `plimsoll_<suite>`: a database given by URL keeps its other tables untouched. */
  readonly schema: string;
  /** Of tables and rows: those of another version are made anew. */
  readonly version: number;
  /** Any number that nothing else in a database uses. */
  readonly lockKey: number;
  /** What changes tables or rows: those made with other options are made anew. */
  readonly options: Options & { readonly seed: number };
  /** Each has a sequence behind its `id`. */
  readonly tables: readonly TableName[];
  /** Those with a column `run_id`: what it is not NULL in was written by a run. */
  readonly writtenTables: readonly TableName[];
  /** The day on which the data ends, such as `2026-01-27`. */
  readonly asOf: string;
  /** Of what there are how many, such as `10,000 members`. */
  readonly title: string;
  /** What must be there before the schema is, such as roles. */
  prepare?(client: Client): Promise<void>;
  /** Makes tables, rows and indexes; the schema is the search path. */
  readonly statements: readonly string[];
}

export interface SchemaFacts<TableName extends string> {
  /** Rows of each table as seeded. */
  readonly counts: Readonly<Record<TableName, number>>;
  /** Time for tables, rows, indexes and statistics; `null` when the rows were there already. */
  readonly seedingMs: number | null;
  /** Rows that earlier runs made or changed and have not cleaned up; they stay as they are. */
  readonly touchedRowCount: number;
}

interface Marker<TableName extends string> {
  readonly version: number;
  readonly options: Readonly<Record<string, unknown>>;
  readonly counts: Record<TableName, number>;
}

const markerName = 'plimsoll_suite';
const markerTable = `CREATE TABLE ${markerName} (
  suite text PRIMARY KEY, version int NOT NULL, seed int NOT NULL, options jsonb NOT NULL, counts jsonb NOT NULL,
  as_of date NOT NULL, seeded_at timestamptz NOT NULL DEFAULT now()
)`;

/**
 * Makes schema and rows unless the marker says that just these are there. One transaction under a lock: two targets on
 * one database do not get in each other's way, and there is never half a data set. Throws a `TargetError` when the
 * database has a schema of this name that the marker does not claim.
 */
export async function prepareSchema<Options extends object, TableName extends string>(
  client: Client,
  dataset: Dataset<Options, TableName>,
  onLog: (line: string) => void,
): Promise<SchemaFacts<TableName>> {
  const startedAtMs = monotonicMs();
  await client.query('BEGIN');
  try {
    await client.query('SELECT pg_advisory_xact_lock($1)', [dataset.lockKey]);
    const marker = await readMarker(client, dataset);
    if (marker !== undefined && fits(marker, dataset)) {
      const touchedRowCount = await countTouched(client, dataset);
      await client.query('COMMIT');
      return { counts: marker.counts, seedingMs: null, touchedRowCount };
    }
    onLog(`seeding ${dataset.title} (seed ${dataset.options.seed})`);
    const counts = await seed(client, dataset);
    await client.query('COMMIT');
    // Statistics and visibility are what plans rest on: not left to the next autovacuum.
    const names = dataset.tables.map((name) => `${dataset.schema}.${name}`);
    await client.query(`VACUUM (ANALYZE) ${names.join(', ')}`);
    return { counts, seedingMs: monotonicMs() - startedAtMs, touchedRowCount: 0 };
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

async function seed<Options extends object, TableName extends string>(
  client: Client,
  dataset: Dataset<Options, TableName>,
): Promise<Record<TableName, number>> {
  const { schema, suite, version, options, asOf, tables } = dataset;
  await dataset.prepare?.(client);
  await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE; CREATE SCHEMA ${schema}`);
  // VACUUM marks pages as all-visible only once the commit is known to be written.
  await client.query(
    `SET LOCAL search_path = ${schema}; SET LOCAL timezone = 'UTC'; SET LOCAL synchronous_commit = on`,
  );
  for (const text of [markerTable, ...dataset.statements]) await client.query(text);
  for (const name of tables) {
    await client.query(
      `SELECT setval(pg_get_serial_sequence('${name}', 'id'), (SELECT max(id) FROM ${name}))`,
    );
  }
  const columns = tables.map((name) => `(SELECT count(*)::int FROM ${name}) AS ${name}`);
  const counted = await client.query<Record<TableName, number>>(`SELECT ${columns.join(', ')}`);
  const counts = counted.rows[0]!;
  await client.query(
    `INSERT INTO ${markerName} (suite, version, seed, options, counts, as_of) VALUES ($1, $2, $3, $4, $5, $6)`,
    [suite, version, options.seed, options, counts, asOf],
  );
  return counts;
}

function fits<Options extends object, TableName extends string>(
  marker: Marker<TableName>,
  { version, options }: Dataset<Options, TableName>,
): boolean {
  return (
    marker.version === version &&
    Object.entries(options).every(([name, value]) => marker.options[name] === value)
  );
}

async function readMarker<Options extends object, TableName extends string>(
  client: Client,
  { schema, suite }: Dataset<Options, TableName>,
): Promise<Marker<TableName> | undefined> {
  const table = `${schema}.${markerName}`;
  const found = await client.query<{ marker: string | null; owned: string | null }>(
    'SELECT to_regclass($1)::text AS marker, to_regnamespace($2)::text AS owned',
    [table, schema],
  );
  const { marker, owned } = found.rows[0]!;
  if (owned === null) return undefined;
  if (marker !== null) {
    const result = await client.query<Marker<TableName>>(`SELECT * FROM ${table} WHERE suite = $1`, [suite]);
    if (result.rows[0] !== undefined) return result.rows[0];
  }
  throw new TargetError(`the database has a schema ${schema} that was not made by this target`, {
    hint: `give another database, or drop the schema ${schema} yourself`,
  });
}

async function countTouched<Options extends object, TableName extends string>(
  client: Client,
  { schema, writtenTables }: Dataset<Options, TableName>,
): Promise<number> {
  const counts = writtenTables.map(
    (name) => `(SELECT count(*) FROM ${schema}.${name} WHERE run_id IS NOT NULL)`,
  );
  const result = await client.query<{ touched: number }>(
    `SELECT (${['0', ...counts].join(' + ')})::int AS touched`,
  );
  return result.rows[0]!.touched;
}
