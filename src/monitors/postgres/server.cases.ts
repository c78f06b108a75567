// What the tests of the PostgreSQL monitor share: a server that can be stopped, started again in the same place and held
// still, and clients of it.

import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterEach } from 'vitest';
import { endProcess, identify } from '../../system/end-process.ts';
import { findServerAccount } from '../../system/os-account.ts';
import { type PostgresOptions, startPostgres } from '../../target-kit/postgres.ts';
import { serverEnvironment } from '../../target-kit/postgres-binaries.ts';
import type { Monitor } from '../monitor.ts';
import { createPostgresMonitor } from '../postgres.ts';

const atEnd: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of atEnd.splice(0).reverse()) await close();
});

/** A session until the test ends. Errors of sessions that are cut off are of no interest. */
export async function connect(
  url: string,
  config: { readonly application_name?: string } = {},
): Promise<Client> {
  const client = new Client({ connectionString: url, ...config });
  client.on('error', () => {});
  await client.connect();
  atEnd.push(() => client.end().catch(() => {}));
  return client;
}

/** A monitor until the test ends. */
export function watch(url: string, slowStatementMs = 1000): Monitor {
  const plain = new URL(url);
  plain.password = '';
  const monitor = createPostgresMonitor({ kind: 'postgres', url: plain.href, slowStatementMs }, { url });
  atEnd.push(() => monitor.close());
  return monitor;
}

/** Asks again until it is so. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  const giveUpAtMs = performance.now() + 20_000;
  while (!(await isSo())) {
    if (performance.now() > giveUpAtMs) throw new Error('it was not so within 20 s');
    await sleep(20);
  }
}

export interface TestServer {
  readonly url: string;
  /** Does nothing to one that runs. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Stops all its processes where they are; resolves with what lets them go on. */
  hold(): () => void;
  end(): Promise<void>;
}

/** Data stay where they are when it is stopped. */
export async function startTestServer(options: PostgresOptions = {}): Promise<TestServer> {
  const first = await startPostgres({ preload: ['pg_stat_statements'], ...options, keepData: true });
  const folder = first.folder!;
  const { command, args } = commandOf(await readFile(join(folder, 'data', 'postmaster.opts'), 'utf8'));
  const account = await findServerAccount();
  let child: ChildProcess | null = null;
  let pid: number | null = first.pid;
  const stop = async () => {
    if (child === null) await first.stop();
    else if (pid !== null) await endProcess(identify(pid), [{ signal: 'SIGINT', waitMs: 15_000 }]);
    pid = null;
  };
  return {
    url: first.url,
    stop,
    async start() {
      if (pid !== null) return;
      const as = account === undefined ? {} : { uid: account.uid, gid: account.gid };
      child = spawn(command, args, { ...as, cwd: folder, env: serverEnvironment(), stdio: 'ignore' });
      pid = child.pid!;
      await until(() => answers(first.url));
    },
    hold() {
      const processes = familyOf(pid!);
      for (const process_ of processes) process.kill(process_, 'SIGSTOP');
      return () => {
        for (const process_ of processes) process.kill(process_, 'SIGCONT');
      };
    },
    async end() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The line that the server keeps of how it was started: a path and quoted arguments. */
function commandOf(line: string): { readonly command: string; readonly args: readonly string[] } {
  const [command = '', ...quoted] = line.trim().split(' "');
  return { command, args: quoted.map((word) => word.replace(/"$/, '')) };
}

export async function answers(url: string): Promise<boolean> {
  const client = new Client(url);
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

/** A process and its children, as /proc tells. */
function familyOf(pid: number): readonly number[] {
  const children = readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      // After the name in brackets: state, then the parent's id.
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid;
    } catch {
      return false;
    }
  });
  return [pid, ...children.map(Number)];
}
