// The members system: a database that is loaded directly, with no server in front. Started by
// `plimsoll target members`, and by a run of the suite that is given no database.

import { Client } from 'pg';
import { UsageError } from '../../src/model/errors.ts';
import { type RunningPostgres, startPostgres, withoutPassword } from '../../src/parts/postgres.ts';
import type { RunningTarget, TargetOptions } from '../../src/parts/target.ts';
import { type DatasetFacts, type DatasetOptions, prepareDataset } from './dataset.ts';
import { schemaName } from './tables.ts';

/** Enough for 300 users with a connection each, as the progressive test ends with. */
const maxConnections = '400';

export interface MembersOptions extends Partial<DatasetOptions> {
  /** PostgreSQL to use in place of one started here; only the schema `plimsoll_members` in it is touched. */
  readonly databaseUrl?: string | undefined;
  /** Progress and trouble, one line each. */
  readonly onLog?: (line: string) => void;
}

export interface MembersInfo extends DatasetFacts {
  readonly source: RunningPostgres['source'];
  /** As the server reports it, e.g. `18.4`. */
  readonly version: string;
  readonly schema: string;
  /** Whether `pg_stat_statements` can be read; its counts begin after the seeding on a server started here. */
  readonly statementStatistics: boolean;
}

export interface RunningMembers {
  /** With user and password. */
  readonly url: string;
  readonly info: MembersInfo;
  /** Ends a server that was started here, with its data; leaves a given one as it is. May be called again. */
  stop(): Promise<void>;
}

/**
 * Finds or starts PostgreSQL and seeds it: 10,000 members, seed 1 and all indexes unless told otherwise.
 * Throws a `TargetError` when no database can be had; nothing is left running then.
 */
export async function startMembers(options: MembersOptions = {}): Promise<RunningMembers> {
  const log = options.onLog ?? (() => {});
  const postgres = await startPostgres({
    databaseUrl: options.databaseUrl,
    onLog: log,
    preload: ['pg_stat_statements'],
    settings: { max_connections: maxConnections },
  });
  try {
    const client = new Client({ connectionString: postgres.url });
    client.on('error', () => {});
    await client.connect();
    try {
      const dataset: DatasetOptions = {
        seed: options.seed ?? 1,
        members: options.members ?? 10_000,
        namedIndexes: options.namedIndexes ?? true,
      };
      const facts = await prepareDataset(client, dataset, log);
      const { source, version } = postgres;
      const statementStatistics = await readyStatistics(client, postgres);
      const info = { ...facts, source, version, schema: schemaName, statementStatistics };
      return { url: postgres.url, info, stop: () => postgres.stop() };
    } finally {
      await client.end();
    }
  } catch (error) {
    await postgres.stop();
    throw error;
  }
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

/** What `plimsoll target members` calls. The port is PostgreSQL's own choice: `options.port` is not used. */
export async function startTarget(options: TargetOptions): Promise<RunningTarget> {
  const env = options.env ?? process.env;
  const databaseUrl = options.databaseUrl ?? env.DATABASE_URL;
  const given = databaseUrl !== undefined && databaseUrl !== '';
  options.onLog?.(given ? 'connecting to PostgreSQL ...' : 'starting PostgreSQL ...');
  const members = await startMembers({
    databaseUrl,
    seed: readNumber(env, 'MEMBERS_SEED', 1, 0, 2_147_483_647),
    members: readNumber(env, 'MEMBERS_COUNT', 10_000, 1, 5_000_000),
    namedIndexes: readSwitch(env, 'MEMBERS_INDEXES'),
    ...(options.onLog === undefined ? {} : { onLog: options.onLog }),
  });
  // The password of a server started here is made up and goes with it; one that was given stays a secret.
  const url = given ? withoutPassword(members.url) : members.url;
  return { url, describe: () => describe(members.info, given ? undefined : url), stop: members.stop };
}

function describe(info: MembersInfo, url: string | undefined): string[] {
  const sources = { url: 'given by URL', path: 'installed', embedded: 'embedded' } as const;
  const number = (value: number) => value.toLocaleString('en-US');
  const counts = Object.entries(info.counts).map(([name, count]) => `${number(count)} ${name}`);
  const made = info.seedingMs === null ? 'already there' : `made in ${(info.seedingMs / 1000).toFixed(1)} s`;
  const { touchedRowCount } = info;
  return [
    `PostgreSQL ${info.version} (${sources[info.source]}), schema ${info.schema}`,
    `${counts.join(', ')} (seed ${info.seed}, ${made})`,
    ...(touchedRowCount === 0
      ? []
      : [`${number(touchedRowCount)} of these rows are as earlier runs left them`]),
    ...(info.namedIndexes ? [] : ['without the four indexes of the source document (MEMBERS_INDEXES=off)']),
    `pg_stat_statements: ${info.statementStatistics ? 'counts each statement' : 'not there'}`,
    ...(url === undefined ? [] : [`DATABASE_URL=${url}`]),
  ];
}

function readNumber(
  env: NonNullable<TargetOptions['env']>,
  name: string,
  fallback: number,
  min: number,
  max: number,
): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new UsageError(`${name} must be a whole number from ${min} to ${max}, found ${JSON.stringify(text)}`);
}

function readSwitch(env: NonNullable<TargetOptions['env']>, name: string): boolean {
  const text = env[name];
  if (text === undefined || text === '' || text === 'on') return true;
  if (text === 'off') return false;
  throw new UsageError(`${name} must be on or off, found ${JSON.stringify(text)}`);
}
