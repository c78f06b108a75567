// The platform's objectives as thresholds, by kind of load. The README maps each threshold to its objective.

import type { ThresholdDefinition } from 'plimsoll';

type Thresholds = Readonly<Record<string, readonly ThresholdDefinition[]>>;

/** 10,000 and 15,000 requests a minute, per second. */
const sustainedPerSec = 10_000 / 60;
const peakPerSec = 15_000 / 60;

/** Normal load: SLO-1, SLO-3 and SLO-6. */
export const normalQuality: Thresholds = {
  http_req_duration: ['med<50', 'p(95)<100', 'p(99)<200'],
  http_req_failed: ['rate<0.001'],
  checks: ['rate>0.999'],
};

/** SLO-4: the platform's process and its database. A Node process uses at most one core. */
const resources: Thresholds = {
  monitor_target_cpu_ratio: [{ target: 'avg<70%' }, { target: 'max<90%' }],
  monitor_target_restarts: ['count<1'],
  monitor_postgres_connections_active: ['max<100'],
};

/** SLO-4 and SLO-6 under normal load. */
const normalResources: Thresholds = {
  ...resources,
  monitor_target_rss_bytes: [{ target: 'avg<1GB', critical: 'max<2GB' }],
};

/** SLO-4 under peak load. */
const peakResources: Thresholds = { ...resources, monitor_target_rss_bytes: ['max<4GB'] };

/** SLO-4 and PROF-S0-6 over time. */
export const enduranceResources: Thresholds = {
  ...normalResources,
  monitor_target_rss_bytes: ['max<2GB', 'growth<500MB/24h'],
};

/** Normal load, with more than 100 requests/s (PROF-S0-2) and 10,000 a minute as the target (SLO-2). */
export const normal: Thresholds = {
  ...normalQuality,
  ...normalResources,
  http_reqs: [{ target: `rate>=${sustainedPerSec.toFixed(1)}`, critical: 'rate>100' }],
};

/**
 * Peak load without its rate: PROF-S0-3, SLO-3, and the maximum of SLO-1. The slowest of 250,000 requests is
 * only a warning: a single lost packet must not decide the verdict.
 */
const peakQuality: Thresholds = {
  http_req_duration: ['p(95)<200', { target: 'max<500' }],
  http_req_failed: ['rate<0.01'],
  checks: ['rate>0.99'],
};

/** Peak load: more than 300 requests/s is the target (PROF-S0-3), 15,000 a minute the limit (SLO-2). */
export const peak: Thresholds = {
  ...peakQuality,
  ...peakResources,
  http_reqs: [{ target: 'rate>300', critical: `rate>=${peakPerSec}` }],
};

/** Stress: PROF-S0-4 and SLO-3. */
export const stress: Thresholds = {
  http_req_duration: ['p(99)<500'],
  http_req_failed: ['rate<0.05'],
  monitor_target_restarts: ['count<1'],
};

/** A crowd of 15,000: the objectives of peak load, and every user gets its turn. */
export const crowd: Thresholds = {
  ...peakQuality,
  http_reqs: ['rate>1000'],
  vus_max: ['value>=15000'],
};

/** The objectives of each step of the capacity search: those of normal load. */
export const capacity: Thresholds = {
  http_req_duration: ['p(95)<100', 'p(99)<200'],
  http_req_failed: ['rate<0.001'],
};
