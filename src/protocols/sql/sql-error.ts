// The error that user code meets where a statement fails. Thrown by runner.ts and transaction.ts; the package exports it.

import type { SqlErrorClass, SqlFailure } from './sql.ts';

/** A statement that failed: thrown within transactions, by cursors, and with `{ throw: true }`. */
export class SqlError extends Error {
  readonly failure: SqlFailure;
  /** As in `SqlFailure`. */
  readonly code: string;
  readonly class: SqlErrorClass;

  constructor(failure: SqlFailure, statement: string) {
    super(`${failure.message} (${failure.code}; ${statement.trim().replace(/\s+/g, ' ').slice(0, 120)})`);
    this.name = 'SqlError';
    this.failure = failure;
    this.code = failure.code;
    this.class = failure.class;
  }
}
