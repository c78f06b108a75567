// What the server is asked when a run has gone badly: who is at work on what, and which statements took most time. Called by
// ../postgres.ts. Source of views and columns: PostgreSQL 13 to 18, as in queries.ts.

import type { QueryConfig } from 'pg';
import { maskStatement } from '../../masking/mask-statement.ts';
import type { MonitorTable } from '../../model/monitor.ts';
import { ownMark, type Server } from './queries.ts';

const mostSessions = 20;
const mostStatements = 10;

export interface SessionRow {
  readonly pid: number;
  readonly state: string | null;
  readonly waits_for: string | null;
  readonly since_ms: number | null;
  readonly query: string | null;
}

/** Sessions of this database that do something, or hold a transaction open; ours is not among them. */
export const sessionsQuery: QueryConfig = {
  name: 'plimsoll_sessions',
  text: `SELECT pid, state, wait_event_type || ': ' || wait_event AS waits_for, left(query, 1000) AS query,
  greatest(0, 1000 * extract(epoch FROM statement_timestamp() - coalesce(xact_start, query_start)))::float8 AS since_ms
FROM (VALUES (1)) AS mark(${ownMark}), pg_stat_activity
WHERE pid <> pg_backend_pid() AND datname = current_database() AND state <> 'idle'
  AND backend_type IN ('client backend', 'parallel worker')
ORDER BY since_ms DESC NULLS LAST, pid LIMIT ${mostSessions}`,
};

export function sessionsAtWork(rows: readonly SessionRow[]): MonitorTable {
  return {
    name: 'sessions_at_work',
    title: 'Sessions at work or in a transaction (pg_stat_activity)',
    columns: [
      { title: 'pid', unit: 'text' },
      { title: 'state', unit: 'text' },
      { title: 'waits for', unit: 'text' },
      { title: 'since', unit: 'ms' },
      { title: 'statement', unit: 'text' },
    ],
    rows: rows.map((row) => [
      String(row.pid),
      row.state ?? '',
      row.waits_for ?? '',
      row.since_ms,
      maskStatement(row.query ?? ''),
    ]),
  };
}

export interface TopStatementRow {
  readonly query: string;
  readonly calls: number;
  readonly mean_ms: number;
  readonly total_ms: number;
}

/** `undefined` where the extension is not installed. */
export function topStatementsQuery({ statementsSchema, statementsVersion }: Server): QueryConfig | undefined {
  if (statementsSchema === null) return undefined;
  const total = statementsVersion >= 1008 ? 'total_exec_time' : 'total_time';
  return {
    name: 'plimsoll_top_statements',
    text: `SELECT left(query, 1000) AS query, calls::float8 AS calls, (${total} / calls)::float8 AS mean_ms, ${total}::float8 AS total_ms
FROM ${statementsSchema}.pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND calls > 0
  AND query IS NOT NULL AND query NOT LIKE '%${ownMark}%'
ORDER BY ${total} DESC LIMIT ${mostStatements}`,
  };
}

export function statementsByTotal(rows: readonly TopStatementRow[]): MonitorTable {
  return {
    name: 'statements_by_total',
    title: 'Statements by total time since the statistics of the server began (pg_stat_statements)',
    columns: [
      { title: 'statement', unit: 'text' },
      { title: 'calls', unit: 'count' },
      { title: 'mean', unit: 'ms' },
      { title: 'total', unit: 'ms' },
    ],
    rows: rows.map(({ query, calls, mean_ms: meanMs, total_ms: totalMs }) => [
      maskStatement(query),
      calls,
      meanMs,
      totalMs,
    ]),
  };
}
