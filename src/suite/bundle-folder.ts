// The temporary folder that holds a suite's bundle while the suite is loaded. Used by suite.ts.

import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, UsageError } from '../model/errors.ts';

export interface BundleFolder {
  readonly path: string;
  dispose(): Promise<void>;
}

/**
 * Makes the folder. It goes with `dispose`, or else when the process exits, whatever makes it exit save SIGKILL. Throws
 * a `UsageError` where no temporary folder can be made.
 */
export async function createBundleFolder(): Promise<BundleFolder> {
  const path = await makeFolder();
  const onExit = (): void => rmSync(path, { recursive: true, force: true });
  process.once('exit', onExit);
  return {
    path,
    async dispose() {
      process.off('exit', onExit);
      await rm(path, { recursive: true, force: true });
    },
  };
}

async function makeFolder(): Promise<string> {
  const root = tmpdir();
  try {
    return await mkdtemp(join(root, 'plimsoll-'));
  } catch (thrown) {
    throw new UsageError(`cannot make a temporary folder in ${root}: ${messageOf(thrown)}`, {
      hint: 'set TMPDIR to a folder that exists and may be written',
      cause: thrown,
    });
  }
}
