// PostgreSQL, found or started, with the rows of one suite in it: all of a target that is a database and nothing more, and
// the ground of others. Called by targets/members and targets/adapter.

import type { Client } from 'pg';
import { UsageError } from '../model/errors.ts';
import { type PostgresOptions, type RunningPostgres, startPostgres, withoutPassword } from './postgres.ts';
import { createClient } from './postgres-client.ts';
import { type Dataset, prepareSchema, type SchemaFacts } from './seeded-schema.ts';
import type { RunningTarget, TargetOptions } from './target.ts';

export interface SeededOptions extends Pick<PostgresOptions, 'databaseUrl' | 'port' | 'onLog'> {}

export interface SeededInfo<TableName extends string> extends SchemaFacts<TableName> {
  readonly seed: number;
  readonly source: RunningPostgres['source'];
  /** As the server reports it, e.g. `18.4`. */
  readonly version: string;
  readonly schema: string;
}

export interface RunningDatabase<Info> {
  /** With user and password. */
  readonly url: string;
  readonly info: Info;
  /** Ends a server that was started here, with its data; leaves a given one as it is. May be called again. */
  stop(): Promise<void>;
}

/**
 * Finds or starts PostgreSQL, seeds it, and lets `inspect` find out what else is to be told of it. Throws a `TargetError`
 * when no database can be had; nothing is left running then.
 */
export async function startSeeded<Options extends object, TableName extends string, More extends object>(
  options: PostgresOptions,
  dataset: Dataset<Options, TableName>,
  inspect: (client: Client, postgres: RunningPostgres) => Promise<More>,
): Promise<RunningDatabase<Options & SeededInfo<TableName> & More>> {
  const postgres = await startPostgres(options);
  try {
    const client = createClient(postgres.url);
    await client.connect();
    try {
      const facts = await prepareSchema(client, dataset, options.onLog ?? (() => {}));
      const more = await inspect(client, postgres);
      const { source, version } = postgres;
      const info = { ...dataset.options, ...facts, source, version, schema: dataset.schema, ...more };
      return { url: postgres.url, info, stop: () => postgres.stop() };
    } finally {
      await client.end();
    }
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

/** What a target says of itself beside its database and rows. */
export interface Description {
  /** To go behind the schema, in the first line. */
  readonly place?: string;
  /** What rows are that earlier runs have left; their number goes before it. */
  readonly left: string;
  readonly lines: readonly string[];
}

/**
 * A target's `startTarget`: `start` is told which database to use, and `describe` says what is special about it. Throws a
 * `UsageError` for what a database cannot do: listen elsewhere, or on another port when it runs already.
 */
export async function startAsTarget<TableName extends string, Info extends SeededInfo<TableName>>(
  options: TargetOptions,
  start: (given: SeededOptions) => Promise<RunningDatabase<Info>>,
  describe: (info: Info) => Description,
): Promise<RunningTarget> {
  const env = options.env ?? process.env;
  const databaseUrl = options.databaseUrl ?? env.DATABASE_URL;
  const isGiven = databaseUrl !== undefined && databaseUrl !== '';
  const { databasePort: port, host, onLog } = options;
  if (host !== undefined && host !== '127.0.0.1' && host !== 'localhost') {
    throw new UsageError(`a database is started on 127.0.0.1 only, not on ${host}`, {
      hint: 'leave out --host, or start PostgreSQL yourself and give it in DATABASE_URL',
    });
  }
  if (isGiven && port !== undefined) {
    throw new UsageError('a port can be chosen for a database that is started, and one is given', {
      hint: 'leave out --port, or unset DATABASE_URL',
    });
  }
  onLog?.(isGiven ? 'connecting to PostgreSQL ...' : 'starting PostgreSQL ...');
  const database = await start({
    databaseUrl,
    ...(port === undefined ? {} : { port }),
    ...(onLog === undefined ? {} : { onLog }),
  });
  // The password of a server started here is made up and goes with it; one that was given stays a secret.
  const url = isGiven ? withoutPassword(database.url) : database.url;
  return {
    url,
    describe: () => [
      ...describeRows(database.info, describe(database.info)),
      ...(isGiven ? [] : [`DATABASE_URL=${url}`]),
    ],
    stop: database.stop,
  };
}

const sources = { url: 'given by URL', path: 'installed', embedded: 'embedded' } as const;

/** Lines about the server and its rows, and those of `description`. */
export function describeRows<TableName extends string>(
  { source, version, schema, counts, seed, seedingMs, touchedRowCount }: SeededInfo<TableName>,
  { place, left, lines }: Description,
): string[] {
  const number = (value: number) => value.toLocaleString('en-US');
  const rows = Object.entries<number>(counts).map(([name, count]) => `${number(count)} ${name}`);
  const made = seedingMs === null ? 'already there' : `made in ${(seedingMs / 1000).toFixed(1)} s`;
  return [
    `PostgreSQL ${version} (${sources[source]}), schema ${schema}${place === undefined ? '' : `, ${place}`}`,
    `${rows.join(', ')} (seed ${seed}, ${made})`,
    ...(touchedRowCount === 0 ? [] : [`${number(touchedRowCount)} ${left}`]),
    ...lines,
  ];
}
