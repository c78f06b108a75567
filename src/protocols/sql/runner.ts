// What a virtual user's client and a transaction have in common: calls become operations, and their ends results.

import { StoppedError } from '../../model/errors.ts';
import { monotonicMs } from '../../time/clock.ts';
import { parseDuration } from '../../time/duration.ts';
import type { Scope } from '../scope.ts';
import { CopyInOperation, CopyOutOperation } from './copy.ts';
import { CursorOperation } from './cursor.ts';
import type { Lease } from './lease.ts';
import { type Operation, type OperationCall, type OperationOwner, QueryOperation } from './operation.ts';
import type { SqlRuntime } from './runtime.ts';
import type {
  SqlBatchEntry,
  SqlCopySource,
  SqlCursorOptions,
  SqlFailure,
  SqlOptions,
  SqlParameter,
  SqlQueryOptions,
  SqlResult,
  SqlRow,
  SqlRunner,
  SqlStatement,
} from './sql.ts';
import { SqlError } from './sql-error.ts';
import { labelOf } from './statement.ts';

/** What a runner reads of its virtual user at the moment a statement starts. */
export interface SqlUser {
  readonly scope: Scope;
  takeScheduledAtMs(): number;
}

// A promise's two functions, handed out without a new closure for every statement.
let resolveNext!: (result: Operation) => void;
let rejectNext!: (error: Error) => void;
function captureSettlers(resolve: (result: Operation) => void, reject: (error: Error) => void): void {
  resolveNext = resolve;
  rejectNext = reject;
}

const noParameters: readonly SqlParameter[] = [];
const defaultBatch = 100;

export abstract class Runner implements SqlRunner {
  protected readonly runtime: SqlRuntime;
  protected readonly user: SqlUser;
  /** Who records the operations' ends. */
  protected readonly owner: OperationOwner;
  readonly #defaultTimeoutMs: number;

  constructor(runtime: SqlRuntime, user: SqlUser, owner: OperationOwner | null) {
    this.runtime = runtime;
    this.user = user;
    this.owner = owner ?? (this as unknown as OperationOwner);
    const { serverTimeout, statementTimeoutMs } = runtime.plan;
    // A server that knows the limit ends the statement itself; we only watch over it.
    this.#defaultTimeoutMs = serverTimeout ? statementTimeoutMs + serverMarginMs : statementTimeoutMs;
  }

  /** Sends an operation as soon as there is a connection for it. */
  protected abstract dispatch(operation: Operation): void;
  /** A connection for several operations, and whether it serves nothing else meanwhile. */
  protected abstract lend(scope: Scope): { readonly lease: Lease; readonly isOwn: boolean };
  protected abstract giveBack(lease: Lease): void;
  /** Does a failure throw, whatever the options say? */
  protected abstract readonly throwing: boolean;
  /** Attempts after a failure that is worth them, without an option that says otherwise. */
  protected abstract readonly retries: number;
  /** Throws a `TypeError` when no statement may be sent now. */
  protected assertFree(): void {}
  /** Throws a `TypeError` when the statement makes no sense without those before and behind it. */
  protected assertAlone(_operation: Operation): void {}

  query<Row = SqlRow>(
    statement: SqlStatement,
    parameters: readonly SqlParameter[] = noParameters,
    options?: SqlQueryOptions,
  ): Promise<SqlResult<Row>> {
    this.assertFree();
    const operation = this.#queryOperation(statement, parameters, options);
    this.assertAlone(operation);
    const promise = this.expect(operation, options);
    this.dispatch(operation);
    return promise as unknown as Promise<SqlResult<Row>>;
  }

