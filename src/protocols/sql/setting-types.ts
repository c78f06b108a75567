// How virtual users talk to a PostgreSQL database: as a suite or a profile says it, and as the plan has it.

import type { TlsDefinition, TlsPlan } from '../../model/http-settings.ts';

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
  /** Tell the server the limit of statements: true when `statementTimeout` is given. Some poolers refuse it. */
  readonly serverTimeout?: boolean;
  /** Longest wait for a connection of the pool; 30 s when absent. */
  readonly poolTimeout?: Time;
  /** What `pg_stat_activity` shows; `plimsoll` when absent. */
  readonly applicationName?: string;
  /** Further attempts after a serialization failure or a deadlock; 0 when absent. Each attempt counts. */
  readonly retries?: number;
  /**
   * Prepare statements under names on the server at first use. When absent: where the server itself answers, and not
   * behind a pooler, whose sessions are several clients'.
   */
  readonly prepare?: boolean;
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
  /** Absent: unless a pooler is found, see `SqlSecrets`. */
  readonly prepare?: boolean;
  readonly readOnly: boolean;
  readonly marker?: string;
  /** Absent without TLS. */
  readonly tls?: Omit<TlsPlan, 'sessionReuse'>;
}

/** Where suites, plans and secrets have them. */
export interface SqlSettings {
  readonly suite: {
    /** The database that `sql` talks to. An environment's and a profile's `sql` go before the suite's, key by key. */
    readonly sql?: SqlDefinition;
  };
  readonly server: SqlSettings['suite'];
  readonly plan: {
    /** Present when the suite has a database. */
    readonly sql?: SqlPlan;
  };
  readonly secrets: { readonly sql?: SqlSecrets };
}

/** What connecting needs and no record may hold; goes to the workers beside the plan. */
export interface SqlSecrets {
  readonly password?: string;
  /** No secret, and not known to the plan: a pooler stands before the database. */
  readonly pooled?: boolean;
  /** PEM texts. */
  readonly tls?: {
    readonly ca?: readonly string[];
    readonly cert?: string;
    readonly key?: string;
    readonly passphrase?: string;
  };
}
