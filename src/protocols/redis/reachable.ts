// Asks, before any load is driven, whether the server lets us in. It sends what makes a connection (AUTH, SELECT of a
// database other than 0, CLIENT SETNAME) and no command besides, so that the server's own counts stay exact; PING where
// neither is sent. Called by settings.ts.

import { TargetError } from '../../model/errors.ts';
import { Dialer, type Guard } from '../../network/dialer.ts';
import { loadLibrary, RedisConnection } from './connection.ts';
import { connectionClosed, failureOfConnection, type LibraryError, type RedisFailure } from './failure.ts';
import { parseRedisUrl, placeOf } from './redis-url.ts';
import { isNameless, libraryOptions } from './runtime.ts';
import type { RedisPlan, RedisSecrets } from './setting-types.ts';

const connectLimitMs = 5000;

/** What the workers are to know of the server. */
export interface FoundRedis {
  readonly nameless?: true;
}

/** Throws a `TargetError` (exit 3) that says what failed and what to try. */
export async function assertRedis(
  plan: RedisPlan,
  secrets: RedisSecrets,
  guard?: Guard,
): Promise<FoundRedis> {
  if (plan.url === undefined) {
    throw new TargetError('the suite talks to Redis, and no server is named', {
      hint: 'set REDIS_URL, or redis.url in the suite or in an environment of it',
    });
  }
  let failure = await tryOut(plan, secrets, guard);
  if (failure !== null && hungUp.has(failure.code) && !isNameless(plan, secrets)) {
    // Some proxies hang up on commands that they do not know, as on CLIENT SETNAME.
    const without = await tryOut(plan, { ...secrets, nameless: true }, guard);
    if (without === null) return { nameless: true };
    if (!hungUp.has(without.code)) failure = without;
  }
  if (failure === null) return {};
  const place = placeOf(parseRedisUrl(plan.url));
  throw new TargetError(
    `the Redis server at ${place} cannot be used: ${failure.message} (${failure.code})`,
    // Those of TLS say what to do.
    failure.code.startsWith('tls_') ? {} : { hint: hintFor(failure) },
  );
}

const hungUp: ReadonlySet<string> = new Set(['connection_closed', 'ECONNRESET', 'EPIPE']);

async function tryOut(
  plan: RedisPlan,
  secrets: RedisSecrets,
  guard: Guard | undefined,
): Promise<RedisFailure | null> {
  const library = await loadLibrary();
  let failure: RedisFailure | null = null;
  let isIn = false;
  await new Promise<void>((resolve) => {
    const limits = { connectLimitMs: Math.min(plan.connectTimeoutMs, connectLimitMs), delayMs: 0 };
    new RedisConnection(library, libraryOptions(library, plan, secrets, new Dialer({ guard })), limits, {
      ready(connection) {
        probe(connection, plan, secrets)
          .then(() => {
            isIn = true;
          })
          .catch((error: LibraryError) => {
            failure ??= connection.trouble ?? failureOfProbe(error);
          })
          .finally(() => connection.end());
      },
      closed(_connection, reason) {
        // One that has let us in is closed by us.
        if (!isIn) failure ??= reason;
        resolve();
      },
    });
  });
  return failure;
}

/** A server that wants a password lets us connect without one, and refuses whatever comes then. */
async function probe({ redis }: RedisConnection, plan: RedisPlan, secrets: RedisSecrets): Promise<void> {
  const { database } = parseRedisUrl(plan.url!);
  if (database !== 0) {
    await redis.select(database);
  } else if (isNameless(plan, secrets)) {
    await redis.ping();
  } else {
    // Without a SELECT, which proxies refuse. That they do not know this one either is no matter.
    await redis.client('SETNAME', plan.clientName).catch((error: LibraryError) => {
      if (error.name !== 'ReplyError' || /^(NOAUTH|WRONGPASS|LOADING|DENIED)\b/.test(error.message))
        throw error;
    });
  }
}

function failureOfProbe(error: LibraryError): RedisFailure {
  return error.message === 'Connection is closed.' ? connectionClosed : failureOfConnection(error);
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
