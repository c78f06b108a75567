// What is watched beside the load (MET-6 to MET-9), and the alerts ALERT-1 and ALERT-2 of the README with what to do.

import type { AlertDefinition, MonitorDefinition } from 'plimsoll';

const { DATABASE_URL, REDIS_URL } = process.env;

/** All sources except database and Redis are found by the base URL; those of `plimsoll target pratiko` are known, too. */
export const monitors: Readonly<Record<string, MonitorDefinition>> = {
  machine: { kind: 'host', title: 'machine of the platform' },
  // Database, Redis and the language model are processes of their own.
  target: { kind: 'process', children: false, metrics: '/metrics', title: 'platform', optional: true },
  postgres: { kind: 'postgres', optional: true, ...(DATABASE_URL && { url: DATABASE_URL }) },
  redis: { kind: 'redis', optional: true, ...(REDIS_URL && { url: REDIS_URL }) },
  health: { kind: 'http', url: '/health' },
  app: {
    kind: 'prometheus',
    url: '/metrics',
    title: 'platform from inside',
    select: {
      cache_hits: { metric: 'pratiko_cache_hits_total', title: 'answers from the cache' },
      cache_misses: { metric: 'pratiko_cache_misses_total', title: 'answers looked up' },
      llm_requests: { metric: 'pratiko_llm_requests_total', title: 'requests to the language model' },
      llm_retries: {
        metric: 'pratiko_llm_retries_total',
        title: 'requests to the language model tried again',
      },
      llm_first_token: {
        metric: 'pratiko_llm_first_token_seconds',
        scale: 1000,
        unit: 'ms',
        title: 'first token of the language model',
      },
      circuit_open: {
        metric: 'pratiko_llm_circuit_state',
        labels: { state: 'open' },
        title: 'circuit of the language model is open',
      },
      circuit_opened: { metric: 'pratiko_llm_circuit_opened_total', title: 'times the circuit opened' },
      degraded: { metric: 'pratiko_degraded_answers_total', title: 'answers without the language model' },
      documents_queued: {
        metric: 'pratiko_documents',
        labels: { state: 'queued' },
        title: 'documents that wait',
      },
      documents_processing: {
        metric: 'pratiko_documents',
        labels: { state: 'processing' },
        title: 'documents in work',
      },
      documents_at_once_peak: {
        metric: 'pratiko_documents_at_once_peak',
        title: 'most documents in work at once',
      },
      in_flight: { metric: 'pratiko_http_requests_in_flight', title: 'requests in flight' },
      request_duration: {
        metric: 'pratiko_http_request_duration_seconds',
        scale: 1000,
        unit: 'ms',
        title: 'request duration within the platform',
      },
      pool_waiting: {
        metric: 'pratiko_db_pool_connections',
        labels: { state: 'waiting' },
        title: 'requests waiting for a connection',
      },
      event_loop_delay: {
        metric: 'nodejs_eventloop_lag_seconds',
        labels: { quantile: '0.99' },
        scale: 1000,
        unit: 'ms',
        title: 'event loop delay, p99',
      },
    },
  },
};

export const alerts: Readonly<Record<string, AlertDefinition>> = {
  cpu: {
    title: 'The machine is short of CPU',
    warning: 'monitor_machine_cpu_ratio > 70% for 30s',
    critical: 'monitor_machine_cpu_ratio > 80% for 30s',
    respond: [
      'Check whether the test is within its expected parameters.',
      'Verify that no background processes interfere.',
      'Look for memory leaks and infinite loops.',
      'Consider the limits of the test environment.',
      'Update the recommendations for scaling the CPU.',
    ],
  },
  memory: {
    title: 'The machine is short of memory',
    warning: 'monitor_machine_memory_used_ratio > 80% for 30s',
    critical: 'monitor_machine_memory_used_ratio > 90% for 30s',
    respond: [
      'Look for memory leaks in the application.',
      'Look at its garbage collections.',
      'Verify the sizes of the caches.',
      'Look for large objects.',
      'Consider more memory.',
    ],
  },
  connections: {
    title: 'The database runs out of connections',
    warning: 'monitor_postgres_connections > 70',
    critical: 'monitor_postgres_connections > 80',
    respond: [
      'Look up the settings of the connection pool.',
      'Look for connections that the application does not give back.',
      'Look for statements that run for long.',
      'Consider a larger pool.',
      'Set timeouts for connections.',
    ],
  },
  slow_statements: {
    title: 'Statements of the database take longer than a second',
    warning: 'monitor_postgres_slow_statements > 10/min for 30s',
    respond: [
      'Look at the slowest statements by mean time, and at their plans.',
      'Check that the indexes of the platform are there.',
    ],
  },
  slow: {
    title: 'Answers take longer than 5 s',
    warning: 'http_req_duration{kind:user} p(95) > 5000ms for 30s',
    respond: [
      'See which task is slow: complex questions wait for the language model, uploads for the queue.',
      'Compare CPU, active statements and requests that wait for a connection at that time.',
      'Look at the memory and the slow log of Redis.',
    ],
  },
  errors: {
    title: 'Requests fail',
    warning: 'http_req_failed > 1% for 10s',
    critical: 'http_req_failed > 5% for 10s',
    respond: [
      'Look at the table of errors: which class, which endpoint, since when.',
      'Look for errors in the log of the application.',
      'Check /health, the connections of the database, and whether the circuit of the language model is open.',
    ],
  },
  cache: {
    title: 'Too few answers come from the cache',
    warning: 'cache_hits < 70% for 30s',
    respond: [
      'Give Redis more memory when it discards keys.',
      'Look at keys and lifetimes of the cached answers.',
      'Warm the cache with the most frequent questions.',
    ],
  },
  redis_memory: {
    title: 'Redis uses much memory',
    warning: 'monitor_redis_memory_bytes > 4GB',
    critical: 'monitor_redis_memory_bytes > 6GB',
    respond: ['Give Redis more memory, or shorten the lifetimes of its keys.'],
  },
};
