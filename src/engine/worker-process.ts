// One worker process as the coordinator sees it: messages in and out, and what is left when it dies.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { nameTemporaryFolder, removeTemporaryFolder } from '../system/temporary-folder.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { guardWorker, type WorkerGuard } from './worker-guard.ts';

export interface WorkerProcess {
  readonly pid: number;
  send(message: ToWorker): void;
  /** Ends the process at once. */
  kill(): void;
}

export interface WorkerEvents {
  message(message: FromWorker): void;
  /** A line that user code printed. */
  output(line: string): void;
  /** The process is gone; `reason` says how. */
  gone(reason: string): void;
}

/**
 * A worker makes little that lives long, so a small young generation is collected sooner and stays in the cache; and
 * helper threads of the collector would take the core from the worker that waits for them (docs/decisions/0017).
 */
const gcFlags = ['--max-semi-space-size=2', '--single-threaded-gc'];

/** Colours, bells and the like are for the terminal that user code believes to have. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const controls = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** Starts a worker from the entry module `entry` (a file URL), with the coordinator's own loader flags. */
export function startWorkerProcess(entry: string, events: WorkerEvents): WorkerProcess {
  // The worker makes and removes this folder; it cannot remove it when it is killed.
  const folder = nameTemporaryFolder();
  const child: ChildProcess = fork(fileURLToPath(entry), [folder], {
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [...gcFlags, ...process.execArgv, ...(entry.endsWith('.ts') ? ['--import', 'tsx'] : [])],
  });
  let guard: WorkerGuard | undefined;
  child.once('message', () => {
    // A message may be heard after the end of its sender.
    if (child.exitCode === null && child.signalCode === null) guard = guardWorker(child.pid!);
  });
  child.once('exit', () => {
    guard?.release();
    removeTemporaryFolder(folder);
  });
  child.on('message', (message) => events.message(message as FromWorker));
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream! }).on('line', (line) => {
      events.output(stripVTControlCharacters(line).replace(controls, ''));
    });
  }
  // 'close' comes after the last output and message, 'exit' may come before them.
  once(child, 'close').then(
    ([code, signal]) =>
      events.gone(signal === null ? `it exited with code ${code}` : `it was ended by ${signal}`),
    (error: Error) => events.gone(error.message),
  );
  return {
    pid: child.pid ?? 0,
    send(message) {
      if (child.connected) child.send(message, () => {});
    },
    kill() {
      child.kill('SIGKILL');
      // When this process exits, it hears of no other exit.
      removeTemporaryFolder(folder);
    },
  };
}
