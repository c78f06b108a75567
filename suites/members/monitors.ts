// Monitors and alerts of the database under load.

import type { AlertDefinition, MonitorDefinition } from 'plimsoll';

export const monitors: Readonly<Record<string, MonitorDefinition>> = {
  postgres: { kind: 'postgres', optional: true },
  // The process that listens on the database's port, if it runs on this machine, with one child per connection.
  server: { kind: 'process', title: 'database server', optional: true },
};

export const alerts: Readonly<Record<string, AlertDefinition>> = {
  slow: {
    title: 'Operations take long on average',
    // ALERT-4: the source document checks it once a week by mail.
    warning: 'operation_duration avg > 500ms for 30s',
    respond: [
      'Look at the slowest statements by mean time, and at their plans.',
      'Check that the indexes of the members system are there.',
      'Reduce the users, or add read replicas for what is only read.',
    ],
  },
  failures: {
    title: 'Operations fail',
    // ASSESS-3: below 99 % "monitor errors", below 90 % "critical issues".
    warning: 'operation_failed > 1% for 10s',
    critical: 'operation_failed > 10% for 10s',
    respond: [
      'Look at the table of errors by class: deadlocks, timeouts, too many connections, constraints.',
    ],
  },
  connections: {
    title: 'The database runs out of connections',
    warning: 'monitor_postgres_connections_ratio > 80%',
    critical: 'monitor_postgres_connections_ratio > 95%',
    respond: [
      'Raise the pool from 20 + 40 to 40 + 60 connections, and max_connections with it.',
      'Put a pooler in front of the database, or run with fewer users.',
    ],
  },
};
