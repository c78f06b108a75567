// A suite's bundle on its way to a worker, which may be on another machine: bytes and their hash in place of a path.
// drive.ts packs it, worker-session.ts imports it.

import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SuiteBundle } from '../engine/messages.ts';
import type { SuiteDefinition } from '../model/suite.ts';

/** Reads the module that a suite was bundled to. */
export async function packBundle(path: string): Promise<SuiteBundle> {
  const bytes = await readFile(path);
  return { bytes, hash: hashOf(bytes) };
}

/**
 * Evaluates the module and gives the suite. Node imports files alone, so there is one for as long as that takes. Throws
 * what the module throws, and an `Error` when the bytes are not those that were packed.
 */
export async function importBundle({ bytes, hash }: SuiteBundle): Promise<SuiteDefinition> {
  const found = hashOf(bytes);
  if (found !== hash) {
    throw new Error(`the suite's bundle came damaged: its hash is ${found} and should be ${hash}`);
  }
  // For the stacks of user code. The worker's own modules are loaded by now: their maps would take megabytes.
  process.setSourceMapsEnabled(true);
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-'));
  try {
    const file = join(folder, 'suite.mjs');
    await writeFile(file, bytes);
    const module = (await import(pathToFileURL(file).href)) as { default: SuiteDefinition };
    return module.default;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** SHA-256, hexadecimal. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
