// `npm run demo`: starts the Jorge target, drives the shortened normal profile at it, and stops what it started.

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../src/model/errors.ts';
import type { EndSteps } from '../src/system/end-process.ts';
import { createGuardian, type Guardian } from '../src/system/guardian.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const startTimeoutMs = 90_000;
// npm, the terminal and tsx each pass one Ctrl-C on: what comes this soon after the first is the same one.
const sameKeyPressMs = 500;
const politely: EndSteps = [
  { signal: 'SIGTERM', waitMs: 15_000 },
  { signal: 'SIGKILL', waitMs: 2000 },
];

/** Resolves with the exit code: that of the run, 130 when stopped before it, 70 when there was no target. */
async function demo(guardian: Guardian): Promise<number> {
  const interruption = watchForInterruption();
  console.log('demo: starting the Jorge target ...');
  const held: string[] = [];
  const target = start(guardian, ['target', 'jorge', '--port', '0', '--json'], ['ignore', 'pipe', 'pipe']);
  try {
    const url = await Promise.race([readUrl(target, held), interruption.requested]);
    if (url === undefined) return 130;
    console.log(`demo: the target answers at ${url}; driving 30 s of the normal profile at it\n`);
    const args = [
      'run',
      'jorge',
      '--profile',
      'normal',
      '--duration',
      '30s',
      '--ramp-up',
      '5s',
      '--base-url',
      url,
    ];
    const run = start(guardian, args, ['ignore', 'inherit', 'inherit']);
    interruption.passTo(run);
    return await exitCodeOf(run);
  } catch (error) {
    console.error(`demo: ${messageOf(error)}`);
    return 70;
  } finally {
    await stop(target);
    for (const line of held) console.log(`target: ${line}`);
    console.log('demo: the target and its database are stopped');
  }
}

/**
 * Each child gets a process group of its own: a Ctrl-C reaches this process alone, which passes it to the run
 * and stops the target only after it. Should this process be killed, the guardian ends both.
 */
function start(
  guardian: Guardian,
  args: readonly string[],
  stdio: readonly ('ignore' | 'pipe' | 'inherit')[],
): ChildProcess {
  const child = spawn(process.execPath, ['bin/plimsoll.js', ...args], {
    cwd: root,
    detached: true,
    stdio: [...stdio],
  });
  const pid = child.pid;
  if (pid !== undefined) {
    guardian.watch(pid, politely);
    child.once('exit', () => guardian.forget(pid));
  }
  return child;
}

/**
 * The URL of the target's line of JSON. Its other lines are printed until then, and held back afterwards: the
 * run's live progress owns the terminal. `held` collects what comes later.
 */
function readUrl(target: ChildProcess, held: string[]): Promise<string> {
  let ready = false;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`the target was not ready within ${startTimeoutMs / 1000} s`));
    }, startTimeoutMs);
    createInterface({ input: target.stderr! }).on('line', (line) => {
      if (ready) held.push(line);
      else console.log(`target: ${line}`);
    });
    createInterface({ input: target.stdout! }).on('line', (line) => {
      clearTimeout(timer);
      // The last lines of the other pipe may still be on their way.
      setTimeout(() => {
        ready = true;
        resolve((JSON.parse(line) as { readonly url: string }).url);
      }, 50);
    });
    target.once('error', reject);
    target.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`the target ended before it was ready (${signal ?? `exit code ${code}`})`));
    });
  });
}

interface Interruption {
  /** Resolves at the first signal that comes before there is a run to pass it to. */
  readonly requested: Promise<undefined>;
  /** From now on signals go to this run: the first drains it, a later one ends it at once. */
  passTo(run: ChildProcess): void;
}

function watchForInterruption(): Interruption {
  let run: ChildProcess | undefined;
  let lastAtMs = Number.NEGATIVE_INFINITY;
  let onRequested: (value: undefined) => void = () => {};
  const requested = new Promise<undefined>((resolve) => {
    onRequested = resolve;
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      const nowMs = performance.now();
      if (nowMs - lastAtMs < sameKeyPressMs) return;
      lastAtMs = nowMs;
      if (run === undefined) onRequested(undefined);
      else run.kill('SIGINT');
    });
  }
  return {
    requested,
    passTo: (child) => {
      run = child;
    },
  };
}

function exitCodeOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    // A run ended by a signal has no code of its own; shells count those from 128.
    child.once('exit', (code) => resolve(code ?? 130));
  });
}

async function stop(target: ChildProcess): Promise<void> {
  if (target.exitCode !== null || target.signalCode !== null || target.pid === undefined) return;
  const ended = new Promise((resolve) => target.once('exit', resolve));
  target.kill('SIGTERM');
  const timer = setTimeout(() => target.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(timer);
}

const guardian = await createGuardian();
process.exitCode = await demo(guardian);
await guardian.release();
