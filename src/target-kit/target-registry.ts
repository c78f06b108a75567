// Which shipped targets run on this machine, and what they are made of: `plimsoll target` writes it down, and runs
// against such a target watch its database without being told where that is.

import { lstat, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { identify, isRunning } from '../system/end-process.ts';
import type { TargetParts } from './target.ts';

interface Entry {
  readonly url: string;
  readonly parts: TargetParts;
  readonly process: ReturnType<typeof identify>;
}

/** Only its owner may read it: the URLs hold passwords. */
function folder(): string {
  return join(tmpdir(), `plimsoll-targets-${userInfo().uid}`);
}

/** The folder has a name that anybody could take. */
async function isOurs(path: string): Promise<boolean> {
  const { uid, mode } = await lstat(path);
  return uid === userInfo().uid && (mode & 0o077) === 0;
}

/** Targets listen on this machine, whichever of its names a suite has for it. */
function fileOf(url: string): string {
  const host = new URL(url).host.replace(/^localhost(?=:|$)/, '127.0.0.1');
  return join(folder(), `${host.replaceAll(/[^\w.-]/g, '_')}.json`);
}

/** Notes a target that this process runs. Resolves with what takes the note away again. Never rejects. */
export async function registerTarget(url: string, parts: TargetParts): Promise<() => Promise<void>> {
  const entry: Entry = { url, parts, process: identify(process.pid) };
  const file = fileOf(url);
  try {
    await mkdir(folder(), { recursive: true, mode: 0o700 });
    if (!(await isOurs(folder()))) return async () => {};
    await writeFile(file, JSON.stringify(entry), { mode: 0o600 });
  } catch {
    // Without the note, runs must be told where the database is.
    return async () => {};
  }
  return () => rm(file, { force: true }).catch(() => {});
}

/** What the target that serves this URL is made of; `undefined` when it is none of ours, or not running. */
export async function readTargetParts(url: string | undefined): Promise<TargetParts | undefined> {
  if (url === undefined || !/^https?:/.test(url)) return undefined;
  try {
    if (!(await isOurs(folder()))) return undefined;
    const entry = JSON.parse(await readFile(fileOf(url), 'utf8')) as Entry;
    return isRunning(entry.process) ? entry.parts : undefined;
  } catch {
    return undefined;
  }
}
