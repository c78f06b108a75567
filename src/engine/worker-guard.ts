// Ends a worker whose coordinator was killed. A worker notices by itself, but not while user code keeps its event
// loop. worker-process.ts starts one guard per worker.

import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

export interface WorkerGuard {
  /** The worker is gone: its process id may soon be someone else's. */
  release(): void;
}

/**
 * A shell that waits for a line: when its input ends without one, nobody holds the other end any more, and it kills
 * the worker. It costs under 2 MB and no CPU, where a thread within the worker would cost 10 MB and 25 ms of CPU.
 * It has a session of its own, so that Ctrl-C does not reach it. Where there is no sh, there is no guard.
 */
export function guardWorker(pid: number): WorkerGuard {
  const shell = spawn('/bin/sh', ['-c', 'read line || kill -9 "$0"', String(pid)], {
    cwd: '/',
    env: {},
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const input = shell.stdin as Socket;
  shell.on('error', () => {});
  input.on('error', () => {});
  shell.unref();
  input.unref();
  return {
    release() {
      input.end('\n');
    },
  };
}
