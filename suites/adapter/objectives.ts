// What the owner of the adapter requires: SLO-15 of its service and SLO-16 of its database, see the README. Used by suite.ts.
// What row-level security costs and whether indexes are used are a comparison and a finding: they are in the verdict, and
// no part of the score.

import type { ObjectiveDefinition } from 'plimsoll';

const serviceProfiles = ['smoke', 'load', 'stress', 'spike', 'soak'];

const ofService: Readonly<Record<string, ObjectiveDefinition>> = {
  fast_service: {
    title: 'Answers within a second: all in a smoke test, 95 % under load (SLO-15)',
    dimension: 'latency',
    thresholds: [
      'http_req_duration',
      'http_req_duration{stage:1}',
      ...['health_check', 'crm_create', 'crm_search', 'ticket_create', 'ticket_search'].map(
        (task) => `http_req_duration{task:${task}}`,
      ),
    ],
    profiles: ['smoke', 'load', 'stress', 'soak'],
    weight: 2,
    impact: 'Agents wait for the adapter at every step',
    remediation:
      'Look at the calls to providers first, then at the slowest statements: indexes, caching, no query per row',
  },
  reliable_service: {
    title: 'Failures within the limit of each profile (SLO-15)',
    description: 'None in a smoke test, below 2 % under load, 5 % in a spike and 10 % beyond 350 users',
    dimension: 'reliability',
    thresholds: [
      'http_req_failed',
      'http_req_failed{stage:1}',
      'http_req_failed{stage:2}',
      'http_req_failed{stage:3}',
    ],
    profiles: serviceProfiles,
    weight: 2,
    remediation:
      'Verify that the providers are available, then look at the pool of connections and at rate limits',
  },
  throughput: {
    title: 'At least 250 requests/s under load (SLO-15)',
    dimension: 'throughput',
    thresholds: ['http_reqs'],
    profiles: ['load'],
  },
  breaking_point: {
    title: 'No collapse at 500 users (SLO-15)',
    dimension: 'capacity',
    thresholds: ['goodput_kept'],
    profiles: ['stress'],
    remediation: 'Refuse what cannot be done in time; add instances before the load of this profile comes',
  },
  spike_recovery: {
    title: 'Recovers from a spike within 30 s, and nothing cascades (SLO-15)',
    dimension: 'stability',
    thresholds: [
      'spike_recovery_time',
      'http_req_failed{task:health_check}',
      'http_req_duration{task:health_check}',
    ],
    profiles: ['spike'],
    remediation:
      'Circuit breakers for providers, retries with growing pauses, no connection held during their calls',
  },
  no_leak: {
    title: 'Memory grows by less than 100 MB an hour (SLO-15)',
    dimension: 'stability',
    thresholds: ['monitor_target_rss_bytes'],
    profiles: ['soak'],
    remediation:
      'Compare heap snapshots of the first and the last minutes; look for connections that are not given back',
  },
  no_restart: {
    title: 'No crash, no restart (SLO-15)',
    dimension: 'stability',
    thresholds: ['monitor_target_restarts'],
    profiles: ['load', 'stress', 'spike', 'soak'],
  },
  tenants_apart: {
    title: 'No tenant sees a row of another',
    dimension: 'other',
    thresholds: ['foreign_rows', 'rows_seen'],
    profiles: serviceProfiles,
    weight: 3,
    impact: 'Data of one customer are shown to another',
    remediation:
      'Check that every transaction sets app.tenant, and that the role of the service does not bypass the policies',
  },
};

const ofDatabase: Readonly<Record<string, ObjectiveDefinition>> = {
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

export const objectives: Readonly<Record<string, ObjectiveDefinition>> = { ...ofService, ...ofDatabase };
