// Connections that serve whoever comes: those of one worker, or the single one of a virtual user. Called by user-sql.ts.

import { monotonicMs } from '../../time/clock.ts';
import { cancelTimer, startTimer, type Timer } from '../../time/timer.ts';
import type { Scope } from '../scope.ts';
import { Connection, type ConnectionHolder } from './connection.ts';
import { failureOf } from './failure.ts';
import type { PoolHost, Waited } from './host.ts';
import type { SqlFailure } from './sql.ts';

/** Somebody who waits for a connection. */
export interface Waiter {
  /** Where the samples of a connection belong that is opened for it. */
  readonly scope: Scope;
  /** Process clock at which it began to wait. */
  readonly startedAtMs: number;
  /** The connection is its own until it is released. */
  granted(connection: Connection, nowMs: number): void;
  /** None is to be had. */
  denied(failure: SqlFailure): void;
}

/** Wait after a connection could not be made, twice as long after each further one, up to the second. */
const firstBackoffMs = 50;
const longestBackoffMs = 1000;

export class ConnectionPool implements ConnectionHolder, Waited {
  readonly limit: number;
  readonly #host: PoolHost;
  readonly #waitLimitMs: number;
  readonly #idle: Connection[] = [];
  /** All whose socket is not closed yet, so that there are never more than allowed. */
  readonly #all = new Set<Connection>();
  readonly #connecting = new Map<Connection, Scope>();
  #line: Waiter[] = [];
  #refusedCount = 0;
  #notBeforeMs = 0;
  #retryTimer: Timer | null = null;
  #closed = false;

  constructor(host: PoolHost, limit: number, waitLimitMs: number) {
    this.#host = host;
    this.limit = limit;
    this.#waitLimitMs = waitLimitMs;
  }

  /** A connection that is free, unless others wait for one. */
  take(): Connection | undefined {
    return this.#line.length === 0 ? this.#idle.pop() : undefined;
  }

  wait(waiter: Waiter): void {
    this.#line.push(waiter);
    if (this.#waitLimitMs < Number.POSITIVE_INFINITY) this.#host.waits(this);
    this.#grow();
  }

  /** It no longer wants one. */
  forget(waiter: object): void {
    this.#line = this.#line.filter((one) => one !== waiter);
  }

  /** Gives a connection back. */
  release(connection: Connection): void {
    connection.holder = this;
    if (this.#closed) {
      connection.close();
    } else if (connection.usable && !connection.busy) {
      this.freed(connection);
    }
    // One that is busy or gone will tell by itself.
  }

  freed(connection: Connection): void {
    const next = this.#line.shift();
    if (next === undefined) this.#idle.push(connection);
    else next.granted(connection, monotonicMs());
  }

  /** Opens as many connections as there are waiters, within the limit. */
  #grow(): void {
    if (this.#closed || this.#line.length <= this.#connecting.size || this.#all.size >= this.limit) return;
    const waitMs = this.#notBeforeMs - monotonicMs();
    if (waitMs > 0) {
      this.#retryTimer ??= startTimer(() => {
        this.#retryTimer = null;
        this.#grow();
      }, waitMs);
      return;
    }
    while (this.#line.length > this.#connecting.size && this.#all.size < this.limit) {
      const { scope } = this.#line[this.#connecting.size]!;
      const connection = new Connection(this.#host, this);
      this.#all.add(connection);
      this.#connecting.set(connection, scope);
    }
  }

  connected(connection: Connection): void {
    this.#refusedCount = 0;
    this.#notBeforeMs = 0;
    this.#connecting.get(connection)?.trend('sql_connecting').add(connection.connectMs);
    this.#countBytes(connection);
    this.#connecting.delete(connection);
    this.release(connection);
  }

  #countBytes(connection: Connection): void {
    const scope = this.#connecting.get(connection);
    scope?.counter('data_sent').add(connection.sentByteCount);
    scope?.counter('data_received').add(connection.receivedByteCount);
  }

  refused(connection: Connection, failure: SqlFailure): void {
    this.#countBytes(connection);
    this.#connecting.delete(connection);
    this.#all.delete(connection);
    // Several that were under way together are one failure.
    const nowMs = monotonicMs();
    if (nowMs >= this.#notBeforeMs) {
      this.#notBeforeMs = nowMs + Math.min(longestBackoffMs, firstBackoffMs * 2 ** this.#refusedCount);
      this.#refusedCount++;
    }
    this.#line.shift()?.denied(failure);
    this.#grow();
  }

  lost(connection: Connection): void {
    const index = this.#idle.indexOf(connection);
    if (index >= 0) this.#idle.splice(index, 1);
    this.#all.delete(connection);
    this.#grow();
  }

  /** Ends the wait of those that have waited too long. Returns false when nobody waits. */
  sweep(nowMs: number): boolean {
    while (this.#line.length > 0 && nowMs - this.#line[0]!.startedAtMs >= this.#waitLimitMs) {
      const message = `no connection of the pool was free within ${this.#waitLimitMs} ms`;
      this.#line.shift()!.denied(failureOf('sql_pool_timeout', message));
    }
    return this.#line.length > 0;
  }

  /** Closes all connections in order. Who waits has been told before. */
  close(): void {
    this.#closed = true;
    if (this.#retryTimer !== null) cancelTimer(this.#retryTimer);
    for (const connection of this.#all) connection.close();
    this.#idle.length = 0;
  }
}
