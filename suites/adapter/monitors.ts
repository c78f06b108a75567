// Monitors and alerts of the adapter under load. Used by suite.ts and service/profiles.ts.

import type { AlertDefinition, MonitorDefinition } from 'plimsoll';

/** Of a database on this machine: the process that listens there, with one child per connection. */
const databasePort = portOnThisMachine(process.env.DATABASE_URL);

function portOnThisMachine(databaseUrl: string | undefined): number | undefined {
  if (databaseUrl === undefined || !URL.canParse(databaseUrl)) return undefined;
  const { hostname, port } = new URL(databaseUrl);
  return ['127.0.0.1', 'localhost', '[::1]'].includes(hostname) ? Number(port || 5432) : undefined;
}

export const monitors: Readonly<Record<string, MonitorDefinition>> = {
  postgres: { kind: 'postgres', interval: '2s', optional: true },
  ...(databasePort === undefined
    ? {}
    : {
        server: {
          kind: 'process',
          port: databasePort,
          title: 'database server',
          interval: '2s',
          optional: true,
        },
      }),
};

/** All of them are found by the base URL; without one, a run says what is missing before it sends anything. */
export const serviceMonitors: Readonly<Record<string, MonitorDefinition>> = {
  // The database may be a child process of the service, and has its own monitor.
  target: { kind: 'process', children: false, metrics: '/metrics', title: 'service', optional: true },
  health: { kind: 'http', url: '/health', optional: true },
  app: {
    kind: 'prometheus',
    url: '/metrics',
    optional: true,
    title: 'service from inside',
    select: {
      in_flight: { metric: 'adapter_http_requests_in_flight', title: 'requests in flight' },
      pool_waiting: {
        metric: 'adapter_db_pool_connections',
        labels: { state: 'waiting' },
        title: 'requests waiting for a connection',
      },
      pool_used: {
        metric: 'adapter_db_pool_connections',
        labels: { state: 'used' },
        title: 'connections of the pool in use',
      },
      pool_size: { metric: 'adapter_db_pool_size', title: 'size of the pool' },
      provider_duration: {
        metric: 'adapter_provider_request_duration_seconds',
        scale: 1000,
        unit: 'ms',
        title: 'calls to providers',
      },
      crm_circuit: {
        metric: 'adapter_circuit_state',
        labels: { provider: 'crm' },
        title: 'circuit of the CRM: 0 closed, 1 half open, 2 open',
      },
      helpdesk_circuit: {
        metric: 'adapter_circuit_state',
        labels: { provider: 'helpdesk' },
        title: 'circuit of the helpdesk: 0 closed, 1 half open, 2 open',
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

/** ALERT-5 for statements: an error rate above 5 % or a p95 above 1,500 ms is a problem; pool timeouts are watched, too. */
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

/** ALERT-5 for requests, in place of those for statements. */
export const serviceAlerts: Readonly<Record<string, AlertDefinition>> = {
  errors: {
    title: 'Requests fail',
    critical: 'http_req_failed > 5% for 5s',
    respond: [
      'Look at the log of the service for the errors of that time.',
      'Look at connections of the pool in use and requests that wait for one.',
      'Verify that the CRM and the helpdesk are available: the state of their circuits says what the service thinks.',
      'Check whether a rate limit refuses requests.',
    ],
  },
  slow: {
    title: 'Requests are slow',
    critical: 'http_req_duration p(95) > 1500ms for 5s',
    respond: [
      'Look at the slowest endpoints, and at the time that calls to providers take.',
      'Add indexes, cache what is asked for often, and look for statements that are sent once per row.',
    ],
  },
  pool: {
    title: 'Requests wait for a database connection',
    warning: 'monitor_app_pool_waiting > 20 for 10s',
    respond: [
      'Raise the size of the pool, or hold connections for a shorter time: not while a provider is asked.',
      'Look for connections that are never given back.',
    ],
  },
};
