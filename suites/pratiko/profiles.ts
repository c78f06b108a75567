// The platform's load profiles, PROF-S2-1 to PROF-S2-7 of the README. Used by suite.ts.

import type { ProfileDefinition } from 'plimsoll';
import * as thresholds from './thresholds.ts';

/** So many users of the everyday mix, who come within ten seconds. */
const everyday = (vus: number, duration: string) =>
  ({
    executor: 'constant-vus',
    vus,
    ...(vus > 1 && { rampUp: '10s' }),
    duration,
    users: ['professional'],
  }) as const;

/** Users of one kind beside those of others. */
const beside = (user: string, vus: number) =>
  ({
    executor: 'constant-vus',
    vus,
    ...(vus > 1 && { rampUp: '10s' }),
    duration: '5m',
    users: [user],
  }) as const;

export const profiles = {
  quick: {
    description: 'Ten users for a minute: is it sound at all?',
    whenToRun: 'On every push and pull request, and before any heavier profile',
    markers: ['smoke', 'quick'],
    ...everyday(10, '1m'),
    thresholds: thresholds.quick,
  },
  baseline: {
    description: 'One user alone: what the platform does at its best',
    whenToRun:
      'After each release, and at the end of each quarter, for the figures that others are compared with',
    markers: ['load', 'quick'],
    ...everyday(1, '1m'),
    thresholds: thresholds.baseline,
  },
  validation: {
    description: 'Ten users for two minutes',
    whenToRun: 'During development',
    markers: ['load', 'quick'],
    ...everyday(10, '2m'),
    thresholds: thresholds.quick,
  },
  normal_load: {
    description: 'Thirty users for five minutes',
    whenToRun: 'During development, for a normal day in half the time',
    markers: ['load'],
    ...everyday(30, '5m'),
    thresholds: thresholds.normalDay,
  },
  normal_day: {
    description: 'A typical business day: 30 users',
    whenToRun: 'Weekly, in the full suite',
    markers: ['load'],
    ...everyday(30, '10m'),
    thresholds: thresholds.normalDay,
  },
  peak_hours: {
    description: 'The critical test: 50 users, the capacity that 25,000 euro a year of revenue need',
    whenToRun: 'Weekly, and before each major release',
    markers: ['load', 'critical'],
    ...everyday(50, '10m'),
    thresholds: thresholds.peakHours,
  },
  tax_deadline: {
    description: 'The rush before a tax deadline: 100 users',
    whenToRun: 'Weekly, and before tax deadlines',
    markers: ['load', 'slow'],
    ...everyday(100, '30m'),
    thresholds: thresholds.taxDeadline,
  },
  stress: {
    description: 'Up to 150 users: where does it break, and does it stay up?',
    whenToRun: 'Weekly, and for the monthly review of the capacity',
    markers: ['stress'],
    executor: 'ramping-vus',
    startVUs: 0,
    stages: [
      { duration: '1m', target: 50 },
      { duration: '1m', target: 100 },
      { duration: '1m', target: 150 },
      { duration: '7m', target: 150 },
    ],
    users: ['professional'],
    thresholds: thresholds.stress,
  },
  spike_test: {
    description: 'From 10 to 100 users within 30 seconds, and back: how long until everything is as before?',
    whenToRun: 'Weekly, and after changes of autoscaling',
    markers: ['stress'],
    executor: 'ramping-vus',
    startVUs: 10,
    stages: [
      { duration: '2m', target: 10 },
      { duration: '30s', target: 100 },
      { duration: '3m', target: 100 },
      { duration: '30s', target: 10 },
      { duration: '4m', target: 10 },
    ],
    users: ['professional'],
    thresholds: thresholds.spike,
  },
  market_requirements: {
    description:
      'Taxes, documents, searches and data protection beside each other, each against its own limit',
    whenToRun: 'Before each major release, and after changes of taxes, documents, search or data protection',
    markers: ['load', 'market'],
    scenarios: {
      taxes: beside('calculator', 10),
      documents: beside('archivist', 25),
      searches: beside('researcher', 10),
      compliance: beside('privacy_officer', 5),
      index: beside('indexer', 1),
    },
    thresholds: thresholds.market,
  },
} satisfies Record<string, ProfileDefinition>;
