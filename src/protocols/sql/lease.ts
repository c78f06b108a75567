// A connection that somebody has for a while: a transaction, a cursor, or statements sent in one go. Called by runner.ts
// and transaction.ts.

import { monotonicMs } from '../../time/clock.ts';
import type { Scope } from '../scope.ts';
import type { Connection, ConnectionHolder } from './connection.ts';
import type { Operation } from './operation.ts';
import type { ConnectionPool, Waiter } from './pool.ts';
import type { SqlFailure } from './sql.ts';

/** Who lends connections. */
export interface Lender {
  /** Throws a `StoppedError` when its virtual user has ended. */
  lend(scope: Scope): { readonly lease: Lease; readonly isOwn: boolean };
  giveBack(lease: Lease): void;
}

export interface LeaseEvents {
  /** An operation begins, or goes on. Returns false when it must not. */
  running(operation: Operation): boolean;
  /** An operation gets no connection. */
  denied(operation: Operation, failure: SqlFailure): void;
}

export class Lease implements ConnectionHolder, Waiter {
  readonly scope: Scope;
  readonly startedAtMs: number;
  readonly #pool: ConnectionPool;
  readonly #events: LeaseEvents;
  #connection: Connection | null = null;
  #queue: Operation[] = [];
  #isWaiting = false;
  /** What is queued is sent all at once. */
  #inOneGo = false;
  #released = false;

  constructor(pool: ConnectionPool, scope: Scope, startedAtMs: number, events: LeaseEvents) {
    this.#pool = pool;
    this.scope = scope;
    this.startedAtMs = startedAtMs;
    this.#events = events;
  }

  /** There is a connection, and it works. */
  get usable(): boolean {
    return this.#connection?.usable ?? false;
  }

  /** The server awaits the end of a transaction. */
  get inTransaction(): boolean {
    const connection = this.#connection;
    return connection?.usable === true && !connection.busy && connection.inTransaction;
  }

  /** Sends an operation as soon as there is a connection and those before it are answered. */
  run(operation: Operation): void {
    if (!this.#events.running(operation)) return;
    const connection = this.#connection;
    if (connection !== null && !connection.usable) {
      this.#events.denied(operation, connectionLost);
    } else if (connection !== null && !connection.busy) {
      connection.send(operation, monotonicMs());
    } else {
      this.#queue.push(operation);
      if (connection === null && !this.#isWaiting) this.#acquire();
    }
  }

  /** Goes on with the one operation that has the connection for itself. */
  goOn(operation: Operation): void {
    const connection = this.#connection;
    connection?.transmit(operation, (writer) => operation.write(writer, connection));
  }

  /** Sends all in one go. */
  runAll(operations: readonly Operation[]): void {
    this.#inOneGo = true;
    for (const operation of operations) {
      if (this.#events.running(operation)) this.#queue.push(operation);
    }
    if (this.#connection === null) this.#acquire();
    else if (!this.#connection.busy) this.#next(this.#connection);
  }

  #acquire(): void {
    const connection = this.#pool.take();
    if (connection === undefined) {
      this.#isWaiting = true;
      this.#pool.wait(this);
    } else {
      this.granted(connection);
    }
  }

  granted(connection: Connection): void {
    this.#isWaiting = false;
    if (this.#released) {
      this.#pool.release(connection);
      return;
    }
    this.#connection = connection;
    connection.holder = this;
    this.#next(connection);
  }

  #next(connection: Connection): void {
    const nowMs = monotonicMs();
    if (this.#inOneGo) {
      this.#inOneGo = false;
      for (const operation of this.#queue.splice(0)) connection.send(operation, nowMs);
      return;
    }
    const operation = this.#queue.shift();
    if (operation !== undefined) connection.send(operation, nowMs);
  }

  denied(failure: SqlFailure): void {
    this.#isWaiting = false;
    this.#refuseAll(failure);
  }

  #refuseAll(failure: SqlFailure): void {
    for (const operation of this.#queue.splice(0)) this.#events.denied(operation, failure);
  }

  // A lease is given connections that are made.
  connected(): void {}
  refused(): void {}

  freed(connection: Connection): void {
    this.#next(connection);
  }

  lost(connection: Connection): void {
    this.#pool.lost(connection);
    this.#refuseAll(connectionLost);
  }

  /** Gives the connection back. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    if (this.#isWaiting) this.#pool.forget(this);
    if (this.#connection !== null) this.#pool.release(this.#connection);
  }

  /** Ends the connection in order; whatever it carries is cut off. */
  end(): void {
    if (this.#isWaiting) this.#pool.forget(this);
    const connection = this.#connection;
    if (this.#released || connection === null) return;
    this.#released = true;
    // Its user has told those that wait here.
    this.#queue = [];
    connection.close();
  }
}

const connectionLost: SqlFailure = {
  code: 'connection_closed',
  class: 'connection',
  message: 'the connection was lost before the statement could be sent',
};
