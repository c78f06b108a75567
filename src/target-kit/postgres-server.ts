// Starts and stops one throw-away PostgreSQL server from given binaries. Called by postgres.ts.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../model/errors.ts';
import type { EndSteps } from '../system/end-process.ts';
import { endProcess, identify } from '../system/end-process.ts';
import { findFreePort } from '../system/free-port.ts';
import { createGuardian, type Guardian } from '../system/guardian.ts';
import { findTempFolder, type OsAccount } from '../system/os-account.ts';
import { monotonicMs } from '../time/clock.ts';
import { delay } from '../time/timer.ts';
import { type PostgresBinaries, serverEnvironment } from './postgres-binaries.ts';
import { createClient } from './postgres-client.ts';

/** SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one. Source: PostgreSQL 18, section 18.5. */
const endSteps: EndSteps = [
  { signal: 'SIGINT', waitMs: 10_000 },
  { signal: 'SIGQUIT', waitMs: 3000 },
  { signal: 'SIGKILL', waitMs: 3000 },
];
const startTimeoutMs = 60_000;
const portAttempts = 5;
const user = 'plimsoll';
// Linux takes socket paths of up to 107 bytes, macOS 103; the file's name needs about 20 of them.
const longestSocketFolder = 80;

/** Settings for data nobody will miss: nothing waits for the disk, and nothing is kept for a replica. */
const throwAwaySettings: Readonly<Record<string, string>> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '1GB',
  shared_buffers: '128MB',
  max_connections: '120',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** What a server shows its clients, and whom it trusts: PEM texts. */
export interface ServerTls {
  readonly cert: string;
  readonly key: string;
  /** The authority of clients' certificates; without it none is asked for. */
  readonly clientCa?: string;
}

export interface ServerOptions {
  readonly binaries: PostgresBinaries;
  readonly account: OsAccount | undefined;
  /** A free one when absent. */
  readonly port?: number | undefined;
  readonly keepData: boolean;
  /** Server settings in place of the defaults above, as in postgresql.conf. */
  readonly settings: Readonly<Record<string, string>>;
  /** No TLS when absent. */
  readonly tls?: ServerTls | undefined;
  /** Lines of pg_hba.conf that go before those of `initdb`, which let every user in by password. */
  readonly access?: readonly string[] | undefined;
}

export interface PostgresServer {
  readonly url: string;
  readonly pid: number;
  /** Holds the data, the socket and the log. */
  readonly folder: string;
  readonly version: string;
  stop(): Promise<void>;
}

interface Place extends ServerOptions {
  readonly folder: string;
  readonly password: string;
  readonly guardian: Guardian;
}

/** Makes a new cluster and starts it. Throws an `Error` with the end of the server's log; leaves nothing then. */
export async function startServer(options: ServerOptions): Promise<PostgresServer> {
  const folder = await mkdtemp(join(await findTempFolder(options.account), 'plimsoll-postgres-'));
  const guardian = await createGuardian();
  const place: Place = { ...options, folder, guardian, password: randomBytes(18).toString('hex') };
  const cleanUp = async () => {
    if (!options.keepData) await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    await guardian.release();
  };
  try {
    if (!options.keepData) guardian.removeLater(folder);
    await chmod(folder, 0o700);
    await initialise(place);
    const tlsSettings = await writeCertificates(place);
    await addAccess(place);
    const { child, port } = await launch({ ...place, settings: { ...tlsSettings, ...place.settings } });
    const url = `postgresql://${user}:${place.password}@127.0.0.1:${port}/postgres`;
    let stopping: Promise<void> | undefined;
    const stop = async () => {
      await endProcess(identify(child.pid!), endSteps);
      guardian.forget(child.pid!);
      await cleanUp();
    };
    return {
      url,
      folder,
      pid: child.pid!,
      version: await ask(url, 'server_version'),
      stop: () => (stopping ??= stop()),
    };
  } catch (error) {
    const failure = new Error(`${messageOf(error)}${await logTail(folder)}`, { cause: error });
    await cleanUp();
    throw failure;
  }
}

async function initialise(place: Place): Promise<void> {
  const passwordFile = join(place.folder, 'password');
  await writeFile(passwordFile, place.password, { mode: 0o600 });
  await mkdir(join(place.folder, 'socket'), { mode: 0o700 });
  if (place.account !== undefined) {
    for (const path of [passwordFile, join(place.folder, 'socket'), place.folder]) {
      await chown(path, place.account.uid, place.account.gid);
    }
  }
  const args = ['--pgdata', join(place.folder, 'data'), '--username', user, '--pwfile', passwordFile];
  args.push('--auth=scram-sha-256', '--locale=C', '--encoding=UTF8', '--no-sync', '--no-instructions');
  await new Promise<void>((resolve, reject) => {
    const child = execFile(
      join(place.binaries.folder, 'initdb'),
      args,
      { ...processOptions(place), timeout: startTimeoutMs },
      (error, stdout, stderr) => {
        if (child.pid !== undefined) place.guardian.forget(child.pid);
        if (error === null) resolve();
        else reject(new Error(`initdb failed: ${(stderr || stdout || error.message).trim()}`));
      },
    );
    if (child.pid !== undefined) {
      place.guardian.watch(child.pid, [{ signal: 'SIGKILL', waitMs: 1000 }]);
    }
  });
  await rm(passwordFile);
}

