// The suite `members` as its users run it: from the command line, against a real PostgreSQL.

import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { RunRecord } from 'plimsoll';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startProxy, until } from '../src/protocols/sql/sql.cases.ts';
import { statements } from '../suites/members/statements.ts';
import { schemaName, writtenTables } from '../targets/members/tables.ts';
import { type RunningMembers, startMembers } from '../targets/members/target.ts';
import { expectExit, wasHeldUp } from './exit-code.ts';
import { readRecord, runCli, startCli, temporaryFolder } from './run-cli.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const short = ['--ramp-up', '1', '--think-time', '20'];

function countOf(record: RunRecord, key: string): number {
  const values = record.metrics[key]?.values;
  return values !== undefined && 'count' in values ? values.count : 0;
}

/** Statements of this name that the record tells of, over all users and tasks. */
function statementsOf(record: RunRecord, operation: string): number {
  return Object.values(record.metrics)
    .filter(({ metric, tags }) => metric === 'sql_ops' && tags?.operation === operation)
    .reduce((sum, { values }) => sum + ('count' in values ? values.count : 0), 0);
}

describe('without a database of its own', () => {
  it('a quick run starts PostgreSQL, does 200 operations, reports, and leaves nothing behind', async () => {
    const folder = temporaryFolder();
    const temp = temporaryFolder();
    // Where the tests run as root, PostgreSQL runs as somebody else, who must be able to look into it.
    chmodSync(temp.path, 0o777);
    const env = { DATABASE_URL: '', TMPDIR: temp.path };
    const args = [
      'run',
      'members',
      '--quick',
      ...short,
      '--out',
      'out',
      '--export',
      'performance_report.txt',
    ];
    const { code, stdout, stderr } = await runCli(args, { env, cwd: folder.path });
    expect(stdout).toMatch(/Statements +\d+ /);
    expect(stdout).not.toContain('Requests');
    expect(stderr).toContain('starting the target members');

    const out = join(folder.path, 'out');
    const record = readRecord(out, 'members');
    expectExit({ code, stdout, stderr, record }, 0);
    expect(record.plan.scenarios[0]?.executor).toMatchObject({ vus: 10, iterations: 20, rampUpMs: 1000 });
    expect(countOf(record, 'iterations')).toBe(200);
    if (!wasHeldUp(record)) expect(record.verdict.status).toBe('pass');
    expect(record.metrics.operation_failed?.values).toMatchObject({ passes: 0, fails: 200 });

    const latest = join(out, 'members', 'latest');
    const report = readFileSync(join(folder.path, 'performance_report.txt'), 'utf8');
    expect(report).toContain('   Total Operations: 200\n   Successful: 200 (100.00%)\n');
    expect(readFileSync(join(latest, 'operations.txt'), 'utf8')).toBe(report);
    const gate = `grep "Average:" performance_report.txt | awk '{if ($2 > 500) exit 1}'`;
    expect(spawnSync('sh', ['-c', gate], { cwd: folder.path }).status).toBe(0);
    const again = ['report', latest, '--formats', 'txt', '--out', join(folder.path, 'again')];
    expect((await runCli(again)).code).toBe(0);
    expect(readFileSync(join(folder.path, 'again', 'operations.txt'), 'utf8')).toBe(report);

    await until(async () => processesOf(temp.path).length === 0);
    expect(readdirSync(temp.path).filter((name) => name.startsWith('plimsoll'))).toEqual([]);
    temp.dispose();
    folder.dispose();
  });

  it('a dry run starts nothing', async () => {
    const args = ['run', 'members', '--pattern', 'write_heavy', '--dry-run'];
    const { code, stdout, stderr } = await runCli(args, { env: { DATABASE_URL: '' } });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('write_heavy');
    expect(stdout).not.toContain('file_operations');
  });
});

/** Command lines of processes that know of the folder. */
function processesOf(path: string): string[] {
  return execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(path));
}

