// What the owner of the adapter requires of its database, SLO-16 of the README. Used by suite.ts. What row-level security
// costs and whether indexes are used are a comparison and a finding: they are in the verdict, and no part of the score.

import type { ObjectiveDefinition } from 'plimsoll';

export const objectives: Readonly<Record<string, ObjectiveDefinition>> = {
  fast_queries: {
    title: 'Queries below 100 ms (p95)',
    dimension: 'latency',
    thresholds: ['sql_op_duration'],
    profiles: ['connection_pool', 'query_performance', 'index_effectiveness'],
    impact: 'Agents wait for the adapter at every step',
    remediation: 'Look at the slowest statements and their plans; an index is the usual answer',
  },
  no_exhaustion: {
    title: 'No connection pool runs dry',
    dimension: 'resources',
    thresholds: ['sql_ops{error_class:too_many_connections}', 'sql_ops{error_class:sql_pool_timeout}'],
    profiles: ['connection_pool', 'query_performance', 'pool_exhaustion'],
    impact: 'Requests are refused although the database could answer',
    remediation:
      'Compare the pool size with the connections that are busy at the same time; close what is held idle',
  },
  few_errors: {
    title: 'Fewer than 1 % of statements fail',
    dimension: 'reliability',
    thresholds: ['sql_op_failed'],
    profiles: ['connection_pool', 'query_performance'],
  },
};
