// Evaluates a suite's bundle in a worker. Called by worker-session.ts.

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SuiteDefinition } from '../model/suite.ts';
import { packBundle, type SuiteBundle } from '../model/suite-bundle.ts';

/**
 * Evaluates the module and gives the suite. Node imports files alone, so the module is a file in `folder` for as long as
 * that takes; the folder is made for it and removed after it. Throws what the module throws, and an `Error` when the
 * bytes are not those that were packed or `folder` cannot be made.
 */
export async function importBundle({ bytes, hash }: SuiteBundle, folder: string): Promise<SuiteDefinition> {
  const { hash: found } = packBundle(bytes);
  if (found !== hash) {
    throw new Error(`the suite's bundle came damaged: its hash is ${found} and should be ${hash}`);
  }
  // For the stacks of user code. The worker's own modules are loaded by now: their maps would take megabytes.
  process.setSourceMapsEnabled(true);
  await mkdir(folder, { mode: 0o700 });
  try {
    const file = join(folder, 'suite.mjs');
    await writeFile(file, bytes);
    const module = (await import(pathToFileURL(file).href)) as { default: SuiteDefinition };
    return module.default;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
