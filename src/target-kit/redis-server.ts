// Starts and stops one throw-away Redis server from an installed binary. Called by redis.ts.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../model/errors.ts';
import type { EndSteps } from '../system/end-process.ts';
import { endProcess, identify } from '../system/end-process.ts';
import { findFreePort } from '../system/free-port.ts';
import { createGuardian, type Guardian } from '../system/guardian.ts';
import { monotonicMs } from '../time/clock.ts';
import { cancelTimer, delay, startTimer } from '../time/timer.ts';

/** Without persistence there is nothing to write at the end; SIGTERM closes the listening socket first. */
const endSteps: EndSteps = [
  { signal: 'SIGTERM', waitMs: 5000 },
  { signal: 'SIGKILL', waitMs: 3000 },
];
const startTimeoutMs = 20_000;
const portAttempts = 5;

/** Settings for data nobody will miss. The configuration file has the password alone: all else not said has its default. */
const throwAwaySettings: Readonly<Record<string, string>> = {
  save: '',
  appendonly: 'no',
  daemonize: 'no',
};

export interface RedisServerOptions {
  readonly binary: string;
  /** In place of those for throw-away data, as in redis.conf. */
  readonly settings: Readonly<Record<string, string>>;
  /** Listen there in place of a free port. */
  readonly port?: number | undefined;
}

export interface RedisServer {
  /** With the password, if it is one that was made up: do not print it. */
  readonly url: string;
  readonly pid: number;
  /** Holds the log. */
  readonly folder: string;
  readonly version: string;
  stop(): Promise<void>;
}

/** Starts a server on 127.0.0.1. Throws an `Error` with the end of the server's log; leaves nothing then. */
export async function startRedisServer(options: RedisServerOptions): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-redis-'));
  const guardian = await createGuardian();
  const cleanUp = async () => {
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    await guardian.release();
  };
  try {
    guardian.removeLater(folder);
    // Whoever is on this machine could connect otherwise, and read or empty what is there.
    const password = randomBytes(16).toString('hex');
    const settings = { requirepass: password, ...options.settings };
    const isOurs = settings.requirepass === password;
    const { child, port, version } = await launch({ ...options, settings }, folder, guardian);
    const server = identify(child.pid!);
    let stopping: Promise<void> | undefined;
    const stop = async () => {
      await endProcess(server, endSteps);
      guardian.forget(child.pid!);
      await cleanUp();
    };
    return {
      url: `redis://${isOurs ? `:${password}@` : ''}127.0.0.1:${port}/0`,
      pid: child.pid!,
      folder,
      version,
      stop: () => (stopping ??= stop()),
    };
  } catch (error) {
    const failure = new Error(`${messageOf(error)}${await logTail(folder)}`, { cause: error });
    await cleanUp();
    throw failure;
  }
}

/** On a free port; when somebody took it meanwhile, on another one. */
async function launch(
  options: RedisServerOptions,
  folder: string,
  guardian: Guardian,
): Promise<{ child: ChildProcess; port: number; version: string }> {
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await findFreePort());
    const child = await spawnServer(options, port, folder, guardian);
    try {
      return {
        child,
        port,
        version: await untilReady(child, port, options.settings.requirepass || undefined),
      };
    } catch (error) {
      await endProcess(identify(child.pid!), endSteps);
      guardian.forget(child.pid!);
      const taken = (await readLog(folder)).includes('Address already in use');
      if (!taken || options.port !== undefined || attempt === portAttempts) throw error;
      await rm(join(folder, 'log'), { force: true });
    }
  }
}

async function spawnServer(
  { binary, settings }: RedisServerOptions,
  port: number,
  folder: string,
  guardian: Guardian,
): Promise<ChildProcess> {
  // What is on a command line, everybody on the machine can read.
  const { requirepass, ...plain } = settings;
  const file = join(folder, 'redis.conf');
  await writeFile(file, `requirepass ${JSON.stringify(requirepass)}\n`, { mode: 0o600 });
  const args = [file, '--bind', '127.0.0.1', '--port', String(port), '--dir', folder];
  for (const [name, value] of Object.entries({ ...throwAwaySettings, ...plain })) {
    args.push(`--${name}`, value);
  }
  const log = await open(join(folder, 'log'), 'a', 0o600);
  try {
    const child = spawn(binary, args, {
      cwd: folder,
      env: { PATH: process.env.PATH ?? '' },
      // Its own process group: Ctrl-C in the terminal is for the owner, who stops the server in its turn.
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    guardian.watch(child.pid!, endSteps);
    child.unref();
    return child;
  } finally {
    await log.close();
  }
}

/** Ready means: our own server, known by its process id, answers. Resolves with its version. */
async function untilReady(child: ChildProcess, port: number, password: string | undefined): Promise<string> {
  const giveUpAtMs = monotonicMs() + startTimeoutMs;
  let lastError: unknown;
  while (monotonicMs() < giveUpAtMs) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(
        `redis-server ended while starting (${child.signalCode ?? `exit code ${child.exitCode}`})`,
      );
    }
    try {
      const { processId, version } = await askServer({ host: '127.0.0.1', port, password });
      if (processId === child.pid) return version;
      lastError = new Error(`port ${port} belongs to another server`);
    } catch (error) {
      lastError = error;
    }
    await delay(20);
  }
  throw new Error(`redis-server did not answer within ${startTimeoutMs / 1000} s: ${messageOf(lastError)}`);
}

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** Asks a server for its version and process id, once it answers PING. Throws with what it said instead. */
export async function askServer(
  address: RedisAddress,
  timeoutMs = 5000,
): Promise<{ readonly version: string; readonly processId: number }> {
  const { host, port, username, password } = address;
  const lines = [['PING'], ['INFO', 'server']];
  if (password !== undefined)
    lines.unshift(['AUTH', ...(username === undefined ? [] : [username]), password]);
  const text = await converse({ host, port }, lines, timeoutMs);
  const version = /^redis_version:(\S+)/m.exec(text)?.[1];
  if (version === undefined) throw new Error(`it does not speak as Redis does: ${text.slice(0, 80).trim()}`);
  return { version, processId: Number(/^process_id:(\d+)/m.exec(text)?.[1]) };
}

/** Sends commands at once, and resolves with all that comes until the last answer is there. Throws at an error. */
function converse(
  address: { readonly host: string; readonly port: number },
  lines: readonly (readonly string[])[],
  timeoutMs: number,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(address);
    const limit = startTimer(() => socket.destroy(new Error('no answer')), timeoutMs);
    let text = '';
    socket.setEncoding('utf8');
    socket.on('connect', () => {
      for (const words of lines) {
        socket.write(`*${words.length}\r\n`);
        for (const word of words) socket.write(`$${Buffer.byteLength(word)}\r\n${word}\r\n`);
      }
    });
    socket.on('data', (piece: string) => {
      text += piece;
      const refusal = /^-(.*)\r\n/m.exec(text);
      if (refusal !== null) socket.destroy(new Error(refusal[1]));
      // INFO is the last, and ends with an empty line.
      else if ((text.includes('redis_version:') && text.endsWith('\r\n\r\n')) || text.length > 65_536)
        socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => {
      cancelTimer(limit);
      if (text === '') reject(new Error('it closed the connection'));
      else resolve(text);
    });
  });
}

async function readLog(folder: string): Promise<string> {
  return readFile(join(folder, 'log'), 'utf8').catch(() => '');
}

async function logTail(folder: string): Promise<string> {
  const lines = (await readLog(folder)).trim().split('\n').slice(-8);
  return lines[0] === '' ? '' : `\nend of the server log:\n  ${lines.join('\n  ')}`;
}
