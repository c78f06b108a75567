import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { listTargets } from '../target-kit/shipped-targets.ts';
import { runTarget } from './target.ts';

describe('runTarget', () => {
  it('names the known targets and the nearest one for an unknown name', async () => {
    expect(listTargets()).toContain('jorge');
    await expect(runTarget('jorg', {})).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('did you mean jorge?'),
      hint: expect.stringContaining('jorge'),
    });
    await expect(runTarget('../jorge', {})).rejects.toThrow(/no target named/);
  });

  it('prints one line of JSON when ready and stops everything on SIGTERM', async () => {
    const command = start({ port: 0, json: true });
    const url = await command.url;
    expect((await fetch(`${url}/health`)).status).toBe(200);
    const postgresPid = childrenOf(command.child.pid!, 'postgres');
    expect(postgresPid).toHaveLength(1);
    command.child.kill('SIGTERM');
    expect(await command.ended).toBe(0);
    expect(command.stdout().trim().split('\n')).toHaveLength(1);
    expect(command.stderr()).toMatch(
      /starting PostgreSQL[\s\S]*seeding[\s\S]*rows[\s\S]*Ctrl-C[\s\S]*stopping/,
    );
    expect(isGone(postgresPid[0]!)).toBe(true);
  });

  it('stops a target that is told to while it starts', async () => {
    const command = start({ port: 0, json: true });
    while (!command.stderr().includes('starting PostgreSQL')) await sleep(10);
    command.child.kill('SIGINT');
    expect(await command.ended).toBe(0);
  });

  it('ends at once at a second signal, and what it started is cleaned up', async () => {
    const command = start({ port: 0, json: true });
    const url = await command.url;
    const [postgresPid] = childrenOf(command.child.pid!, 'postgres');
    // A request without an end keeps the orderly stop waiting.
    const half = fetch(`${url}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new ReadableStream({ start: (stream) => stream.enqueue(new TextEncoder().encode('{')) }),
      duplex: 'half',
    } as RequestInit).catch(() => 'cut off');
    await sleep(200);
    command.child.kill('SIGINT');
    await sleep(500);
    command.child.kill('SIGINT');
    expect(await command.ended).toBe(130);
    expect(await half).toBe('cut off');
    const giveUpAtMs = performance.now() + 10_000;
    while (!isGone(postgresPid!) && performance.now() < giveUpAtMs) await sleep(20);
    expect(isGone(postgresPid!)).toBe(true);
  });

  it('says that a port is taken and how to get a free one', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const command = start({ port });
    expect(await command.ended).toBe(2);
    expect(command.stderr()).toMatch(new RegExp(`port ${port} .*is taken[^]*--port 0`));
    await new Promise((resolve) => server.close(resolve));
  });
});

interface Command {
  readonly child: ChildProcess;
  readonly url: Promise<string>;
  readonly ended: Promise<number | null>;
  stdout(): string;
  stderr(): string;
}

/** Runs the command in a process of its own, as the command line does. */
function start(options: object): Command {
  const module = new URL('./target.ts', import.meta.url).href;
  const program = `import { runTarget } from ${JSON.stringify(module)};
    await runTarget('jorge', ${JSON.stringify(options)}).catch((error) => {
      console.error(error.message, error.hint);
      process.exitCode = error.exitCode;
    });`;
  const { DATABASE_URL: _, ...env } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
  let stdout = '';
  let stderr = '';
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const url = new Promise<string>((resolve, reject) => {
    child.stdout!.on('data', (data) => {
      stdout += String(data);
      if (stdout.includes('\n')) resolve((JSON.parse(stdout.split('\n')[0]!) as { url: string }).url);
    });
    child.stderr!.on('data', (data) => {
      stderr += String(data);
    });
    child.once('exit', () => reject(new Error(`ended before it was ready: ${stderr}`)));
  });
  url.catch(() => {});
  return { child, url, ended, stdout: () => stdout, stderr: () => stderr };
}

function childrenOf(pid: number, name: string): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  return children.filter((child) => readFileSync(`/proc/${child}/comm`, 'utf8').trim() === name);
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}