/** The server takes keys that nobody else may read. Returns the settings that name the files. */
async function writeCertificates(place: Place): Promise<Record<string, string>> {
  if (place.tls === undefined) return {};
  const { cert, key, clientCa } = place.tls;
  const settings: Record<string, string> = { ssl: 'on' };
  for (const [name, text] of Object.entries({
    ssl_cert_file: cert,
    ssl_key_file: key,
    ssl_ca_file: clientCa,
  })) {
    if (text === undefined) continue;
    const file = join(place.folder, name);
    await writeFile(file, text, { mode: 0o600 });
    if (place.account !== undefined) await chown(file, place.account.uid, place.account.gid);
    settings[name] = file;
  }
  return settings;
}

/** The first line that fits a client decides. */
async function addAccess({ folder, access }: Place): Promise<void> {
  if (access === undefined) return;
  const file = join(folder, 'data', 'pg_hba.conf');
  await writeFile(file, `${access.join('\n')}\n${await readFile(file, 'utf8')}`);
}

/** Starts the server on a free port; when somebody took the port meanwhile, on another one. */
async function launch(place: Place): Promise<{ child: ChildProcess; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = place.port ?? (await findFreePort());
    const child = await spawnServer(place, port);
    try {
      await untilReady(place, child, port);
      return { child, port };
    } catch (error) {
      await endProcess(identify(child.pid!), endSteps);
      place.guardian.forget(child.pid!);
      const taken = (await readLog(place.folder)).includes('could not bind');
      if (!taken || attempt === portAttempts || place.port !== undefined) throw error;
      await rm(join(place.folder, 'log'), { force: true });
    }
  }
}

async function spawnServer(place: Place, port: number): Promise<ChildProcess> {
  const socketFolder = join(place.folder, 'socket');
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: socketFolder.length <= longestSocketFolder ? socketFolder : '',
    ...throwAwaySettings,
    ...place.settings,
  };
  const args = ['-D', join(place.folder, 'data')];
  for (const [name, value] of Object.entries(settings)) args.push('-c', `${name}=${value}`);
  const log = await open(join(place.folder, 'log'), 'a', 0o600);
  try {
    const child = spawn(join(place.binaries.folder, 'postgres'), args, {
      ...processOptions(place),
      // Its own process group: Ctrl-C in the terminal is for the owner, who stops the server in its turn.
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    place.guardian.watch(child.pid!, endSteps);
    child.unref();
    return child;
  } finally {
    await log.close();
  }
}

/** Ready means: our own server, known by its data folder, answers a query. */
async function untilReady(place: Place, child: ChildProcess, port: number): Promise<void> {
  const url = `postgresql://${user}:${place.password}@127.0.0.1:${port}/postgres`;
  const giveUpAtMs = monotonicMs() + startTimeoutMs;
  let lastError: unknown;
  while (monotonicMs() < giveUpAtMs) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`postgres ended while starting (${child.signalCode ?? `exit code ${child.exitCode}`})`);
    }
    try {
      const folder = await ask(url, 'data_directory');
      if (folder === join(place.folder, 'data')) return;
      lastError = new Error(`port ${port} belongs to a server with its data in ${folder}`);
    } catch (error) {
      lastError = error;
    }
    await delay(20);
  }
  throw new Error(`postgres did not answer within ${startTimeoutMs / 1000} s: ${messageOf(lastError)}`);
}

/** Connects and reads one server setting. Throws what the driver throws. */
export async function ask(url: string, setting: string): Promise<string> {
  const client = createClient(url, { connectionTimeoutMillis: 5000 });
  try {
    await client.connect();
    const result = await client.query<{ value: string }>('SELECT current_setting($1) AS value', [setting]);
    return result.rows[0]!.value;
  } finally {
    await client.end().catch(() => {});
  }
}

function processOptions(place: Place) {
  return {
    ...(place.account === undefined ? {} : { uid: place.account.uid, gid: place.account.gid }),
    cwd: place.folder,
    env: serverEnvironment(),
  };
}

async function readLog(folder: string): Promise<string> {
  return readFile(join(folder, 'log'), 'utf8').catch(() => '');
}

async function logTail(folder: string): Promise<string> {
  const lines = (await readLog(folder)).trim().split('\n').slice(-8);
  return lines[0] === '' ? '' : `\nend of the server log:\n  ${lines.join('\n  ')}`;
}
