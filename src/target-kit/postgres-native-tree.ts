// Completes and copies the binary tree that the embedded PostgreSQL package brings. Called by postgres-binaries.ts.

import { createHash } from 'node:crypto';
import { chmod, cp, lstat, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';

/**
 * Makes the library links that `pg-symlinks.json` lists and that are missing. Its paths begin with `native/`.
 * Throws when the folder cannot be written to and a link is missing.
 */
export async function restoreLinks(nativeFolder: string): Promise<void> {
  const list = await readFile(join(nativeFolder, 'pg-symlinks.json'), 'utf8').catch(missingIsEmpty);
  const links = JSON.parse(list) as readonly { readonly source: string; readonly target: string }[];
  for (const { source, target } of links) {
    // `source` is the library that exists, `target` the name under which it is looked for.
    const link = join(nativeFolder, relative('native', target));
    const library = join(nativeFolder, relative('native', source));
    try {
      await symlink(relative(dirname(link), library), link);
    } catch (error) {
      const there = await lstat(link).catch(() => undefined);
      if (there === undefined) throw error;
    }
  }
}

/**
 * Copies the tree to a cache folder in `tempFolder`, readable for everyone, and returns its path.
 * The folder's name carries the package version and a digest of the origin; an existing copy is used again
 * only when it belongs to this account and nobody else may write to it.
 */
export async function copyNativeTree(nativeFolder: string, tempFolder: string): Promise<string> {
  const origin = await readFile(join(nativeFolder, '..', 'package.json'), 'utf8').catch(() => '');
  const server = await lstat(join(nativeFolder, 'bin', 'postgres'));
  const digest = createHash('sha256')
    .update(`${origin}\n${nativeFolder}\n${server.size}\n${server.mtimeMs}\n${process.getuid?.()}`)
    .digest('hex')
    .slice(0, 16);
  const cache = join(tempFolder, `plimsoll-postgres-binaries-${digest}`);
  if (await isTrusted(cache)) return cache;
  // Copied under another name and then renamed: a copy cut off half way is never taken for a whole one.
  const draft = await mkdtemp(`${cache}-`);
  try {
    await cp(nativeFolder, draft, { recursive: true, verbatimSymlinks: true });
    await restoreLinks(draft);
    await openForReading(draft);
    await rename(draft, cache);
    return cache;
  } catch (error) {
    if (await isTrusted(cache)) {
      // Somebody else finished the same copy first.
      await rm(draft, { recursive: true, force: true });
      return cache;
    }
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR' || code === 'EPERM') return draft;
    await rm(draft, { recursive: true, force: true });
    throw new Error(`cannot copy ${basename(dirname(nativeFolder))} to ${cache}: ${String(error)}`);
  }
}

async function isTrusted(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined);
  if (found === undefined || !found.isDirectory()) return false;
  return process.getuid === undefined || (found.uid === process.getuid() && (found.mode & 0o022) === 0);
}

/** Folders 755, programs 755, other files 644: an install under a strict umask is copied as it was. */
async function openForReading(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openForReading(path);
    else if (entry.isFile()) await chmod(path, basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}

function missingIsEmpty(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return '[]';
  throw error;
}
