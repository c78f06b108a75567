// Whether results can be written: the space that is left where a folder is, or is going to be. Called by run/examine-machine.ts.

import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface FreeDisk {
  /** The folder, or the nearest one above it that exists. */
  readonly folder: string;
  readonly freeBytes: number;
  readonly isWritable: boolean;
}

/** Rejects where no folder above exists or can be looked at. */
export async function readFreeDisk(folder: string): Promise<FreeDisk> {
  try {
    const { blocks, bavail, bsize } = await statfs(folder);
    const isWritable = await access(folder, constants.W_OK).then(
      () => true,
      () => false,
    );
    // What is no disk, such as /proc, has no blocks, and says nothing of space.
    return { folder, freeBytes: blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize, isWritable };
  } catch (thrown) {
    const parent = dirname(folder);
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder) throw thrown;
    return readFreeDisk(parent);
  }
}
