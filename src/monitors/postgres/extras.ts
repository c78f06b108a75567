// What is dear to ask, and so asked less often than every time: the size of the database, and what pg_stat_statements
// keeps. Called by ../postgres.ts.

import type { MonitorTable } from '../../model/monitor.ts';
import { monotonicMs } from '../../time/clock.ts';
import { type PostgresSession, StatementError } from './postgres-session.ts';
import {
  mostStatements,
  ownMark,
  type Server,
  type StatementRow,
  scansQuery,
  sizeQuery,
  statementsQuery,
  type TextRow,
  textsQuery,
} from './queries.ts';
import { StatementBook } from './slow-statements.ts';
import { slowestStatements } from './tables.ts';

/** After a look that took a time, the next one waits for this many times as long: a hundredth of the time is spent. */
const restFactor = 100;
const shortestRestMs = 1000;
/** Also after a look that was given up. */
const longestRestMs = 120_000;
const shownStatements = 10;
/** Enough to have ten left when our own are taken out. */
const candidates = 20;

export interface ExtraFindings {
  readonly values: {
    readonly size_bytes?: number;
    readonly size_growth_bytes?: number;
    readonly rows_scanned?: number;
  };
  readonly tables: readonly MonitorTable[];
  readonly events: readonly string[];
  /** Why something is missing; the same sentences each time. */
  readonly notes: readonly string[];
}

const nothing: ExtraFindings = { values: {}, tables: [], events: [], notes: [] };

export class Extras {
  readonly #slowMs: number;
  /** `null` as long as pg_stat_statements could not be read. */
  #book: StatementBook | null = null;
  /** By query id; empty for our own. */
  readonly #texts = new Map<string, string>();
  #firstBytes: number | null = null;
  /** As the server told it last, and what it has gained since the first look. */
  #lastScanned: number | null = null;
  #scanned = 0;
  #dueMs = 0;

  constructor(slowMs: number) {
    this.#slowMs = slowMs;
  }

  get book(): StatementBook | null {
    return this.#book;
  }

  /** The server's totals may have begun anew, with ids of other statements. */
  restarted(): void {
    this.#texts.clear();
    this.#dueMs = 0;
  }

  /** Asks if it is time to; finds nothing otherwise. Rejects when the session breaks. */
  async look(session: PostgresSession, server: Server, signal: AbortSignal): Promise<ExtraFindings> {
    const startedMs = monotonicMs();
    if (startedMs < this.#dueMs) return nothing;
    // A look that takes more time than a reading has must not spoil the next readings, too.
    this.#dueMs = startedMs + longestRestMs;
    const size = await this.#size(session, signal);
    const scans = await this.#scans(session, signal);
    const statements =
      server.statementsSchema === null ? nothing : await this.#statements(session, server, signal);
    const endedMs = monotonicMs();
    const restMs = Math.max(shortestRestMs, restFactor * (endedMs - startedMs));
    this.#dueMs = endedMs + Math.min(restMs, longestRestMs);
    return {
      ...statements,
      values: { ...size.values, ...scans.values },
      notes: [...size.notes, ...scans.notes, ...statements.notes],
    };
  }

  async #size(session: PostgresSession, signal: AbortSignal): Promise<ExtraFindings> {
    return await unlessRefused('the size of the database', async () => {
      const [[bytes] = [0]] = await session.arrays<[number]>(sizeQuery, signal);
      this.#firstBytes ??= bytes;
      return { ...nothing, values: { size_bytes: bytes, size_growth_bytes: bytes - this.#firstBytes } };
    });
  }

  /** The server's sum falls when a table is dropped; what the others gained meanwhile is lost then. */
  async #scans(session: PostgresSession, signal: AbortSignal): Promise<ExtraFindings> {
    return await unlessRefused('what sequential scans read', async () => {
      const [[rows] = [0]] = await session.arrays<[number]>(scansQuery, signal);
      this.#scanned += Math.max(0, rows - (this.#lastScanned ?? rows));
      this.#lastScanned = rows;
      return { ...nothing, values: { rows_scanned: this.#scanned } };
    });
  }

  async #statements(session: PostgresSession, server: Server, signal: AbortSignal): Promise<ExtraFindings> {
    return await unlessRefused('pg_stat_statements', async () => {
      const rows = await session.arrays<[...StatementRow]>(statementsQuery(server), signal);
      this.#book ??= new StatementBook(this.#slowMs, mostStatements);
      const wasReset = this.#book.look(rows);
      const slowest = this.#book.slowest(candidates);
      const unknown = slowest.map(({ queryId }) => queryId).filter((id) => !this.#texts.has(id));
      if (unknown.length > 0) {
        const texts = await session.arrays<[...TextRow]>(textsQuery(server, unknown), signal);
        for (const [id, text] of texts) this.#texts.set(id, text.includes(ownMark) ? '' : text);
      }
      const others = slowest.filter(({ queryId }) => (this.#texts.get(queryId) ?? '') !== '');
      return {
        ...nothing,
        tables: others.length === 0 ? [] : [slowestStatements(others.slice(0, shownStatements), this.#texts)],
        events: wasReset ? ['pg_stat_statements was reset'] : [],
      };
    });
  }
}

/** A statement that the server refuses leaves a note, and the reading goes on. */
async function unlessRefused(what: string, ask: () => Promise<ExtraFindings>): Promise<ExtraFindings> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    return { ...nothing, notes: [`${what} cannot be read: ${error.message}`] };
  }
}
