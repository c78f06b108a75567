// What the database tests know of the data, and how they remove what they wrote. Called by ../suite.ts before and after the
// load.

import { randomUUID } from 'node:crypto';
import type { RunContext } from 'plimsoll';
import { checkIndexes, readUsage, type Usage } from './index-check.ts';
import { type Dataset, schema, writtenTables } from './statements.ts';

export interface DatabaseData extends Dataset {
  /** Of indexes before the load; `null` where the profile does not check them. */
  readonly usage: Usage | null;
}

/** Throws when the database is not the adapter's. */
export async function openDatabase({ sql, profile, env }: RunContext): Promise<DatabaseData> {
  if ((env.DATABASE_URL ?? '') === '') {
    throw new Error(
      `the profile ${profile} loads the database: set DATABASE_URL, as plimsoll target adapter prints it`,
    );
  }
  const { rows, error } = await sql.query<Pick<Dataset, 'counts'>>({
    name: 'read_marker',
    text: `SELECT counts FROM ${schema}.plimsoll_suite WHERE suite = 'adapter'`,
  });
  const [marker] = rows;
  if (marker === undefined) {
    const why = error === null ? 'its marker has no row' : error.message;
    throw new Error(
      `this database does not hold the adapter's data (${why}): start it by plimsoll target adapter`,
    );
  }
  const usage = profile === 'index_effectiveness' ? await readUsage(sql) : null;
  return { runId: randomUUID(), counts: marker.counts, usage };
}

/** Checks the indexes, where the profile does, and deletes the rows of the run unless they are to be kept. */
export async function leaveDatabase(
  { sql, finding, log }: RunContext,
  { usage, ...dataset }: DatabaseData,
  keepsRows: boolean,
): Promise<void> {
  try {
    if (usage !== null) await checkIndexes({ sql, finding }, dataset, usage);
  } catch (thrown) {
    // A check that failed to run must not look like a check without findings.
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    finding({ severity: 'critical', title: 'The indexes could not be checked', detail });
  }
  if (keepsRows) {
    log.info(`rows written by this run are kept; their run_id is ${dataset.runId}`);
    return;
  }
  for (const table of writtenTables) {
    const text = `DELETE FROM ${schema}.${table} WHERE run_id = $1`;
    const { error } = await sql.query({ name: `clean_${table}`, text }, [dataset.runId]);
    if (error !== null) log.warn(`rows of run ${dataset.runId} stay in ${table}: ${error.message}`);
  }
}
