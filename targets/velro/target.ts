// The Velro system: an HTTP API on PostgreSQL and Redis, the target of the `velro` suite. Started by `plimsoll target velro`.

import { createDatabase, type Database } from '../../src/target-kit/database.ts';
import { createHttpServer, listenAt } from '../../src/target-kit/http-server.ts';
import { type RunningPostgres, startPostgres } from '../../src/target-kit/postgres.ts';
import { type RunningRedis, startRedisIfAny } from '../../src/target-kit/redis.ts';
import type { SchemaFacts } from '../../src/target-kit/seeded-schema.ts';
import type { RunningTarget, TargetOptions } from '../../src/target-kit/target.ts';
import { makeRoutes } from './api.ts';
import { prepareDataset, schemaName, type TableName } from './dataset.ts';
import { createGenerations } from './generations.ts';
import { describePlanted, type Knobs, localServiceKey, readKnobs } from './knobs.ts';
import { createMetrics } from './metrics.ts';
import { createPermissions } from './permissions.ts';
import { openRedisLayer, type RedisLayer } from './redis-layer.ts';
import { prepareOnAll } from './statements.ts';
import { createTokens } from './tokens.ts';

const stopGraceMs = 5000;
/** Of the server, beside those of the pool: seeding, monitors, whoever looks. */
const otherConnections = 30;

type Closers = (() => Promise<void>)[];

/**
 * Starts PostgreSQL and Redis unless they are given, seeds the database, opens all connections of the pool, and listens.
 * Without any Redis the cache has one layer. Throws a `UsageError` for a knob that does not fit or a port that is taken, a
 * `TargetError` when no database can be had; nothing is left running then.
 */
export async function startTarget(options: TargetOptions): Promise<RunningTarget> {
  const env = options.env ?? process.env;
  const log = options.onLog ?? (() => {});
  const knobs = readKnobs(env);
  const closers: Closers = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    log('starting PostgreSQL ...');
    const postgres = await startPostgres({
      databaseUrl: options.databaseUrl ?? env.DATABASE_URL,
      settings: { max_connections: String(knobs.poolSize + otherConnections) },
      onLog: log,
    });
    closers.push(() => postgres.stop());
    const dataset = await prepareDataset(postgres.url, knobs, log);
    const database = createDatabase(postgres.url, {
      size: knobs.poolSize,
      schema: schemaName,
      isPooled: true,
      onLog: log,
    });
    closers.push(() => database.close());
    log(`opening ${knobs.poolSize} database connections, each with its statements prepared ...`);
    await database.warm();
    await prepareOnAll(database, knobs.poolSize);
    const redis = knobs.hasRedisLayer
      ? await startRedisIfAny({ redisUrl: env.REDIS_URL, onLog: log }, 'permissions are kept in memory alone')
      : undefined;
    if (redis !== undefined) closers.push(() => redis.stop());
    const layer = redis && (await openRedisLayer(redis.url, knobs.redisTtlMs, log));
    if (layer !== undefined) closers.push(() => layer.close());
    const url = await serve(options, knobs, database, layer, closers);
    let stopping: Promise<void> | undefined;
    return {
      url,
      parts: { postgres: postgres.url, ...(redis !== undefined && { redis: redis.url }) },
      env: { SUPABASE_SERVICE_KEY: knobs.serviceKey },
      describe: () => describe(postgres, redis, dataset, knobs),
      stop: () => (stopping ??= close()),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function serve(
  options: TargetOptions,
  knobs: Knobs,
  database: Database,
  redis: RedisLayer | undefined,
  closers: Closers,
): Promise<string> {
  const permissions = createPermissions(database, redis, knobs);
  const metrics = createMetrics({ database, permissions, redis, inFlight: () => server.inFlight() });
  closers.push(async () => metrics.close());
  const server = createHttpServer({
    routes: makeRoutes({
      database,
      redis,
      permissions,
      tokens: createTokens(knobs.serviceKey),
      generations: await createGenerations(database),
      metrics: () => metrics.render(),
      knobs,
    }),
    limit: () => 0,
    onRequest: () => {},
    keepsAlive: true,
    onAnswered: (route, status, durationMs) => metrics.record(route, status, durationMs),
    onError: options.onLog ?? (() => {}),
  });
  const url = await listenAt(server, options);
  closers.push(() => server.close(stopGraceMs));
  return url;
}

function describe(
  postgres: RunningPostgres,
  redis: RunningRedis | undefined,
  { counts, seedingMs }: SchemaFacts<TableName>,
  knobs: Knobs,
): string[] {
  const sources = { url: 'given by URL', path: 'installed', embedded: 'embedded' } as const;
  const number = (value: number) => value.toLocaleString('en-US');
  const made = seedingMs === null ? 'already there' : `made in ${(seedingMs / 1000).toFixed(1)} s`;
  const memory = knobs.hasMemoryLayer ? [`memory ${knobs.memoryTtlMs / 1000} s`] : [];
  const second = redis && `Redis ${redis.version} (${sources[redis.source]}) ${knobs.redisTtlMs / 1000} s`;
  const layers = [...memory, ...(second === undefined ? [] : [second])];
  return [
    `PostgreSQL ${postgres.version} (${sources[postgres.source]}), pool of ${knobs.poolSize} connections, all open`,
    `${number(counts.users)} users, ${number(counts.generations)} generations (seed ${knobs.seed}, ${made})`,
    `authorization cache: ${layers.length === 0 ? 'none' : layers.join(', then ')}`,
    knobs.serviceKey === localServiceKey
      ? `the suite needs SUPABASE_SERVICE_KEY=${localServiceKey}`
      : 'the service key is that of SUPABASE_SERVICE_KEY',
    ...describePlanted(knobs),
  ];
}
