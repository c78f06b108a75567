// The load profiles of the service, PROF-S3-1 to PROF-S3-5 of the README. Used by ../suite.ts.

import type { AlertDefinition, MonitorDefinition, ProfileDefinition, ThresholdDefinition } from 'plimsoll';
import { serviceAlerts, serviceMonitors } from '../monitors.ts';

type Thresholds = Readonly<Record<string, readonly ThresholdDefinition[]>>;

/** Row-level security holds under load: rows were looked at, and none was another tenant's. */
const tenantsApart: Thresholds = { rows_seen: ['count>0'], foreign_rows: ['count<1'] };

/** SLO-15: the values to watch for normal operations. */
const watched: Thresholds = { http_req_failed: ['rate<2%'], http_req_duration: ['p(95)<1000'] };

const noRestart: Thresholds = { monitor_target_restarts: ['count<1'] };

/** Every endpoint but the workflow, which takes 1.8 s by the baselines of the same source. */
const quickTasks = ['health_check', 'crm_create', 'crm_search', 'ticket_create', 'ticket_search'] as const;

const common: {
  readonly users: readonly string[];
  readonly monitors: Readonly<Record<string, MonitorDefinition>>;
  readonly alerts: Readonly<Record<string, AlertDefinition>>;
} = { users: ['client'], monitors: serviceMonitors, alerts: serviceAlerts };

/** A user of 2 s a turn, with the 0.2 s that the service takes: 200 of them make 100 requests a second, 50 make 25. */
const calm = ['1300ms', '2300ms'] as const;

export const serviceProfiles = {
  smoke: {
    ...common,
    description: 'Does every endpoint work? One user, about 5 requests a second',
    whenToRun: 'Before heavier tests, after deployments, and in the CI pipeline',
    markers: ['smoke', 'quick'],
    executor: 'constant-vus',
    vus: 1,
    duration: '1m',
    thinkTime: 0,
    thresholds: {
      ...tenantsApart,
      http_req_failed: ['rate<=0'],
      checks: ['rate>=1'],
      ...Object.fromEntries(
        quickTasks.map((task) => [`http_req_duration{task:${task}}`, ['max<1000']] as const),
      ),
      'http_req_duration{task:workflow_execute}': ['p(95)<4500'],
    },
  },
  load: {
    ...common,
    description: 'Average production load: 100 users, about 300 requests a second',
    whenToRun: 'Weekly, before major releases, and after changes of the infrastructure',
    markers: ['load'],
    executor: 'constant-vus',
    vus: 100,
    rampUp: '10s',
    duration: '10m',
    thresholds: {
      ...tenantsApart,
      ...watched,
      ...noRestart,
      http_reqs: ['rate>=250'],
      checks: ['rate>0.98'],
    },
  },
  stress: {
    ...common,
    description: 'From none to 500 users: where does it break? About 450 users are expected',
    whenToRun: 'For capacity planning, before events with much traffic, and quarterly',
    markers: ['stress', 'slow'],
    executor: 'ramping-vus',
    startVUs: 0,
    stages: [
      { duration: '14m', target: 350 },
      { duration: '6m', target: 500 },
    ],
    thinkTime: calm,
    thresholds: {
      ...tenantsApart,
      ...noRestart,
      // 350 users are to be carried: up to there all is as in normal operations.
      'http_req_failed{stage:1}': ['rate<2%'],
      'http_req_duration{stage:1}': ['p(95)<1000'],
      // Beyond them it may be slow, but it does not break down.
      'http_req_failed{stage:2}': ['rate<10%'],
      goodput_kept: ['value>0.8'],
    },
  },
  spike: {
    ...common,
    description: '200 users at once, for 3 minutes: does it stand that, and how soon is all well again?',
    whenToRun: 'Before campaigns, after changes of the autoscaling, and monthly',
    markers: ['spike'],
    executor: 'ramping-vus',
    startVUs: 20,
    stages: [
      { duration: '1m', target: 20 },
      { duration: 0, target: 200 },
      { duration: '3m', target: 200 },
      { duration: 0, target: 20 },
      { duration: '1m', target: 20 },
    ],
    thinkTime: calm,
    thresholds: {
      ...tenantsApart,
      ...noRestart,
      'http_req_failed{stage:3}': ['rate<5%'],
      spike_recovery_time: ['max<=30s'],
      // No cascading failures: what needs no provider is well all the time.
      'http_req_failed{task:health_check}': ['rate<1%'],
      'http_req_duration{task:health_check}': ['p(95)<1000'],
    },
  },
  soak: {
    ...common,
    description: '50 users for two hours: does memory grow, does it become slower?',
    whenToRun: 'Before major releases, after changes of memory, and quarterly',
    markers: ['soak', 'slow'],
    executor: 'constant-vus',
    vus: 50,
    rampUp: '10s',
    duration: '2h',
    thinkTime: calm,
    thresholds: {
      ...tenantsApart,
      ...watched,
      ...noRestart,
      monitor_target_rss_bytes: ['growth<100MB/h'],
    },
  },
} satisfies Record<string, ProfileDefinition>;
