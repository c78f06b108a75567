// Transactions of a virtual user: BEGIN, the body, COMMIT or ROLLBACK, and further attempts. Called by user-sql.ts.

import { StoppedError } from '../../model/errors.ts';
import { monotonicMs } from '../../time/clock.ts';
import { delay } from '../../time/timer.ts';
import type { Scope } from '../scope.ts';
import { failureOf, isRetryable } from './failure.ts';
import type { Lease, Lender } from './lease.ts';
import type { Operation, OperationOwner } from './operation.ts';
import { Runner, type SqlUser } from './runner.ts';
import type { SqlRuntime } from './runtime.ts';
import type { SqlFailure, SqlRunner, SqlTransactionOptions, SqlTransactionResult } from './sql.ts';
import { SqlError } from './sql-error.ts';

interface TransactionCall<Value> {
  readonly runtime: SqlRuntime;
  readonly user: SqlUser;
  readonly client: Lender & OperationOwner;
  readonly body: (transaction: SqlRunner) => Value | Promise<Value>;
  readonly options: SqlTransactionOptions;
}

const isolations: readonly string[] = ['read committed', 'repeatable read', 'serializable'];
const firstRetryMs = 5;

class TransactionRunner extends Runner {
  protected readonly throwing = true;
  protected readonly retries = 0;
  readonly #lease: Lease;
  readonly #client: Lender & OperationOwner;
  /** The first statement waits for the connection; the others have it. */
  #acquired = false;
  #isOver = false;

  constructor(runtime: SqlRuntime, user: SqlUser, client: Lender & OperationOwner, lease: Lease) {
    super(runtime, user, client);
    this.#client = client;
    this.#lease = lease;
  }

  protected dispatch(operation: Operation): void {
    operation.acquires = !this.#acquired;
    this.#acquired = true;
    this.#lease.run(operation);
  }

  protected lend(): { readonly lease: Lease; readonly isOwn: boolean } {
    return { lease: this.#lease, isOwn: false };
  }
  protected giveBack(): void {}

  protected override assertFree(): void {
    if (this.#isOver)
      throw new TypeError('this transaction is over: await each of its statements in its body');
  }

  get usable(): boolean {
    return this.#lease.usable;
  }

  finish(): void {
    this.#isOver = true;
    // Its end has failed, too: the server ends it with the session.
    if (this.#lease.inTransaction) this.#lease.end();
    this.#client.giveBack(this.#lease);
  }
}

/** Runs all attempts. Rejects with what the body threw, unless it was an `SqlError`, or with a `StoppedError`. */
export async function runTransaction<Value>(
  call: TransactionCall<Value>,
): Promise<SqlTransactionResult<Value>> {
  const { options, runtime } = call;
  const begin = beginOf(options);
  const retries = options.retries ?? runtime.plan.retries;
  const startedAtMs = monotonicMs();
  for (let attempt = 1; ; attempt++) {
    const end = await attemptOnce(call, begin);
    const { error } = end;
    if (error !== null && attempt <= retries && isRetryable(error)) {
      scopeOf(call).with({ error_class: error.class }).counter('sql_retries').add(1);
      await delay(firstRetryMs * 2 ** Math.min(attempt, 8));
      continue;
    }
    if (error !== null && options.throw === true) throw new SqlError(error, begin);
    const duration = monotonicMs() - startedAtMs;
    return { ok: error === null, value: end.value, error, attempts: attempt, duration };
  }
}

function beginOf({ isolation, readOnly }: SqlTransactionOptions): string {
  if (isolation !== undefined && !isolations.includes(isolation)) {
    throw new TypeError(`"${isolation}" is not an isolation level; use one of ${isolations.join(', ')}`);
  }
  const level = isolation === undefined ? '' : ` ISOLATION LEVEL ${isolation.toUpperCase()}`;
  return `BEGIN${level}${readOnly === true ? ' READ ONLY' : ''}`;
}

function scopeOf({ user, options }: TransactionCall<unknown>): Scope {
  const { name = 'transaction', tags } = options;
  return user.scope.with({ ...tags, operation: name });
}

type TransactionOutcome = 'committed' | 'rolled_back' | 'failed';

async function attemptOnce<Value>(
  call: TransactionCall<Value>,
  begin: string,
): Promise<{ readonly value: Value | undefined; readonly error: SqlFailure | null }> {
  const { runtime, user, client, body } = call;
  const scope = scopeOf(call);
  const startedAtMs = monotonicMs();
  const runner = new TransactionRunner(runtime, user, client, client.lend(scope).lease);
  const record = (outcome: TransactionOutcome): void => {
    scope.with({ outcome }).counter('sql_transactions').add(1);
    scope
      .with({ outcome })
      .trend('sql_transaction_duration')
      .add(monotonicMs() - startedAtMs);
    scope.rate('sql_transaction_failed').add(outcome !== 'committed');
  };
  try {
    await runner.query(begin, [], { name: 'begin' });
    const value = await body(runner);
    const commit = await runner.query('COMMIT', [], { name: 'commit' });
    if ((commit as unknown as Operation).commandTag === 'ROLLBACK') {
      record('rolled_back');
      return { value: undefined, error: silentlyFailed };
    }
    record('committed');
    return { value, error: null };
  } catch (thrown) {
    if (thrown instanceof StoppedError) throw thrown;
    if (runner.usable) await runner.query('ROLLBACK', [], { name: 'rollback' }).catch(() => {});
    if (!(thrown instanceof SqlError)) {
      record('rolled_back');
      throw thrown;
    }
    record('failed');
    return { value: undefined, error: thrown.failure };
  } finally {
    runner.finish();
  }
}

const silentlyFailed = failureOf(
  '25P02',
  'the transaction was rolled back, since a statement in it had failed and the body went on',
);
