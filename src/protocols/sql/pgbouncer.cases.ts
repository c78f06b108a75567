// A real PgBouncer before a real server, for the tests of what poolers do to sessions.

import { spawn } from 'node:child_process';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { join } from 'node:path';
import { endProcess, identify } from '../../system/end-process.ts';
import { findFreePort } from '../../system/free-port.ts';
import { findServerAccount, findTempFolder } from '../../system/os-account.ts';
import { until } from './sql.cases.ts';

export interface Pooler {
  /** The database by way of the pooler. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Transaction mode with so many sessions of the server, unless `settings` say otherwise. */
export async function startPgbouncer(
  databaseUrl: string,
  poolSize: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<Pooler> {
  const account = await findServerAccount();
  const folder = await mkdtemp(join(await findTempFolder(account), 'plimsoll-pgbouncer-'));
  const { hostname, port, username, password, pathname } = new URL(databaseUrl);
  const ownPort = await findFreePort();
  const all = {
    ...{ listen_addr: '127.0.0.1', listen_port: String(ownPort), unix_socket_dir: '' },
    ...{ auth_type: 'any', pool_mode: 'transaction', default_pool_size: String(poolSize), ...settings },
  };
  const file = join(folder, 'pgbouncer.ini');
  const server = `host=${hostname} port=${port} user=${username} password=${password} dbname=${pathname.slice(1)}`;
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`);
  await writeFile(file, ['[databases]', `* = ${server}`, '[pgbouncer]', ...lines, ''].join('\n'), {
    mode: 0o600,
  });
  if (account !== undefined) for (const path of [folder, file]) await chown(path, account.uid, account.gid);
  const child = spawn('pgbouncer', [file], {
    stdio: 'ignore',
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  await until(() => {
    if (child.exitCode !== null) throw new Error(`pgbouncer ended with exit code ${child.exitCode}`);
    return listens(ownPort);
  });
  return {
    url: `postgresql://${username}:${password}@127.0.0.1:${ownPort}${pathname}`,
    async stop() {
      await endProcess(identify(child.pid!), [{ signal: 'SIGTERM', waitMs: 5000 }]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
