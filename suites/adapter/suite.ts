// Load tests of the Transform Army AI adapter: its service and its database. README.md names the requirement behind each
// number.

import { defineSuite, type RunContext } from 'plimsoll';
import { type DatabaseData, leaveDatabase, openDatabase } from './database/data.ts';
import { databaseProfiles } from './database/profiles.ts';
import { databaseUsers } from './database/users.ts';
import { alerts, monitors } from './monitors.ts';
import { objectives } from './objectives.ts';
import { scaling } from './scaling.ts';
import { leaveService, openService, type ServiceData } from './service/data.ts';
import { drillProfiles } from './service/drills.ts';
import { serviceProfiles } from './service/profiles.ts';
import { serviceUsers } from './service/users.ts';

const loadsDatabase = (profile: string): boolean => Object.hasOwn(databaseProfiles, profile);

function setup(context: RunContext): Promise<DatabaseData | ServiceData> {
  return loadsDatabase(context.profile) ? openDatabase(context) : openService(context);
}

function teardown({ data, ...context }: RunContext & { readonly data: unknown }): Promise<void> {
  const keepsRows = (context.env.PLIMSOLL_SKIP_CLEANUP ?? '') !== '';
  return loadsDatabase(context.profile)
    ? leaveDatabase(context, data as DatabaseData, keepsRows)
    : leaveService(context, data as ServiceData, keepsRows);
}

const variableOf = (variable: string): string | undefined => process.env[variable] || undefined;

/** Who gives a database alone means to load that, and no service that happens to be there. */
const baseUrl =
  variableOf('ADAPTER_URL') ??
  (variableOf('DATABASE_URL') === undefined ? 'http://127.0.0.1:8000' : undefined);

/** The address of an environment; without its variable, a name that nothing can have and that says what is missing. */
function addressIn(variable: string): string {
  return variableOf(variable) ?? `http://${variable.toLowerCase().replaceAll('_', '-')}-is-not-set.invalid`;
}

export default defineSuite({
  name: 'adapter',
  description: 'The Transform Army AI adapter: CRM, tickets and workflows over HTTP, and its database',
  ...(baseUrl === undefined ? {} : { baseUrl }),
  target: { name: 'adapter', unless: ['ADAPTER_URL', 'DATABASE_URL'] },
  environments: {
    local: {},
    staging: { baseUrl: addressIn('ADAPTER_STAGING_URL') },
    production: { baseUrl: addressIn('ADAPTER_PRODUCTION_URL'), production: true },
  },
  secrets: ['ADAPTER_TENANT_KEYS'],
  http: { timeout: '30s', headers: { accept: 'application/json' } },
  metrics: {
    query_set: { type: 'trend', contains: 'time' },
    pool_recovery: { type: 'trend', contains: 'time' },
    rows_seen: { type: 'counter' },
    foreign_rows: { type: 'counter' },
    degraded: { type: 'rate' },
  },
  setup,
  teardown,
  monitors,
  alerts,
  scaling,
  // The growth table of the source document: 500 users on 3 instances are 166.7 for each.
  capacity: {
    instances: 3,
    usersPerInstance: 500 / 3,
    database: { vcpus: 8, memory: '32GB' },
    growth: { users: 500, expected: { '3 months': 1000, '6 months': 2000, '1 year': 5000 } },
  },
  users: { ...serviceUsers, ...databaseUsers },
  // The test pyramid of the source, from its base to its top; the database comes before what takes long.
  course: {
    order: [
      'smoke',
      'load',
      ...Object.keys(databaseProfiles),
      ...Object.keys(drillProfiles),
      'spike',
      'stress',
      'soak',
    ],
    gates: ['smoke'],
  },
  profiles: { ...serviceProfiles, ...drillProfiles, ...databaseProfiles },
  // "CI/CD Integration" and "When to run" of the source. Baselines are those of the load test: one user reaches no throughput.
  schedules: {
    smoke: {
      when: 'every Sunday at 01:30',
      profiles: ['smoke'],
      purpose: 'Whether every endpoint works, before the load test',
    },
    weekly: {
      when: 'every Sunday at 02:00',
      profiles: ['load'],
      flags: ['--compare-baseline'],
      purpose: 'Regressions from the baselines',
    },
    monthly: { when: 'first Monday of the month at 02:00', profiles: ['smoke', 'spike'] },
    quarterly: { when: 'first Monday of the quarter at 04:00', profiles: ['smoke', 'stress', 'soak'] },
    release_candidates: {
      onTags: ['v*-rc*'],
      profiles: ['load'],
      flags: ['--compare-baseline'],
      purpose: 'Regressions from the baselines, before a release',
    },
  },
  objectives,
});
