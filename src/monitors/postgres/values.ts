// The figures that one row of the server's numbers gives. Called by ../postgres.ts.

import type { postgresFigures } from '../../model/monitor-figures.ts';
import type { StatusRow } from './queries.ts';

export type PostgresValues = Partial<Record<keyof typeof postgresFigures, number>>;

/** What the role may not see is left out. */
export function statusValues(status: StatusRow): PostgresValues {
  const told: Partial<Record<keyof typeof postgresFigures, number | null>> = {
    connections: status.connections,
    connections_active: status.active,
    connections_idle: status.idle,
    connections_idle_in_transaction: status.idle_in_transaction,
    connections_ratio: status.connection_limit > 0 ? status.connections / status.connection_limit : null,
    connections_opened: status.opened,
    transactions: status.commits + status.rollbacks,
    rollbacks: status.rollbacks,
    rows_returned: status.rows_returned,
    rows_written: status.rows_written,
    slow_statements_running: status.slow_running,
    lock_waits: status.lock_waits,
    blocked_sessions: status.blocked,
    deadlocks: status.deadlocks,
    temp_files: status.temp_files,
    temp_bytes: status.temp_bytes,
    checkpoints: status.checkpoints,
    longest_transaction_ms: status.longest_transaction_ms,
    replication_lag_bytes: status.lag_bytes,
    replication_lag_ms: status.lag_ms,
  };
  const values: PostgresValues = {};
  for (const [figure, value] of Object.entries(told)) {
    if (value !== null) values[figure as keyof PostgresValues] = value;
  }
  return values;
}
