// A drill with every kind of fault, of a system that has the defences and of one that has none; and what is left when the
// run is killed.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from 'plimsoll';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultResults } from '../src/analysis/faults/fault-results.ts';
import { findFreePort } from '../src/system/free-port.ts';
import { readRecord, startCli, temporaryFolder } from './run-cli.ts';

/** Its ports accept nobody any more. */
function isClosed(port: string): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(1000) }).then(
    () => false,
    (error: Error) => String(error.cause).includes('ECONNREFUSED'),
  );
}

const suite = fileURLToPath(new URL('./fixtures/faults.suite.ts', import.meta.url));
const target = fileURLToPath(new URL('./fixtures/fault-target.mjs', import.meta.url));
const folder = temporaryFolder();
afterAll(() => folder.dispose());

async function environment(defences: 'on' | 'off'): Promise<Record<string, string>> {
  const names = ['API', 'CRM', 'PROXY', 'PRIMARY', 'SECONDARY'] as const;
  const ports = await Promise.all(names.map(() => findFreePort()));
  const given = Object.fromEntries(names.map((name, i) => [name, String(ports[i])]));
  return { ...given, TARGET: target, DEFENCES: defences };
}

describe('a drill with every kind of fault', () => {
  interface Drill {
    readonly code: number | null;
    readonly record: RunRecord;
    readonly output: string;
  }
  const drills = new Map<'on' | 'off', Drill>();

  beforeAll(async () => {
    const run = async (defences: 'on' | 'off'): Promise<void> => {
      const out = `${folder.path}/${defences}`;
      const { done } = startCli(['run', suite, '--out', out, '--workers', '1'], {
        env: await environment(defences),
      });
      const { code, stdout, stderr } = await done;
      drills.set(defences, { code, record: readRecord(out, 'drills'), output: stdout + stderr });
    };
    await Promise.all([run('on'), run('off')]);
  }, 180_000);

  const statuses = (defences: 'on' | 'off') =>
    Object.fromEntries(
      faultResults(drills.get(defences)!.record).map(({ plan, trouble, expectations }) => [
        plan.kind,
        trouble.length > 0 ? trouble : expectations.map(({ plan: { kind }, status }) => `${kind} ${status}`),
      ]),
    );

  test('is silent where the system has the defences', () => {
    const { code, record } = drills.get('on')!;
    expect(statuses('on')).toEqual({
      latency: ['reach met', 'others-flat met', 'return met'],
      bandwidth: ['reach met'],
      reset: ['reach met'],
      refuse: ['reach met'],
      'black-hole': ['reach met'],
      switch: ['reach met'],
      kill: ['failover met'],
      pause: ['failover met'],
      restart: ['recovery met'],
      flush: ['cost met'],
    });
    expect(record.verdict).toMatchObject({ status: 'pass' });
    expect(code).toBe(0);
  });

  test('tells of each where it has none', () => {
    const { code, record, output } = drills.get('off')!;
    expect(statuses('off')).toEqual({
      latency: ['reach unmet', 'others-flat unmet', 'return met'],
      bandwidth: ['reach unmet'],
      reset: ['reach unmet'],
      refuse: ['reach unmet'],
      'black-hole': ['reach unmet'],
      switch: ['reach unmet'],
      kill: ['failover unmet'],
      pause: ['failover unmet'],
      restart: ['recovery unmet'],
      flush: ['cost unmet'],
    });
    expect(record.verdict.status).toBe('fail');
    expect(code).toBe(1);
    expect(output).toContain('1 of 12 expectations met');
    const broken = record.thresholds!.filter(({ ok }) => !ok).map(({ series }) => series);
    expect(broken).toContain('http_req_failed{fault:cut}');
  });
});

test('a run that is killed leaves no fault, no process and no proxy behind', async () => {
  const asked: string[] = [];
  const witness = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(witness, 'listening');
  const env = await environment('on');
  const WITNESS = `http://127.0.0.1:${(witness.address() as AddressInfo).port}`;
  const { child, done, saw } = startCli(
    ['run', suite, '--profile', 'killed', '--out', `${folder.path}/killed`, '--workers', '1'],
    { env: { ...env, WITNESS } },
  );
  await saw(/fault at .*stuck/);
  expect(asked).toEqual(['PUT /failing']);
  child.kill('SIGKILL');
  await done;
  await expect.poll(() => asked, { timeout: 10_000 }).toEqual(['PUT /failing', 'PUT /well']);
  for (const port of [env.API!, env.CRM!, env.PROXY!, env.PRIMARY!, env.SECONDARY!])
    await expect.poll(() => isClosed(port), { timeout: 10_000 }).toBe(true);
  witness.close();
}, 60_000);

test('a proxy before the base URL carries the load, whose record has the URL as it is', async () => {
  const env = await environment('on');
  const out = `${folder.path}/front`;
  const { done } = startCli(['run', suite, '--profile', 'front', '--out', out, '--workers', '1'], { env });
  await done;
  const { target: loaded, faults, timeline } = readRecord(out, 'drills');
  expect(loaded.baseUrl).toBe(`http://127.0.0.1:${env.API}`);
  expect(faults![0]!.traffic!.connections).toBeGreaterThan(0);
  expect(faults![0]!.traffic!.addedMs!.med).toBeGreaterThan(150);
  // There and back.
  const during = timeline.find(({ startAtMs }) => startAtMs === 4000)!.metrics.http_req_duration;
  expect((during as { readonly min: number }).min).toBeGreaterThan(350);
}, 60_000);
