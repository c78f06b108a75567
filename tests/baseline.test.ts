// A run held to its baseline: refused before the load without one, and judged by its gates otherwise.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunRecord } from 'plimsoll';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CountingServer, startCountingServer } from './counting-server.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

let server: CountingServer;
const folder = temporaryFolder();

beforeAll(async () => {
  server = await startCountingServer();
});
afterAll(async () => {
  await server.close();
  folder.dispose();
});

test('run --compare-baseline sends nothing without a baseline, and is judged by its gates with one', async () => {
  const file = join(folder.path, 'held.yaml');
  writeFileSync(
    file,
    `name: held
baseUrl: ${server.url}
users: { reader: { tasks: { front_page: { requests: [{ url: / }] } } } }
profiles: { few: { executor: shared-iterations, vus: 2, iterations: 60 } }
`,
  );
  const run = ['run', file, '--quiet', '--formats', 'json', '--out', folder.path, '--compare-baseline'];
  const refused = await runCli(run);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('there is no baseline file');
  expect(server.count).toBe(0);

  const stated = join(folder.path, 'baselines.json');
  writeFileSync(stated, '{ "Front Page": { "p95": 0.001, "error_rate": "1%" } }');
  const broken = await runCli([...run, '--baseline-file', stated]);
  expect(broken.stdout).toContain('task front_page');
  expect(broken.code).toBe(1);
  expect(server.count).toBe(60);
  const record = JSON.parse(
    readFileSync(join(folder.path, 'held', 'latest', 'run.json'), 'utf8'),
  ) as RunRecord;
  expect(record.baseline!.gates.map(({ status }) => status)).toEqual(['broken', 'held']);
  expect(record.baseline!.own.status).toBe('pass');
  const again = await runCli(['analyze', join(folder.path, 'held', 'latest'), '--json']);
  expect(again.code).toBe(1);
  expect((JSON.parse(again.stdout) as RunRecord).verdict).toEqual(record.verdict);
});
