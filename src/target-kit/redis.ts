// A real Redis for targets and tests: the one given, or an installed one. Called by the targets; on SIGINT or SIGTERM
// the owner calls `stop` (see system/stop-on-signal.ts).

import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { messageOf, TargetError } from '../model/errors.ts';
import { askServer, startRedisServer } from './redis-server.ts';

export interface RedisOptions {
  /** A running server; used as it is, and nothing is started. Typically the variable `REDIS_URL`. */
  readonly redisUrl?: string | undefined;
  /** Server settings as in redis.conf, on top of those for throw-away data. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Port to listen on; a free one when absent. */
  readonly port?: number;
  /** A server that is started asks for no password; else for one that is made up. */
  readonly open?: true;
  /** Folders to look for `redis-server` in; those of PATH when absent. */
  readonly path?: string;
  /** Progress, one line each. */
  readonly onLog?: (line: string) => void;
}

export interface RunningRedis {
  /** With user and password, if any: do not print it. */
  readonly url: string;
  readonly source: 'url' | 'path';
  /** As the server reports it, e.g. `7.0.15`. */
  readonly version: string;
  /** Process id of the server; `null` when it was given by URL. */
  readonly pid: number | null;
  /** Folder of the log; `null` when it was given by URL. */
  readonly folder: string | null;
  /** Ends it, then the folder goes. Does nothing to a server given by URL. */
  stop(): Promise<void>;
}

/** No Redis is there at all; a target that can do without says so and goes on. */
export class NoRedisError extends TargetError {}

/**
 * The same for a target that can do without: `undefined`, and a line that ends with `otherwise`, where no Redis is there. Throws
 * what `startRedis` does in all other cases.
 */
export async function startRedisIfAny(
  options: Pick<RedisOptions, 'redisUrl' | 'onLog'>,
  otherwise: string,
): Promise<RunningRedis | undefined> {
  try {
    return await startRedis(options);
  } catch (error) {
    if (!(error instanceof NoRedisError)) throw error;
    options.onLog?.(`${error.message}: ${otherwise}`);
    return undefined;
  }
}

/**
 * Finds or starts a Redis server and resolves once it answers PING. A started one listens on 127.0.0.1 only, asks
 * for a password, which is in its URL alone, keeps nothing on disk, and ends with its owner, whatever ends the owner.
 *
 * Throws a `TargetError` when a server named by `redisUrl` does not answer, since who names a server wants that one, or
 * when an installed one does not start; a `NoRedisError` when none is installed.
 */
export async function startRedis(options: RedisOptions = {}): Promise<RunningRedis> {
  const { redisUrl, port } = options;
  const settings = options.open ? { requirepass: '', ...options.settings } : (options.settings ?? {});
  if (redisUrl !== undefined && redisUrl !== '') return useGiven(redisUrl);
  const binary = await findBinary(options.path ?? process.env.PATH ?? '');
  if (binary === undefined) {
    throw new NoRedisError('no Redis is there: REDIS_URL is not set, and redis-server is not on PATH', {
      hint: 'install it (Debian and Ubuntu: apt-get install redis-server), or give a running server in REDIS_URL',
    });
  }
  options.onLog?.(`starting Redis from ${binary}`);
  try {
    return { ...(await startRedisServer({ binary, settings, port })), source: 'path' };
  } catch (error) {
    throw new TargetError(`${binary} could not be started: ${messageOf(error)}`, { cause: error });
  }
}

/** `redis-server` in the first folder of `path` that has it. */
async function findBinary(path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    // A relative folder would make it depend on where one stands.
    if (!isAbsolute(folder)) continue;
    const file = join(folder, 'redis-server');
    try {
      await access(file, constants.X_OK);
      return file;
    } catch {
      // Not there, or not for us.
    }
  }
  return undefined;
}

async function useGiven(redisUrl: string): Promise<RunningRedis> {
  try {
    const url = new URL(redisUrl);
    if (url.protocol === 'rediss:') throw new Error('redis:// is needed here, not rediss://');
    const { version } = await askServer({
      host: url.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1',
      port: Number(url.port || 6379),
      username: decodeURIComponent(url.username) || undefined,
      password: decodeURIComponent(url.password) || undefined,
    });
    return { url: redisUrl, source: 'url', version, pid: null, folder: null, stop: async () => {} };
  } catch (error) {
    throw new TargetError(`the Redis given (${withoutPassword(redisUrl)}) does not answer: ${why(error)}`, {
      cause: error,
      hint: 'correct REDIS_URL, or unset it to have a server started',
    });
  }
}

/** Several addresses tried in vain come as one error without a message of its own. */
function why(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return messageOf(error);
}

function withoutPassword(text: string): string {
  if (!URL.canParse(text)) return 'not a URL';
  const url = new URL(text);
  if (url.password !== '') url.password = '***';
  return url.href;
}
