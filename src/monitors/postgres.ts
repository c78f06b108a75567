// The monitor of a PostgreSQL database: sessions, work, locks, statements. Made by monitors.ts; statements to the server
// are in postgres/queries.ts, what their results mean in postgres/.

import type { MonitorTable, Reading } from '../model/monitor.ts';
import type { MonitorSecret, SourceOf } from '../model/monitor-settings.ts';
import { Dialer } from '../network/dialer.ts';
import { type Database, parseDatabaseUrl } from '../protocols/sql/database-url.ts';
import { monotonicMs } from '../time/clock.ts';
import { untilClosed } from './give-up.ts';
import type { Monitor } from './monitor.ts';
import { Changes } from './postgres/changes.ts';
import {
  type SessionRow,
  sessionsAtWork,
  sessionsQuery,
  statementsByTotal,
  type TopStatementRow,
  topStatementsQuery,
} from './postgres/diagnosis.ts';
import { Extras } from './postgres/extras.ts';
import { PostgresSession } from './postgres/postgres-session.ts';
import {
  type Server,
  type ServerRow,
  type StatusRow,
  serverOf,
  serverQuery,
  statusQuery,
} from './postgres/queries.ts';
import { SlowWatch, slowTogether } from './postgres/slow-statements.ts';
import { blockedSessions, sessionsByState } from './postgres/tables.ts';
import { statusValues } from './postgres/values.ts';

/** Sessions' last statements are looked at again for a while, since readings and the server's clock are not in step. */
const overlapMs = 1000;

/** Watches the database of the URL, and the server as far as its sessions are concerned. */
export function createPostgresMonitor(
  source: SourceOf<'postgres'>,
  secret: MonitorSecret,
  dialer: Dialer = new Dialer(),
): Monitor {
  return new PostgresMonitor(source, secret, dialer);
}

class PostgresMonitor implements Monitor {
  readonly #database: Database;
  readonly #dialer: Dialer;
  readonly #password: string | undefined;
  readonly #slowMs: number;
  readonly #closing = new AbortController();
  #session: { readonly connection: PostgresSession; readonly server: Server } | null = null;
  readonly #changes = new Changes();
  readonly #slow = new SlowWatch();
  readonly #extras: Extras;
  /** Sentences that were said, and are said once. */
  readonly #said = new Set<string>();
  #lastReadMs: number | null = null;

  constructor(source: SourceOf<'postgres'>, secret: MonitorSecret, dialer: Dialer) {
    this.#dialer = dialer;
    const url = new URL(secret.url ?? source.url);
    this.#database = parseDatabaseUrl(url.href);
    // Without one, the library looks at PGPASSWORD and the password file.
    this.#password = decodeURIComponent(url.password) || url.searchParams.get('password') || undefined;
    this.#slowMs = source.slowStatementMs;
    this.#extras = new Extras(source.slowStatementMs);
  }

  read(signal: AbortSignal): Promise<Reading> {
    return untilClosed(signal, this.#closing.signal, (until) => this.#read(until));
  }

  async #read(signal: AbortSignal): Promise<Reading> {
    const { connection, server } = await this.#connected(signal);
    const nowMs = monotonicMs();
    const backMs = this.#lastReadMs === null ? 0 : nowMs - this.#lastReadMs + overlapMs;
    const rows = await connection.rows<StatusRow>(statusQuery(server, this.#slowMs, backMs), signal);
    const status = rows[0]!;
    this.#lastReadMs = nowMs;
    const events = this.#changes.see(status);
    if (this.#changes.restarted) this.#extras.restarted();
    this.#slow.see(status.slow ?? []);
    const extras = await this.#extras.look(connection, server, signal);
    const notes = [...missing(server), ...extras.notes].filter((note) => !this.#said.has(note));
    for (const note of notes) this.#said.add(note);
    const values = { ...statusValues(status), ...this.#changes.values, ...extras.values };
    if (server.seesAll || this.#extras.book !== null) {
      values.slow_statements = slowTogether(this.#slow, this.#extras.book);
    }
    const tables: MonitorTable[] = [...extras.tables];
    if (status.states !== null) tables.push(sessionsByState(status.states));
    if (status.blocked_by !== null) tables.push(blockedSessions(status.blocked_by));
    return { values, tables, events: [...events, ...extras.events, ...notes] };
  }

  diagnose(signal: AbortSignal): Promise<readonly MonitorTable[]> {
    return untilClosed(signal, this.#closing.signal, async (until) => {
      const { connection, server } = await this.#connected(until);
      const sessions = await connection.rows<SessionRow>(sessionsQuery, until);
      const query = topStatementsQuery(server);
      const statements = query === undefined ? [] : await connection.rows<TopStatementRow>(query, until);
      return [sessionsAtWork(sessions), ...(statements.length > 0 ? [statementsByTotal(statements)] : [])];
    });
  }

  async #connected(signal: AbortSignal) {
    if (this.#session?.connection.alive) return this.#session;
    this.#session = null;
    const connection = await PostgresSession.open(this.#database, this.#password, signal, this.#dialer);
    try {
      const rows = await connection.rows<ServerRow>({ text: serverQuery }, signal);
      this.#session = { connection, server: serverOf(rows[0]!) };
      return this.#session;
    } catch (error) {
      connection.drop();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const session = this.#session;
    this.#session = null;
    await session?.connection.close();
  }
}

/** What the role and the database keep from us, a sentence each. */
function missing({ seesAll, statementsSchema }: Server): string[] {
  const notes: string[] = [];
  if (!seesAll) {
    notes.push(
      'the role is not allowed to see other sessions: their states, statements, locks and replicas are missing, and connections include parallel workers; GRANT pg_monitor to it',
    );
  }
  if (statementsSchema === null) {
    notes.push(
      'pg_stat_statements is not installed in this database: slow statements that end between two readings may be missed, and the slowest statements are missing',
    );
  }
  return notes;
}
