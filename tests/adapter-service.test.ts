// The suite `adapter` against the real service: what was sent is what the service counted, a tenant that sees rows of another
// is found out and keeps heavier profiles from running, and records go or stay as they are told to.

import { Client } from 'pg';
import type { RunRecord } from 'plimsoll';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type RunningPostgres, startPostgres } from '../src/target-kit/postgres.ts';
import type { RunningTarget } from '../src/target-kit/target.ts';
import { startTarget } from '../targets/adapter/target.ts';
import { wasHeldUp } from './exit-code.ts';
import { figureOf } from './profile-run.ts';
import { type CliResult, readRecord, runCli, temporaryFolder } from './run-cli.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const tasks = [
  'health_check',
  'crm_create',
  'crm_search',
  'ticket_create',
  'ticket_search',
  'workflow_execute',
] as const;
const tenantCount = 5;

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres?.stop());

/** The service on the one database, its providers answering at once. */
function start(env: Readonly<Record<string, string>> = {}): Promise<RunningTarget> {
  return startTarget({
    env: { DATABASE_URL: postgres.url, ADAPTER_CONTACTS: '2000', ADAPTER_PROVIDER_DELAY: '0', ...env },
  });
}

async function run(
  target: RunningTarget,
  args: readonly string[],
): Promise<CliResult & { readonly record: RunRecord }> {
  const folder = temporaryFolder();
  try {
    const flags = ['--think-time', '20', '--workers', '2', '--formats', 'json', '--out', folder.path];
    const result = await runCli(['run', 'adapter', ...args, ...flags], {
      env: { ADAPTER_URL: target.url, ...target.env },
    });
    return { ...result, record: readRecord(folder.path, 'adapter') };
  } finally {
    folder.dispose();
  }
}

/** Requests that the service answered, by `route status`. */
async function answered({ url }: RunningTarget): Promise<ReadonlyMap<string, number>> {
  const page = await (await fetch(`${url}/metrics`)).text();
  const found = page.matchAll(/^adapter_http_requests_total\{route="(.*)",status="(\d+)"\} (\d+)$/gm);
  return new Map([...found].map(([, route, status, count]) => [`${route} ${status}`, Number(count)]));
}

/** Records that runs have written and not removed. */
async function recordsLeft(): Promise<number> {
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  const tables = ['crm_contacts', 'tickets', 'workflow_runs'];
  const counts = tables.map(
    (name) => `(SELECT count(*) FROM plimsoll_adapter.${name} WHERE run_id IS NOT NULL)`,
  );
  const { rows } = await client.query<{ left: string }>(`SELECT ${counts.join(' + ')} AS left`);
  await client.end();
  return Number(rows[0]!.left);
}

it('sends what the service counts, for every task; keeps tenants apart, and removes its records', async () => {
  const target = await start();
  try {
    const { record, stdout, stderr } = await run(target, [
      '--scenario',
      'load',
      '--users',
      '10',
      '--duration',
      '4',
    ]);
    const sent = Object.fromEntries(
      tasks.map((task) => [task, figureOf(record, `http_reqs{task:${task},user:client}`)]),
    );
    for (const task of tasks) expect(sent[task], stdout + stderr).toBeGreaterThan(0);
    expect(Object.values(sent).reduce((sum, count) => sum + count)).toBe(figureOf(record, 'http_reqs'));
    expect(record.errors).toEqual([]);

    const counted = await answered(target);
    expect(counted.get('/v1/crm/contacts 201')).toBe(sent.crm_create);
    // Before the load, contacts and workflows of each tenant are looked at; after it, each tenant's records are deleted.
    expect(counted.get('/v1/crm/contacts 200')).toBe(sent.crm_search! + tenantCount);
    expect(counted.get('/v1/workflows 200')).toBe(tenantCount);
    expect(counted.get('/v1/test-runs/:id 200')).toBe(tenantCount);
    expect(counted.get('/v1/tickets 201')).toBe(sent.ticket_create);
    expect(counted.get('/v1/tickets 200')).toBe(sent.ticket_search);
    expect(counted.get('/v1/workflows/:id/execute 200')).toBe(sent.workflow_execute);
    // Monitors look at the health as well.
    expect(counted.get('/health 200')).toBeGreaterThan(sent.health_check!);

    expect(figureOf(record, 'foreign_rows')).toBe(0);
    expect(figureOf(record, 'rows_seen')).toBeGreaterThan(sent.crm_create! + sent.ticket_create!);
    expect(figureOf(record, 'checks', 'rate')).toBe(1);
    expect(await recordsLeft()).toBe(0);
    const text = JSON.stringify(record);
    const keys = target.env!.ADAPTER_TENANT_KEYS!.split(',').map((pair) => pair.slice(pair.indexOf('=') + 1));
    expect(keys).toHaveLength(tenantCount);
    for (const key of keys) expect(text).not.toContain(key);
  } finally {
    await target.stop();
  }
});

it('finds out a tenant that sees rows of another, runs nothing heavier then, and keeps records when told to', async () => {
  const leaky = await start({ ADAPTER_RLS: 'off' });
  try {
    const args = [
      '--scenario',
      'smoke',
      '--scenario',
      'load',
      '--users',
      '3',
      '--duration',
      '2',
      '--skip-cleanup',
    ];
    const { record, stderr, code } = await run(leaky, args);
    expect(figureOf(record, 'foreign_rows')).toBeGreaterThan(0);
    expect(record.profile).toBe('smoke');
    expect(record.verdict.status).toBe(wasHeldUp(record) ? 'inconclusive' : 'fail');
    expect(stderr).toContain('load was not run');
    expect([1, 5]).toContain(code);
    expect(await recordsLeft()).toBeGreaterThan(0);
  } finally {
    await leaky.stop();
  }
});
