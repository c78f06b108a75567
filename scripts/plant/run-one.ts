// Starts a target with knobs, drives one short run at it by the built command line, and reads the record of the run. Called
// by ../plant.ts.

import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from '../../src/model/run-record.ts';
import { type EndSteps, endProcess, identify } from '../../src/system/end-process.ts';
import type { Guardian } from '../../src/system/guardian.ts';
import type { Problem } from './problems.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const startTimeoutMs = 120_000;
/** What a run may take beside its load: starting, seeding, draining, reports. */
const overheadMs = 150_000;
const politely: EndSteps = [
  { signal: 'SIGTERM', waitMs: 15_000 },
  { signal: 'SIGKILL', waitMs: 2000 },
];

export interface OneRun {
  readonly problem: Problem;
  readonly isPlanted: boolean;
  readonly seconds: number;
  readonly seed: number;
  /** Where the results go; a folder of this run alone. */
  readonly folder: string;
  /** Ends the run early; then `runOne` rejects. */
  readonly signal: AbortSignal;
}

/** Resolves with the run's record. Rejects when the target does not start or the run leaves no record. */
export async function runOne(
  { problem, isPlanted, seconds, seed, folder, signal }: OneRun,
  guardian: Guardian,
): Promise<RunRecord> {
  const { suite, profile, cleanProfile, setting, planted } = problem;
  const env = cleanEnvironment({ ...setting, ...(isPlanted ? planted : {}) });
  // The members suite starts its database itself.
  const target =
    suite === 'jorge'
      ? start(guardian, ['target', 'jorge', '--port', '0', '--json'], env, 'pipe')
      : undefined;
  try {
    const url = target === undefined ? undefined : await readUrl(target, signal);
    const args = [
      ...['run', `scripts/plant/${suite}.suite.ts`, '--out', folder, '--quiet', '--formats', 'json,txt,html'],
      ...['--profile', isPlanted ? profile : (cleanProfile ?? profile)],
      ...['--duration', `${seconds}s`, '--workers', '1', '--seed', String(seed)],
      ...(url === undefined ? [] : ['--base-url', url]),
    ];
    const run = start(guardian, args, env, 'ignore');
    await ended(run, guardian, AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000 + overheadMs)]));
  } finally {
    if (target !== undefined) await stop(target, guardian);
  }
  return readRecord(folder);
}

/** Nothing of the caller's own targets and databases. */
function cleanEnvironment(knobs: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const foreign = /^(JORGE_|MEMBERS_|ADAPTER_|PLIMSOLL_|DATABASE_URL$|REDIS_URL$|BASE_URL$)/;
  const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(own), ...knobs };
}

/** Each child gets a process group of its own, so that a Ctrl-C reaches this process alone; the guardian outlives it. */
function start(
  guardian: Guardian,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  stdout: 'pipe' | 'ignore',
): ChildProcess {
  const child = spawn(process.execPath, ['bin/plimsoll.js', ...args], {
    ...{ cwd: root, env, detached: true },
    stdio: ['ignore', stdout, 'pipe'],
  });
  if (child.pid !== undefined) guardian.watch(child.pid, politely);
  return child;
}

function readUrl(target: ChildProcess, signal: AbortSignal): Promise<string> {
  const said: string[] = [];
  createInterface({ input: target.stderr! }).on('line', (line) => said.push(line));
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`the target ${why}: ${said.slice(-3).join(' | ')}`));
    const tooLong = AbortSignal.any([signal, AbortSignal.timeout(startTimeoutMs)]);
    tooLong.addEventListener('abort', () => fail('was not ready in time'));
    createInterface({ input: target.stdout! }).on('line', (line) => {
      resolve((JSON.parse(line) as { readonly url: string }).url);
    });
    target.once('error', reject);
    target.once('exit', () => fail('ended before it was ready'));
  });
}

/** Resolves when the run has ended, whatever its verdict. Rejects when it could not run, or takes too long. */
async function ended(run: ChildProcess, guardian: Guardian, signal: AbortSignal): Promise<void> {
  const said: string[] = [];
  createInterface({ input: run.stderr! }).on('line', (line) => said.push(line));
  const code = await new Promise<number | string | null>((resolve, reject) => {
    const end = () =>
      void stop(run, guardian).then(() => resolve('a stop: it took too long, or was interrupted'));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
    run.once('error', reject);
    run.once('exit', (exitCode, name) => resolve(exitCode ?? name));
  });
  if (run.pid !== undefined) guardian.forget(run.pid);
  if (![0, 1, 5].includes(code as number)) {
    throw new Error(`the run ended with ${code}: ${said.slice(-5).join(' | ')}`);
  }
}

async function stop(child: ChildProcess, guardian: Guardian): Promise<void> {
  if (child.pid === undefined) return;
  if (child.exitCode === null && child.signalCode === null) {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    await endProcess(identify(child.pid), politely);
    await gone;
  }
  guardian.forget(child.pid);
}

function readRecord(folder: string): RunRecord {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const file = files.find((name) => name.endsWith('run.json'));
  if (file === undefined) throw new Error(`the run left no record in ${folder}`);
  return JSON.parse(readFileSync(join(folder, file), 'utf8')) as RunRecord;
}
