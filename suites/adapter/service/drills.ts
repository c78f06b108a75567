// Drills of the service: the CRM goes away, or hangs, while users are at work. What has nothing to do with it must stay as it
// is. Used by ../suite.ts.

import type { MonitorDefinition, ProfileDefinition } from 'plimsoll';
import { serviceAlerts, serviceMonitors } from '../monitors.ts';

/** The circuit is open for 5 s at a time: its state is to be seen in between. */
const interval = '500ms';

const monitors: Readonly<Record<string, MonitorDefinition>> = {
  ...serviceMonitors,
  app: { ...serviceMonitors.app!, interval },
};

/** The target's own bench route; a service that has none is left alone by its 404, and the drill says that it was not made. */
function crm(mode: 'answers' | 'hangs' | 'down') {
  return { method: 'PUT', url: '/admin/providers/crm', json: { mode } };
}

/** Tasks that cannot be done without the CRM. Searches can: they answer with what the database has. */
const needsCrm = ['crm_create', 'workflow_execute'];

const expected = {
  // The limit of normal operations (SLO-15).
  othersFlat: { affected: needsCrm, most: '2%' },
  return: ['monitor_app_crm_circuit == 0 within 15s'],
  recovery: '30s',
};

/** What needs the CRM fails while it is gone: 18 % of the requests of the mix, for a quarter of the time. */
const always = {
  foreign_rows: ['count<1'],
  monitor_target_restarts: ['count<1'],
  http_req_failed: ['rate<15%'],
  'http_req_failed{fault:none}': ['rate<2%'],
  checks: ['rate>0.85'],
};

/** More fails, or is slow, than what needs the CRM. */
const alerts = {
  ...serviceAlerts,
  errors: { ...serviceAlerts.errors!, critical: 'http_req_failed > 30% for 5s' },
  slow: { ...serviceAlerts.slow!, critical: 'http_req_duration{task:health_check} p(95) > 1500ms for 5s' },
};

/** Requests come whatever becomes of those before them: users who wait for the CRM keep nobody else away. */
const drill = {
  executor: 'constant-arrival-rate',
  rate: 150,
  preAllocatedVUs: 100,
  maxVUs: 2000,
  gracefulStop: '40s',
  users: ['client'],
  monitors,
  alerts,
  markers: ['drill'],
  whenToRun: 'Before major releases, and after changes of retries, timeouts, circuit breakers or pools',
} as const;

export const drillProfiles = {
  crm_down: {
    ...drill,
    description: 'The CRM is gone for 20 s: does the circuit open, and does nothing else fail?',
    duration: '1m30s',
    faults: {
      crm_down: {
        kind: 'switch',
        title: 'The CRM is down',
        at: '25s',
        for: '20s',
        start: crm('down'),
        end: crm('answers'),
        expect: { ...expected, reach: ['monitor_app_crm_circuit > 0 within 5s'] },
      },
    },
    thresholds: always,
  },
  crm_hangs: {
    ...drill,
    description: 'The CRM takes questions for 25 s and answers none: does that hold up what needs no CRM?',
    duration: '1m45s',
    faults: {
      crm_hangs: {
        kind: 'switch',
        title: 'The CRM hangs',
        at: '25s',
        for: '25s',
        start: crm('hangs'),
        end: crm('answers'),
        // Calls give up after 10 s, and five in a row open the circuit.
        expect: { ...expected, reach: ['monitor_app_crm_circuit > 0 within 15s'] },
      },
    },
    thresholds: always,
  },
} satisfies Record<string, ProfileDefinition>;
