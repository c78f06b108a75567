// Rules about databases and the connections to them. Used by rules.ts.

import {
  averageStatement,
  blockedSessions,
  deadlocks,
  foundInMemory,
  perOperation,
  perRequest,
  reportedStatements,
  serverCpu,
  slowPerMinute,
  statementsPerCore,
  timeInDatabase,
} from './database-measures.ts';
import { errorShare } from './error-shares.ts';
import { means, totals } from './figures.ts';
import { usedOfPool, waitForPool, waitingOfPool } from './pool-measures.ts';
import { type Rule, rule } from './rule.ts';

export const databaseRules: readonly Rule[] = [
  rule({
    id: 'locks',
    title: 'locks in the database',
    explains: ['latency', 'errors', 'throughput'],
    reach: 'part',
    signs: {
      blocked: { kind: 'saturation', measure: blockedSessions },
      deadlocks: { kind: 'errors', measure: deadlocks },
    },
    meaning: 'Sessions of the database wait for locks that others hold.',
    advice:
      'See the table of blocked sessions: who holds the lock, and with which statement. Make transactions short, keep calls to other systems and waits for users out of them, lock rows in one order, and spread what all write (one counter, one row of totals) over several rows.',
    covers: ['BOTTLE-8', 'BOTTLE-19'],
  }),
  rule({
    id: 'missing-index',
    title: 'statements that read many rows, as where an index is missing',
    explains: ['latency', 'throughput'],
    reach: 'part',
    signs: {
      rows: { kind: 'waste', measure: (scene) => perOperation(scene, 'rows_returned', 'rows read') },
      scanned: {
        kind: 'waste',
        measure: (scene) => perOperation(scene, 'rows_scanned', 'rows read by sequential scans'),
      },
    },
    follows: ['n-plus-one', 'cache'],
    meaning: 'The database reads many rows for each operation, more than an answer usually needs.',
    advice:
      'Look at the plans (EXPLAIN ANALYZE) of the statements that take most time for sequential scans; add indexes on the columns that they filter, join and sort by, read fewer columns and rows, and keep sums that are asked for often.',
    covers: ['BOTTLE-1', 'BOTTLE-13', 'BOTTLE-18'],
  }),
  rule({
    id: 'n-plus-one',
    title: 'many statements for each request (N+1)',
    explains: ['latency', 'throughput'],
    reach: 'part',
    signs: {
      statements: { kind: 'waste', measure: reportedStatements },
      transactions: { kind: 'waste', measure: (scene) => perRequest(scene, 'transactions', 'transactions') },
    },
    meaning:
      'Each request asks the database many times, as where one statement is sent for every row of a list.',
    advice:
      'Ask once in place of once per row: joins, `IN (...)`, prefetching (select_related, prefetch_related), data loaders, and sums made by the database; then index what these statements filter by.',
    covers: ['BOTTLE-12'],
  }),
  rule({
    id: 'statements',
    title: 'slow statements',
    explains: ['latency', 'errors', 'throughput'],
    reach: 'part',
    signs: {
      slow: { kind: 'saturation', measure: slowPerMinute },
      running: {
        kind: 'saturation',
        measure: (scene) => means(scene, ['postgres'], 'slow_statements_running'),
      },
    },
    follows: ['locks', 'missing-index', 'disk'],
    meaning: 'Statements take longer than the monitor’s limit for slow ones.',
    advice:
      'Take the slowest statements from the report of the database’s monitor, read their plans (EXPLAIN ANALYZE), add indexes, rewrite them, or keep their results; switch on the log of slow statements.',
    covers: ['BOTTLE-1', 'BOTTLE-8', 'BOTTLE-13', 'BOTTLE-18'],
  }),
  rule({
    id: 'pool',
    title: 'the pool of database connections',
    explains: ['latency', 'errors', 'throughput'],
    reach: 'part',
    signs: {
      waiting: { kind: 'saturation', measure: waitingOfPool },
      wait: { kind: 'saturation', measure: waitForPool },
      used: { kind: 'utilisation', measure: usedOfPool },
      timeouts: {
        kind: 'errors',
        measure: (scene) => errorShare(scene, /pool.*timeout|pool_exhausted/, 'got no connection in time'),
      },
    },
    follows: [
      ...(['generator', 'locks', 'missing-index', 'n-plus-one', 'statements', 'database', 'cache'] as const),
      ...(['cpu', 'collection', 'disk'] as const),
    ],
    alwaysFollows: ['churn'],
    meaning: 'Operations wait for a connection to the database, while those there are are all in use.',
    advice:
      'Enlarge the pool as far as the database allows (for instance from 10 to 20 connections at least, from 100 to 150 at most, with a timeout of 60 s in place of 30 s); hold connections for as short as possible, and look for ones that are never given back.',
    covers: ['BOTTLE-8', 'BOTTLE-10', 'BOTTLE-14'],
  }),
  rule({
    id: 'connections',
    title: 'too many database connections',
    explains: ['latency', 'errors', 'throughput'],
    reach: 'part',
    signs: {
      ratio: { kind: 'utilisation', measure: (scene) => means(scene, ['postgres'], 'connections_ratio') },
      refused: {
        kind: 'errors',
        measure: (scene) =>
          errorShare(scene, /too_many_connections|53300/, 'were refused for too many connections'),
      },
      rejected: { kind: 'errors', measure: (scene) => totals(scene, ['redis'], 'rejected_connections') },
    },
    follows: ['locks', 'missing-index', 'statements', 'churn'],
    meaning: 'The server has as many connections as it allows, or nearly so.',
    advice:
      'Put a pooler between the target and the server, lower the pools of the target’s instances, or raise max_connections and the pools with it (from 20 + 40 to 40 + 60, connections recycled every hour); or run with fewer users.',
    covers: ['BOTTLE-8', 'BOTTLE-17'],
  }),
  rule({
    id: 'database',
    title: 'the database',
    explains: ['latency', 'errors', 'throughput'],
    reach: 'part',
    signs: {
      time: { kind: 'utilisation', measure: timeInDatabase },
      cpu: { kind: 'utilisation', measure: serverCpu },
      sessions: { kind: 'saturation', measure: statementsPerCore },
      average: { kind: 'utilisation', measure: averageStatement },
      found: { kind: 'waste', measure: foundInMemory },
    },
    alwaysFollows: ['locks', 'missing-index', 'n-plus-one', 'cache'],
    follows: ['disk'],
    meaning: 'The database works at its limit, or most of the response time is spent in it.',
    advice:
      'Look at the statements that take most time, and at their plans and indexes; keep results that are asked for often; give reads to replicas, and give the server more memory and CPU.',
    covers: ['BOTTLE-1', 'BOTTLE-8', 'BOTTLE-13', 'BOTTLE-18'],
  }),
];
