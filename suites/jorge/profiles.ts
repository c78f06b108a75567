// The platform's load profiles, PROF-S0-1 to PROF-S0-8 of the README. Used by suite.ts.

import type { ProfileDefinition } from 'plimsoll';
import * as thresholds from './thresholds.ts';

const onlyPricing = { business: { pricing_calculate: 1 } };
const onlyRoi = { business: { roi_report: 1 } };

const capacitySearch = {
  executor: 'capacity-search',
  startRate: 100,
  stepRate: 100,
  maxRate: 3000,
  stepDuration: '20s',
  preAllocatedVUs: 200,
  maxVUs: 1000,
  users: ['business'],
  gracefulStop: '5s',
  thresholds: thresholds.capacity,
} satisfies ProfileDefinition;

const mainProfiles = {
  smoke: {
    description: 'Does everything answer? All kinds of users, little load',
    whenToRun: 'After every deployment, and before any heavier profile',
    executor: 'constant-vus',
    vus: 10,
    duration: '2m',
    thresholds: { http_req_failed: ['rate<0.01'], checks: ['rate>0.99'] },
  },
  normal: {
    description: 'Normal business operations: the everyday mix of 100 users',
    whenToRun: 'Daily, and before every release',
    executor: 'constant-vus',
    vus: 100,
    rampUp: '10s',
    duration: '5m',
    users: ['business'],
    thresholds: thresholds.normal,
  },
  peak: {
    description: 'A marketing campaign: 500 visitors, mostly pricing',
    whenToRun: 'Before campaigns and major releases',
    executor: 'constant-vus',
    vus: 500,
    rampUp: '30s',
    duration: '10m',
    users: ['peak'],
    thresholds: thresholds.peak,
  },
  stress: {
    description: 'All endpoints under rising load, up to 1,000 users: where does it break?',
    whenToRun: 'For capacity planning, and after changes of the infrastructure',
    executor: 'ramping-vus',
    startVUs: 0,
    stages: [
      { duration: '1m', target: 250 },
      { duration: '1m', target: 500 },
      { duration: '1m', target: 1000 },
      { duration: '2m', target: 1000 },
    ],
    thinkTime: ['600ms', '1400ms'],
    thresholds: thresholds.stress,
  },
  capacity: {
    ...capacitySearch,
    description: 'Steps of 100 requests/s until an objective breaks: the highest rate that still holds',
    whenToRun: 'For capacity planning, and after changes of the infrastructure',
  },
  endurance: {
    description: '100 users for half an hour: does it stay as fast as it started?',
    whenToRun: 'Before major releases, and after changes of memory or caching',
    executor: 'constant-vus',
    vus: 100,
    rampUp: '10s',
    duration: '30m',
    users: ['business'],
    thresholds: { ...thresholds.normalQuality, ...thresholds.enduranceResources },
  },
  burst: {
    description: '100 requests at once, all to be answered within 10 s',
    whenToRun: 'After changes of connection handling or rate limits',
    executor: 'per-vu-iterations',
    vus: 100,
    iterations: 1,
    maxDuration: '10s',
    gracefulStop: 0,
    users: ['business'],
    thresholds: {
      iterations: ['count>=100'],
      http_req_duration: ['max<10000'],
      http_req_failed: ['rate<0.01'],
    },
  },
  concurrency: {
    description: '1,000 users of all kinds at the same time, joining at 50 a second',
    whenToRun: 'Before the number of customers grows',
    executor: 'constant-vus',
    vus: 1000,
    rampUp: '20s',
    duration: '10m',
    thinkTime: ['1s', '3s'],
    thresholds: thresholds.stress,
  },
  crowd: {
    description: '15,000 visitors at the same time, each with its own connections, a click every 12 s',
    whenToRun: 'Before a campaign, and to see how many users one machine can play',
    executor: 'constant-vus',
    vus: 15_000,
    rampUp: '30s',
    duration: '5m',
    users: ['peak'],
    thinkTime: ['10s', '14s'],
    thresholds: thresholds.crowd,
  },
} satisfies Record<string, ProfileDefinition>;

/** The named tests of PROF-S0-8. */
const namedTests = {
  test_pricing_calculate_normal_load: {
    description: 'Pricing alone, 100 users',
    executor: 'constant-vus',
    vus: 100,
    rampUp: '10s',
    duration: '5m',
    users: ['business'],
    tasks: onlyPricing,
    thresholds: thresholds.normal,
  },
  test_pricing_calculate_peak_load: {
    description: 'Pricing alone, 500 users',
    executor: 'constant-vus',
    vus: 500,
    rampUp: '30s',
    duration: '10m',
    users: ['business'],
    tasks: onlyPricing,
    thinkTime: ['800ms', '1600ms'],
    thresholds: thresholds.peak,
  },
  test_pricing_calculate_stress_test: {
    description: 'Pricing alone, 1,000 users',
    executor: 'constant-vus',
    vus: 1000,
    rampUp: '20s',
    duration: '5m',
    users: ['business'],
    tasks: onlyPricing,
    thinkTime: ['600ms', '1400ms'],
    thresholds: thresholds.stress,
  },
  test_roi_report_concurrent_generation: {
    description: 'The heavy operation alone: 25 users asking for ROI reports at the same time',
    executor: 'constant-vus',
    vus: 25,
    rampUp: '5s',
    duration: '5m',
    users: ['business'],
    tasks: onlyRoi,
    thresholds: {
      http_req_duration: [{ target: 'p(95)<200', critical: 'p(95)<500' }],
      http_req_failed: ['rate<0.01'],
    },
  },
  test_sustained_load_endurance: {
    description: 'The endurance profile for two hours',
    executor: 'constant-vus',
    vus: 100,
    rampUp: '10s',
    duration: '2h',
    users: ['business'],
    thresholds: { ...thresholds.normalQuality, ...thresholds.enduranceResources },
  },
  test_maximum_throughput_capacity: {
    ...capacitySearch,
    description: 'The capacity profile under the name of its test',
  },
} satisfies Record<string, ProfileDefinition>;

export const profiles = { ...mainProfiles, ...namedTests };
