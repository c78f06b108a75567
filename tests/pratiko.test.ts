// The suite `pratiko` as its users run it: from the command line, against the PratikoAI system.

import type { RunRecord } from 'plimsoll';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { RunningTarget } from '../src/target-kit/target.ts';
import { accountPrefix } from '../suites/pratiko/accounts.ts';
import { startTarget } from '../targets/pratiko/target.ts';
import { expectFinished } from './exit-code.ts';
import { readRecord, runCli, startCli, temporaryFolder } from './run-cli.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const adminKey = 'key-of-this-test';
const folder = temporaryFolder();
let target: RunningTarget;

beforeAll(async () => {
  const env = {
    ...process.env,
    DATABASE_URL: '',
    REDIS_URL: '',
    PRATIKO_ADMIN_KEY: adminKey,
    PRATIKO_CORPUS: '500',
    PRATIKO_LLM_LATENCY_MS: '50',
    PRATIKO_LLM_TOKENS_PER_SEC: '400',
  };
  target = await startTarget({ port: 0, env });
});

afterAll(async () => {
  await target?.stop();
  folder.dispose();
});

const argumentsOf = (profile: string, ...flags: readonly string[]): string[] => [
  ...['run', 'pratiko', '--profile', profile, '--base-url', target.url, '--out', folder.path],
  ...['--workers', '1', '--formats', 'json', ...flags],
];

async function accountsLeft(): Promise<number> {
  const response = await fetch(`${target.url}/api/admin/users?prefix=${accountPrefix}`, {
    headers: { authorization: `Bearer ${adminKey}` },
  });
  return ((await response.json()) as { count: number }).count;
}

/** What the platform has counted, by route. Its own pages are left out: monitors read them as well. */
async function requestsByRoute(): Promise<Map<string, number>> {
  const page = await (await fetch(`${target.url}/metrics`)).text();
  const counts = new Map<string, number>();
  for (const [, route, count] of page.matchAll(
    /^pratiko_http_requests_total\{[^}]*route="([^"]+)"[^}]*\} (\d+)$/gm,
  )) {
    if (route === '/health' || route === '/metrics') continue;
    counts.set(route!, (counts.get(route!) ?? 0) + Number(count));
  }
  return counts;
}

/** Requests of the run by name: of the load, of setup and of teardown. */
function requestsByName(record: RunRecord): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { metric, tags, values } of Object.values(record.metrics)) {
    if (metric !== 'http_reqs' || tags?.name === undefined || tags.method === undefined) continue;
    if (tags.name === '/health' || !('count' in values)) continue;
    counts.set(tags.name, (counts.get(tags.name) ?? 0) + values.count);
  }
  return counts;
}

const sorted = (counts: ReadonlyMap<string, number>): Record<string, number> =>
  Object.fromEntries([...counts].sort());

const checksOf = (record: RunRecord, name: string): { passes: number; fails: number } =>
  record.checks
    .filter((check) => check.name === name)
    .reduce((sum, { passes, fails }) => ({ passes: sum.passes + passes, fails: sum.fails + fails }), {
      passes: 0,
      fails: 0,
    });

it('a short run: every request is accounted for, every tax is exact, and no account is left', async () => {
  const before = await requestsByRoute();
  const flags = ['--users', '12', '--duration', '10', '--seed', '7'];
  const result = await runCli(argumentsOf('quick', ...flags), { env: { PRATIKO_ADMIN_KEY: adminKey } });
  expectFinished(result);
  const record = readRecord(folder.path, 'pratiko');
  const after = await requestsByRoute();
  const received = new Map([...after].map(([route, count]) => [route, count - (before.get(route) ?? 0)]));

  expect(sorted(requestsByName(record))).toEqual(sorted(received));
  expect(record.cutOff ?? []).toEqual([]);

  const taxes = checksOf(record, 'tax: the answer is exact');
  expect(taxes.fails).toBe(0);
  expect(taxes.passes).toBe(
    ['iva', 'irpef', 'imu', 'bulk'].reduce((sum, tax) => sum + (received.get(`/api/tax/${tax}`) ?? 0), 0),
  );
  expect(taxes.passes).toBeGreaterThan(10);
  expect(record.checks.filter(({ fails }) => fails > 0)).toEqual([]);
  expect(record.metrics.http_req_failed?.values).toMatchObject({ rate: 0 });

  // Every complex question was answered by the model, and its tokens were timed.
  const questions = received.get('/api/chat/ask');
  for (const metric of ['time_to_first_token', 'inter_token_latency', 'output_tokens_per_sec']) {
    expect(record.metrics[metric]?.values).toMatchObject({ count: questions });
  }
  expect(record.metrics.document_duration?.values).toMatchObject({ count: received.get('/api/documents') });
  expect(await accountsLeft()).toBe(0);
});

it('an interrupted run removes its accounts', async () => {
  const run = startCli(argumentsOf('quick'), { env: { PRATIKO_ADMIN_KEY: adminKey } });
  await vi.waitUntil(async () => (await accountsLeft()) === 200, { timeout: 60_000, interval: 200 });
  run.child.kill('SIGINT');
  await run.done;
  expect(await accountsLeft()).toBe(0);
});

it('without the key of the administration no load begins, and the error says what to do', async () => {
  const { code, stderr } = await runCli(argumentsOf('quick'), { env: { PRATIKO_ADMIN_KEY: 'another-key' } });
  expect(code).toBe(3);
  expect(stderr).toContain('set PRATIKO_ADMIN_KEY to the key of its administration');
});
