// The connections of a target to its database and its statements, prepared once per connection under their name. Called by
// targets with an HTTP API.

import { Client, Pool, type QueryResultRow } from 'pg';
import { monotonicMs } from '../time/clock.ts';
import { HttpError } from './http-error.ts';
import { asLibpqReads } from './postgres-client.ts';

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

interface DatabaseCounts {
  readonly statements: number;
  /** Connections that were opened. */
  readonly opened: number;
  /** How often a connection was taken, and how long all of that took. */
  readonly takes: number;
  readonly waitedMs: number;
}

export type Query = <Row extends QueryResultRow>(
  statement: Statement,
  values?: readonly unknown[],
) => Promise<Row[]>;

export interface Database {
  /** Throws a 503 when no connection comes free within 5 s. */
  readonly query: Query;
  /**
   * Runs `work` in one transaction: committed when it resolves, rolled back when it rejects. `settings` are statements without
   * parameters, sent together with its begin. Throws as `query` does.
   */
  transaction<Result>(work: (query: Query) => Promise<Result>, settings?: string): Promise<Result>;
  use(): PoolUse;
  counts(): DatabaseCounts;
  /** Opens all connections ahead of the first request. */
  warm(): Promise<void>;
  close(): Promise<void>;
}

/** One connection, in use by one caller. */
interface Connection {
  run(statement: Statement | string, values?: readonly unknown[]): Promise<QueryResultRow[]>;
  /** A connection on which something failed is not used again. */
  giveBack(error?: Error): Promise<void> | void;
}

/** Where connections come from. */
interface Source {
  take(): Promise<Connection>;
  use(): PoolUse;
  warm(): Promise<void>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Connections of the pool, 1 or more. */
  readonly size: number;
  /** Where its tables are. */
  readonly schema: string;
  /** False: each statement, or each transaction, opens a connection of its own. */
  readonly isPooled: boolean;
  readonly onLog: (line: string) => void;
}

export function createDatabase(url: string, { size, schema, isPooled, onLog }: DatabaseOptions): Database {
  const settings = settingsOf(url, schema);
  let [statements, opened, takes, waitedMs] = [0, 0, 0, 0];
  const onOpen = () => {
    opened++;
  };
  const source = isPooled ? pooled(settings, size, onOpen, onLog) : unpooled(settings, onOpen);

  async function withConnection<Result>(
    work: (query: Query) => Promise<Result>,
    isTransaction: boolean,
    settings = '',
  ) {
    const startedAtMs = monotonicMs();
    const connection = await source.take();
    takes++;
    waitedMs += monotonicMs() - startedAtMs;
    const query: Query = async <Row extends QueryResultRow>(
      statement: Statement,
      values: readonly unknown[] = [],
    ) => {
      statements++;
      return (await connection.run(statement, values)) as Row[];
    };
    try {
      if (isTransaction) await connection.run(`BEGIN; ${settings}`);
      const result = await work(query);
      if (isTransaction) await connection.run('COMMIT');
      await connection.giveBack();
      return result;
    } catch (error) {
      // The server rolls back what an ended connection has begun.
      await connection.giveBack(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  return {
    query: (statement, values) => withConnection((query) => query(statement, values), false),
    transaction: (work, settings) => withConnection(work, true, settings),
    use: () => source.use(),
    counts: () => ({ statements, opened, takes, waitedMs }),
    warm: () => source.warm(),
    close: () => source.close(),
  };
}

type Settings = ReturnType<typeof settingsOf>;

function settingsOf(url: string, schema: string) {
  return {
    connectionString: asLibpqReads(url),
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    // All rows fit in memory, so a random page costs little more than the next one; JIT compiles for tens of
    // ms what runs for a few; parallel workers would hide the cost of one report.
    options: [`search_path=${schema}`, 'random_page_cost=1.1', 'jit=off', 'max_parallel_workers_per_gather=0']
      .map((setting) => `-c ${setting}`)
      .join(' '),
  };
}

function runOn(client: Pick<Client, 'query'>): Connection['run'] {
  return async (statement, values = []) =>
    typeof statement === 'string'
      ? (await client.query<QueryResultRow>(statement)).rows
      : (await client.query<QueryResultRow>({ ...statement, values: [...values] })).rows;
}

function pooled(settings: Settings, size: number, onOpen: () => void, onLog: (line: string) => void): Source {
  const pool = new Pool({ ...settings, max: size, idleTimeoutMillis: 0 });
  pool.on('connect', onOpen);
  // A connection that breaks while idle is replaced by the pool; without a listener it ends the process.
  let closing = false;
  pool.on('error', (error) => {
    // The pool counts connections as ended before the server has let go of them.
    if (!closing) onLog(`a database connection was lost: ${error.message}`);
  });
  return {
    async take() {
      try {
        const client = await pool.connect();
        return { run: runOn(client), giveBack: (error) => client.release(error) };
      } catch (error) {
        if (error instanceof Error && error.message.startsWith('timeout exceeded when trying to connect')) {
          // Waiting longer would only pile up.
          throw new HttpError(503, 'busy', 'no database connection came free in time', {
            headers: { 'retry-after': '1' },
          });
        }
        throw error;
      }
    },
    use: () => ({
      used: pool.totalCount - pool.idleCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
      size,
    }),
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

/** As systems without a pool do: connect, ask, disconnect. */
function unpooled(settings: Settings, onOpen: () => void): Source {
  const open = new Set<Client>();
  let [waiting, used] = [0, 0];
  return {
    async take() {
      const client = new Client(settings);
      // A connection that breaks fails its statement; without a listener it ends the process, too.
      client.on('error', () => {});
      waiting++;
      open.add(client);
      try {
        await client.connect();
        onOpen();
      } catch (error) {
        open.delete(client);
        throw error;
      } finally {
        waiting--;
      }
      used++;
      return {
        run: runOn(client),
        async giveBack() {
          used--;
          open.delete(client);
          await client.end().catch(() => {});
        },
      };
    },
    use: () => ({ used, idle: 0, waiting, size: 0 }),
    warm: async () => {},
    async close() {
      await Promise.all([...open].map((client) => client.end().catch(() => {})));
    },
  };
}
