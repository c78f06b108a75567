// Monitors and alerts of the platform under load.

import type { AlertDefinition, MonitorDefinition } from 'plimsoll';

/** All sources except the database are found by the base URL; the database of `plimsoll target jorge` is known, too. */
export const monitors: Readonly<Record<string, MonitorDefinition>> = {
  // The database is a child process of `plimsoll target jorge` and has its own monitor.
  target: { kind: 'process', children: false, metrics: '/metrics', title: 'platform', optional: true },
  postgres: {
    kind: 'postgres',
    ...(process.env.JORGE_DATABASE_URL === undefined ? {} : { url: process.env.JORGE_DATABASE_URL }),
    optional: true,
  },
  health: { kind: 'http', url: '/health' },
  app: {
    kind: 'prometheus',
    url: '/metrics',
    title: 'platform from inside',
    select: {
      cache_hits: { metric: 'jorge_cache_hits_total', title: 'cache hits' },
      cache_misses: { metric: 'jorge_cache_misses_total', title: 'cache misses' },
      pool_waiting: {
        metric: 'jorge_db_pool_connections',
        labels: { state: 'waiting' },
        title: 'requests waiting for a connection',
      },
      in_flight: { metric: 'jorge_http_requests_in_flight', title: 'requests in flight' },
      pool_used: {
        metric: 'jorge_db_pool_connections',
        labels: { state: 'used' },
        title: 'connections of the pool in use',
      },
      pool_size: { metric: 'jorge_db_pool_size', title: 'size of the pool' },
      request_duration: {
        metric: 'jorge_http_request_duration_seconds',
        scale: 1000,
        unit: 'ms',
        title: 'request duration within the platform',
      },
      upstream_duration: {
        metric: 'jorge_upstream_request_duration_seconds',
        scale: 1000,
        unit: 'ms',
        title: 'calls to other systems',
      },
      event_loop_delay: {
        metric: 'nodejs_eventloop_lag_seconds',
        labels: { quantile: '0.99' },
        scale: 1000,
        unit: 'ms',
        title: 'event loop delay, p99',
      },
      gc: {
        metric: 'nodejs_gc_duration_seconds_sum',
        as: 'increase',
        title: 'seconds of garbage collection',
      },
    },
  },
};

/** ALERT-3: investigate when more than 1 % of requests fail, response times exceed their limit, or CPU or memory spike. */
export const alerts: Readonly<Record<string, AlertDefinition>> = {
  errors: {
    title: 'Requests fail',
    warning: 'http_req_failed > 1% for 10s',
    critical: 'http_req_failed > 5% for 10s',
    respond: [
      'Look at the table of errors: which class, which endpoint, since when.',
      'Check /health and the log of the platform.',
      'Check whether the database refuses connections or statements time out.',
    ],
  },
  slow: {
    title: 'Response times are above their limit',
    warning: 'http_req_duration p(95) > 100ms for 20s',
    critical: 'http_req_duration p(99) > 500ms for 20s',
    respond: [
      'Compare CPU of the platform, active database connections and requests waiting for a connection at that time.',
      'Look for the slowest endpoints, and for statements among the slowest by mean time.',
    ],
  },
  cpu: {
    title: 'The platform is out of CPU',
    warning: 'monitor_target_cpu_ratio > 90% for 15s',
    respond: [
      'One process of Node uses one core: add instances behind a load balancer.',
      'Profile what runs on the event loop; ROI reports are the heaviest operation.',
    ],
  },
  memory: {
    title: 'The platform uses more memory than it may',
    warning: 'monitor_target_rss_bytes > 2GB',
    critical: 'monitor_target_rss_bytes > 4GB',
    respond: ['Take a heap snapshot, and compare with one taken ten minutes later.'],
  },
};
