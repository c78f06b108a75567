// What the Redis clients of one worker share: the library, how connections are made, the pool if there is one, and which
// connections are open.

import type { Tags } from '../../model/metric.ts';
import { Dialer, type Guard } from '../../network/dialer.ts';
import { namesOf } from '../../network/tls-names.ts';
import { TlsSettings } from '../../network/tls-settings.ts';
import { RedisEndpoints } from './command-series.ts';
import {
  type ConnectionEvents,
  type Library,
  type LibraryOptions,
  loadLibrary,
  RedisConnection,
} from './connection.ts';
import { connectorOf, plainCarrier } from './connector.ts';
import { parseRedisUrl } from './redis-url.ts';
import { libraryNumbers } from './replies.ts';
import type { RedisPlan, RedisSecrets } from './setting-types.ts';
import { ConnectionPool } from './sources.ts';

export interface RedisRuntimeOptions {
  readonly plan: RedisPlan;
  readonly secrets: RedisSecrets;
  /** Asked before every connection. */
  readonly guard?: Guard | undefined;
  /** Which of how many workers it is: they share out a pool. */
  readonly worker: number;
  readonly workerCount: number;
  /** Called once for each command that failed, and for each subscription that broke. */
  readonly onFailure: (tags: Tags, code: string, message: string) => void;
  readonly onWarning: (message: string) => void;
}

/** A connection that is closed in order and not by the other side is cut off after this. */
const lingerMs = 1000;

export class RedisRuntime {
  readonly plan: RedisPlan;
  readonly endpoints = new RedisEndpoints();
  readonly onFailure: RedisRuntimeOptions['onFailure'];
  /** `null` when each user has a connection of its own. */
  readonly pool: ConnectionPool | null;
  readonly #library: Library;
  readonly #options: LibraryOptions;
  readonly #onWarning: RedisRuntimeOptions['onWarning'];
  readonly #open = new Set<RedisConnection>();
  #hasWarned = false;
  #whenDrained: (() => void) | null = null;

  private constructor(library: Library, options: RedisRuntimeOptions) {
    const { plan, secrets, guard, worker, workerCount } = options;
    this.plan = plan;
    this.onFailure = options.onFailure;
    this.#onWarning = options.onWarning;
    this.#library = library;
    this.#options = libraryOptions(library, plan, secrets, new Dialer({ guard }));
    this.pool =
      plan.connections === 'per-vu'
        ? null
        : new ConnectionPool(
            shareOf(plan.connections.pool, worker, workerCount),
            plan.poolTimeoutMs,
            this.dial,
          );
  }

  static async create(options: RedisRuntimeOptions): Promise<RedisRuntime> {
    return new RedisRuntime(await loadLibrary(), options);
  }

  readonly dial = (delayMs: number, events: ConnectionEvents): RedisConnection => {
    const limits = { connectLimitMs: this.plan.connectTimeoutMs, delayMs };
    const connection = new RedisConnection(this.#library, this.#options, limits, {
      ready: events.ready,
      closed: (closed, failure) => {
        this.#open.delete(closed);
        events.closed(closed, failure);
        if (this.#open.size === 0) this.#whenDrained?.();
      },
    });
    this.#open.add(connection);
    return connection;
  };

  /** Warns, once, that what nobody reads is not kept for ever. */
  dropped(channel: string): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.#onWarning(
      `the suite does not read the messages of ${channel} fast enough: the oldest are discarded (they count as received); see maxUnread`,
    );
  }

  /** Resolves when every connection is closed; their users have ended before. */
  async close(): Promise<void> {
    this.pool?.close();
    // What waits for an answer that nobody wants any more.
    for (const connection of this.#open) connection.end();
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenDrained = resolve;
    });
  }
}

/** Connections of a pool of `size` that one worker has: at least one. */
function shareOf(size: number, worker: number, workerCount: number): number {
  return Math.max(1, Math.floor(size / workerCount) + (worker < size % workerCount ? 1 : 0));
}

export function isNameless({ clientName }: RedisPlan, { nameless }: RedisSecrets): boolean {
  return clientName === '' || nameless === true;
}

/** How the library connects, as a plain carrier of commands. */
export function libraryOptions(
  { AbstractConnector }: Library,
  plan: RedisPlan,
  secrets: RedisSecrets,
  dialer: Dialer,
): LibraryOptions {
  const place = parseRedisUrl(plan.url!);
  const tls =
    plan.tls === undefined ? null : new TlsSettings({ ...plan.tls, sessionReuse: 'none' }, secrets.tls);
  const names = tls?.servername === undefined ? {} : namesOf(tls.servername);
  const secure = tls === null ? null : { ...tls.options, ...names };
  return {
    host: place.host,
    port: place.port,
    db: place.database,
    Connector: connectorOf(AbstractConnector, { dialer, place, tls: secure }),
    ...(place.username === undefined ? {} : { username: place.username }),
    ...(secrets.password === undefined ? {} : { password: secrets.password }),
    ...libraryNumbers,
    // Without a name nothing is sent for it, nor for database 0.
    ...(isNameless(plan, secrets) ? {} : { connectionName: plan.clientName }),
    ...plainCarrier,
    disconnectTimeout: lingerMs,
  };
}
