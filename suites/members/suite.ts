// Load tests of the members system, whose database is loaded directly. README.md names the requirement behind each number.

import { randomUUID } from 'node:crypto';
import { defineSuite, type RunContext } from 'plimsoll';
import { cleanUp, findLeftByRuns } from './clean-up.ts';
import { alerts, monitors } from './monitors.ts';
import { objectives } from './objectives.ts';
import { profiles } from './profiles.ts';
import { readDataset } from './queries.ts';
import { markerTable } from './statements.ts';
import { type MembersData, users } from './users.ts';

/** The pool size that the source document recommends: 20 connections, and 40 more when these are busy. */
const poolSize = 60;

async function setup({ sql, log }: RunContext): Promise<MembersData> {
  const dataset = await readDataset(sql);
  if (dataset === undefined) {
    throw new Error('this database does not hold the members system: start it by plimsoll target members');
  }
  for (const { runId, rowCount } of await findLeftByRuns(sql)) {
    log.info(`${rowCount} rows of the earlier run ${runId} are still there`);
  }
  return { runId: randomUUID(), dataset };
}

async function teardown({ sql, log, env, data }: RunContext & { readonly data: unknown }): Promise<void> {
  const { runId } = data as MembersData;
  if ((env.PLIMSOLL_SKIP_CLEANUP ?? '') !== '') {
    log.info(`rows written by this run are kept; their run_id is ${runId}`);
    return;
  }
  const { restored, deleted } = await cleanUp(sql, runId);
  const sum = (counts: Readonly<Record<string, number>>) =>
    Object.values(counts).reduce((total, count) => total + count, 0);
  log.info(`cleaned up: ${sum(deleted)} rows deleted, ${sum(restored)} put back`);
}

export default defineSuite({
  name: 'members',
  description: 'A member organisation at work: its database under the load of its staff',
  target: { name: 'members', unless: 'DATABASE_URL' },
  sql: { marker: markerTable, connections: { pool: poolSize } },
  metrics: {
    operation_failed: { type: 'rate' },
    operation_duration: { type: 'trend', contains: 'time' },
  },
  setup,
  teardown,
  monitors,
  alerts,
  users,
  patterns: { distributed: { read_heavy: 50, write_heavy: 20, mixed: 25, file_operations: 5 } },
  defaultProfile: 'normal',
  course: {
    order: ['quick', 'normal', 'read_heavy', 'write_heavy', 'geographic', 'peak', 'progressive', 'stress'],
    gates: ['quick'],
  },
  profiles,
  // weekly_performance_test.sh of the source.
  schedules: {
    weekly: {
      when: 'every Sunday at 02:00',
      profiles: ['normal'],
      flags: ['--users', '50', '--ops', '50', '--compare-baseline', '--export', 'perf_{date}.txt'],
      purpose: 'Track performance over time',
    },
  },
  objectives,
  recommendations: {
    indexes: {
      options: [
        'CREATE INDEX IF NOT EXISTS idx_members_status ON members(status);',
        'CREATE INDEX IF NOT EXISTS idx_members_classification ON members(classification);',
        'CREATE INDEX IF NOT EXISTS idx_members_last_name ON members(last_name);',
        'CREATE INDEX IF NOT EXISTS idx_employments_member_current ON member_employments(member_id, is_current);',
      ],
    },
  },
  operationsReport: {
    users: 4000,
    targetResponseTime: '500ms',
    recommendation: 'Add read replicas, cache what is read often, optimize the queries that take most time',
  },
});
