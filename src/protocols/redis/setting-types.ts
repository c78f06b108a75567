// How virtual users talk to a Redis server: as a suite or a profile says it, and as the plan has it.

import type { TlsDefinition, TlsPlan } from '../../model/http-settings.ts';

/** ms, or text such as `"5s"`. */
type Time = number | string;

/** One connection for each virtual user, or one pool of so many for all of them together. */
export type RedisConnections = 'per-vu' | { readonly pool: number };

export interface RedisDefinition {
  /** `redis://user:password@host:port/0`, with TLS `rediss://...`; the variable REDIS_URL when absent. */
  readonly url?: string;
  /** `per-vu` when absent. The connections of a pool are shared out over the workers, at least one for each. */
  readonly connections?: RedisConnections;
  /** Longest time until a connection is ready for commands; 10 s when absent. */
  readonly connectTimeout?: Time;
  /** Longest time for one command, pipeline or transaction; 60 s when absent. */
  readonly commandTimeout?: Time;
  /** Longest wait for a connection of the pool; 30 s when absent. */
  readonly poolTimeout?: Time;
  /** What `CLIENT LIST` shows; `plimsoll` when absent. With `false` connections get no name. */
  readonly clientName?: string | false;
  /** TLS with the server's certificate checked; what the URL says when absent. */
  readonly tls?: boolean | Omit<TlsDefinition, 'sessionReuse'>;
}

export interface RedisPlan {
  /** Without its password; absent when neither the suite nor REDIS_URL says it. */
  readonly url?: string;
  readonly connections: RedisConnections;
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number;
  readonly poolTimeoutMs: number;
  /** Empty for none. */
  readonly clientName: string;
  /** Absent without TLS. */
  readonly tls?: Omit<TlsPlan, 'sessionReuse'>;
}

/** Where suites, plans and secrets have them. */
export interface RedisSettings {
  readonly suite: {
    /** The server that `redis` talks to. An environment's and a profile's `redis` go before the suite's, key by key. */
    readonly redis?: RedisDefinition;
  };
  readonly server: RedisSettings['suite'];
  readonly plan: {
    /** Present when the suite has a Redis server. */
    readonly redis?: RedisPlan;
  };
  readonly secrets: { readonly redis?: RedisSecrets };
}

/** What connecting needs and no record may hold; goes to the workers beside the plan. */
export interface RedisSecrets {
  readonly password?: string;
  /** No secret, and not known to the plan: what stands before the server takes no names of connections. */
  readonly nameless?: boolean;
  /** PEM texts. */
  readonly tls?: {
    readonly ca?: readonly string[];
    readonly cert?: string;
    readonly key?: string;
    readonly passphrase?: string;
  };
}
