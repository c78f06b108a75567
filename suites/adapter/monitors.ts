// Monitors and alerts of the adapter's database under load.

import type { AlertDefinition, MonitorDefinition } from 'plimsoll';

export const monitors: Readonly<Record<string, MonitorDefinition>> = {
  postgres: { kind: 'postgres', interval: '2s', optional: true },
  // The process that listens on the database's port, if it runs on this machine, with one child per connection.
  server: { kind: 'process', title: 'database server', interval: '2s', optional: true },
};

/** ALERT-5: an error rate above 5 % or a p95 above 1,500 ms is a problem; pool timeouts and memory are watched, too. */
export const alerts: Readonly<Record<string, AlertDefinition>> = {
  errors: {
    title: 'Statements fail',
    critical: 'sql_op_failed > 5% for 5s',
    respond: [
      'Look at the classes of errors: timeouts of the pool mean that it is too small, or that statements hold it too long.',
      'POOL_MIN_SIZE 10 to 20, POOL_MAX_SIZE 100 to 150, CONNECTION_TIMEOUT 30 to 60 s.',
    ],
  },
  slow: {
    title: 'Statements are slow',
    critical: 'sql_op_duration p(95) > 1500ms for 5s',
    respond: ['Look at the slowest statements by mean time, and at blocked sessions and their blockers.'],
  },
  connections: {
    title: 'The database runs out of connections',
    warning: 'monitor_postgres_connections_ratio > 90%',
    respond: ['Lower the pools of the adapter’s instances, or raise max_connections.'],
  },
};
