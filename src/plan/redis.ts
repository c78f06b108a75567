// The Redis settings of a profile become the Redis part of its plan: numbers in place of texts, defaults filled in, no
// password.

import { UsageError } from '../model/errors.ts';
import type { RedisDefinition, RedisPlan } from '../model/redis-settings.ts';
import { isRedisUrl, publicRedisUrl } from '../suite/redis-settings.ts';
import { msOf } from '../time/duration.ts';
import { planTls } from './http.ts';

/** Throws a `UsageError` for a URL that is none of Redis; REDIS_URL was checked by nobody before. */
export function planRedis(redis: RedisDefinition): RedisPlan {
  if (redis.url !== undefined && !isRedisUrl(redis.url)) {
    throw new UsageError('REDIS_URL is not the URL of a Redis server such as redis://127.0.0.1:6379/0');
  }
  const tls = tlsOf(redis);
  return {
    ...(redis.url === undefined ? {} : { url: publicRedisUrl(redis.url) }),
    connections: redis.connections ?? 'per-vu',
    connectTimeoutMs: msOf(redis.connectTimeout ?? '10s'),
    commandTimeoutMs: msOf(redis.commandTimeout ?? '60s'),
    poolTimeoutMs: msOf(redis.poolTimeout ?? '30s'),
    clientName: redis.clientName === false ? '' : (redis.clientName ?? 'plimsoll'),
    ...(tls === undefined ? {} : { tls }),
  };
}

function tlsOf({ tls, url }: RedisDefinition): RedisPlan['tls'] {
  if (tls === false) return undefined;
  if (tls === undefined && url?.startsWith('rediss:') !== true) return undefined;
  const planned = typeof tls === 'object' ? planTls(tls) : undefined;
  const { sessionReuse: _, ...plan } = planned ?? { insecureSkipVerify: false, sessionReuse: 'vu' };
  return plan;
}
