// What all database connections of one worker share: where they go, the read buffer, deadlines, the pool.

import type tls from 'node:tls';
import type { Tags } from '../../model/metric.ts';
import type { SqlPlan, SqlSecrets } from '../../model/sql-settings.ts';
import { monotonicMs } from '../../time/clock.ts';
import { TlsSettings } from '../http/tls-settings.ts';
import type { Connection } from './connection.ts';
import { parseDatabaseUrl, placeOf } from './database-url.ts';
import type { DialSettings } from './dial.ts';
import type { Operation } from './operation.ts';
import { ConnectionPool } from './pool.ts';
import { SqlEndpoints } from './series.ts';
import { Statements } from './statement.ts';
import { MessageWriter } from './wire-writer.ts';

const readBufferBytes = 64 * 1024;
const sweepIntervalMs = 25;

/** How a session begins, and what it is told. */
export interface SessionSettings {
  readonly parameters: Readonly<Record<string, string>>;
  readonly password: string | undefined;
  readonly connectTimeoutMs: number;
  /** Server and database, for messages. */
  readonly place: string;
}

/** What a connection needs of its worker. */
export interface ConnectionHost {
  readonly dialing: DialSettings;
  readonly settings: SessionSettings;
  readonly writer: MessageWriter;
  opened(connection: Connection): void;
  closed(connection: Connection): void;
}

export interface SqlRuntimeOptions {
  readonly plan: SqlPlan;
  readonly secrets: SqlSecrets;
  /** This worker's part of a pool. */
  readonly worker: number;
  readonly workers: number;
  /** Called once for each statement that failed or was cut off. */
  readonly onFailure: (tags: Tags, code: string, message: string) => void;
}

export class SqlRuntime implements ConnectionHost {
  readonly plan: SqlPlan;
  readonly dialing: DialSettings;
  readonly settings: SessionSettings;
  readonly writer = new MessageWriter();
  readonly statements = new Statements();
  readonly endpoints = new SqlEndpoints();
  readonly onFailure: SqlRuntimeOptions['onFailure'];
  /** The pool that all virtual users share, if they do. */
  readonly pool: ConnectionPool | null;
  readonly #connections = new Set<Connection>();
  readonly #waiting = new Set<ConnectionPool>();
  readonly #sweeper: NodeJS.Timeout;
  #whenDrained: (() => void) | null = null;

  /** Throws a `TypeError` when the plan has no URL. */
  constructor({ plan, secrets, worker, workers, onFailure }: SqlRuntimeOptions) {
    this.plan = plan;
    const session = describeSession(plan, secrets);
    this.dialing = { ...session.dialing, readBuffer: Buffer.allocUnsafeSlow(readBufferBytes) };
    this.settings = session.settings;
    this.onFailure = onFailure;
    const { connections, poolTimeoutMs } = plan;
    this.pool =
      connections === 'per-vu'
        ? null
        : new ConnectionPool(this, poolShare(connections.pool, worker, workers), poolTimeoutMs);
    this.#sweeper = setInterval(() => this.#sweep(), sweepIntervalMs);
    this.#sweeper.unref();
  }

  /** The pool of one more virtual user: the shared one, or its own with a single connection. */
  createPool(): ConnectionPool {
    return this.pool ?? new ConnectionPool(this, 1, Number.POSITIVE_INFINITY);
  }

  #sweep(): void {
    const nowMs = monotonicMs();
    for (const connection of this.#connections) connection.sweep(nowMs);
    for (const pool of this.#waiting) if (!pool.sweep(nowMs)) this.#waiting.delete(pool);
  }

  waits(pool: ConnectionPool): void {
    this.#waiting.add(pool);
  }

  opened(connection: Connection): void {
    this.#connections.add(connection);
  }

  closed(connection: Connection): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#whenDrained?.();
  }

  failed(operation: Operation): void {
    const { code, message } = operation.error!;
    this.onFailure(operation.endpoint.tags, code, message);
  }

  /** Resolves when every connection is closed; the users have ended before. */
  async close(): Promise<void> {
    this.pool?.close();
    if (this.#connections.size > 0) {
      this.#sweeper.ref();
      await new Promise<void>((resolve) => {
        this.#whenDrained = resolve;
      });
    }
    clearInterval(this.#sweeper);
  }
}

/** This worker's part of the pool, at least one: without a connection its users could do nothing. */
function poolShare(size: number, worker: number, workers: number): number {
  return Math.max(1, Math.floor(size / workers) + (worker < size % workers ? 1 : 0));
}

/** What a plan and its secrets say about sessions. Throws a `TypeError` when there is no URL. */
export function describeSession(
  plan: SqlPlan,
  secrets: SqlSecrets,
): { readonly dialing: Omit<DialSettings, 'readBuffer'>; readonly settings: SessionSettings } {
  if (plan.url === undefined) {
    throw new TypeError('no database is known: set DATABASE_URL, or sql.url in the suite');
  }
  const database = parseDatabaseUrl(plan.url);
  const { options } = database;
  return {
    dialing: { database, tls: tlsOptions(plan, secrets, database.sslMode) },
    settings: {
      password: secrets.password,
      connectTimeoutMs: plan.connectTimeoutMs,
      place: placeOf(database),
      parameters: {
        user: database.user,
        database: database.database,
        application_name: plan.applicationName,
        client_encoding: 'UTF8',
        ...(options === undefined ? {} : { options }),
        ...(plan.serverTimeout ? { statement_timeout: String(plan.statementTimeoutMs) } : {}),
        ...(plan.readOnly ? { default_transaction_read_only: 'on' } : {}),
      },
    },
  };
}

function tlsOptions(
  { tls: plan }: SqlPlan,
  { tls: secrets }: SqlSecrets,
  sslMode: string,
): tls.ConnectionOptions | null {
  if (plan !== undefined) {
    const { servername } = plan;
    const { options } = new TlsSettings({ ...plan, sessionReuse: 'none' }, secrets);
    return servername === undefined ? options : { ...options, servername };
  }
  switch (sslMode) {
    case 'require':
      return { rejectUnauthorized: false };
    case 'verify-ca':
      return { checkServerIdentity: () => undefined };
    case 'verify-full':
      return {};
    default:
      return null;
  }
}
