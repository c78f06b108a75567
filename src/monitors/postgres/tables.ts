// The tables that the monitor shows beside its figures. Called by ../postgres.ts.

import { maskStatement } from '../../masking/mask-statement.ts';
import type { MonitorTable } from '../../model/monitor.ts';
import type { BlockedRow, StateRow } from './queries.ts';
import type { StatementGain } from './slow-statements.ts';

export function sessionsByState(states: readonly StateRow[]): MonitorTable {
  return {
    name: 'sessions_by_state',
    title: 'Sessions by state',
    columns: [
      { title: 'state', unit: 'text' },
      { title: 'sessions', unit: 'count' },
      { title: 'longest in state', unit: 'ms' },
    ],
    rows: states.map(({ state, sessions, longest_ms: longestMs }) => [state, sessions, longestMs]),
  };
}

/** Shown only while somebody is blocked: the one of the last time then stands, for those who look afterwards. */
export function blockedSessions(rows: readonly BlockedRow[]): MonitorTable {
  return {
    name: 'blocked_sessions',
    title: 'Blocked sessions, when there last were any',
    columns: [
      { title: 'pid', unit: 'count' },
      { title: 'waiting for', unit: 'ms' },
      { title: 'statement', unit: 'text' },
      { title: 'blocked by pid', unit: 'count' },
      { title: 'its statement', unit: 'text' },
      { title: 'its state', unit: 'text' },
    ],
    rows: rows.map((row) => [
      row.pid,
      row.waiting_ms,
      maskStatement(row.statement ?? ''),
      row.blocker,
      maskStatement(row.blocker_statement ?? ''),
      // A prepared transaction waits for its second half, and has no session.
      row.blocker === 0 ? 'prepared transaction' : (row.blocker_state ?? ''),
    ]),
  };
}

/** `texts` by query id; statements without one are left out. */
export function slowestStatements(
  gains: readonly StatementGain[],
  texts: ReadonlyMap<string, string>,
): MonitorTable {
  return {
    name: 'slowest_statements',
    title: 'Slowest statements by mean time since the monitor began',
    columns: [
      { title: 'statement', unit: 'text' },
      { title: 'calls', unit: 'count' },
      { title: 'mean', unit: 'ms' },
      { title: 'total', unit: 'ms' },
    ],
    rows: gains.flatMap(({ queryId, calls, totalMs }) => {
      const text = texts.get(queryId);
      return text === undefined ? [] : [[maskStatement(text), calls, totalMs / calls, totalMs]];
    }),
  };
}
