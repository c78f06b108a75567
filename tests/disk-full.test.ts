// Disk full while writing: the load and the summary go on to the end, and it is said what is missing and how to get
// it. A limit on the size of files stands for the full disk, since every account may set one.

import { spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from 'plimsoll';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type CountingServer, startCountingServer } from './counting-server.ts';
import { expectFinished } from './exit-code.ts';
import { figureOf } from './profile-run.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

let server: CountingServer;
let folder: ReturnType<typeof temporaryFolder>;
beforeAll(async () => {
  server = await startCountingServer();
});
afterAll(() => server.close());
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.dispose());

const cli = fileURLToPath(new URL('../bin/plimsoll.js', import.meta.url));
const suite = fileURLToPath(new URL('./fixtures/interrupts.suite.ts', import.meta.url));

/** Runs a profile in which no file may grow beyond `kibibytes`. */
function runLimited(
  kibibytes: number,
  args: readonly string[] = [],
  stderr: 'pipe' | number = 'pipe',
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const run = [process.execPath, cli, 'run', suite, '--profile', 'visiting', '--workers', '1'];
  const flags = ['--base-url', server.url, '--out', folder.path, '--no-color', ...args];
  // The unit of ulimit is 512 bytes by POSIX, and 1024 in some shells when they are called by their own name.
  const limit = `ulimit -f ${kibibytes * 2} && exec "$@"`;
  const child = spawn('sh', ['-c', limit, 'sh', ...run, ...flags], { stdio: ['ignore', 'pipe', stderr] });
  let output = '';
  let errors = '';
  child.stdout!.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout: output, stderr: errors }));
  });
}

/** Those of setup and teardown are none of them. */
const requestsOfLoad = () =>
  server.count - (server.byPath.get('/setup') ?? 0) - (server.byPath.get('/teardown') ?? 0);
const runDir = () => join(folder.path, 'interrupts', 'latest');
const record = () => JSON.parse(readFileSync(join(runDir(), 'run.json'), 'utf8')) as RunRecord;
const hasSummary = (text: string) => /(PASS|INCONCLUSIVE).*interrupts \/ visiting.*Key figures/s.test(text);

test('no room for run.json, but for the journal: the summary is printed, exit 70, and the record is rebuilt whole', async () => {
  const before = requestsOfLoad();
  const { code, stdout, stderr } = await runLimited(24);
  expect(code, stderr).toBe(70);
  expect(hasSummary(stdout), stdout).toBe(true);
  expect(stderr).toMatch(/these files in .* are missing or incomplete:\n {2}run\.json: EFBIG/);
  expect(stderr).toMatch(/report\.html: EFBIG/);
  expect(stderr).toMatch(
    /free some space; then `plimsoll report .*` rebuilds the whole record from the journal/,
  );
  const left = readdirSync(runDir());
  expect(left).toContain('summary.txt');
  expect(left).toContain('run.journal');
  // Nothing that is half written, neither under its own name nor under a temporary one.
  expect(left.filter((name) => name.startsWith('.') || name === 'run.json')).toEqual([]);

  const again = await runCli(['report', runDir()]);
  expect(again.code, again.stderr).toBe(0);
  expect(again.stderr).toMatch(/recovered the whole record from the journal/);
  expect(figureOf(record(), 'http_reqs')).toBe(requestsOfLoad() - before);
  expect(record().interrupted).toBe(false);
  expect(record().recovery).toBeUndefined();
  expect(record().generator.workers).toMatchObject([{ index: 0, completed: true }]);
  expect(readdirSync(runDir())).toContain('report.html');
  expect(readdirSync(runDir())).not.toContain('run.journal');
});

test('no room for the journal either: it warns, goes on, and what was written is rebuilt', async () => {
  const before = requestsOfLoad();
  const { code, stdout, stderr } = await runLimited(20, ['--duration', '8s']);
  expect(code, stderr).toBe(70);
  expect(hasSummary(stdout), stdout).toBe(true);
  expect(stderr).toMatch(/warn: cannot write .*run\.journal: EFBIG.*; the load continues/);
  expect(stderr).toMatch(/rebuilds the part of the record that was written from the journal/);
  const again = await runCli(['report', runDir()]);
  expect(again.code, again.stderr).toBe(0);
  const requests = figureOf(record(), 'http_reqs');
  expect(requests).toBeGreaterThan(0);
  expect(requests).toBeLessThan(requestsOfLoad() - before);
  expect(record().verdict.status).toBe('inconclusive');
});

test('no room for a report only: the verdict counts, and the report is named', async () => {
  const finished = await runLimited(20, ['--formats', 'txt,html']);
  expectFinished(finished);
  expect(finished.stderr).toMatch(/incomplete:\n {2}report\.html: EFBIG/);
  expect(readdirSync(runDir()).sort()).toEqual(['run.log', 'summary.txt']);
});

test('a full disk behind standard error does not end the run', async () => {
  const before = requestsOfLoad();
  const full = openSync('/dev/full', 'w');
  try {
    expectFinished(await runLimited(100_000, [], full));
    expect(figureOf(record(), 'http_reqs')).toBe(requestsOfLoad() - before);
  } finally {
    closeSync(full);
  }
});
