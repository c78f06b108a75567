// What all database connections of one worker share: where they go, the read buffer, deadlines, the pool.

import type { Tags } from '../../model/metric.ts';
import { Dialer, type Guard } from '../../network/dialer.ts';
import { monotonicMs } from '../../time/clock.ts';
import { cancelTimer, startRepeating, type Timer } from '../../time/timer.ts';
import { describeSession } from './describe-session.ts';
import type { DialSettings } from './dial.ts';
import type { PoolHost, SessionSettings, Waited, Watched } from './host.ts';
import type { Operation } from './operation.ts';
import { SqlEndpoints } from './operation-series.ts';
import { ConnectionPool } from './pool.ts';
import type { SqlPlan, SqlSecrets } from './setting-types.ts';
import { Statements } from './statement.ts';
import { MessageWriter } from './wire-writer.ts';

const readBufferBytes = 64 * 1024;
const sweepIntervalMs = 25;

export interface SqlRuntimeOptions {
  readonly plan: SqlPlan;
  readonly secrets: SqlSecrets;
  /** Asked before every connection. */
  readonly guard?: Guard | undefined;
  /** This worker's part of a pool. */
  readonly worker: number;
  readonly workers: number;
  /** Called once for each statement that failed or was cut off. */
  readonly onFailure: (tags: Tags, code: string, message: string) => void;
}

export class SqlRuntime implements PoolHost {
  readonly plan: SqlPlan;
  readonly dialing: DialSettings;
  readonly settings: SessionSettings;
  /** Statements are prepared under names. */
  readonly prepares: boolean;
  readonly writer = new MessageWriter();
  readonly statements = new Statements();
  readonly endpoints = new SqlEndpoints();
  readonly onFailure: SqlRuntimeOptions['onFailure'];
  /** The pool that all virtual users share, if they do. */
  readonly pool: ConnectionPool | null;
  readonly #connections = new Set<Watched>();
  readonly #waiting = new Set<Waited>();
  readonly #sweeper: Timer;
  #whenDrained: (() => void) | null = null;

  /** Throws a `TypeError` when the plan has no URL. */
  constructor({ plan, secrets, guard, worker, workers, onFailure }: SqlRuntimeOptions) {
    this.plan = plan;
    this.prepares = plan.prepare ?? secrets.pooled !== true;
    const session = describeSession(plan, secrets);
    this.dialing = {
      ...session.dialing,
      dialer: new Dialer({ guard }),
      readBuffer: Buffer.allocUnsafeSlow(readBufferBytes),
    };
    this.settings = session.settings;
    this.onFailure = onFailure;
    const { connections, poolTimeoutMs } = plan;
    this.pool =
      connections === 'per-vu'
        ? null
        : new ConnectionPool(this, poolShare(connections.pool, worker, workers), poolTimeoutMs);
    this.#sweeper = startRepeating(() => this.#sweep(), sweepIntervalMs);
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

  waits(pool: Waited): void {
    this.#waiting.add(pool);
  }

  opened(connection: Watched): void {
    this.#connections.add(connection);
  }

  /** The server's processes behind the connections, as they were announced. */
  get processIds(): number[] {
    return Array.from(this.#connections, ({ processId }) => processId);
  }

  closed(connection: Watched): void {
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
    cancelTimer(this.#sweeper);
  }
}

/** This worker's part of the pool, at least one: without a connection its users could do nothing. */
function poolShare(size: number, worker: number, workers: number): number {
  return Math.max(1, Math.floor(size / workers) + (worker < size % workers ? 1 : 0));
}
