// Asks, before any load is driven, whether the server lets us in. It sends what makes a connection (AUTH, SELECT and
// CLIENT SETNAME) and no command besides, so that the server's own counts stay exact. Called by run.ts.

import { TargetError } from '../../model/errors.ts';
import type { RedisPlan, RedisSecrets } from '../../model/redis-settings.ts';
import { Dialer, type Guard } from '../../network/dialer.ts';
import { RedisConnection } from './connection.ts';
import { failureOfConnection, type LibraryError, type RedisFailure } from './failure.ts';
import { parseRedisUrl, placeOf } from './redis-url.ts';
import { libraryOptions } from './runtime.ts';

const connectLimitMs = 5000;

/** Throws a `TargetError` (exit 3) that says what failed and what to try. */
export async function assertRedis(plan: RedisPlan, secrets: RedisSecrets, guard?: Guard): Promise<void> {
  if (plan.url === undefined) {
    throw new TargetError('the suite talks to Redis, and no server is named', {
      hint: 'set REDIS_URL, or redis.url in the suite or in an environment of it',
    });
  }
  const failure = await tryOut(plan, secrets, guard);
  if (failure === null) return;
  const place = placeOf(parseRedisUrl(plan.url));
  throw new TargetError(
    `the Redis server at ${place} cannot be used: ${failure.message} (${failure.code})`,
    // Those of TLS say what to do.
    failure.code.startsWith('tls_') ? {} : { hint: hintFor(failure) },
  );
}

async function tryOut(
  plan: RedisPlan,
  secrets: RedisSecrets,
  guard: Guard | undefined,
): Promise<RedisFailure | null> {
  const library = await import('ioredis');
  let failure: RedisFailure | null = null;
  await new Promise<void>((resolve) => {
    const limits = { connectLimitMs: Math.min(plan.connectTimeoutMs, connectLimitMs), delayMs: 0 };
    new RedisConnection(library, libraryOptions(library, plan, secrets, new Dialer({ guard })), limits, {
      ready(connection) {
        // A server that wants a password lets us connect without one, and refuses whatever comes then.
        connection.redis
          .select(parseRedisUrl(plan.url!).database)
          .catch((error: LibraryError) => {
            failure ??= failureOfConnection(error);
          })
          .finally(() => connection.end());
      },
      closed(connection, reason) {
        // One that was ready is closed by us.
        if (!connection.wasReady) failure ??= reason;
        resolve();
      },
    });
  });
  return failure;
}

function hintFor({ code }: RedisFailure): string {
  switch (code) {
    case 'NOAUTH':
    case 'WRONGPASS':
    case 'NOPERM':
      return 'check user and password in REDIS_URL or redis.url';
    case 'ERR':
      return 'check the number of the database in REDIS_URL or redis.url';
    case 'redis_protocol_error':
      return 'check the port, and redis.tls, in REDIS_URL or redis.url';
    default:
      return 'start the server first, or name another one in REDIS_URL or redis.url';
  }
}