  #queryOperation(
    statement: SqlStatement,
    parameters: readonly SqlParameter[],
    options: SqlQueryOptions | undefined,
  ): QueryOperation {
    const isText = typeof statement === 'string';
    const known = this.runtime.statements.get(isText ? statement : statement.text);
    const name = options?.name ?? (isText ? undefined : statement.name) ?? known.label;
    const operation = new QueryOperation(
      known,
      parameters,
      options?.prepare ?? this.runtime.prepares,
      this.call(name, options),
    );
    operation.retriesLeft = options?.retries ?? this.retries;
    return operation;
  }

  protected call(name: string, options: SqlOptions | undefined): OperationCall {
    const { scope } = this.user;
    return {
      endpoint: this.runtime.endpoints.get(
        options?.tags === undefined ? scope : scope.with(options.tags),
        name,
      ),
      owner: this.owner,
      startedAtMs: monotonicMs(),
      scheduledAtMs: this.user.takeScheduledAtMs(),
      timeoutMs: options?.timeout === undefined ? this.#defaultTimeoutMs : timeoutMs(options.timeout),
    };
  }

  /** A promise of the operation's end. */
  protected expect(operation: Operation, options: SqlOptions | undefined): Promise<Operation> {
    const promise = new Promise<Operation>(captureSettlers);
    operation.resolve = resolveNext;
    operation.reject = rejectNext;
    operation.throws = this.throwing || options?.throw === true;
    return promise;
  }

  async batch(statements: readonly SqlBatchEntry[]): Promise<SqlResult[]> {
    this.assertFree();
    const operations: QueryOperation[] = [];
    const promises: Promise<Operation>[] = [];
    for (const entry of statements) {
      const options: Extract<SqlBatchEntry, object> = typeof entry === 'string' ? { text: entry } : entry;
      const { parameters = noParameters } = options as { parameters?: readonly SqlParameter[] };
      const operation = this.#queryOperation(options, parameters, { ...options, retries: 0 });
      operation.acquires = operations.length === 0 && operation.acquires;
      operations.push(operation);
      promises.push(this.expect(operation, options));
    }
    if (operations.length === 0) return [];
    const { lease, isOwn } = this.lend(this.user.scope);
    lease.runAll(operations);
    try {
      // All have to end before the connection is given back, also when one of them throws.
      const ends = await Promise.allSettled(promises);
      return ends.map((end) => {
        if (end.status === 'rejected') throw end.reason;
        return end.value;
      });
    } finally {
      if (isOwn) this.giveBack(lease);
    }
  }

  async *cursor<Row = SqlRow>(
    statement: SqlStatement,
    parameters: readonly SqlParameter[] = noParameters,
    options?: SqlCursorOptions,
  ): AsyncGenerator<Row> {
    this.assertFree();
    const batch = options?.batch ?? defaultBatch;
    if (!Number.isInteger(batch) || batch < 1) throw new TypeError(`batch is a count from 1, got ${batch}`);
    const isText = typeof statement === 'string';
    const known = this.runtime.statements.get(isText ? statement : statement.text);
    const name = options?.name ?? (isText ? undefined : statement.name) ?? known.label;
    const { lease, isOwn } = this.lend(this.user.scope);
    const how = { holds: isOwn, prepare: this.runtime.prepares };
    const operation = new CursorOperation(known, parameters, batch, how, this.call(name, options));
    const promise = this.expect(operation, { throw: true });
    promise.catch(() => {});
    try {
      lease.run(operation);
      for (;;) {
        await operation.turned();
        yield* operation.takeRows() as Row[];
        if (operation.isOver) break;
        this.#goOn(operation, lease, isOwn);
      }
      await promise;
    } finally {
      if (!operation.isOver && lease.usable) {
        operation.close();
        this.#goOn(operation, lease, isOwn);
        await promise.catch(() => {});
      }
      if (isOwn) this.giveBack(lease);
    }
  }

  #goOn(operation: CursorOperation, lease: Lease, isOwn: boolean): void {
    if (isOwn) lease.goOn(operation);
    else lease.run(operation);
  }

  async copyFrom(
    text: string,
    source: SqlCopySource,
    options?: Omit<SqlOptions, 'retries'>,
  ): Promise<SqlResult> {
    this.assertFree();
    const statement = this.runtime.statements.get(text);
    const operation = new CopyInOperation(
      statement,
      source,
      this.call(options?.name ?? labelOf(text), options),
    );
    const promise = this.expect(operation, options);
    this.dispatch(operation);
    const result = await promise.catch((thrown: unknown) => {
      throw operation.thrown ?? thrown;
    });
    if (operation.thrown !== undefined) throw operation.thrown;
    return result;
  }

  async copyTo(
    text: string,
    sink: (piece: Buffer) => unknown,
    options?: Omit<SqlOptions, 'retries'>,
  ): Promise<SqlResult> {
    this.assertFree();
    const statement = this.runtime.statements.get(text);
    const operation = new CopyOutOperation(
      statement,
      sink,
      this.call(options?.name ?? labelOf(text), options),
    );
    const promise = this.expect(operation, options);
    this.dispatch(operation);
    const result = await promise;
    await operation.taken;
    if (operation.thrown !== undefined) throw operation.thrown;
    return result;
  }
}

/** What a server that enforces the limit itself may take longer. */
const serverMarginMs = 1000;

function timeoutMs(value: number | string): number {
  const ms = parseDuration(value);
  if (ms === undefined || ms === 0) throw new TypeError(`"${value}" is not a timeout such as 5000 or "5s"`);
  return ms;
}

/** Ends an operation for user code. */
export function settle(operation: Operation): void {
  const { error } = operation;
  if (error !== null && operation.throws) operation.reject(new SqlError(error, operation.statement.text));
  else operation.resolve(operation);
}

/** Ends an operation that never got a connection. */
export function deny(operation: Operation, failure: SqlFailure): void {
  operation.error = failure;
  operation.outcome = 'failed';
  operation.endedAtMs = monotonicMs();
  operation.released();
  operation.owner.ended(operation);
}

export function stop(operation: Operation): void {
  operation.released();
  operation.reject(new StoppedError());
}
