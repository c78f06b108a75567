// `plimsoll doctor` before a run: what is wrong is named with its remedy, and `run` refuses in the same words.

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { runCli, temporaryFolder } from './run-cli.ts';

interface Line {
  readonly subject: string;
  readonly status: string;
  readonly finding: string;
  readonly remedy?: string;
}

const suite = fileURLToPath(new URL('fixtures/with-target.suite.ts', import.meta.url));
const env = { DATABASE_URL: undefined };
const folder = temporaryFolder();

afterAll(() => folder.dispose());

async function doctor(args: readonly string[]): Promise<{ code: number | null; lines: Map<string, Line> }> {
  const { code, stdout, stderr } = await runCli(['doctor', ...args, '--json', '--out', folder.path], { env });
  expect(stdout, stderr).toMatch(/^\[/);
  return { code, lines: new Map((JSON.parse(stdout) as Line[]).map((line) => [line.subject, line])) };
}

test('the machine alone is looked at, and what it can make is measured', async () => {
  const { code, stdout } = await runCli(['doctor', '--out', folder.path]);
  expect(code).toBe(0);
  for (const subject of ['cores', 'memory', 'open files', 'local ports', 'disk', 'clock'])
    expect(stdout).toMatch(new RegExp(`^[✓!?] ${subject} `, 'm'));
  expect(stdout).toMatch(/✓ load generator +[\d,]+ requests in a second/);
  expect(stdout).toMatch(/^A run can work/m);
});

test('a suite with its target has nothing that keeps it from running, and leaves nothing behind', async () => {
  const { code, lines } = await doctor([suite, '--all', '--with-target']);
  expect(code).toBe(0);
  for (const subject of ['suite', 'variables', 'target', 'monitor database'])
    expect(lines.get(subject), subject).toMatchObject({ status: 'good' });
  expect([...lines.keys()]).toEqual(expect.arrayContaining(['profile short', 'profile long']));
  const url = /^(\S+) answers/.exec(lines.get('target')!.finding)![1]!;
  await expect(fetch(url)).rejects.toThrow();
});

test('what is missing is told with its remedy, and a run refuses in the same words', async () => {
  const { code, lines } = await doctor([suite, '-p', 'short']);
  expect(code).toBe(2);
  const variables = lines.get('variables')!;
  expect(variables).toMatchObject({ status: 'bad', remedy: expect.stringContaining('export') });
  const refused = await runCli(['run', suite, '-p', 'short'], { env });
  expect(refused.code).toBe(2);
  const words = 'the environment variable DATABASE_URL to be set';
  expect(variables.finding).toContain(words);
  expect(refused.stderr).toContain(words);

  const gone = ['members', '-p', 'quick'];
  const unreachable = { env: { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' } };
  const looked = await runCli(['doctor', ...gone, '--json', '--out', folder.path], unreachable);
  expect(looked.code).toBe(3);
  const database = (JSON.parse(looked.stdout) as Line[]).find(({ subject }) => subject === 'database')!;
  expect(database.status).toBe('bad');
  const run = await runCli(['run', ...gone, '--out', join(folder.path, 'r')], unreachable);
  expect(run.code).toBe(3);
  expect(run.stderr).toContain(database.finding);
});

test('a target that looks like production is not contacted', async () => {
  const { code, lines } = await doctor(['jorge', '-p', 'smoke', '--base-url', 'https://shop.example.com']);
  expect(code).toBe(4);
  expect(lines.get('target')).toMatchObject({ status: 'bad', remedy: expect.stringContaining('--force') });
  expect([...lines.keys()].filter((subject) => subject.startsWith('monitor'))).toEqual([]);
});
