// PostgreSQL as user code sees it.

import type { Tags } from '../../model/metric.ts';
import type { Bytes } from '../../model/platform-types.ts';

/** What kind of failure it was; thresholds and reports go by it. */
export type SqlErrorClass =
  | 'deadlock'
  | 'serialization'
  | 'timeout'
  | 'sql_pool_timeout'
  | 'too_many_connections'
  | 'constraint'
  | 'connection'
  | 'cancelled'
  | 'permission'
  | 'syntax'
  | 'other';

/** Why a statement failed. */
export interface SqlFailure {
  /** The server's SQLSTATE such as `23505`, or a code of ours or the system's: `timeout`, `ECONNREFUSED`, ... */
  readonly code: string;
  readonly class: SqlErrorClass;
  readonly message: string;
}

export interface SqlField {
  readonly name: string;
  /** Object id of the type in `pg_type`. */
  readonly typeId: number;
}

/**
 * What a statement may be given: numbers, texts, booleans, bigints, dates, bytes, `null`; arrays become PostgreSQL
 * arrays, other objects JSON.
 */
export type SqlParameter = unknown;

/**
 * A row by column name: integers and floats as numbers, `int8` beyond 2^53 as bigint, `numeric` as text, dates and
 * timestamps as `Date`, those without a zone in UTC; lists hold the same.
 */
// biome-ignore lint/suspicious/noExplicitAny: a column holds what the database has there
export type SqlRow = Record<string, any>;

export interface SqlResult<Row = SqlRow> {
  /** Parsed when first read. Empty when the statement failed. */
  readonly rows: Row[];
  /** Rows read or changed, as the server says; 0 when the statement failed. */
  readonly rowCount: number;
  /** The columns; empty for statements that return none. */
  readonly fields: readonly SqlField[];
  readonly error: SqlFailure | null;
  /** No error. */
  readonly ok: boolean;
  /** Ms from sending the statement to its complete answer; of one that failed before, since the call. */
  readonly duration: number;
}

export interface SqlOptions {
  /** Tag `operation` of its samples; without it the start of the text. */
  readonly name?: string;
  readonly tags?: Tags;
  /** Longest time for the statement in place of `sql.statementTimeout`: ms, or a duration such as `"5s"`. */
  readonly timeout?: number | string;
  /** Throw an `SqlError` when the statement fails, in place of a result with `error`. */
  readonly throw?: boolean;
  /** In place of `sql.retries`: further attempts after a serialization failure or a deadlock. */
  readonly retries?: number;
}

export interface SqlQueryOptions extends SqlOptions {
  /** False: parsed and planned at each call, as for texts that are never the same. */
  readonly prepare?: boolean;
}

/** A statement: its text with `$1`, `$2`, ... for the parameters, and the name of its samples. */
export type SqlStatement = string | { readonly name?: string; readonly text: string };

export interface SqlCursorOptions extends Omit<SqlOptions, 'retries' | 'throw'> {
  /** Rows fetched at a time; 100 when absent. */
  readonly batch?: number;
}

/** What `copyFrom` sends: texts and bytes in the format of the statement. */
export type SqlCopySource =
  | string
  | Uint8Array
  | Iterable<string | Uint8Array>
  | AsyncIterable<string | Uint8Array>;

export type SqlBatchEntry =
  | SqlStatement
  | (SqlQueryOptions & { readonly text: string; readonly parameters?: readonly SqlParameter[] });

/** One statement at a time on one connection, those called at once one after the other. */
export interface SqlRunner {
  query<Row = SqlRow>(
    statement: SqlStatement,
    parameters?: readonly SqlParameter[],
    options?: SqlQueryOptions,
  ): Promise<SqlResult<Row>>;
  /** Sends all statements in one go, each a transaction of its own outside of `transaction`; results in their order. */
  batch(statements: readonly SqlBatchEntry[]): Promise<SqlResult[]>;
  /** Row by row, fetched in batches; leaving the loop closes it. Throws an `SqlError` when it fails. */
  cursor<Row = SqlRow>(
    statement: SqlStatement,
    parameters?: readonly SqlParameter[],
    options?: SqlCursorOptions,
  ): AsyncIterable<Row>;
  /** `COPY ... FROM STDIN` */
  copyFrom(text: string, source: SqlCopySource, options?: Omit<SqlOptions, 'retries'>): Promise<SqlResult>;
  /** `COPY ... TO STDOUT`; each piece goes to `sink`, and the next is read when its promise has resolved. */
  copyTo(
    text: string,
    sink: (piece: Bytes) => unknown,
    options?: Omit<SqlOptions, 'retries'>,
  ): Promise<SqlResult>;
}

export interface SqlTransactionOptions {
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
  readonly readOnly?: boolean;
  /** Tag `operation` of the transaction's own samples; `transaction` without it. */
  readonly name?: string;
  readonly tags?: Tags;
  /** Further attempts of the whole body after a serialization failure or a deadlock; as `sql.retries` when absent. */
  readonly retries?: number;
  /** Throw the `SqlError` in place of a result with `error`. */
  readonly throw?: boolean;
}

export interface SqlTransactionResult<Value> {
  /** Committed. */
  readonly ok: boolean;
  /** What the body returned; `undefined` when the transaction failed. */
  readonly value: Value | undefined;
  readonly error: SqlFailure | null;
  /** How often the body ran. */
  readonly attempts: number;
  /** Ms of all attempts, with the wait for a connection. */
  readonly duration: number;
}

export interface SqlClient extends SqlRunner {
  /**
   * Runs `body` between BEGIN and COMMIT on one connection. There a failed statement throws an `SqlError`; when the
   * body throws, the transaction is rolled back. What is no `SqlError` is thrown on.
   */
  transaction<Value>(
    body: (transaction: SqlRunner) => Value | Promise<Value>,
    options?: SqlTransactionOptions,
  ): Promise<SqlTransactionResult<Value>>;
}
