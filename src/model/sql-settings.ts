// How virtual users talk to a PostgreSQL database: as a suite or a profile says it, and as the plan has it.

import type { TlsDefinition, TlsPlan } from './http-settings.ts';

/** ms, or text such as `"5s"`. */
type Time = number | string;

/** One connection for each virtual user, or one pool of so many for all of them together. */
export type SqlConnections = 'per-vu' | { readonly pool: number };

export interface SqlDefinition {
  /** `postgresql://user:password@host:port/database?sslmode=...`; the variable DATABASE_URL when absent. */
  readonly url?: string;
  /** `per-vu` when absent. The connections of a pool are shared out over the workers, at least one for each. */
  readonly connections?: SqlConnections;
  /** Longest time until a connection is ready for statements; 10 s when absent. */
  readonly connectTimeout?: Time;
  /**
   * Longest time for one statement; 60 s when absent. A statement that takes longer is cancelled. When it is given, the
   * server is told, too (`statement_timeout`).
   */
  readonly statementTimeout?: Time;
  /** Longest wait for a connection of the pool; 30 s when absent. */
  readonly poolTimeout?: Time;
  /** What `pg_stat_activity` shows; `plimsoll` when absent. */
  readonly applicationName?: string;
  /** Further attempts after a serialization failure or a deadlock; 0 when absent. Each attempt counts. */
  readonly retries?: number;
  /** The server refuses whatever would write. */
  readonly readOnly?: boolean;
  /**
   * A table that marks databases which may be written to, such as `plimsoll.marker`. A run that is not `readOnly` is
   * refused where the table is missing, unless it is forced.
   */
  readonly marker?: string;
  /** TLS with the server's certificate checked, or none; what `sslmode` of the URL says when absent. */
  readonly tls?: boolean | Omit<TlsDefinition, 'sessionReuse'>;
}

export interface SqlPlan {
  /** Without its password; absent when neither the suite nor DATABASE_URL says it. */
  readonly url?: string;
  readonly connections: SqlConnections;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
  /** The server is told the limit of statements, too. */
  readonly serverTimeout: boolean;
  readonly poolTimeoutMs: number;
  readonly applicationName: string;
  readonly retries: number;
  readonly readOnly: boolean;
  readonly marker?: string;
  /** Absent without TLS. */
  readonly tls?: Omit<TlsPlan, 'sessionReuse'>;
}

/** What connecting needs and no record may hold; goes to the workers beside the plan. */
export interface SqlSecrets {
  readonly password?: string;
  /** PEM texts. */
  readonly tls?: {
    readonly ca?: readonly string[];
    readonly cert?: string;
    readonly key?: string;
    readonly passphrase?: string;
  };
}
