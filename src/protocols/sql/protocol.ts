// The door of sql/ for workers: loads the rest only for suites that have a database, since it takes a while.

import type { SqlClient } from '../../model/sql.ts';
import type { SqlUser } from './runner.ts';
import type { SqlRuntime, SqlRuntimeOptions } from './runtime.ts';
import type { UserSql } from './user-sql.ts';

export interface SqlProtocol {
  readonly runtime: SqlRuntime;
  /** The client of one more virtual user. */
  connect(user: SqlUser): UserSql;
}

export async function openSql(options: SqlRuntimeOptions): Promise<SqlProtocol> {
  const [{ SqlRuntime }, { UserSql }] = await Promise.all([import('./runtime.ts'), import('./user-sql.ts')]);
  const runtime = new SqlRuntime(options);
  return { runtime, connect: (user) => new UserSql(runtime, user) };
}

function refuse(): never {
  throw new TypeError('this suite has no database: give it a key `sql`');
}

/** What stands in the context of suites without a database. */
export const noDatabase: SqlClient = {
  query: refuse,
  batch: refuse,
  cursor: refuse,
  copyFrom: refuse,
  copyTo: refuse,
  transaction: refuse,
};
