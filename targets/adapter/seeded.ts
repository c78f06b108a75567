// The database of the Transform Army AI adapter: tenants behind row-level security. Called by target.ts, and by tests that
// load the database alone.

import {
  type RunningDatabase,
  type SeededInfo,
  type SeededOptions,
  startSeeded,
} from '../../src/target-kit/seeded-database.ts';
import { type DatasetOptions, datasetOf } from './dataset.ts';
import type { TableName } from './tables.ts';

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
