// The database client of one virtual user: its connection or its turn with the pool, and the recording of what each
// statement cost.

import { StoppedError } from '../../model/errors.ts';
import { monotonicMs } from '../../time/clock.ts';
import { cancelTimer, startTimer, type Timer } from '../../time/timer.ts';
import type { Scope } from '../scope.ts';
import type { Connection } from './connection.ts';
import { failureOf, isRetryable } from './failure.ts';
import { Lease, type Lender } from './lease.ts';
import { type Operation, type OperationOwner, QueryOperation } from './operation.ts';
import type { ConnectionPool, Waiter } from './pool.ts';
import { recordCutOff, recordEnded } from './recording.ts';
import { deny, Runner, type SqlUser, settle, stop } from './runner.ts';
import type { SqlRuntime } from './runtime.ts';
import type { SqlClient, SqlFailure, SqlRunner, SqlTransactionOptions, SqlTransactionResult } from './sql.ts';
import { runTransaction } from './transaction.ts';

/** As with HTTP: calls after the end are refused this often, and never settle from then on. */
const maxRefusals = 10;
const firstRetryMs = 5;

export class UserSql extends Runner implements SqlClient, OperationOwner, Lender {
  protected readonly throwing = false;
  protected readonly retries: number;
  readonly #pool: ConnectionPool;
  readonly #pending = new Set<Operation>();
  readonly #leases = new Set<Lease>();
  readonly #timers = new Map<Timer, QueryOperation>();
  #closed = false;
  #refusedCount = 0;

  constructor(runtime: SqlRuntime, user: SqlUser) {
    super(runtime, user, null);
    this.retries = runtime.plan.retries;
    this.#pool = runtime.createPool();
  }

  transaction<Value>(
    body: (transaction: SqlRunner) => Value | Promise<Value>,
    options: SqlTransactionOptions = {},
  ): Promise<SqlTransactionResult<Value>> {
    this.assertFree();
    return runTransaction({ runtime: this.runtime, user: this.user, client: this, body, options });
  }

  protected override assertFree(): void {
    if (this.#leases.size > 0 && this.runtime.pool === null) {
      throw new TypeError(
        "a transaction, cursor or batch has this user's only connection: use the transaction's own functions, " +
          'or a pool (sql.connections)',
      );
    }
  }

  protected override assertAlone({ statement }: Operation): void {
    if (statement.opensTransaction && this.runtime.pool !== null) {
      throw new TypeError(
        'over a pool (sql.connections) each statement may take another connection, so this transaction would be ' +
          'left open for others: use sql.transaction',
      );
    }
  }

  protected dispatch(operation: Operation): void {
    if (this.#refuse(operation)) return;
    this.#pending.add(operation);
    const connection = this.#pool.take();
    if (connection === undefined) this.#pool.wait(new Turn(operation));
    else connection.send(operation, monotonicMs());
  }

  #refuse(operation: Operation): boolean {
    if (!this.#closed) return false;
    if (this.#refusedCount++ < maxRefusals) stop(operation);
    return true;
  }

  lend(scope: Scope): { readonly lease: Lease; readonly isOwn: boolean } {
    const lease = new Lease(this.#pool, scope, monotonicMs(), {
      running: (operation) => {
        if (this.#refuse(operation)) return false;
        this.#pending.add(operation);
        return true;
      },
      denied: deny,
    });
    if (this.#closed) throw new StoppedError();
    this.#leases.add(lease);
    return { lease, isOwn: true };
  }

  giveBack(lease: Lease): void {
    this.#leases.delete(lease);
    // Whoever came next would work within a transaction that is not its own.
    if (this.runtime.pool !== null && lease.inTransaction) lease.end();
    else lease.release();
  }

  ended(operation: Operation): void {
    this.#pending.delete(operation);
    recordEnded(operation);
    const { error } = operation;
    if (error !== null) {
      this.runtime.failed(operation);
      if (operation.retriesLeft > 0 && operation instanceof QueryOperation && isRetryable(error)) {
        this.#retry(operation, error);
        return;
      }
    }
    settle(operation);
  }

  unsendable(operation: Operation, thrown: unknown): void {
    this.#pending.delete(operation);
    operation.released();
    operation.reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
  }

  /** Sends the same once more, as an operation of its own; what it gave up for is likely to be over soon. */
  #retry(failed: QueryOperation, failure: SqlFailure): void {
    failed.endpoint.retried(failure);
    const next = failed.again();
    const timer = startTimer(
      () => {
        this.#timers.delete(timer);
        next.startedAtMs = monotonicMs();
        this.dispatch(next);
      },
      firstRetryMs * 2 ** Math.min(failed.attempt, 8),
    );
    this.#timers.set(timer, next);
  }

  /** As a user's part of the protocol it is its own client. */
  get client(): SqlClient {
    return this;
  }

  /**
   * Ends the client. At the end of the run a statement already sent counts as `aborted`, and one that was not sent yet
   * was never made. With `cause` the database was too slow: every open statement has failed of it.
   */
  close(cause?: { readonly code: string; readonly message: string }): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const [timer, operation] of this.#timers) {
      cancelTimer(timer);
      stop(operation);
    }
    const cutOff = [...this.#pending];
    this.#pending.clear();
    for (const operation of cutOff) this.#cutOff(operation, cause);
    for (const lease of this.#leases) lease.end();
    if (this.#pool !== this.runtime.pool) this.#pool.close();
  }

  #cutOff(
    operation: Operation,
    cause: { readonly code: string; readonly message: string } | undefined,
  ): void {
    const { carrier, turn } = operation;
    if (turn !== null) this.#pool.forget(turn);
    carrier?.close();
    const nowMs = monotonicMs();
    operation.endedAtMs = nowMs;
    if (cause !== undefined) {
      if (operation.sent && !operation.resting) operation.waitedMs += nowMs - operation.turnStartAtMs;
      operation.error = failureOf(cause.code, cause.message);
      operation.outcome = 'failed';
      recordEnded(operation);
      this.runtime.failed(operation);
    } else {
      recordCutOff(operation);
      if (operation.sent) {
        operation.outcome = 'aborted';
        this.runtime.onFailure(operation.endpoint.tags, 'aborted', 'cut off at the end of the run');
      }
    }
    stop(operation);
  }
}

/** An operation's turn in the line for a connection. */
class Turn implements Waiter {
  readonly #operation: Operation;

  constructor(operation: Operation) {
    this.#operation = operation;
    operation.turn = this;
  }

  get scope(): Scope {
    return this.#operation.endpoint.scope;
  }
  get startedAtMs(): number {
    return this.#operation.startedAtMs;
  }

  granted(connection: Connection): void {
    this.#operation.turn = null;
    connection.send(this.#operation, monotonicMs());
  }

  denied(failure: SqlFailure): void {
    this.#operation.turn = null;
    deny(this.#operation, failure);
  }
}
