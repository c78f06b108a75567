// A small detached process that cleans up after its owner when the owner cannot: after a crash or SIGKILL.
// Called by whatever starts a server or another long-lived process.

import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { parse } from 'node:path';
import type { EndSteps } from './end-process.ts';
import { identify } from './end-process.ts';
import type { GuardianMessage } from './guardian-process.ts';
import { helperProgram } from './helper-program.ts';

export interface Guardian {
  readonly pid: number;
  /** Ends this process, by these steps, when the owner is gone. */
  watch(pid: number, steps: EndSteps): void;
  /** The process has ended or was ended by the owner. */
  forget(pid: number): void;
  /** Removes this folder when the owner is gone; its name must begin with `plimsoll-`. */
  removeLater(folder: string): void;
  /** Everything is cleaned up: the guardian leaves without doing anything. */
  release(): Promise<void>;
}

/**
 * Starts a guardian: one Node process of its own session, so that Ctrl-C in a terminal does not reach it.
 * It learns of the owner's death by the end of its standard input, never by polling a process id.
 * It keeps no event loop alive.
 */
export async function createGuardian(): Promise<Guardian> {
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', await helperProgram('src/system/guardian-process', 'runGuardian')],
    {
      cwd: parse(process.cwd()).root,
      env: {},
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  );
  await started(child);
  const input = child.stdin as Socket;
  // A guardian that was killed must not take its owner along.
  input.on('error', () => {});
  child.unref();
  input.unref();
  const send = (message: GuardianMessage) => {
    if (input.writable) input.write(`${JSON.stringify(message)}\n`);
  };
  return {
    pid: child.pid!,
    watch: (pid, steps) => send({ kind: 'watch', process: identify(pid), steps }),
    forget: (pid) => send({ kind: 'forget', pid }),
    removeLater: (folder) => send({ kind: 'folder', folder }),
    async release() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.ref();
      send({ kind: 'release' });
      input.end();
      await gone;
    },
  };
}

function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
}
