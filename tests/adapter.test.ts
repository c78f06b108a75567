// The database tests of the suite `adapter` against its own target: each finds what was planted for it, and is silent
// where nothing was. What policies cost is in adapter-policies.test.ts.

import { Client } from 'pg';
import type { RunRecord } from 'plimsoll';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { AdapterServers, runAdapter as run } from './adapter-run.ts';
import { wasHeldUp } from './exit-code.ts';
import { figureOf } from './profile-run.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const servers = new AdapterServers();
afterAll(() => servers.stop());

/** Forty users who log in again and again may keep a slow generator busy; a limit is broken all the same. */
function expectFail(record: RunRecord): void {
  expect(record.verdict.status).toBe(wasHeldUp(record) ? 'inconclusive' : 'fail');
}

/** Rows that runs wrote, and did not remove. */
async function rowsLeftIn(url: string): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const left = await client.query(
    `SELECT (SELECT count(*) FROM plimsoll_adapter.tickets WHERE run_id IS NOT NULL)
      + (SELECT count(*) FROM plimsoll_adapter.crm_contacts WHERE run_id IS NOT NULL)
      + (SELECT count(*) FROM plimsoll_adapter.workflow_runs WHERE run_id IS NOT NULL) AS rows`,
  );
  await client.end();
  return Number(left.rows[0].rows);
}

const errorsOf = (record: RunRecord, errorClass: string): number =>
  figureOf(record, `sql_ops{error_class:${errorClass}}`);

const suiteFindings = (record: RunRecord) =>
  record.findings.filter(({ source, severity }) => source === 'suite' && severity !== 'info');

describe('connection_pool', () => {
  it('is silent while the server has room, and leaves its result and no rows', async () => {
    const url = await servers.databaseWith();
    const { record, result } = await run('connection_pool', url, ['--users', '40', '--duration', '2s']);
    expect(errorsOf(record, 'too_many_connections')).toBe(0);
    expect(record.errors).toEqual([]);
    expect(result).toMatchObject({ test_name: 'connection_pool', errors: 0, success_rate: 1 });
    expect((result as { operations: number }).operations).toBe(figureOf(record, 'sql_ops'));
    expect(await rowsLeftIn(url)).toBe(0);
    // What teardown did to remove them is no part of the load.
    const operations = Object.values(record.metrics).filter(
      ({ metric, tags }) => metric === 'sql_ops' && tags?.operation !== undefined,
    );
    const countOf = (entries: typeof operations) =>
      entries.reduce((sum, { values }) => sum + ('count' in values ? values.count : 0), 0);
    const ofTeardown = operations.filter(({ tags }) => tags?.task === 'teardown');
    expect(countOf(ofTeardown)).toBe(3);
    expect(figureOf(record, 'sql_ops')).toBe(
      countOf(operations.filter(({ tags }) => tags?.user !== 'suite')),
    );
  });

  it('keeps what it wrote with --skip-cleanup', async () => {
    const url = await servers.databaseWith();
    await run('connection_pool', url, ['--users', '40', '--duration', '3s', '--skip-cleanup']);
    expect(await rowsLeftIn(url)).toBeGreaterThan(0);
  });

  it('names the refusals of a server that takes too few', async () => {
    const small = await servers.start({ maxConnections: 20 });
    const { record } = await run('connection_pool', small.url, ['--users', '40', '--duration', '2s']);
    expectFail(record);
    expect(record.thresholds).toContainEqual(
      expect.objectContaining({ series: 'sql_ops{error_class:too_many_connections}', ok: false }),
    );
    expect(errorsOf(record, 'too_many_connections')).toBeGreaterThan(0);
    expect(record.errors.map(({ code }) => code)).toContain('53300');
    // On a busy machine the generator is the bottleneck, and this one stands beside it.
    expect(record.findings.map(({ title }) => title).join('\n')).toMatch(/too many database connections/);
  });
});

describe('pool_exhaustion', () => {
  it('is silent about a pool that lets everyone have a turn, and shows the waiting', async () => {
    const url = await servers.databaseWith();
    const env = { ADAPTER_POOL: '20', ADAPTER_PEAK: '60' };
    const { record } = await run('pool_exhaustion', url, ['--duration', '4s'], env);
    expect(errorsOf(record, 'sql_pool_timeout')).toBe(0);
    expect(figureOf(record, 'sql_pool_wait', 'p(95)')).toBeGreaterThan(20);
    // Each of the five users afterwards says when all was well again.
    expect(figureOf(record, 'pool_recovery')).toBe(5);
  });

  it('names the timeouts of a pool that is too small, and the time to recovery', async () => {
    const url = await servers.databaseWith();
    const env = { ADAPTER_POOL: '4', ADAPTER_PEAK: '300' };
    const { record, stdout } = await run('pool_exhaustion', url, ['--duration', '6s'], env);
    expectFail(record);
    expect(errorsOf(record, 'sql_pool_timeout')).toBeGreaterThan(0);
    expect(stdout).toContain('The pool of connections is exhausted');
    const recoveryMs = figureOf(record, 'pool_recovery', 'max');
    expect(recoveryMs).toBeGreaterThan(100);
    expect(stdout).toMatch(/pool_recovery +max<5000/);
  });
});

describe('index_effectiveness', () => {
  it('is silent when all indexes are used and none is missing', async () => {
    const { record } = await run('index_effectiveness', await servers.databaseWith(), ['--duration', '1s']);
    expect(suiteFindings(record)).toEqual([]);
    expect(record.findings.find(({ source }) => source === 'suite')).toMatchObject({ severity: 'info' });
  });

  it('names a missing index with its plan, and an unused one with its counts', async () => {
    const url = await servers.databaseWith({
      missingIndex: 'idx_tickets_tenant_status_created',
      unusedIndex: true,
    });
    const { record, stdout } = await run('index_effectiveness', url, ['--duration', '1s']);
    expectFail(record);
    const findings = suiteFindings(record);
    expect(findings.map(({ title }) => title).sort()).toEqual([
      'No statement uses the index idx_tickets_subject',
      'ticket_board reads all of tickets: an index is missing',
      'ticket_list reads all of tickets: an index is missing',
    ]);
    const missing = findings.find(({ title }) => title.startsWith('ticket_list'))!;
    expect(missing.detail).toMatch(/Seq Scan on tickets with the filter .*status = .*sorted by/);
    const thrownAway = missing.evidence.find(({ name }) => name === 'rows thrown away by the filter')!;
    expect(thrownAway.value).toBeGreaterThan(30_000);
    expect(stdout).toContain('ticket_list reads all of tickets: an index is missing.');
  });
});
