// A suite on its way to the workers, which may be on another machine: bytes and their hash in place of a path. Made in
// suite/suite.ts, imported by workers in run/import-bundle.ts.

import { createHash } from 'node:crypto';

/** A suite as one ES module, whose default export it is. */
export interface SuiteBundle {
  readonly bytes: Uint8Array;
  /** SHA-256 of `bytes`, hexadecimal. */
  readonly hash: string;
}

/** Gives the bytes of a module their hash. */
export function packBundle(bytes: Uint8Array): SuiteBundle {
  return { bytes, hash: createHash('sha256').update(bytes).digest('hex') };
}
