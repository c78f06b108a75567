// What the owner of the platform requires, SLO-1 to SLO-5 of the README, on the thresholds that the profiles have. Used by
// suite.ts.

import type { ObjectiveDefinition } from 'plimsoll';

export const objectives: Readonly<Record<string, ObjectiveDefinition>> = {
  fast_answers: {
    title: 'Fast answers (SLO-1)',
    description: 'Under normal load the median is below 50 ms, p95 below 100 ms and p99 below 200 ms',
    dimension: 'latency',
    thresholds: ['http_req_duration'],
    profiles: ['normal', 'peak', 'stress', 'endurance'],
    weight: 2,
    impact: 'Visitors of a campaign leave before they see a price',
    remediation: 'Look at the slowest task first: its statements, their indexes, and what could be cached',
  },
  sustained_rate: {
    title: '10,000 requests a minute, 15,000 at the peak (SLO-2)',
    dimension: 'throughput',
    thresholds: ['http_reqs'],
    profiles: ['normal', 'peak'],
    weight: 2,
    impact: 'A campaign brings more visitors than the platform can serve',
  },
  burst: {
    title: '100 requests at once within 10 s (SLO-2)',
    dimension: 'throughput',
    thresholds: ['iterations', 'http_req_duration'],
    profiles: ['burst'],
  },
  reliable: {
    title: 'Few failures (SLO-3)',
    description: 'Below 0.1 % under normal load, 1 % at the peak and 5 % under stress',
    dimension: 'reliability',
    thresholds: ['http_req_failed'],
    profiles: ['normal', 'peak', 'stress', 'endurance'],
    weight: 2,
    impact: 'Customers get errors in place of prices and reports',
  },
  resources: {
    title: 'CPU, memory and connections within their limits (SLO-4)',
    dimension: 'resources',
    thresholds: [
      'monitor_target_cpu_ratio',
      'monitor_target_rss_bytes',
      'monitor_postgres_connections_active',
    ],
    profiles: ['normal', 'peak'],
  },
  no_leak: {
    title: 'Memory grows by less than 500 MB a day (SLO-4)',
    dimension: 'stability',
    thresholds: ['monitor_target_rss_bytes: growth<500MB/24h'],
    profiles: ['endurance'],
    remediation: 'Compare heap snapshots of the first and the last minutes of the run',
  },
  no_restart: {
    title: 'No crash under stress (SLO-5)',
    dimension: 'stability',
    thresholds: ['monitor_target_restarts'],
    profiles: ['stress', 'concurrency'],
  },
};
