// The database tests of the adapter, PROF-S3-6 of the README. Used by ../suite.ts.

import type { ComparisonDefinition, ProfileDefinition, ThresholdDefinition } from 'plimsoll';
import { schema } from './statements.ts';
import { comparedOperations } from './users.ts';

/** Of each: chosen by `--scenario database`, and by `--test` and its name. */
const markers = ['database', 'test'];

/** Of each: the service needs no database of its users. */
const sql = { marker: `${schema}.plimsoll_suite`, statementTimeout: '10s' } as const;

type Thresholds = Readonly<Record<string, readonly ThresholdDefinition[]>>;

/** Size of the application's connection pool, and users that compete for it: from the environment, or the defaults. */
const poolSize = fromEnv('ADAPTER_POOL', 100);
const peakUsers = fromEnv('ADAPTER_PEAK', 300);

function fromEnv(name: string, fallback: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new TypeError(`${name} must be a whole number above 0, found ${JSON.stringify(text)}`);
}

/** SLO-16: neither the pool nor the server runs out of connections. */
const noExhaustion: Thresholds = {
  'sql_ops{error_class:too_many_connections}': ['count<1'],
  'sql_ops{error_class:sql_pool_timeout}': ['count<1'],
};

/** SLO-16: queries below 100 ms. */
const fast: Thresholds = { sql_op_duration: ['p(95)<100'], sql_op_failed: ['rate<0.01'] };

const overhead = (operation: string): ComparisonDefinition => ({
  metric: 'sql_op_duration',
  of: { operation: `${operation}_rls` },
  against: { operation: `${operation}_plain` },
});

export const databaseProfiles = {
  connection_pool: {
    description: '100 connections at work at the same time: does the server take and serve them?',
    whenToRun: 'Before major releases, and after changes of pool sizes or of the server',
    markers,
    sql,
    executor: 'constant-vus',
    vus: 100,
    rampUp: '3s',
    duration: '60s',
    users: ['agent'],
    thinkTime: ['900ms', '1500ms'],
    gracefulStop: '5s',
    thresholds: { ...fast, ...noExhaustion },
  },
  query_performance: {
    description: '500 queries a second, whatever the database does: do they stay fast?',
    whenToRun: 'Weekly, and after changes of queries or schema',
    markers,
    sql,
    executor: 'constant-arrival-rate',
    rate: 500,
    duration: '60s',
    preAllocatedVUs: 50,
    maxVUs: 100,
    users: ['agent'],
    gracefulStop: '5s',
    thresholds: { ...fast, ...noExhaustion },
  },
  pool_exhaustion: {
    description:
      'More users than the pool has connections: does everyone get a turn, and how soon is it over?',
    whenToRun: 'After changes of pool sizes, and before campaigns',
    markers,
    sql: { ...sql, connections: { pool: poolSize }, poolTimeout: '2s' },
    phases: [
      { name: 'before', executor: 'constant-vus', vus: few(4), duration: '5s', users: ['holder'] },
      { name: 'rush', executor: 'constant-vus', vus: peakUsers, duration: '20s', users: ['holder'] },
      { name: 'after', executor: 'constant-vus', vus: few(4), duration: '10s', users: ['holder'] },
    ],
    // This profile makes users wait on purpose; a wait above one second is a warning.
    thresholds: { ...noExhaustion, pool_recovery: ['max<5000'], sql_pool_wait: [{ target: 'p(95)<1000' }] },
  },
  rls_overhead: {
    description: 'The same queries with and without row-level security: what do the policies cost?',
    whenToRun: 'After changes of policies, and before upgrades of PostgreSQL',
    markers,
    sql,
    executor: 'constant-vus',
    vus: 2,
    duration: '30s',
    users: ['comparer'],
    gracefulStop: '5s',
    thresholds: { sql_op_failed: ['rate<0.01'] },
    comparisons: {
      // The limit applies to all statements together; the report shows each statement as well.
      rls_overhead: {
        metric: 'query_set',
        of: { security: 'rls' },
        against: { security: 'plain' },
        limit: '<10%',
      },
      ...Object.fromEntries(comparedOperations.map((name) => [`rls_${name}`, overhead(name)])),
    },
  },
  index_effectiveness: {
    description: 'Every reading statement, and its plan: is an index missing, is one there for nothing?',
    whenToRun: 'After changes of queries, schema or data volume',
    markers,
    sql,
    executor: 'constant-vus',
    vus: 4,
    duration: '15s',
    users: ['reader'],
    thinkTime: '10ms',
    gracefulStop: '5s',
    thresholds: fast,
  },
} satisfies Record<string, ProfileDefinition>;

/** A load well within the pool: one n-th of its connections, at least one. */
function few(n: number): number {
  return Math.max(1, Math.floor(poolSize / n));
}
