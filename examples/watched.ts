// Watching the system under load: monitors, thresholds on their figures, and alerts with recommended responses.
import { defineSuite } from 'plimsoll';

export default defineSuite({
  name: 'watched',
  baseUrl: process.env.BASE_URL ?? 'http://127.0.0.1:8000',
  users: {
    visitor: { thinkTime: '50ms', tasks: { items: { run: ({ http }) => http.get('/items') } } },
  },
  monitors: {
    // The process that listens on the port of `baseUrl`, and its child processes.
    shop: { kind: 'process', interval: '1s', optional: true },
    health: { kind: 'http', url: '/health', interval: '1s' },
    // If DATABASE_URL is not set, this monitor and the thresholds and alerts on its figures are left out.
    postgres: {
      kind: 'postgres',
      ...(process.env.DATABASE_URL === undefined ? {} : { url: process.env.DATABASE_URL }),
      optional: true,
    },
  },
  thresholds: {
    monitor_shop_rss_bytes: ['max<1GB'],
    monitor_health_up: ['share_above(0)>0.99'],
    monitor_postgres_connections: [{ target: 'max<80', critical: 'max<100' }],
    monitor_postgres_deadlocks: ['count<1'],
  },
  alerts: {
    failing: {
      title: 'Requests fail',
      warning: 'http_req_failed > 1% for 5s',
      critical: 'http_req_failed > 20% for 5s',
      respond: ['Look at the errors by class.', 'Look at the log of the shop.'],
      abort: true,
    },
    busy: {
      title: 'The machine is busy',
      warning: 'monitor_generator_host_cpu_ratio > 90% and http_req_duration p(95) > 200ms for 30 seconds',
    },
  },
  profiles: { browse: { executor: 'constant-vus', vus: 5, duration: '20s' } },
});
