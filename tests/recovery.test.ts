// The coordinator killed with SIGKILL: the load stops, and the record comes back from the journal, as far as it went.

import { cpSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { RunRecord } from 'plimsoll';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CountingServer, startCountingServer } from './counting-server.ts';
import { expectFinished } from './exit-code.ts';
import { figureOf, startProfile } from './profile-run.ts';
import { runCli, temporaryFolder } from './run-cli.ts';
import { workersOf } from './worker-processes.ts';

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

const start = (outDir: string, profile: string, ...args: string[]) =>
  startProfile('interrupts', profile, { url: server.url, outDir, args: ['--workers', '2', ...args] });
const latestOf = (outDir: string) => join(outDir, 'interrupts', 'latest');
const recordIn = (runDir: string) => JSON.parse(readFileSync(join(runDir, 'run.json'), 'utf8')) as RunRecord;

interface JournalLine {
  readonly kind: string;
  readonly worker: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly requests: number;
}

/** Reads a journal with nothing but its documented form, up to its last whole line. */
function readLines(runDir: string): JournalLine[] {
  const text = readFileSync(join(runDir, 'run.journal'), 'utf8');
  const requestSeries = new Set<string>();
  return text
    .slice(0, text.lastIndexOf('\n'))
    .split('\n')
    .map((line) => {
      const [, kind, json] = /^[0-9a-f]{8} \d+ (\w+) (.*)$/.exec(line)!.slice();
      const { worker = 0, from = 0, to = 0, deltas = [], definitions = [] } = JSON.parse(json!);
      // Requests of setup are no part of the load.
      for (const { id, metric, tags } of definitions)
        if (metric === 'http_reqs' && tags.user !== 'suite') requestSeries.add(`${worker} ${id}`);
      let requests = 0;
      for (const [id, count] of deltas) if (requestSeries.has(`${worker} ${id}`)) requests += count;
      return { kind: kind!, worker, fromMs: from, toMs: to, requests };
    });
}

const requestsIn = (lines: readonly JournalLine[]): number =>
  lines.reduce((sum, line) => sum + line.requests, 0);

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function expectGone(pids: readonly number[]): Promise<void> {
  expect(pids).toHaveLength(2);
  for (let i = 0; i < 200 && pids.some(lives); i++) await wait(50);
  expect(pids.filter(lives)).toEqual([]);
}

/** Kills a run's coordinator once it has written `seconds` of windows and a bit, and waits for the end of the load. */
async function killUnderLoad(outDir: string, profile: string, seconds: number): Promise<string> {
  const run = start(outDir, profile);
  await run.saw(/running/);
  const runDir = latestOf(outDir);
  const windowCount = () => readLines(runDir).filter(({ kind }) => kind === 'window').length;
  while (windowCount() < 2 * seconds) await wait(50);
  await wait(Math.random() * 1000);
  const workers = workersOf(run.child.pid!);
  run.child.kill('SIGKILL');
  await run.done;
  await expectGone(workers);
  return runDir;
}

