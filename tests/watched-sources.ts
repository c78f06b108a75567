// What the tests of monitors watch: PostgreSQL, Redis, and a server of pages in a process of its own, each of which can
// be stopped, started again in the same place, and held still.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startTestServer } from '../src/monitors/postgres/server.cases.ts';
import { findFreePort } from '../src/system/free-port.ts';
import { type RunningRedis, startRedis } from '../src/target-kit/redis.ts';

export interface Source {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Stops it where it is; resolves with what lets it go on. */
  hold(): () => void;
  /** For good. */
  end(): Promise<void>;
}

export interface Pages extends Source {
  readonly url: string;
  readonly otlpPort: number;
}

const pagesKey = 'hidden-in-header';
const redisPassword = 'hidden-redis-password';

/** Health, Prometheus page and OTLP sender; see fixtures/watched-server.mjs. */
async function startPages(): Promise<Pages> {
  const script = fileURLToPath(new URL('./fixtures/watched-server.mjs', import.meta.url));
  const [port, otlpPort] = [await findFreePort(), await findFreePort()];
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = spawn(process.execPath, [script, String(port), String(otlpPort)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, WATCH_KEY: pagesKey },
    });
    await once(child.stdout!, 'data');
  };
  const stop = async (): Promise<void> => {
    if (child === undefined) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    child = undefined;
    await ended;
  };
  await start();
  const hold = (): (() => void) => {
    child!.kill('SIGSTOP');
    return () => child?.kill('SIGCONT');
  };
  return { url: `http://127.0.0.1:${port}`, otlpPort, start, stop, hold, end: stop };
}

async function startCache(): Promise<Source & { readonly url: string }> {
  const port = await findFreePort();
  const settings = { requirepass: redisPassword };
  let server: RunningRedis | undefined;
  const start = async (): Promise<void> => {
    server = await startRedis({ port, settings });
  };
  const stop = async (): Promise<void> => {
    await server?.stop();
    server = undefined;
  };
  await start();
  const hold = (): (() => void) => {
    const pid = server!.pid!;
    process.kill(pid, 'SIGSTOP');
    return () => process.kill(pid, 'SIGCONT');
  };
  return { url: `redis://:${redisPassword}@127.0.0.1:${port}`, start, stop, hold, end: stop };
}

export interface Sources {
  readonly db: Source & { readonly url: string };
  readonly cache: Source & { readonly url: string };
  readonly pages: Pages;
  /** What tells a suite where they are. */
  readonly env: Readonly<Record<string, string>>;
  /** What nothing that a run leaves behind may hold. */
  readonly secrets: readonly string[];
  end(): Promise<void>;
}

export async function startSources(): Promise<Sources> {
  const [db, cache, pages] = await Promise.all([startTestServer(), startCache(), startPages()]);
  return {
    db,
    cache,
    pages,
    env: {
      PG_URL: db.url,
      REDIS_URL: cache.url,
      PAGES_URL: pages.url,
      PAGES_KEY: pagesKey,
      OTLP_PORT: String(pages.otlpPort),
    },
    secrets: [new URL(db.url).password, redisPassword, pagesKey, 'hidden-in-query'],
    async end() {
      await Promise.all([db.end(), cache.end(), pages.end()]);
    },
  };
}
