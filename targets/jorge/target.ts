// The Jorge system: an HTTP API on PostgreSQL, the target of the `jorge` suite. Started by `plimsoll target jorge`.

import { createLeak } from '../../src/target-kit/burdens.ts';
import { createDatabase, type Database } from '../../src/target-kit/database.ts';
import { asUsageError, createHttpServer, type HttpServer, urlOf } from '../../src/target-kit/http-server.ts';
import { type RunningPostgres, startPostgres } from '../../src/target-kit/postgres.ts';
import { createRateLimiter } from '../../src/target-kit/rate-limit.ts';
import type { RunningTarget, TargetOptions } from '../../src/target-kit/target.ts';
import { makeRoutes } from './api.ts';
import { createCache, createColdCache } from './cache.ts';
import { startCrm } from './crm.ts';
import { type DelayingProxy, startDelayingProxy } from './delaying-proxy.ts';
import { prepareHotRow } from './hot-row.ts';
import { describePlanted, type Knobs, readKnobs } from './knobs.ts';
import { createLogins, hashPassword } from './login.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { type DatasetFacts, prepareDataset, schemaName } from './schema.ts';

const stopGraceMs = 5000;

/**
 * Starts PostgreSQL unless one is given, seeds it, and listens. Throws a `UsageError` for a knob that does not
 * fit or a port that is taken, a `TargetError` when no database can be had; nothing is left running then.
 */
export async function startTarget(options: TargetOptions): Promise<RunningTarget> {
  const env = options.env ?? process.env;
  const log = options.onLog ?? (() => {});
  const knobs = readKnobs(env);
  log('starting PostgreSQL ...');
  const postgres = await startPostgres({ databaseUrl: options.databaseUrl ?? env.DATABASE_URL, onLog: log });
  const closers: (() => Promise<void>)[] = [() => postgres.stop()];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const dataset = await prepareDataset(postgres.url, knobs, await hashPassword('plimsoll'), log);
    if (knobs.hasHotRow) await prepareHotRow(postgres.url);
    const database = createDatabase(await atADistance(postgres.url, knobs.databaseNetworkMs, closers), {
      size: knobs.poolSize,
      schema: schemaName,
      isPooled: knobs.hasPool,
      onLog: log,
    });
    closers.push(() => database.close());
    await database.warm();
    const url = await serve(options, knobs, database, postgres.version, closers);
    let stopping: Promise<void> | undefined;
    return {
      url,
      parts: { postgres: postgres.url },
      describe: () => describe(postgres, dataset, knobs),
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
  version: string,
  closers: (() => Promise<void>)[],
): Promise<string> {
  const cache = knobs.isCacheCold ? createColdCache() : createCache();
  const logins = createLogins(database);
  const limiter = knobs.rateLimitPerSec > 0 ? createRateLimiter(knobs.rateLimitPerSec) : undefined;
  const crm = knobs.upstreamMs > 0 ? await startCrm(knobs.upstreamMs, knobs.seed) : undefined;
  if (crm !== undefined) closers.push(() => crm.close());
  const leak = createLeak(knobs.leakKilobytes);
  const metrics: Metrics = createMetrics({
    cache,
    database,
    limiter,
    crm,
    inFlight: () => server.inFlight(),
  });
  const server = createHttpServer({
    routes: makeRoutes({ database, cache, logins, metrics: () => metrics, version, crm, knobs }),
    limit: (client) => limiter?.take(client) ?? 0,
    onRequest: leak,
    keepsAlive: knobs.keepsAlive,
    onAnswered: (route, status, durationMs) => metrics.record(route, status, durationMs),
    onError: options.onLog ?? (() => {}),
  });
  closers.push(async () => metrics.close());
  const host = options.host ?? '127.0.0.1';
  const port = options.port ?? 0;
  const listening = listen(server, port, host, knobs.networkMs, closers);
  const address = await listening.catch((error: NodeJS.ErrnoException) => {
    throw asUsageError(error, host, port);
  });
  return urlOf(address);
}

/** Listens, behind a proxy that delays where `networkMs` is above 0; what ends it is added to `closers`. */
async function listen(
  server: HttpServer,
  port: number,
  host: string,
  networkMs: number,
  closers: (() => Promise<void>)[],
): Promise<{ readonly address: string; readonly port: number }> {
  const near = networkMs > 0 ? ([0, '127.0.0.1'] as const) : ([port, host] as const);
  const address = await server.listen(...near);
  let proxy: DelayingProxy | undefined;
  // Requests under way still come through the proxy.
  closers.push(async () => {
    await server.close(stopGraceMs);
    await proxy?.close();
  });
  if (networkMs === 0) return address;
  const to = { port: address.port, host: address.address };
  proxy = await startDelayingProxy({ port, host, to, delayMs: networkMs });
  return proxy;
}

/** The URL of the database, by way of a proxy where it is to be some ms away. */
async function atADistance(
  databaseUrl: string,
  delayMs: number,
  closers: (() => Promise<void>)[],
): Promise<string> {
  if (delayMs === 0) return databaseUrl;
  const url = new URL(databaseUrl);
  const to = { port: Number(url.port || 5432), host: url.hostname };
  const proxy = await startDelayingProxy({ port: 0, host: '127.0.0.1', to, delayMs });
  closers.push(() => proxy.close());
  url.hostname = proxy.address;
  url.port = String(proxy.port);
  return url.href;
}

function describe(postgres: RunningPostgres, dataset: DatasetFacts, knobs: Knobs): string[] {
  const sources = { url: 'given by URL', path: 'installed', embedded: 'embedded' } as const;
  const rows = dataset.rowCount.toLocaleString('en-US');
  return [
    `PostgreSQL ${postgres.version} (${sources[postgres.source]}), pool of ${knobs.poolSize} connections`,
    `${rows} rows (seed ${dataset.seed}${dataset.seeded ? '' : ', already there'})`,
    'in-process cache: pricing rules 30 s, analytics and overview 5 s',
    knobs.rateLimitPerSec > 0
      ? `rate limit: ${knobs.rateLimitPerSec} requests/s per client address`
      : 'rate limit: off (JORGE_RATE_LIMIT=<requests per second> switches it on)',
    ...describePlanted(knobs),
  ];
}
