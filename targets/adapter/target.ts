// The database of the Transform Army AI adapter: tenants behind row-level security, loaded directly. Started by
// `plimsoll target adapter`, and by a run of the suite that is given no database.

import { Client } from 'pg';
import { UsageError } from '../../src/model/errors.ts';
import { type RunningPostgres, startPostgres, withoutPassword } from '../../src/parts/postgres.ts';
import type { RunningTarget, TargetOptions } from '../../src/parts/target.ts';
import { type DatasetFacts, type DatasetOptions, prepareDataset } from './dataset.ts';
import { type SearchIndex, schemaName, searchIndexes } from './tables.ts';

export interface AdapterOptions extends Partial<DatasetOptions> {
  /** PostgreSQL to use in place of one started here; only the schema `plimsoll_adapter` in it is touched. */
  readonly databaseUrl?: string | undefined;
  /** Of a server started here, 5 or more; 400 when absent. */
  readonly maxConnections?: number;
  /** Progress and trouble, one line each. */
  readonly onLog?: (line: string) => void;
}

export interface AdapterInfo extends DatasetFacts {
  readonly source: RunningPostgres['source'];
  /** As the server reports it, e.g. `18.4`. */
  readonly version: string;
  readonly schema: string;
  /** Connections that the server takes, those kept for superusers included. */
  readonly maxConnections: number;
}

export interface RunningAdapter {
  /** With user and password. */
  readonly url: string;
  readonly info: AdapterInfo;
  /** Ends a server that was started here, with its data; leaves a given one as it is. May be called again. */
  stop(): Promise<void>;
}

/**
 * Finds or starts PostgreSQL and seeds it: 20,000 contacts, seed 1, and nothing planted unless told otherwise.
 * Throws a `TargetError` when no database can be had; nothing is left running then.
 */
export async function startAdapter(options: AdapterOptions = {}): Promise<RunningAdapter> {
  const log = options.onLog ?? (() => {});
  const postgres = await startPostgres({
    databaseUrl: options.databaseUrl,
    onLog: log,
    settings: { max_connections: String(options.maxConnections ?? 400) },
  });
  try {
    const client = new Client({ connectionString: postgres.url });
    client.on('error', () => {});
    await client.connect();
    try {
      const dataset: DatasetOptions = {
        seed: options.seed ?? 1,
        contacts: options.contacts ?? 20_000,
        missingIndex: options.missingIndex ?? null,
        unusedIndex: options.unusedIndex ?? false,
        policy: options.policy ?? 'cheap',
      };
      const facts = await prepareDataset(client, dataset, log);
      const limit = await client.query<{ max_connections: string }>('SHOW max_connections');
      const maxConnections = Number(limit.rows[0]!.max_connections);
      const { source, version } = postgres;
      const info = { ...facts, source, version, schema: schemaName, maxConnections };
      return { url: postgres.url, info, stop: () => postgres.stop() };
    } finally {
      await client.end();
    }
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

/** What `plimsoll target adapter` calls. The port is PostgreSQL's own choice: `options.port` is not used. */
export async function startTarget(options: TargetOptions): Promise<RunningTarget> {
  const env = options.env ?? process.env;
  const databaseUrl = options.databaseUrl ?? env.DATABASE_URL;
  const given = databaseUrl !== undefined && databaseUrl !== '';
  options.onLog?.(given ? 'connecting to PostgreSQL ...' : 'starting PostgreSQL ...');
  const indexNames = Object.keys(searchIndexes) as SearchIndex[];
  const adapter = await startAdapter({
    databaseUrl,
    seed: readNumber(env, 'ADAPTER_SEED', 1, 0, 2_147_483_647),
    contacts: readNumber(env, 'ADAPTER_CONTACTS', 20_000, 1000, 2_000_000),
    maxConnections: readNumber(env, 'ADAPTER_MAX_CONNECTIONS', 400, 5, 10_000),
    missingIndex: readChoice(env, 'ADAPTER_MISSING_INDEX', indexNames),
    unusedIndex: readChoice(env, 'ADAPTER_UNUSED_INDEX', ['on', 'off']) === 'on',
    policy: readChoice(env, 'ADAPTER_POLICY', ['cheap', 'expensive']) ?? 'cheap',
    ...(options.onLog === undefined ? {} : { onLog: options.onLog }),
  });
  // As suites and whoever reads DATABASE_URL need it; one that was given stays a secret.
  const url = given ? withoutPassword(adapter.url) : adapter.url;
  return { url, describe: () => describe(adapter.info, given ? undefined : url), stop: adapter.stop };
}

function describe(info: AdapterInfo, url: string | undefined): string[] {
  const sources = { url: 'given by URL', path: 'installed', embedded: 'embedded' } as const;
  const number = (value: number) => value.toLocaleString('en-US');
  const counts = Object.entries(info.counts).map(([name, count]) => `${number(count)} ${name}`);
  const made = info.seedingMs === null ? 'already there' : `made in ${(info.seedingMs / 1000).toFixed(1)} s`;
  const planted = [
    ...(info.missingIndex === null ? [] : [`the index ${info.missingIndex} is missing`]),
    ...(info.unusedIndex ? ['an index that nothing uses'] : []),
    ...(info.policy === 'cheap' ? [] : ['policies that run a query for each row']),
  ];
  return [
    `PostgreSQL ${info.version} (${sources[info.source]}), schema ${info.schema}, ${number(info.maxConnections)} connections`,
    `${counts.join(', ')} (seed ${info.seed}, ${made})`,
    ...(info.touchedRowCount === 0
      ? []
      : [`${number(info.touchedRowCount)} more rows are left of earlier runs`]),
    ...(planted.length === 0 ? [] : [`planted: ${planted.join('; ')}`]),
    ...(url === undefined ? [] : [`DATABASE_URL=${url}`]),
  ];
}

type Env = NonNullable<TargetOptions['env']>;

function readNumber(env: Env, name: string, fallback: number, min: number, max: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new UsageError(`${name} must be a whole number from ${min} to ${max}, found ${JSON.stringify(text)}`);
}

function readChoice<Choice extends string>(
  env: Env,
  name: string,
  choices: readonly Choice[],
): Choice | null {
  const text = env[name];
  if (text === undefined || text === '') return null;
  const choice = choices.find((one) => one === text);
  if (choice !== undefined) return choice;
  throw new UsageError(`${name} must be one of ${choices.join(', ')}, found ${JSON.stringify(text)}`);
}
