// Runs the built command line as a user would, in a process of its own. Used by the end-to-end tests.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from 'plimsoll';

const cli = fileURLToPath(new URL('../bin/plimsoll.js', import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly child: ChildProcess;
  readonly done: Promise<CliResult>;
  /** Resolves once standard error has matched. */
  saw(pattern: RegExp): Promise<void>;
}

/** `through`: a command, with arguments, that runs the one given to it. */
export function startCli(
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; through?: readonly [string, ...string[]] } = {},
): RunningCli {
  const [command, ...before] = [...(options.through ?? []), process.execPath] as [string, ...string[]];
  const child = spawn(command, [...before, cli, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  let stdout = '';
  let stderr = '';
  const watchers = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    for (const watcher of watchers) watcher();
  });
  const done = new Promise<CliResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return {
    child,
    done,
    saw: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!pattern.test(stderr)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
        done.then(() => reject(new Error(`ended without ${pattern}:\n${stderr}\n${stdout}`)), reject);
      }),
  };
}

export function runCli(
  args: readonly string[],
  options?: { env?: NodeJS.ProcessEnv; cwd?: string },
): Promise<CliResult> {
  return startCli(args, options).done;
}

/** A folder for results that `dispose` removes. */
export function temporaryFolder(): { readonly path: string; dispose(): void } {
  const path = mkdtempSync(join(tmpdir(), 'plimsoll-test-'));
  return { path, dispose: () => rmSync(path, { recursive: true, force: true }) };
}

export function readRecord(outDir: string, suite: string): RunRecord {
  return JSON.parse(readFileSync(join(outDir, suite, 'latest', 'run.json'), 'utf8')) as RunRecord;
}
