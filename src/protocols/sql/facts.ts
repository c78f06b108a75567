// What is known of PostgreSQL's protocol without its client. See ../facts.ts.

import { clientOf, counter, lazily, type ProtocolFacts, rate, settingsOf, time } from '../facts.ts';
import type { SqlSettings } from './setting-types.ts';
import type { SqlClient } from './sql.ts';

const statement = { noun: 'statement', follows: 'sql_op_duration' } as const;

const errorClasses = [
  ...['deadlock', 'serialization', 'timeout', 'sql_pool_timeout', 'too_many_connections', 'constraint'],
  ...['connection', 'cancelled', 'permission', 'syntax', 'other'],
];

export const sql = {
  name: 'sql',
  title: 'SQL',
  ...clientOf<SqlClient>(),
  ...settingsOf<SqlSettings>(),
  load: lazily(() => import('./protocol.ts')),
  settings: { absent: 'this suite has no database: give it a key `sql`' },
  hasTlsSettings: true,
  inHooks: true,
  metrics: {
    /** Every statement that was sent, or that failed before it could be; BEGIN and COMMIT are statements, too. */
    sql_ops: counter('SQL statements', statement),
    sql_op_failed: rate('failed SQL statements', statement),
    sql_op_duration: time('SQL statement time', statement),
    /** First statement of an arrival-rate iteration only: `sql_op_duration` without the schedule lag. */
    sql_op_service_time: time('service time of SQL statements', statement),
    /** From the call until the statement had a connection, with its opening. */
    sql_pool_wait: time('wait for a database connection', { follows: 'sql_op_duration' }),
    /** One value per connection that was opened: until it was ready for statements. */
    sql_connecting: time('database connecting time'),
    sql_rows: counter('SQL rows'),
    sql_transactions: counter('SQL transactions'),
    sql_transaction_failed: rate('failed SQL transactions'),
    sql_transaction_duration: time('SQL transaction time'),
    /** Attempts after the first, of statements and of transactions. */
    sql_retries: counter('SQL retries'),
  },
  operation: {
    kind: 'statement',
    count: 'sql_ops',
    failed: 'sql_op_failed',
    duration: 'sql_op_duration',
    noun: 'statement',
    perSec: 'statements/s',
    colour: 1,
    table: {
      id: 'statements',
      title: 'Statements',
      heading: 'Statement',
      by: 'operation',
      more: { title: 'Rows', metric: 'sql_rows' },
    },
  },
  outcomes: [{ failed: 'sql_op_failed', noun: 'statement' }],
  errorsAmong: ['sql_ops'],
  judgedWhenCut: ['sql_op_duration'],
  breakdowns: [
    {
      metrics: ['sql_ops', 'sql_op_duration', 'sql_op_failed', 'sql_rows'],
      by: ['user', 'task', 'operation'],
    },
    { metrics: ['sql_op_failed'], by: ['error_class'] },
  ],
  tags: {
    operation: { noun: 'statement' },
    error_class: { isOutcome: true, values: errorClasses },
    effect: { isOutcome: true, values: ['read', 'changed'] },
    outcome: { isOutcome: true, values: ['committed', 'rolled_back', 'failed'] },
  },
  errors: [
    {
      pattern: /^sql_pool_timeout$/,
      meaning: 'No connection of the pool became free in time.',
      advice:
        'The pool of connections is exhausted: make it larger, hold connections for a shorter time, or look for transactions that are left open.',
    },
    {
      pattern: /^53300$/,
      meaning: 'The database server had no room for another connection.',
      advice:
        'The database server is out of connections: raise its max_connections, or make the pools smaller than it together.',
    },
  ],
} as const satisfies ProtocolFacts;