describe('a coordinator killed under load', () => {
  let killed: ReturnType<typeof temporaryFolder>;
  let original: string;
  let sent: number;
  beforeAll(async () => {
    killed = temporaryFolder();
    const before = server.count;
    original = await killUnderLoad(killed.path, 'long', 3);
    await wait(200);
    sent = server.count - before;
    await wait(500);
    // No worker survived: nothing more has come.
    expect(server.count - before).toBe(sent);
  });
  afterAll(() => killed.dispose());

  /** A copy of what it left. */
  function copy(): string {
    const runDir = join(folder.path, 'interrupts', 'latest');
    cpSync(original, runDir, { recursive: true, dereference: true });
    return runDir;
  }
  const recover = (runDir: string, ...args: string[]) => runCli(['report', runDir, ...args]);

  test('the record holds exactly the windows of the journal, and says what is missing', async () => {
    const runDir = copy();
    const lines = readLines(runDir);
    const { code, stdout, stderr } = await recover(runDir);
    expect(code, stderr).toBe(0);
    const record = recordIn(runDir);
    expect(figureOf(record, 'http_reqs')).toBe(requestsIn(lines));
    expect(requestsIn(lines)).toBeGreaterThan(20);
    expect(requestsIn(lines)).toBeLessThanOrEqual(sent);
    // Every second of both workers up to the last ones is there.
    for (const worker of [0, 1]) {
      const own = lines.filter((line) => line.kind === 'window' && line.worker === worker);
      expect(own.map(({ fromMs }) => fromMs)).toEqual(own.map((_, second) => second * 1000));
      expect(own.length).toBeGreaterThanOrEqual(2);
    }
    expect(record.interrupted).toBe(true);
    expect(record.recovery).toMatchObject({
      killed: true,
      untilMs: Math.max(...lines.map(({ toMs }) => toMs)),
    });
    expect(record.timeline.at(-1)!.endAtMs).toBe(record.recovery!.untilMs);
    expect(record.verdict.status).toBe('inconclusive');
    expect(record.verdict.reasons[0]).toMatch(/^The coordinator was killed; .* up to [3-9]s of 5m planned/);
    expect(record.findings.map(({ kind }) => kind)).toContain('coordinator-lost');
    expect(stderr).toMatch(/the coordinator was killed; recovered the record up to \ds/);
    expect(stdout).toMatch(/INCONCLUSIVE \(interrupted\)/);
    expect(readdirSync(runDir).sort()).toEqual([
      'endpoints.csv',
      'executive-summary.json',
      'junit.xml',
      'load-report.json',
      'monitors.csv',
      'report.html',
      'run.json',
      'run.log',
      'summary.md',
      'summary.txt',
      'timeline.csv',
    ]);
    const again = await recover(runDir, '--formats', 'txt');
    expect(again.code).toBe(0);
    expect(again.stderr).not.toMatch(/recovered/);
    expect(recordIn(runDir)).toEqual(record);
  });

  test('twice at once is harmless', async () => {
    const runDir = copy();
    const results = await Promise.all([recover(runDir), recover(runDir)]);
    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    expect(figureOf(recordIn(runDir), 'http_reqs')).toBe(requestsIn(readLines(original)));
  });

  test('an entry that was being written is dropped', async () => {
    const runDir = copy();
    const journal = join(runDir, 'run.journal');
    const lines = readLines(runDir);
    truncateSync(journal, readFileSync(journal).length - 5);
    expect((await recover(runDir)).code).toBe(0);
    const record = recordIn(runDir);
    expect(figureOf(record, 'http_reqs')).toBe(requestsIn(lines.slice(0, -1)));
    expect(record.recovery!.missing).toHaveLength(1);
  });

  test('a damaged middle costs what stands there, and is told', async () => {
    const runDir = copy();
    const journal = join(runDir, 'run.journal');
    const lines = readLines(runDir);
    const texts = readFileSync(journal, 'utf8').split('\n');
    // A window that defines no series, and not the last one: what follows needs nothing of it.
    const at = lines.findLastIndex(
      ({ kind }, i) => kind === 'window' && i < lines.length - 1 && !/"definitions":\[\{/.test(texts[i]!),
    );
    expect(at).toBeGreaterThan(0);
    texts[at] = texts[at]!.replace('"deltas":[[', '"deltas":[[x');
    writeFileSync(journal, texts.join('\n'));
    const { code, stderr } = await recover(runDir);
    expect(code, stderr).toBe(0);
    const record = recordIn(runDir);
    expect(figureOf(record, 'http_reqs')).toBe(requestsIn(lines) - lines[at]!.requests);
    expect(record.recovery!.missing).toContain('The journal is damaged: 1 entry could not be read.');
    expect(stderr).toMatch(/The journal is damaged/);
  });

  test('a damaged definition costs its series, and is told', async () => {
    const runDir = copy();
    const journal = join(runDir, 'run.journal');
    const texts = readFileSync(journal, 'utf8').split('\n');
    const at = texts.findIndex((text) => /"definitions":\[\{/.test(text));
    texts[at] = texts[at]!.slice(0, 40);
    writeFileSync(journal, texts.join('\n'));
    const { code, stderr } = await recover(runDir);
    expect(code, stderr).toBe(0);
    const { recovery, metrics } = recordIn(runDir);
    expect(recovery!.missing.join(' ')).toMatch(/1 entry could not be read.*values of series whose names/);
    expect(metrics.http_reqs).toBeDefined();
  });

  test('without its first entry nothing can be recovered, and a run without a journal says what to do', async () => {
    const runDir = copy();
    const journal = join(runDir, 'run.journal');
    const text = readFileSync(journal, 'utf8');
    writeFileSync(journal, text.replace('"plan"', '"plum"'));
    const damaged = await recover(runDir);
    expect(damaged.code).toBe(2);
    expect(damaged.stderr).toMatch(/its first entry, which holds the plan, is damaged/);
    writeFileSync(journal, text.slice(0, text.indexOf(' window ') - 12));
    const early = await recover(runDir);
    expect(early.code).toBe(2);
    expect(early.stderr).toMatch(/killed before it had measured anything/);
    expect(existsSync(join(runDir, 'run.json'))).toBe(false);
  });
});

test('a worker that user code blocks ends with its coordinator', async () => {
  const before = server.count;
  const run = start(folder.path, 'blocking');
  await run.saw(/running/);
  while (server.count < before + 3) await wait(20);
  // By now the answer to the blocking user has come.
  await wait(500);
  const workers = workersOf(run.child.pid!);
  run.child.kill('SIGKILL');
  await run.done;
  await expectGone(workers);
});

describe('a run that goes on', () => {
  test('is not recovered; after its end there is a record and no journal', async () => {
    const run = start(folder.path, 'visiting', '--duration', '3s');
    await run.saw(/running/);
    const runDir = latestOf(folder.path);
    while (!readLines(runDir).some(({ kind }) => kind === 'window')) await wait(20);
    const early = await runCli(['report', runDir]);
    expect(early.code).toBe(2);
    expect(early.stderr).toMatch(/the run is still going on: process \d+/);
    expectFinished(await run.done);
    expect(readdirSync(runDir).sort()).toEqual(['run.json', 'run.log']);
    expect(recordIn(runDir).recovery).toBeUndefined();
  });

  test('leaves no journal after Ctrl-C, nor when setup fails', async () => {
    const run = start(folder.path, 'long');
    await run.saw(/running/);
    run.child.kill('SIGINT');
    expect((await run.done).code).toBe(130);
    expect(readdirSync(latestOf(folder.path)).sort()).toEqual(['run.json', 'run.log']);
    const failing = startProfile('interrupts', 'visiting', {
      url: server.url,
      outDir: folder.path,
      env: { MODE: 'failing-setup' },
    });
    expect((await failing.done).code).toBe(3);
    expect(readdirSync(latestOf(folder.path))).toEqual(['run.log']);
    const { code, stderr } = await runCli(['report', latestOf(folder.path)]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/there is no run record at .*, and no journal to recover it from/);
    expect(stderr).toMatch(/see .*run\.log/);
  });

  test('three Ctrl-C end it at once, and what it measured is recovered', async () => {
    const run = start(folder.path, 'blocking');
    await run.saw(/running/);
    const runDir = latestOf(folder.path);
    while (!readLines(runDir).some(({ kind }) => kind === 'window')) await wait(20);
    for (const seen of [/stopping: interrupted:/, /interrupted again/]) {
      run.child.kill('SIGINT');
      await run.saw(seen);
    }
    run.child.kill('SIGINT');
    expect((await run.done).code).toBe(130);
    expect((await runCli(['report', runDir])).code).toBe(0);
    expect(figureOf(recordIn(runDir), 'http_reqs')).toBeGreaterThan(0);
  });
});
