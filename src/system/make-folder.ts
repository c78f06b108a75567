// Makes a folder and those above it. Node's own recursive mkdir tries for ever where a folder takes no new ones, as /proc.

import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** Each missing folder is tried once. Throws what the system says to the first that cannot be made. */
export async function makeFolder(path: string): Promise<void> {
  const missing: string[] = [];
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const kind = await kindOf(folder);
    if (kind === 'folder') break;
    if (kind === 'other') throw new Error(`ENOTDIR: ${folder} is not a folder`);
    missing.unshift(folder);
    if (folder === dirname(folder)) break;
  }
  for (const folder of missing) {
    try {
      await mkdir(folder);
    } catch (thrown) {
      // Another process may have made it meanwhile.
      if ((await kindOf(folder)) !== 'folder') throw thrown;
    }
  }
}

async function kindOf(path: string): Promise<'folder' | 'other' | 'none'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'other';
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    // Below what is no folder: the walk upwards finds it.
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'none';
    throw thrown;
  }
}
