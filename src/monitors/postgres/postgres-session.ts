// One session on the server that is watched: how it is opened, asked, given up and closed. Called by ../postgres.ts; a
// session that broke is never mended, the next reading opens another.

import type net from 'node:net';
import type tls from 'node:tls';
import type { Client, QueryArrayConfig, QueryConfig, QueryResultRow } from 'pg';
import { messageOf } from '../../model/errors.ts';
import { directTo, unixSocket } from '../../network/destination.ts';
import type { Dialer } from '../../network/dialer.ts';
import { type Database, placeOf, type SslMode } from '../../protocols/sql/database-url.ts';
import { Statements } from '../../protocols/sql/statement.ts';
import { delay } from '../../time/timer.ts';
import { unlessAborted, unlessTooMuch } from '../give-up.ts';

/**
 * Set at the start and not by SET, so that a pooler between us and the server cannot hand them on to others. The path
 * keeps functions and operators that somebody made in the database out of our statements.
 */
const settings = '-c default_transaction_read_only=on -c search_path=pg_catalog -c jit=off';
/** A statement of ours that takes longer is ended by the server, also when we are gone. */
const statementLimitMs = 5000;
const lockLimitMs = 500;
/** How long a session may take to say goodbye. */
const farewellMs = 300;

export class PostgresSession {
  readonly #client: Client;
  readonly #socket: net.Socket;
  readonly #place: string;
  #alive = true;
  readonly #statements = new Statements();
  /** The session is ours alone, as far as is known, so that statements can be prepared in it. */
  #isOwn = true;

  private constructor(client: Client, socket: net.Socket, place: string) {
    this.#client = client;
    this.#socket = socket;
    this.#place = place;
    // What is told here is told by the statement under way, or by the next one.
    client.on('error', () => {
      this.#alive = false;
    });
    client.on('end', () => {
      this.#alive = false;
    });
  }

  /** Rejects with an `Error` that says what failed, without user and password. */
  static async open(
    database: Database,
    password: string | undefined,
    signal: AbortSignal,
    dialer: Dialer,
  ): Promise<PostgresSession> {
    // The library is loaded by those who watch a database.
    const { Client } = await import('pg');
    const place = `PostgreSQL at ${placeOf(database)}`;
    const socket = await dialed(database, place, signal, dialer);
    const client = new Client({
      host: database.socketPath === null ? database.host : database.socketPath.replace(/\/[^/]*$/, ''),
      port: database.port,
      user: database.user,
      database: database.database,
      ssl: tlsOf(database.sslMode),
      stream: () => socket,
      application_name: 'plimsoll-monitor',
      statement_timeout: statementLimitMs,
      lock_timeout: lockLimitMs,
      options: [database.options ?? '', settings].join(' ').trim(),
      ...(password !== undefined && { password }),
    });
    const session = new PostgresSession(client, socket, place);
    await session.#run(signal, () => client.connect(), 'let us in');
    return session;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Rows as objects. Rejects as `open`; a refusal of the server is a `StatementError` and leaves the session alive. */
  async rows<Row extends QueryResultRow>(query: QueryConfig, signal: AbortSignal): Promise<Row[]> {
    const work = (named: QueryConfig) => this.#client.query<Row>(named);
    return (await this.#ask(query, work, signal)).rows;
  }

  /** Rows as arrays, which cost less where there are many. */
  async arrays<Row extends unknown[]>(
    query: Omit<QueryArrayConfig, 'rowMode'>,
    signal: AbortSignal,
  ): Promise<Row[]> {
    const work = (named: QueryConfig) => this.#client.query<Row>({ ...named, rowMode: 'array' });
    return (await this.#ask(query, work, signal)).rows;
  }

  /**
   * Statements with a name are prepared. Behind a pooler in transaction mode names are those of all its clients: ours
   * are made of the text, so that none stands for another statement, and when one is refused we go without.
   */
  async #ask<Result>(
    { name, ...query }: QueryConfig,
    work: (query: QueryConfig) => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Result> {
    const serverName = name === undefined ? '' : this.#statements.get(query.text).serverName;
    if (serverName === '' || !this.#isOwn) return await this.#run(signal, () => work(query), 'answer');
    try {
      return await this.#run(signal, () => work({ ...query, name: serverName }), 'answer');
    } catch (error) {
      if (!(error instanceof StatementError) || (error.code !== '26000' && error.code !== '42P05'))
        throw error;
      this.#isOwn = false;
      return await this.#run(signal, () => work(query), 'answer');
    }
  }

  async #run<T>(signal: AbortSignal, work: () => Promise<T>, verb: string): Promise<T> {
    const reason = () => `${this.#place} did not ${verb} in the time that a reading may take`;
    try {
      const bounded = () => unlessTooMuch(this.#socket, work, () => this.drop());
      return await unlessAborted(signal, bounded, () => this.drop(), reason);
    } catch (error) {
      if (signal.aborted) throw error;
      const code = codeOf(error);
      if (this.#alive && code !== undefined && /^[0-9A-Z]{5}$/.test(code) && verb === 'answer') {
        throw new StatementError(`${this.#place} refuses a statement: ${messageOf(error)} (${code})`, code);
      }
      this.drop();
      throw new Error(`${this.#place} cannot be read: ${why(error)}`, { cause: error });
    }
  }

  /** Cuts the connection off. What waits for an answer rejects. */
  drop(): void {
    this.#alive = false;
    this.#socket.destroy();
  }

  /** Says goodbye, which a server that hangs does not hear. */
  async close(): Promise<void> {
    if (this.#alive)
      await Promise.race([this.#client.end().catch(() => {}), delay(farewellMs, { unref: true })]);
    this.drop();
  }
}

/** A socket that is connected already, for a library that wants to do that itself. */
async function dialed(
  { host, port, socketPath }: Database,
  place: string,
  signal: AbortSignal,
  dialer: Dialer,
): Promise<net.Socket> {
  const to = socketPath === null ? directTo(host, port) : unixSocket(socketPath);
  let socket: net.Socket;
  try {
    socket = await dialer.connect(to, {}, signal);
  } catch (error) {
    if (signal.aborted) throw new Error(`${place} did not let us in in the time that a reading may take`);
    throw new Error(`${place} cannot be read: ${why(error)}`, { cause: error });
  }
  return Object.assign(socket, {
    connect() {
      process.nextTick(() => socket.emit('connect'));
      return socket;
    },
  });
}

/** The server refuses one statement and goes on with the session. */
export class StatementError extends Error {
  /** SQLSTATE. */
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

function tlsOf(mode: SslMode): tls.ConnectionOptions | false {
  switch (mode) {
    case 'disable':
      return false;
    case 'require':
      return { rejectUnauthorized: false };
    case 'verify-ca':
      return { checkServerIdentity: () => undefined };
    case 'verify-full':
      return {};
  }
}

function codeOf(error: unknown): string | undefined {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

/** In words that do not name the user. Source of the codes: PostgreSQL 18, appendix A. */
function why(error: unknown): string {
  const code = codeOf(error);
  if (code === '53300') return `too many connections: all that the server allows are taken (${code})`;
  if (code?.startsWith('28')) return `user or password is wrong, or may not connect from here (${code})`;
  if (code === '57P01') return `the session was ended by an administrator, or the server stops (${code})`;
  const message = messageOf(error);
  if (/unsupported startup parameter/.test(message)) {
    return `${message}: the URL leads to a pooler; watch the server itself through its own port (${code})`;
  }
  return code === undefined || message.includes(code) ? message : `${message} (${code})`;
}
