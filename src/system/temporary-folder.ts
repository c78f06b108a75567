// A folder in the temporary directory that two processes know by name: one makes it, and either removes it. A worker's,
// which its coordinator removes when the worker was killed (engine/worker-process.ts, worker.ts).

import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The absolute path of a folder that does not exist yet. */
export function nameTemporaryFolder(): string {
  return join(tmpdir(), `plimsoll-${randomBytes(8).toString('hex')}`);
}

/** Removes the folder, if it exists, with all that is in it. Never throws: it is called while a process exits. */
export function removeTemporaryFolder(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // What cannot be removed is no reason to end a run.
  }
}
