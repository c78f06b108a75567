// The members system: a database that is loaded directly, with no server in front. Started by
// `plimsoll target members`, and by a run of the suite that is given no database.

import type { Client } from 'pg';
import { readChoice, readWhole } from '../../src/target-kit/knobs.ts';
import type { RunningPostgres } from '../../src/target-kit/postgres.ts';
import {
  type RunningDatabase,
  type SeededInfo,
  type SeededOptions,
  startAsTarget,
  startSeeded,
} from '../../src/target-kit/seeded-database.ts';
import type { RunningTarget, TargetOptions } from '../../src/target-kit/target.ts';
import { type DatasetOptions, datasetOf } from './dataset.ts';
import type { TableName } from './tables.ts';

/** Enough for 300 users with a connection each, as the progressive test ends with. */
const maxConnections = '400';

/** In a database that is given, only the schema `plimsoll_members` is touched. */
export interface MembersOptions extends Partial<DatasetOptions>, SeededOptions {}

export interface MembersInfo extends DatasetOptions, SeededInfo<TableName> {
  readonly seed: number;
  /** Whether `pg_stat_statements` can be read; its counts begin after the seeding on a server started here. */
  readonly statementStatistics: boolean;
}

export type RunningMembers = RunningDatabase<MembersInfo>;

/**
 * Finds or starts PostgreSQL and seeds it: 10,000 members, seed 1 and all indexes unless told otherwise.
 * Throws a `TargetError` when no database can be had; nothing is left running then.
 */
export function startMembers(options: MembersOptions = {}): Promise<RunningMembers> {
  const { seed = 1, members = 10_000, namedIndexes = true, ...given } = options;
  return startSeeded(
    { ...given, preload: ['pg_stat_statements'], settings: { max_connections: maxConnections } },
    datasetOf({ seed, members, namedIndexes }),
    async (client, postgres) => ({ statementStatistics: await readyStatistics(client, postgres) }),
  );
}

/** Makes the extension on a server of our own; on a given one, only looks whether it is there and works. */
async function readyStatistics(client: Client, postgres: RunningPostgres): Promise<boolean> {
  try {
    if (postgres.preloaded.includes('pg_stat_statements')) {
      await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements WITH SCHEMA public');
      await client.query('SELECT pg_stat_statements_reset()');
    }
    await client.query('SELECT 1 FROM pg_stat_statements LIMIT 1');
    return true;
  } catch {
    return false;
  }
}

/** What `plimsoll target members` calls. */
export function startTarget(options: TargetOptions): Promise<RunningTarget> {
  const env = options.env ?? process.env;
  return startAsTarget<TableName, MembersInfo>(
    options,
    async (given) =>
      startMembers({
        ...given,
        seed: readWhole(env, 'MEMBERS_SEED', 1, 0, 2_147_483_647),
        members: readWhole(env, 'MEMBERS_COUNT', 10_000, 1, 5_000_000),
        namedIndexes: readChoice(env, 'MEMBERS_INDEXES', ['on', 'off']) !== 'off',
      }),
    ({ namedIndexes, statementStatistics }) => ({
      left: 'of these rows are as earlier runs left them',
      lines: [
        ...(namedIndexes ? [] : ['without the four indexes of the source document (MEMBERS_INDEXES=off)']),
        `pg_stat_statements: ${statementStatistics ? 'counts each statement' : 'not there'}`,
      ],
    }),
  );
}
