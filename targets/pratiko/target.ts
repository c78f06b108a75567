// The PratikoAI system: an HTTP API on PostgreSQL, Redis and a language model, the target of the `pratiko` suite. Started by
// `plimsoll target pratiko`.

import { randomBytes } from 'node:crypto';
import { createLeak } from '../../src/target-kit/burdens.ts';
import { createDatabase, type Database } from '../../src/target-kit/database.ts';
import { createHttpServer, listenAt } from '../../src/target-kit/http-server.ts';
import { type RunningPostgres, startPostgres } from '../../src/target-kit/postgres.ts';
import { createRateLimiter } from '../../src/target-kit/rate-limit.ts';
import { type RunningRedis, startRedisIfAny } from '../../src/target-kit/redis.ts';
import type { SchemaFacts } from '../../src/target-kit/seeded-schema.ts';
import type { RunningTarget, TargetOptions } from '../../src/target-kit/target.ts';
import { makeRoutes } from './api.ts';
import { type Cache, createMemoryCache, createNoCache, createRedisCache } from './cache.ts';
import { createDocuments } from './documents/documents.ts';
import { createFaq } from './faq.ts';
import { describePlanted, type Knobs, readKnobs } from './knobs.ts';
import { createKnowledge } from './knowledge.ts';
import { createLlm, type Llm } from './llm/client.ts';
import { type RunningModel, startModel } from './llm/start.ts';
import { createLogins, hashPassword } from './login.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createQuestions } from './questions.ts';
import { prepareDataset, schemaName, type TableName } from './schema.ts';

const stopGraceMs = 5000;

type Closers = (() => Promise<void>)[];

/** What the routes are built from. */
interface Parts {
  readonly postgres: RunningPostgres;
  readonly database: Database;
  readonly cache: Cache;
}

/**
 * Starts PostgreSQL and Redis unless they are given, seeds the database, starts the language model, and listens. Throws a
 * `UsageError` for a knob that does not fit or a port that is taken, a `TargetError` when no database can be had; nothing is
 * left running then.
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
      onLog: log,
    });
    closers.push(() => postgres.stop());
    const dataset = await prepareDataset(postgres.url, knobs, await hashPassword('plimsoll'), log);
    const database = createDatabase(postgres.url, {
      size: knobs.poolSize,
      schema: schemaName,
      isPooled: knobs.hasPool,
      onLog: log,
    });
    closers.push(() => database.close());
    await database.warm();
    const redis =
      knobs.usesRedis && knobs.hasCache
        ? await startRedisIfAny({ redisUrl: env.REDIS_URL, onLog: log }, 'answers are cached in the process')
        : undefined;
    if (redis !== undefined) closers.push(() => redis.stop());
    const cache = cacheFor(redis, knobs);
    closers.push(() => cache.close());
    const url = await serve(options, knobs, { postgres, database, cache }, closers);
    let stopping: Promise<void> | undefined;
    return {
      url,
      parts: { postgres: postgres.url, ...(redis !== undefined && { redis: redis.url }) },
      describe: () => describe(postgres, redis, dataset, knobs),
      stop: () => (stopping ??= close()),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function cacheFor(redis: RunningRedis | undefined, { hasCache, cacheTtlMs }: Knobs): Cache {
  if (!hasCache) return createNoCache();
  return redis === undefined ? createMemoryCache(cacheTtlMs) : createRedisCache(redis.url, cacheTtlMs);
}

async function serve(
  options: TargetOptions,
  knobs: Knobs,
  { postgres, database, cache }: Parts,
  closers: Closers,
): Promise<string> {
  const { onLog = () => {} } = options;
  const logins = createLogins(database, knobs);
  const faq = createFaq(database, cache, knobs);
  const knowledge = createKnowledge(database, { ...knobs, onLog });
  closers.push(() => knowledge.close());
  const { llm, model } = await startLlm(knobs, closers);
  const documents = await createDocuments(database, llm, { ...knobs.documents, onLog });
  closers.push(() => documents.close());
  const questions = createQuestions(knowledge, llm, knobs.llm);
  const limiter = knobs.rateLimitPerSec > 0 ? createRateLimiter(knobs.rateLimitPerSec) : undefined;
  const metrics: Metrics = createMetrics({
    database,
    cache,
    faq,
    llm,
    questions,
    documents,
    knowledge,
    limiter,
    inFlight: () => server.inFlight(),
  });
  closers.push(async () => metrics.close());
  const server = createHttpServer({
    routes: makeRoutes({
      database,
      postgresVersion: postgres.version,
      cache,
      logins,
      faq,
      questions,
      documents,
      knowledge,
      llm,
      model,
      metrics: () => metrics.render(),
      knobs,
    }),
    limit: (client) => limiter?.take(client) ?? 0,
    onRequest: createLeak(knobs.leakKilobytes),
    keepsAlive: knobs.keepsAlive,
    onAnswered: (route, status, durationMs) => metrics.record(route, status, durationMs),
    onError: onLog,
  });
  const url = await listenAt(server, options);
  closers.push(() => server.close(stopGraceMs));
  return url;
}

/** The model of its own, unless another server is given, and who asks it. */
async function startLlm(
  knobs: Knobs,
  closers: Closers,
): Promise<{ readonly llm: Llm; readonly model: RunningModel | undefined }> {
  const { seed, adminKey, llm } = knobs;
  if (llm.url !== undefined) {
    return { llm: createLlm({ ...llm, baseUrl: llm.url, apiKey: llm.apiKey ?? '' }), model: undefined };
  }
  const apiKey = randomBytes(16).toString('hex');
  const model = await startModel({ seed, apiKey, adminKey, behaviour: llm.behaviour });
  closers.push(() => model.stop());
  return { llm: createLlm({ ...llm, baseUrl: `${model.url}/v1`, apiKey }), model };
}

const sources = { url: 'given by URL', path: 'installed', embedded: 'embedded' } as const;

function describe(
  postgres: RunningPostgres,
  redis: RunningRedis | undefined,
  { counts, seedingMs }: SchemaFacts<TableName>,
  knobs: Knobs,
): string[] {
  const number = (value: number) => value.toLocaleString('en-US');
  const made = seedingMs === null ? ', already there' : '';
  return [
    `PostgreSQL ${postgres.version} (${sources[postgres.source]}), pool of ${knobs.poolSize} connections`,
    `${number(counts.knowledge)} documents in the knowledge base, ${number(counts.faq)} frequent questions (seed ${knobs.seed}${made})`,
    redis === undefined
      ? `cache: ${knobs.hasCache ? 'in the process' : 'off'}`
      : `cache: Redis ${redis.version} (${sources[redis.source]})`,
    knobs.llm.url === undefined
      ? `language model: of its own, median ${knobs.llm.behaviour.latencyMs} ms to the first token, ${knobs.llm.behaviour.tokensPerSec} tokens/s`
      : `language model: at ${new URL(knobs.llm.url).host} (PRATIKO_LLM_URL)`,
    knobs.rateLimitPerSec > 0
      ? `rate limit: ${knobs.rateLimitPerSec} requests/s per client address`
      : 'rate limit: off (PRATIKO_RATE_LIMIT=<requests per second> switches it on)',
    ...describePlanted(knobs),
  ];
}
