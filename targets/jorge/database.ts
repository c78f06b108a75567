// The connection pool of the Jorge system and its statements, prepared once per connection under their name.

import { Pool, type QueryResultRow } from 'pg';
import { asLibpqReads } from '../../src/target-kit/postgres-client.ts';
import { schemaName } from './schema.ts';

/** No connection came free in time: the pool is exhausted, and waiting longer would only pile up. */
export class DatabaseBusyError extends Error {}

const connectTimeoutMs = 5000;
const statementTimeoutMs = 10_000;

/** A statement with a name: PostgreSQL parses and plans it once per connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

interface PoolUse {
  readonly used: number;
  readonly idle: number;
  /** Requests that wait for a connection. */
  readonly waiting: number;
  readonly size: number;
}

export interface Database {
  /** Throws a `DatabaseBusyError` when no connection comes free within 5 s. */
  query<Row extends QueryResultRow>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
  use(): PoolUse;
  /** Opens all connections ahead of the first request. */
  warm(): Promise<void>;
  close(): Promise<void>;
}

/** `size` is the number of connections, 1 or more. */
export function createDatabase(url: string, size: number, onLog: (line: string) => void): Database {
  const pool = new Pool({
    connectionString: asLibpqReads(url),
    max: size,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: 0,
    statement_timeout: statementTimeoutMs,
    // All rows fit in memory, so a random page costs little more than the next one; JIT compiles for tens of
    // ms what runs for a few; parallel workers would hide the cost of one report.
    options: [
      `search_path=${schemaName}`,
      'random_page_cost=1.1',
      'jit=off',
      'max_parallel_workers_per_gather=0',
    ]
      .map((setting) => `-c ${setting}`)
      .join(' '),
  });
  // A connection that breaks while idle is replaced by the pool; without a listener it ends the process.
  let closing = false;
  pool.on('error', (error) => {
    // The pool counts connections as ended before the server has let go of them.
    if (!closing) onLog(`a database connection was lost: ${error.message}`);
  });
  const use = () => ({
    used: pool.totalCount - pool.idleCount,
    idle: pool.idleCount,
    waiting: pool.waitingCount,
    size,
  });
  return {
    async query<Row extends QueryResultRow>(statement: Statement, values: readonly unknown[] = []) {
      try {
        return (await pool.query<Row>({ ...statement, values: [...values] })).rows;
      } catch (error) {
        if (error instanceof Error && error.message.startsWith('timeout exceeded when trying to connect')) {
          throw new DatabaseBusyError('no database connection came free in time', { cause: error });
        }
        throw error;
      }
    },
    use,
    async warm() {
      const clients = await Promise.all(Array.from({ length: size }, () => pool.connect()));
      for (const client of clients) client.release();
    },
    async close() {
      closing = true;
      await pool.end();
    },
  };
}
