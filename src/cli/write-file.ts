// Writes the file that a flag names. Called by analyze.ts and write-paper.ts.

import { writeFile } from 'node:fs/promises';
import { messageOf, UsageError } from '../model/errors.ts';

/** Throws a `UsageError` where the file cannot be written. */
export async function writeNamedFile(file: string, content: string): Promise<void> {
  try {
    await writeFile(file, content);
  } catch (thrown) {
    throw new UsageError(`cannot write ${file}: ${messageOf(thrown)}`, { cause: thrown });
  }
}
