// Under which account a database server runs: PostgreSQL refuses root, so root lends it another account.
// Called by the PostgreSQL files beside it.

import { readFile, realpath, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { messageOf, TargetError } from '../model/errors.ts';

/** An account of the operating system, as `spawn` takes it. */
export interface OsAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The account to start PostgreSQL under: `undefined` when this process is not root and can use its own.
 * As root: `postgres`, else `nobody`, else the first account of /etc/passwd that is not root.
 * Throws a `TargetError` when there is none.
 */
export async function findServerAccount(): Promise<OsAccount | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const account = pickAccount(await readFile('/etc/passwd', 'utf8').catch(() => ''));
  if (account === undefined) {
    throw new TargetError('PostgreSQL refuses to run as root, and /etc/passwd names no other account', {
      hint: 'run as an ordinary user, or give a running server in DATABASE_URL',
    });
  }
  return account;
}

/** Picks from the text of /etc/passwd; lines that do not parse are left out. */
export function pickAccount(passwd: string): OsAccount | undefined {
  const accounts: OsAccount[] = [];
  for (const line of passwd.split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name === undefined || !/^\d+$/.test(uid ?? '') || !/^\d+$/.test(gid ?? '')) continue;
    if (Number(uid) !== 0) accounts.push({ name, uid: Number(uid), gid: Number(gid) });
  }
  const named = (wanted: string) => accounts.find((account) => account.name === wanted);
  return named('postgres') ?? named('nobody') ?? accounts[0];
}

/**
 * The temp folder for a server of this account: the system's, or /tmp when root's own temp folder lies where
 * the account may not go.
 */
export async function findTempFolder(account: OsAccount | undefined): Promise<string> {
  const folder = await realpath(tmpdir()).catch((thrown: unknown) => {
    const message = `the temporary folder ${tmpdir()} cannot be used: ${messageOf(thrown)}`;
    throw new Error(`${message}; set TMPDIR to one that exists`, { cause: thrown });
  });
  return account === undefined || (await isOpenToAll(folder)) ? folder : '/tmp';
}

async function isOpenToAll(folder: string): Promise<boolean> {
  const { mode } = await stat(folder);
  if ((mode & 0o001) === 0) return false;
  return dirname(folder) === folder || (await isOpenToAll(dirname(folder)));
}
