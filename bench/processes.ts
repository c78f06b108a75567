// Finding, pinning, starting and timing the commands that are compared. Whatever is started here ends, and its
// folders go, even when the bench itself is killed: a guardian sees to that.

import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { endProcess, identify } from '../src/system/end-process.ts';
import { createGuardian, type Guardian } from '../src/system/guardian.ts';
import { monotonicMs } from '../src/time/clock.ts';
import { memoryBelow, type ProcessUse } from './process-tree.ts';

/** Full path of a command, or `undefined` when it is not on PATH. */
export function onPath(name: string): string | undefined {
  const folders = isAbsolute(name) ? [''] : (process.env.PATH ?? '').split(delimiter);
  for (const folder of folders) {
    const path = isAbsolute(name) ? name : join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not here; the next folder may have it.
    }
  }
  return undefined;
}

const taskset = onPath('taskset');
export const canPin = taskset !== undefined;
export const serverCore = 0;
/** Without a second core, server and client share the one there is, and figures mean little. */
export const clientCore = availableParallelism() > 1 ? 1 : 0;

/** The sentence on what is pinned where. */
export const placement = canPin
  ? `server on core ${serverCore}, clients on core ${clientCore}`
  : 'nothing pinned (no taskset)';

function pinned(command: readonly string[], core: number | undefined): string[] {
  return taskset === undefined || core === undefined
    ? [...command]
    : [taskset, '-c', String(core), ...command];
}

/** The memory of all processes of a command at one moment, ms after its start. */
export interface MemorySample {
  readonly atMs: number;
  readonly processes: readonly ProcessUse[];
}

export interface Finished {
  /** Standard output, then standard error. */
  readonly output: string;
  /** CPU time of the command and all its children, user and system, from start to end. */
  readonly cpuMs: number;
  /** Empty unless asked for. */
  readonly memory: readonly MemorySample[];
}

export interface FinishOptions {
  readonly core: number | undefined;
  /** Exit codes that count as success; 0 alone when absent. */
  readonly okCodes?: readonly number[];
  readonly sampleMemoryEveryMs?: number;
}

export interface Processes {
  /** Runs a command to its end. Throws, with its output, when it fails to start or ends badly. */
  finish(command: readonly string[], options: FinishOptions): Promise<Finished>;
  /** Starts a server on a core. */
  start(command: readonly string[], core: number): ChildProcess;
  /** Stops what `start` started. */
  stop(child: ChildProcess): Promise<void>;
  /** A temporary folder; it goes at the end. */
  folder(): string;
  /** Removes the folders, and lets go of the guardian. */
  close(): Promise<void>;
}

const steps = [
  { signal: 'SIGTERM', waitMs: 3000 },
  { signal: 'SIGKILL', waitMs: 1000 },
] as const;

// `times` of the shell counts the CPU of finished children, and theirs. It stays to pass a SIGTERM on.
const timing =
  'trap \'kill $!; wait $!\' TERM INT HUP; "$@" 3>&- & wait $!; code=$?; trap - TERM INT HUP; times >&3; exit $code';

export async function createProcesses(): Promise<Processes> {
  const guardian = await createGuardian();
  const folders: string[] = [];
  return {
    finish: (command, options) => finish(guardian, command, options),
    start(command, core) {
      const [file, ...args] = pinned(command, core);
      const child = spawn(file!, args, { stdio: ['ignore', 'ignore', 'inherit'] });
      watch(guardian, child);
      return child;
    },
    async stop(child) {
      if (child.pid !== undefined) await endProcess(identify(child.pid), steps);
    },
    folder() {
      const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'));
      guardian.removeLater(folder);
      folders.push(folder);
      return folder;
    },
    async close() {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
      await guardian.release();
    },
  };
}

function watch(guardian: Guardian, child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  guardian.watch(pid, steps);
  child.once('exit', () => guardian.forget(pid));
}

async function finish(
  guardian: Guardian,
  command: readonly string[],
  { core, okCodes = [0], sampleMemoryEveryMs }: FinishOptions,
): Promise<Finished> {
  const child = spawn('/bin/sh', ['-c', timing, 'sh', ...pinned(command, core)], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  watch(guardian, child);
  const [stdout, stderr, times] = [1, 2, 3].map((fd) => collect(child.stdio[fd] as NodeJS.ReadableStream));
  const memory: MemorySample[] = [];
  const startedAtMs = monotonicMs();
  const sample = (): void => {
    const processes = memoryBelow(child.pid!);
    if (processes.length > 0) memory.push({ atMs: monotonicMs() - startedAtMs, processes });
  };
  const timer = sampleMemoryEveryMs === undefined ? undefined : setInterval(sample, sampleMemoryEveryMs);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    const output = `${await stdout!}${await stderr!}`;
    if (code === null || !okCodes.includes(code)) {
      throw new Error(`${command.join(' ')} ended with ${code}:\n${output}`);
    }
    return { output, cpuMs: childCpuMs(await times!), memory };
  } finally {
    clearInterval(timer);
  }
}

async function collect(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

/** The second line that `times` prints: user and system time of the children, as `0m1.250s 0m0.030s`. */
function childCpuMs(times: string): number {
  const line = times.trim().split('\n')[1] ?? '';
  return [...line.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1000,
    0,
  );
}
