// The load profiles of the members system, PROF-S1-1 to PROF-S1-11 of the README. Used by suite.ts.

import type { ProfileDefinition, ThresholdDefinition } from 'plimsoll';

type Thresholds = Readonly<Record<string, readonly ThresholdDefinition[]>>;

/** The defaults of the source document: --think-time 100, --ramp-up 10. */
const thinkTimeMs = 100;
const rampUpMs = 10_000;
/** The longest average time that an operation may take; it bounds how long a user needs. */
const slowestOperationMs = 1000;

interface Expected {
  /** ms, over all operations. */
  readonly average: number;
  /** Operations per second. */
  readonly throughput?: number;
  /** Percent. */
  readonly success?: number;
}

function expect({ average, throughput, success }: Expected): Thresholds {
  return {
    iteration_duration: [`avg<${average}`],
    ...(throughput === undefined ? {} : { iterations: [`rate>${throughput}`] }),
    ...(success === undefined ? {} : { operation_failed: [`rate<${(100 - success) / 100}`] }),
  };
}

/** Broken or refused connections: the database crashed, or it has no connections left. */
const noCrash: Thresholds = {
  'sql_ops{error_class:connection}': ['count<1'],
  'sql_ops{error_class:too_many_connections}': ['count<1'],
};
const stablePool: Thresholds = { 'sql_ops{error_class:sql_pool_timeout}': ['count<1'] };

/** `users` with `ops` operations each, and the longest time that this may take, since every run is bounded. */
function load(users: number, ops: number, think = thinkTimeMs) {
  return {
    executor: 'per-vu-iterations',
    vus: users,
    iterations: ops,
    thinkTime: think,
    rampUp: rampUpMs,
    maxDuration: rampUpMs + ops * (think + slowestOperationMs),
  } as const;
}

const week = (number: number, users: number, description: string): ProfileDefinition => ({
  description: `Week ${number} of the ramp plan: ${description}`,
  ...load(users, 50),
  thresholds: expect({ average: 500, success: 99 }),
});

const stress = {
  ...load(200, 100),
  thresholds: { ...expect({ average: 1000 }), ...noCrash },
} as const;

export const profiles = {
  normal: {
    description: 'A typical weekday',
    whenToRun: 'Before releases, and as the weekly check',
    ...load(50, 50),
    thresholds: expect({ average: 200, throughput: 50, success: 99 }),
  },
  peak: {
    description: 'Peak hours',
    whenToRun: 'Before major releases',
    ...load(150, 75),
    thresholds: expect({ average: 500, throughput: 100, success: 98 }),
  },
  stress: {
    description: 'The system at its limits: does it stay up, and what gives first?',
    whenToRun: 'In staging, with its owners told',
    ...stress,
  },
  read_heavy: {
    description: 'Reporting and dashboards: nearly all reads',
    whenToRun: 'After changes of queries or indexes',
    ...load(100, 50),
    users: ['read_heavy'],
    thresholds: {
      ...expect({ average: 100, throughput: 150 }),
      'sql_ops{error_class:deadlock}': ['count<1'],
    },
  },
  write_heavy: {
    description: 'Data entry: mostly writes, some of them transactions',
    whenToRun: 'After changes of tables, constraints or transactions',
    ...load(30, 100),
    users: ['write_heavy'],
    thresholds: {
      ...expect({ average: 300 }),
      sql_transactions: ['count>0'],
      sql_transaction_failed: ['rate<0.01'],
    },
    comparisons: {
      writes_against_reads: {
        metric: 'operation_duration',
        of: { kind: 'write' },
        against: { kind: 'read' },
      },
    },
  },
  sustained: {
    description: 'Everyday load for long: does it stay the same?',
    whenToRun: 'Monthly, and after changes of the connection pool',
    ...load(50, 500, 500),
    thresholds: { ...expect({ average: 200, success: 99 }), ...stablePool, ...noCrash },
  },
  quick: {
    description: 'Is it sound at all? A warm-up, and the check of each change',
    whenToRun: 'On every push, and before any other profile',
    ...load(10, 20),
    thresholds: expect({ average: 500, success: 99 }),
  },
  progressive: {
    description: 'More users step by step: at which step do the response times leave their limit?',
    whenToRun: 'To find the bottleneck; then improve, and run it again',
    phases: [50, 100, 200, 300].map((users) => ({ name: `users-${users}`, ...load(users, 50), pause: '5s' })),
    thresholds: {
      'iteration_duration{scenario:users-50}': ['avg<200'],
      'iteration_duration{scenario:users-100}': [{ target: 'avg<500' }],
      'iteration_duration{scenario:users-200}': [{ target: 'avg<1000' }],
      'iteration_duration{scenario:users-300}': [{ target: 'avg<1000' }],
      ...noCrash,
    },
  },
  daily: {
    description: 'A day in minutes: morning, midday, afternoon, evening, a minute apart',
    whenToRun: 'Before changes of how the system is scaled over the day',
    phases: [
      { name: 'morning', ...load(20, 30), pause: '60s' },
      { name: 'midday', ...load(100, 50), pause: '60s' },
      { name: 'afternoon', ...load(50, 40), pause: '60s' },
      { name: 'evening', ...load(15, 25) },
    ],
    thresholds: expect({ average: 500, success: 99 }),
  },
  geographic: {
    description: 'Three regions at once, the farther the slower between two operations',
    whenToRun: 'Before opening the system to another region',
    scenarios: {
      us_east: { ...load(25, 50, 100), tags: { region: 'us_east' } },
      us_west: { ...load(15, 50, 150), tags: { region: 'us_west' } },
      europe: { ...load(10, 50, 300), tags: { region: 'europe' } },
    },
    thresholds: {
      ...expect({ average: 200, success: 99 }),
      'iteration_duration{region:us_east}': ['avg<200'],
      'iteration_duration{region:us_west}': ['avg<200'],
      'iteration_duration{region:europe}': ['avg<200'],
    },
  },
  week_1: week(1, 10, 'a baseline'),
  week_2: week(2, 25, 'small load'),
  week_3: week(3, 50, 'medium load'),
  week_4: week(4, 100, 'large load'),
  week_5: { description: 'Week 5 of the ramp plan: the stress test', ...stress },
} satisfies Readonly<Record<string, ProfileDefinition>>;
