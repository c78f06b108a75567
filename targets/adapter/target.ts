// The database of the Transform Army AI adapter: tenants behind row-level security, loaded directly. Started by
// `plimsoll target adapter`, and by a run of the suite that is given no database.

import { readChoice, readWhole } from '../../src/target-kit/knobs.ts';
import {
  type RunningDatabase,
  type SeededInfo,
  type SeededOptions,
  startAsTarget,
  startSeeded,
} from '../../src/target-kit/seeded-database.ts';
import type { RunningTarget, TargetOptions } from '../../src/target-kit/target.ts';
import { type DatasetOptions, datasetOf } from './dataset.ts';
import { type SearchIndex, searchIndexes, type TableName } from './tables.ts';

/** In a database that is given, only the schema `plimsoll_adapter` is touched. */
export interface AdapterOptions extends Partial<DatasetOptions>, SeededOptions {
  /** Of a server started here, 5 or more; 400 when absent. */
  readonly maxConnections?: number;
}

export interface AdapterInfo extends DatasetOptions, SeededInfo<TableName> {
  readonly seed: number;
  /** Connections that the server takes, those kept for superusers included. */
  readonly maxConnections: number;
}

export type RunningAdapter = RunningDatabase<AdapterInfo>;

/**
 * Finds or starts PostgreSQL and seeds it: 20,000 contacts, seed 1, and nothing planted unless told otherwise.
 * Throws a `TargetError` when no database can be had; nothing is left running then.
 */
export function startAdapter(options: AdapterOptions = {}): Promise<RunningAdapter> {
  const { seed = 1, contacts = 20_000, missingIndex = null, unusedIndex = false, policy = 'cheap' } = options;
  const { databaseUrl, port, onLog, maxConnections = 400 } = options;
  return startSeeded(
    {
      databaseUrl,
      ...(port === undefined ? {} : { port }),
      ...(onLog === undefined ? {} : { onLog }),
      settings: { max_connections: String(maxConnections) },
    },
    datasetOf({ seed, contacts, missingIndex, unusedIndex, policy }),
    async (client) => {
      const limit = await client.query<{ max_connections: string }>('SHOW max_connections');
      return { maxConnections: Number(limit.rows[0]!.max_connections) };
    },
  );
}

/** What `plimsoll target adapter` calls. */
export function startTarget(options: TargetOptions): Promise<RunningTarget> {
  const env = options.env ?? process.env;
  const indexNames = Object.keys(searchIndexes) as SearchIndex[];
  return startAsTarget<TableName, AdapterInfo>(
    options,
    async (given) =>
      startAdapter({
        ...given,
        seed: readWhole(env, 'ADAPTER_SEED', 1, 0, 2_147_483_647),
        contacts: readWhole(env, 'ADAPTER_CONTACTS', 20_000, 1000, 2_000_000),
        maxConnections: readWhole(env, 'ADAPTER_MAX_CONNECTIONS', 400, 5, 10_000),
        missingIndex: readChoice(env, 'ADAPTER_MISSING_INDEX', indexNames),
        unusedIndex: readChoice(env, 'ADAPTER_UNUSED_INDEX', ['on', 'off']) === 'on',
        policy: readChoice(env, 'ADAPTER_POLICY', ['cheap', 'expensive']) ?? 'cheap',
      }),
    (info) => ({
      place: `${info.maxConnections.toLocaleString('en-US')} connections`,
      left: 'more rows are left of earlier runs',
      lines: plantedIn(info),
    }),
  );
}

function plantedIn({ missingIndex, unusedIndex, policy }: AdapterInfo): string[] {
  const planted = [
    ...(missingIndex === null ? [] : [`the index ${missingIndex} is missing`]),
    ...(unusedIndex ? ['an index that nothing uses'] : []),
    ...(policy === 'cheap' ? [] : ['policies that run a query for each row']),
  ];
  return planted.length === 0 ? [] : [`planted: ${planted.join('; ')}`];
}
