// A capacity search passes figures on as a run does, and its steps come back from the journal when its coordinator is killed.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from 'plimsoll';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CountingServer, startCountingServer } from './counting-server.ts';
import { figureOf } from './profile-run.ts';
import { runCli, startCli, temporaryFolder } from './run-cli.ts';

const suite = fileURLToPath(new URL('./fixtures/sending-capacity.suite.ts', import.meta.url));

let server: CountingServer;
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(async () => {
  server = await startCountingServer();
  folder = temporaryFolder();
});
afterEach(async () => {
  folder.dispose();
  await server.close();
});

interface Line {
  readonly type: string;
  readonly metric?: string;
  readonly data: {
    readonly startAtMs: number;
    readonly endAtMs: number;
    readonly tags: Readonly<Record<string, string>>;
    readonly values: { readonly count: number };
  };
}

const figures = (): string => join(folder.path, 'figures.jsonl');
const runDir = (): string => join(folder.path, 'sending-capacity', 'latest');
const readText = (name: string): string => readFileSync(join(runDir(), name), 'utf8');
const recordOf = (): RunRecord => JSON.parse(readText('run.json')) as RunRecord;
const search = (...args: string[]) =>
  startCli(
    [
      ...['capacity', suite, '--base-url', server.url, '--out', folder.path, '--workers', '1'],
      ...['--unit', 'users', '--from', '1', '--step-duration', '3s', ...args],
    ],
    { env: { FIGURES: figures() } },
  );

test('the outputs of the suite get every step, one after the other, and the record says so', async () => {
  const { code, stderr } = await search('--to', '2').done;
  expect([0, 5], stderr).toContain(code);
  const record = recordOf();
  expect(record.outputs).toMatchObject([{ kind: 'json', lost: 0, failures: 0 }]);
  const points = readFileSync(figures(), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
    .filter(({ type, metric }) => type === 'point' && metric === 'iterations');
  const sum = points.reduce((all, { data }) => all + data.values.count, 0);
  expect(sum).toBe(figureOf(record, 'iterations'));
  for (const { name, startAtMs } of record.plan.scenarios) {
    const own = points.filter(({ data }) => data.tags.scenario === name).map(({ data }) => data);
    expect(Math.min(...own.map((data) => data.startAtMs)), name).toBeGreaterThanOrEqual(startAtMs);
    expect(Math.max(...own.map((data) => data.endAtMs)), name).toBeLessThanOrEqual(startAtMs + 6000);
  }
  expect(readdirSync(runDir())).not.toContain('run.journal');
}, 120_000);

test('a search that is killed in its second step is recovered, with the outcome of the first', async () => {
  const running = search('--to', '64');
  await running.saw(/step-2: /);
  const early = await runCli(['report', runDir()]);
  expect(early.code).toBe(2);
  expect(early.stderr).toMatch(/the run is still going on/);
  // Until something of the second step is in the journal.
  const windowsOfSecond = (): number =>
    readText('run.journal')
      .split('"step-2"')
      .slice(1)
      .join('')
      .split('\n')
      .filter((line) => / window /.test(line)).length;
  while (windowsOfSecond() < 2) await new Promise((resolve) => setTimeout(resolve, 50));
  running.child.kill('SIGKILL');
  await running.done;
  expect(existsSync(join(runDir(), 'run.json'))).toBe(false);

  const { code, stdout, stderr } = await runCli(['report', runDir()]);
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/the coordinator was killed; recovered the record up to \ds/);
  expect(stdout).toMatch(/INCONCLUSIVE \(interrupted\)/);
  const record = recordOf();
  expect(record).toMatchObject({ interrupted: true, recovery: { killed: true } });
  expect(record.verdict.status).toBe('inconclusive');
  expect(record.verdict.reasons.join(' ')).toMatch(/The coordinator was killed/);
  const { steps, adaptive } = record.plan.search!;
  expect(adaptive).toMatchObject({ from: 1, to: 64, warmUpMs: 1000 });
  expect(steps.map(({ scenario }) => scenario)).toEqual(['step-1', 'step-2']);
  expect(steps[0]!.trial?.purpose).toBe('grow');
  expect(steps[1]!.trial).toBeUndefined();
  expect(record.plan.scenarios.map(({ name }) => name)).toEqual(['step-1', 'step-2']);
  for (const name of ['step-1', 'step-2'])
    expect(figureOf(record, `iterations{scenario:${name}}`), name).toBeGreaterThan(0);
  expect(figureOf(record, 'http_reqs')).toBeLessThanOrEqual(server.count);
  expect(readdirSync(runDir())).not.toContain('run.journal');
}, 120_000);
