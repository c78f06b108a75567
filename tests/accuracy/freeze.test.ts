// Coordinated omission: a target that stalls must not hide it. A server that freezes for 1 s in every 10 s
// makes one arrival in ten wait, evenly between 0 and 1 s. So the true p95 is 500 ms (half of that tenth
// waits longer) and the true p99 is 900 ms.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readRecord, runCli, temporaryFolder } from '../run-cli.ts';

let server: ChildProcess;
let url: string;
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(async () => {
  folder = temporaryFolder();
  const script = fileURLToPath(new URL('./freezing-server.mjs', import.meta.url));
  server = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(server.stdout!, 'data')) as [Buffer];
  url = `http://127.0.0.1:${port.toString().trim()}`;
});
afterEach(() => {
  server.kill();
  folder.dispose();
});

test('p95 and p99 of a server that freezes are within 5 % of the truth at 100 arrivals/s', async () => {
  const suite = fileURLToPath(new URL('../fixtures/arrivals.suite.ts', import.meta.url));
  const { code, stdout, stderr } = await runCli([
    ...['run', suite, '--base-url', url, '--out', folder.path, '--formats', 'json'],
  ]);
  expect(code, stdout + stderr).toBe(0);
  const record = readRecord(folder.path, 'arrivals');
  const { values } = record.metrics.http_req_duration!;
  if (!('p(95)' in values)) throw new Error('http_req_duration is not a trend');
  expect(values.count).toBe(3000);
  expect(record.generator.droppedIterations).toBe(0);
  expect(values['p(95)']).toBeGreaterThan(475);
  expect(values['p(95)']).toBeLessThan(525);
  expect(values['p(99)']).toBeGreaterThan(855);
  expect(values['p(99)']).toBeLessThan(945);
  expect(values.med).toBeLessThan(20);
}, 60_000);