describe('on a given database', () => {
  let members: RunningMembers;
  let client: Client;
  let folder: ReturnType<typeof temporaryFolder>;
  beforeAll(async () => {
    folder = temporaryFolder();
    members = await startMembers();
    client = new Client(members.url);
    await client.connect();
  });
  afterAll(async () => {
    await client?.end();
    await members?.stop();
    folder?.dispose();
  });

  async function rowCounts(): Promise<number[]> {
    const counts = writtenTables.map(async (table) => {
      const { rows } = await client.query<{ n: number }>(
        `SELECT count(*)::int n FROM ${schemaName}.${table}`,
      );
      return rows[0]!.n;
    });
    return Promise.all(counts);
  }

  async function run(args: readonly string[], databaseUrl = members.url) {
    const flags = ['--out', folder.path, '--formats', 'json,txt'];
    return runCli(['run', 'members', ...args, ...flags], { env: { DATABASE_URL: databaseUrl } });
  }

  it('every statement is counted as PostgreSQL counts it, and what was written is taken back', async () => {
    const before = await rowCounts();
    if (members.info.statementStatistics) await client.query('SELECT pg_stat_statements_reset()');
    const result = await run(['--quick', '--pattern', 'write_heavy', ...short]);
    const record = readRecord(folder.path, 'members');
    expectExit({ ...result, record }, 0);
    expect(countOf(record, 'iterations')).toBe(200);
    expect(statementsOf(record, 'create_member')).toBeGreaterThan(0);
    expect(await rowCounts()).toEqual(before);
    if (!members.info.statementStatistics) return;
    for (const name of Object.keys(statements)) {
      const { rows } = await client.query<{ calls: number }>(
        'SELECT coalesce(sum(calls), 0)::int AS calls FROM pg_stat_statements WHERE query LIKE $1',
        [`%/* ${name} */%`],
      );
      expect([name, statementsOf(record, name)]).toEqual([name, rows[0]!.calls]);
    }
  });

  it('--skip-cleanup keeps what was written', async () => {
    const before = await rowCounts();
    const result = await run(['--quick', '--skip-cleanup', ...short]);
    expectExit({ ...result, record: readRecord(folder.path, 'members') }, 0);
    const after = await rowCounts();
    const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
    expect(sum(after)).toBeGreaterThan(sum(before));
  });

  it('a database without the marker is refused, and so is one that looks like production', async () => {
    await client.query('CREATE DATABASE unmarked');
    const unmarked = new URL(members.url);
    unmarked.pathname = '/unmarked';
    const first = await run(['--quick', ...short], unmarked.href);
    expect([first.code, first.stderr]).toEqual([
      4,
      expect.stringContaining('plimsoll_members.plimsoll_suite'),
    ]);
    const url = 'postgresql://someone:hidden-word@db.prod.example.com/members';
    const second = await run(['--quick', ...short], url);
    expect([second.code, second.stderr]).toEqual([4, expect.stringContaining('--force')]);
    expect(second.stderr).not.toContain('hidden-word');
  });

  it('killed and started again, it costs operations but no count: the report says for how long', {
    timeout: 120_000,
  }, async () => {
    const first = await startMembers({ members: 500 });
    // The one it comes back as is ready beforehand, so that the outage is as long on a slow machine.
    const second = await startMembers({ members: 500 });
    const proxy = await startProxy(first.url);
    const own = new URL(first.url);
    const admin = new Client(second.url);
    await admin.connect();
    await admin.query(`ALTER USER ${own.username} PASSWORD '${own.password}'`);
    await admin.end();
    const args = ['run', 'members', '--users', '4', '--ops', '160', '--think-time', '50', '--ramp-up', '0.1'];
    const started = startCli([...args, '--out', folder.path, '--formats', 'json,txt'], {
      env: { DATABASE_URL: proxy.url },
    });
    await started.saw(/normal/);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    proxy.target = null;
    proxy.reset();
    const downAt = performance.now();
    await first.stop();
    await new Promise((resolve) => setTimeout(resolve, 2500));
    proxy.target = second.url;
    const downMs = performance.now() - downAt;
    const result = await started.done;
    await second.stop();

    const record = readRecord(folder.path, 'members');
    expectExit({ ...result, record }, 1);
    expect(countOf(record, 'iterations')).toBe(640);
    const { passes, fails } = record.metrics.operation_failed!.values as { passes: number; fails: number };
    expect(passes + fails).toBe(640);
    expect(passes).toBeGreaterThan(0);
    expect(record.timeline.at(-2)?.metrics.operation_failed).toMatchObject({ rate: 0 });
    const text = readFileSync(join(folder.path, 'members', 'latest', 'operations.txt'), 'utf8');
    expect(text).toMatch(/ {6}from \d+\.\d\ds to \d+\.\d\ds: over \d+\.\d\ds\n/);
    expect(existsSync(join(folder.path, 'members', 'latest', 'run.journal'))).toBe(false);

    // Both ends are rounded to an interval of the timeline, which is a second.
    const recovery = record.metrics.recovery_time?.values as { count: number; max: number } | undefined;
    expect(recovery?.count, JSON.stringify(record.timeline.map(({ metrics }) => metrics.sql_op_failed))).toBe(
      1,
    );
    expect(Math.abs(recovery!.max - downMs)).toBeLessThan(2500);
    const outages = record.findings.filter(({ kind }) => kind === 'outage');
    expect(outages).toMatchObject([
      { severity: 'warning', title: expect.stringMatching(/recovered after \ds$/) },
    ]);
    expect(outages[0]!.evidence).toContainEqual({ name: 'recovery_time', value: recovery!.max, unit: 'ms' });
    expect(readFileSync(join(folder.path, 'members', 'latest', 'summary.txt'), 'utf8')).toMatch(
      /Outages {2}1\n.*time to recovery/,
    );
  });
});
