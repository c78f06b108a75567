// The Transform Army AI adapter: an HTTP service on PostgreSQL between AI agents and the CRM and helpdesk of its tenants,
// the target of the `adapter` suite. Started by `plimsoll target adapter`.

import { createLeak } from '../../src/target-kit/burdens.ts';
import { createDatabase, type Database } from '../../src/target-kit/database.ts';
import { createHttpMetrics, renderDatabase } from '../../src/target-kit/http-metrics.ts';
import { createHttpServer, type HttpServer, listenAt } from '../../src/target-kit/http-server.ts';
import { createRuntimeMetrics } from '../../src/target-kit/runtime-metrics.ts';
import { describeRows } from '../../src/target-kit/seeded-database.ts';
import type { RunningTarget, TargetOptions } from '../../src/target-kit/target.ts';
import { makeRoutes } from './api.ts';
import { describePlanted, readDatabaseKnobs, readServiceKnobs, type ServiceKnobs } from './knobs.ts';
import { type ProviderServer, providerNames, startProvider } from './provider-server.ts';
import { createProviders } from './providers.ts';
import { type RunningAdapter, startAdapter } from './seeded.ts';
import { schemaName } from './tables.ts';
import { createTenants, keyOf } from './tenants.ts';

const stopGraceMs = 5000;

/**
 * Starts PostgreSQL unless one is given, seeds it, starts the providers, and listens. Throws a `UsageError` for a knob that
 * does not fit or a port that is taken, a `TargetError` when no database can be had; nothing is left running then.
 */
export async function startTarget(options: TargetOptions): Promise<RunningTarget> {
  const env = options.env ?? process.env;
  const log = options.onLog ?? (() => {});
  const knobs = readServiceKnobs(env);
  const databaseKnobs = readDatabaseKnobs(env);
  log('starting PostgreSQL ...');
  const databaseUrl = options.databaseUrl ?? env.DATABASE_URL;
  const seeded = await startAdapter({
    ...databaseKnobs,
    onLog: log,
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
  });
  const closers: (() => Promise<void> | void)[] = [() => seeded.stop()];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const url = await serve(options, knobs, seeded, closers);
    let stopping: Promise<void> | undefined;
    return {
      url,
      parts: { postgres: seeded.url },
      env: { ADAPTER_TENANT_KEYS: tenantKeys(seeded.info.counts.tenants, knobs.tenantSecret) },
      describe: () => describe(seeded, knobs, url),
      stop: () => (stopping ??= close()),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Listens, and adds what ends it to `closers`. Resolves with the URL. */
async function serve(
  options: TargetOptions,
  knobs: ServiceKnobs,
  seeded: RunningAdapter,
  closers: (() => Promise<void> | void)[],
): Promise<string> {
  const onLog = options.onLog ?? (() => {});
  const { info } = seeded;
  const database = createDatabase(seeded.url, {
    size: knobs.poolSize,
    schema: schemaName,
    isPooled: true,
    onLog,
  });
  closers.push(() => database.close());
  await database.warm();
  const servers: ProviderServer[] = [];
  for (const name of providerNames) {
    const behaviour = {
      mode: 'answers',
      delayFactor: knobs.delayFactor,
      failureRatio: knobs.failureRatios[name],
    } as const;
    const server = await startProvider(name, behaviour, info.seed);
    closers.push(() => server.close());
    servers.push(server);
  }
  const providers = createProviders(servers, knobs, info.seed);
  closers.push(() => providers.close());
  const tenants = createTenants(database, {
    count: info.counts.tenants,
    secret: knobs.tenantSecret,
    keepsApart: knobs.keepsTenantsApart,
  });
  const metrics = createMetrics(database, () => server.inFlight());
  closers.push(() => metrics.close());
  const server: HttpServer = createHttpServer({
    routes: makeRoutes({
      database,
      tenants,
      providers,
      servers,
      metrics: () => metrics.render(providers.render()),
      version: info.version,
      holdsConnection: knobs.holdsConnection,
    }),
    limit: () => 0,
    onRequest: createLeak(knobs.leakKilobytes),
    keepsAlive: true,
    onAnswered: metrics.record,
    onError: onLog,
  });
  const url = await listenAt(server, options);
  closers.push(() => server.close(stopGraceMs));
  return url;
}

function createMetrics(database: Database, inFlight: () => number) {
  const http = createHttpMetrics('adapter');
  const runtime = createRuntimeMetrics();
  return {
    record: http.record,
    render: (ofProviders: readonly string[]) =>
      [
        ...http.render(inFlight()),
        ...renderDatabase('adapter', database),
        ...ofProviders,
        ...runtime.render(),
        '',
      ].join('\n'),
    close: () => runtime.close(),
  };
}

/** `1=key-1-...,2=key-2-...`: what the suite reads from ADAPTER_TENANT_KEYS. */
function tenantKeys(count: number, secret: string): string {
  return Array.from({ length: count }, (_, i) => `${i + 1}=${keyOf(i + 1, secret)}`).join(',');
}

function describe({ info, url: databaseUrl }: RunningAdapter, knobs: ServiceKnobs, url: string): string[] {
  const connections = `${info.maxConnections.toLocaleString('en-US')} connections, ${knobs.poolSize} of them for the service`;
  return [
    ...describeRows(info, { place: connections, left: 'more rows are left of earlier runs', lines: [] }),
    `the CRM and the helpdesk answer after ${knobs.delayFactor} times their usual time`,
    `PUT ${url}/admin/providers/crm {"mode":"down"} changes that; GET says how it is`,
    ...describePlanted(info, knobs),
    ...(info.source === 'url' ? [] : [`DATABASE_URL=${databaseUrl}`]),
    `ADAPTER_TENANT_KEYS=${tenantKeys(info.counts.tenants, knobs.tenantSecret)}`,
  ];
}
