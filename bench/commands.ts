// Finding, pinning and timing the commands that are compared.

import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

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

/** The command confined to one processor core, where the system has `taskset`. */
export function pinned(command: readonly string[], core: number): string[] {
  return taskset === undefined ? [...command] : [taskset, '-c', String(core), ...command];
}

export interface Timed {
  readonly stdout: string;
  /** CPU time of the command and all its children, user and system, from start to end. */
  readonly cpuMs: number;
}

/** Runs a command on one core to its end. Throws, with its output, when it fails to start or ends badly. */
export function timed(command: readonly string[], core: number, okCodes: readonly number[] = [0]): Timed {
  // The shell's own `times` counts the CPU of finished children, and theirs.
  const script = '"$@"; code=$?; times >&3; exit $code';
  const result = spawnSync('/bin/sh', ['-c', script, 'sh', ...pinned(command, core)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.status === null || !okCodes.includes(result.status)) {
    throw new Error(`${command.join(' ')} ended with ${result.status}:\n${result.stdout}${result.stderr}`);
  }
  const children = String(result.output[3]).trim().split('\n')[1]!;
  const cpuMs = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1000,
    0,
  );
  return { stdout: `${result.stdout}${result.stderr}`, cpuMs };
}
