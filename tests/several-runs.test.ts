// Several profiles in one command, each more than once, as `plimsoll run --repeat` runs them.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunRecord } from 'plimsoll';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type CountingServer, startCountingServer } from './counting-server.ts';
import { wasHeldUp } from './exit-code.ts';
import { startCli, temporaryFolder } from './run-cli.ts';

let server: CountingServer;
const folder = temporaryFolder();

beforeAll(async () => {
  server = await startCountingServer();
});
afterAll(async () => {
  await server.close();
  folder.dispose();
});

function commandsOf(parent: number): string[] {
  return execFileSync('ps', ['-eo', 'ppid=,args='])
    .toString()
    .split('\n')
    .filter((line) => Number(/^\s*(\d+)/.exec(line)?.[1]) === parent);
}

test('each profile runs as often as told, with seeds of its own, and the worst exit code counts', async () => {
  // In TypeScript: a suite in YAML needs no bundler.
  const file = join(folder.path, 'twice.suite.ts');
  const load = `executor: 'shared-iterations', vus: 2, iterations: 40, thinkTime: '40ms'`;
  writeFileSync(
    file,
    `import { defineSuite } from 'plimsoll';
export default defineSuite({
  name: 'twice',
  baseUrl: '${server.url}',
  users: { reader: { tasks: { read: { run: async ({ http }) => void (await http.get('/')) } } } },
  profiles: {
    good: { ${load} },
    bad: { ${load}, thresholds: { http_reqs: ['count<1'] } },
  },
});
`,
  );
  const out = join(folder.path, 'results');
  const args = [
    'run',
    file,
    '--profile',
    'good',
    '--profile',
    'bad',
    '--repeat',
    '2',
    '--seed',
    '7',
    '--out',
    out,
  ];
  const run = startCli([...args, '--formats', 'json']);
  await vi.waitFor(() => expect(server.count).toBeGreaterThan(0), { timeout: 20_000, interval: 20 });
  // The bundler is a process of its own: it ends before there is any load.
  expect(commandsOf(run.child.pid!).filter((command) => command.includes('esbuild'))).toEqual([]);
  const { code, stdout, stderr } = await run.done;
  const records = readdirSync(join(out, 'twice'))
    .filter((name) => name !== 'latest')
    .map((name) => JSON.parse(readFileSync(join(out, 'twice', name, 'run.json'), 'utf8')) as RunRecord)
    .sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  expect(records.map(({ plan }) => `${plan.profile} ${plan.seed}`)).toEqual([
    'good 7',
    'good 8',
    'bad 7',
    'bad 8',
  ]);
  expect(server.count).toBe(160);
  const failed = records.filter(({ plan }) => plan.profile === 'bad').some((record) => !wasHeldUp(record));
  expect(code, `${stdout}\n${stderr}`).toBe(failed ? 1 : 5);
}, 60_000);
