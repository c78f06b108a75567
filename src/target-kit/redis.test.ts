import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { TargetError } from '../model/errors.ts';
import { identify, isRunning } from '../system/end-process.ts';
import { findFreePort } from '../system/free-port.ts';
import { NoRedisError, startRedis } from './redis.ts';
import { askServer } from './redis-server.ts';

async function until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  const giveUpAtMs = performance.now() + timeoutMs;
  while (!condition() && performance.now() < giveUpAtMs) await sleep(20);
  return condition();
}

describe('startRedis', () => {
  it('starts the installed server on loopback and leaves nothing behind after stop', async () => {
    const redis = await startRedis();
    const server = identify(redis.pid!);
    try {
      expect(redis.source).toBe('path');
      const url = new URL(redis.url);
      expect(url.hostname).toBe('127.0.0.1');
      const address = { host: '127.0.0.1', port: Number(url.port) };
      await expect(askServer(address)).rejects.toThrow(/NOAUTH/);
      // Nobody else on the machine can read it.
      expect(url.password).toMatch(/^[0-9a-f]{32}$/);
      const commandLine = readFileSync(`/proc/${redis.pid}/cmdline`, 'utf8');
      expect(commandLine).not.toContain(url.password);
      expect(statSync(join(redis.folder!, 'redis.conf')).mode & 0o077).toBe(0);
      const { version, processId } = await askServer({ ...address, password: url.password });
      expect(version).toBe(redis.version);
      expect(processId).toBe(redis.pid);
      expect(isRunning(server)).toBe(true);
    } finally {
      await Promise.all([redis.stop(), redis.stop()]);
    }
    expect(isRunning(server)).toBe(false);
    expect(existsSync(redis.folder!)).toBe(false);
  });

  it('uses the server given, and leaves it running', async () => {
    const own = await startRedis({ settings: { requirepass: 'a&b' } });
    try {
      const redisUrl = own.url.replace('//', '//:a%26b@');
      const given = await startRedis({ redisUrl });
      expect(given).toMatchObject({
        url: redisUrl,
        source: 'url',
        pid: null,
        folder: null,
        version: own.version,
      });
      await given.stop();
      expect(isRunning(identify(own.pid!))).toBe(true);
      const wrong = startRedis({ redisUrl: own.url.replace('//', '//:nonsense@') });
      await expect(wrong).rejects.toThrow(/:\*\*\*@.* does not answer: WRONGPASS/);
    } finally {
      await own.stop();
    }
  });

  it('refuses a given server that is not there, or is none', async () => {
    const redisUrl = `redis://127.0.0.1:${await findFreePort()}`;
    await expect(startRedis({ redisUrl })).rejects.toThrow(TargetError);
    await expect(startRedis({ redisUrl })).rejects.toThrow(/does not answer: connect ECONNREFUSED/);
    const web = net.createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = web.address() as net.AddressInfo;
      const other = startRedis({ redisUrl: `redis://127.0.0.1:${port}` });
      await expect(other).rejects.toThrow(/does not speak as Redis does: HTTP\/1.1 400/);
    } finally {
      web.close();
    }
  });

  it('says what to do where none is installed', async () => {
    const none = await startRedis({ path: '/nonexistent' }).catch((thrown: unknown) => thrown);
    expect(none).toBeInstanceOf(NoRedisError);
    expect((none as NoRedisError).hint).toContain('apt-get install redis-server');
  });

  it('quotes the log of a server that does not start, and leaves nothing', async () => {
    await expect(startRedis({ settings: { 'no-such-setting': 'x' } })).rejects.toThrow(/no-such-setting/);
  });
});

describe('a server whose owner ends without stopping it', () => {
  const endings = [
    { name: 'by SIGKILL', afterwards: 'setInterval(() => {}, 1000);', end: 'SIGKILL' },
    { name: 'by SIGINT without a hook', afterwards: 'setInterval(() => {}, 1000);', end: 'SIGINT' },
    { name: 'because nothing is left to do', afterwards: '', end: undefined },
  ] as const;
  for (const { name, afterwards, end } of endings) {
    it(`is stopped and removed when the owner ends ${name}`, async () => {
      const { child, pid, folder } = await startOwner(afterwards);
      const server = identify(pid);
      const ended = new Promise((resolve) => child.once('exit', resolve));
      if (end !== undefined) {
        expect(isRunning(server)).toBe(true);
        child.kill(end);
      }
      await ended;
      expect(await until(() => !isRunning(server), 10_000)).toBe(true);
      expect(await until(() => !existsSync(folder), 10_000)).toBe(true);
    });
  }
});

async function startOwner(
  afterwards: string,
): Promise<{ readonly child: ChildProcess; readonly pid: number; readonly folder: string }> {
  const module = new URL('./redis.ts', import.meta.url).href;
  const program = `import { startRedis } from ${JSON.stringify(module)};
    const redis = await startRedis();
    process.stdout.write(JSON.stringify([redis.pid, redis.folder]) + '\\n', () => { ${afterwards} });`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout!.once('data', (data) => resolve(String(data)));
    child.once('exit', () => reject(new Error('the owner ended before its server was up')));
  });
  const [pid, folder] = JSON.parse(line) as [number, string];
  return { child, pid, folder };
}
