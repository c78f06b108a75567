// Load tests of the database of the Transform Army AI adapter. README.md names the requirement behind each number.

import { randomUUID } from 'node:crypto';
import { defineSuite, type RunContext } from 'plimsoll';
import { checkIndexes, readUsage, type Usage } from './index-check.ts';
import { alerts, monitors } from './monitors.ts';
import { objectives } from './objectives.ts';
import { profiles } from './profiles.ts';
import { type Dataset, schema, writtenTables } from './statements.ts';
import { users } from './users.ts';

type Data = Dataset & { readonly usage: Usage | null };

async function setup({ sql, profile }: RunContext): Promise<Data> {
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

async function teardown({
  sql,
  finding,
  log,
  env,
  data,
}: RunContext & { readonly data: unknown }): Promise<void> {
  const { usage, ...dataset } = data as Data;
  try {
    if (usage !== null) await checkIndexes({ sql, finding }, dataset, usage);
  } catch (thrown) {
    // A check that failed to run must not look like a check without findings.
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    finding({ severity: 'critical', title: 'The indexes could not be checked', detail });
  }
  if ((env.PLIMSOLL_SKIP_CLEANUP ?? '') !== '') {
    log.info(`rows written by this run are kept; their run_id is ${dataset.runId}`);
    return;
  }
  for (const table of writtenTables) {
    const text = `DELETE FROM ${schema}.${table} WHERE run_id = $1`;
    const { error } = await sql.query({ name: `clean_${table}`, text }, [dataset.runId]);
    if (error !== null) log.warn(`rows of run ${dataset.runId} stay in ${table}: ${error.message}`);
  }
}

export default defineSuite({
  name: 'adapter',
  description: 'The Transform Army AI adapter: its database under load',
  target: { name: 'adapter', unless: 'DATABASE_URL' },
  sql: { marker: `${schema}.plimsoll_suite`, statementTimeout: '10s' },
  metrics: {
    query_set: { type: 'trend', contains: 'time' },
    pool_recovery: { type: 'trend', contains: 'time' },
  },
  setup,
  teardown,
  monitors,
  alerts,
  // The growth table of the source document: 500 users on 3 instances are 166.7 for each.
  capacity: {
    instances: 3,
    usersPerInstance: 500 / 3,
    database: { vcpus: 8, memory: '32GB' },
    growth: { users: 500, expected: { '3 months': 1000, '6 months': 2000, '1 year': 5000 } },
  },
  users,
  profiles,
  objectives,
});
