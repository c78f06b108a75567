import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { identify, isRunning } from '../system/end-process.ts';
import { findFreePort } from '../system/free-port.ts';
import { helperProgram } from '../system/helper-program.ts';
import { type FaultHost, startFaultHost } from './fault-host.ts';
import type { ProcessStart } from './host-messages.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function newHost(onExited: (process: string, reason: string) => void = () => {}): Promise<FaultHost> {
  const host = await startFaultHost(onExited);
  closers.push(() => host.release());
  return host;
}

/** A server that answers with its process id. */
async function server(name = 'api'): Promise<ProcessStart> {
  const port = await findFreePort();
  const code = `require('node:http').createServer((_, r) => r.end(String(process.pid))).listen(${port}, '127.0.0.1')`;
  return {
    name,
    command: [process.execPath, '-e', code],
    cwd: process.cwd(),
    env: {},
    ready: `http://127.0.0.1:${port}/`,
    readyWithinMs: 20_000,
  };
}

async function pidAt(url: string): Promise<number | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(500), headers: { connection: 'close' } });
    return Number(await response.text());
  } catch {
    return undefined;
  }
}

describe('a fault host', () => {
  it('starts a process, kills it, starts it again, and ends it in the end', async () => {
    const host = await newHost();
    const api = await server();
    await host.request({ kind: 'process', process: api });
    const first = await pidAt(api.ready);
    const action = { on: 'process', process: 'api', does: 'kill' } as const;
    await host.request({ kind: 'begin', fault: 'gone', action });
    expect(await pidAt(api.ready)).toBeUndefined();
    await host.request({ kind: 'end', fault: 'gone' });
    const second = await pidAt(api.ready);
    expect(second).toBeGreaterThan(0);
    expect(second).not.toBe(first);
    await host.release();
    expect(await pidAt(api.ready)).toBeUndefined();
  });

  it('pauses a process and lets it go on', async () => {
    const host = await newHost();
    const api = await server();
    await host.request({ kind: 'process', process: api });
    const pid = await pidAt(api.ready);
    const action = { on: 'process', process: 'api', does: 'pause' } as const;
    await host.request({ kind: 'begin', fault: 'stuck', action });
    expect(await pidAt(api.ready)).toBeUndefined();
    await host.request({ kind: 'end', fault: 'stuck' });
    expect(await pidAt(api.ready)).toBe(pid);
  });

  it('neither kills nor restarts a process that is not running, and starts none twice', async () => {
    const host = await newHost();
    const api = await server();
    await host.request({ kind: 'process', process: api });
    const fault = (does: 'kill' | 'restart') => ({ on: 'process', process: 'api', does }) as const;
    await host.request({ kind: 'begin', fault: 'dead', action: fault('kill') });
    await expect(host.request({ kind: 'begin', fault: 'again', action: fault('kill') })).rejects.toThrow(
      'not running',
    );
    const renewed = host.request({ kind: 'begin', fault: 'renewed', action: fault('restart') });
    await expect(renewed).rejects.toThrow('not running');
    await host.request({ kind: 'end', fault: 'dead' });
    const pid = await pidAt(api.ready);
    await expect(host.request({ kind: 'end', fault: 'again' })).rejects.toThrow('running already');
    expect(await pidAt(api.ready)).toBe(pid);
  });

  it('tells of a process that ends by itself, and why one does not start', async () => {
    const exited: string[] = [];
    const host = await newHost((name, reason) => exited.push(`${name}: ${reason}`));
    const api = await server();
    await host.request({ kind: 'process', process: api });
    process.kill((await pidAt(api.ready))!, 'SIGKILL');
    await expect.poll(() => exited, { timeout: 5000 }).toEqual(['api: signal SIGKILL']);
    const broken = {
      ...api,
      name: 'broken',
      command: [process.execPath, '-e', 'throw new Error("no port")'],
    };
    await expect(host.request({ kind: 'process', process: broken })).rejects.toThrow(/ended before.*\n.*/s);
    const absent = { ...api, name: 'absent', command: ['/no/such/program'] };
    await expect(host.request({ kind: 'process', process: absent })).rejects.toThrow('cannot be started');
  });

  it('switches an upstream and takes that back, and says when the upstream refuses', async () => {
    const seen: string[] = [];
    const upstream = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      response.statusCode = request.url === '/refused' ? 409 : 204;
      response.end();
    }).listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    closers.push(() => upstream.close());
    const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    const host = await newHost();
    const start = { method: 'PUT', url: `${url}/bad`, json: { failing: true } };
    const end = { method: 'PUT', url: `${url}/good` };
    await host.request({ kind: 'begin', fault: 'errors', action: { on: 'http', start, end } });
    await host.request({ kind: 'end', fault: 'errors' });
    expect(seen).toEqual(['PUT /bad', 'PUT /good']);
    const refused = { on: 'http', start: { url: `${url}/refused` }, end } as const;
    await expect(host.request({ kind: 'begin', fault: 'no', action: refused })).rejects.toThrow('409');
    // It may have had its effect, so it is taken back all the same.
    await host.release();
    expect(seen.at(-1)).toBe('PUT /good');
  });

  it('takes everything back when its owner is killed', async () => {
    const seen: string[] = [];
    const upstream = createServer((request, response) => {
      seen.push(request.url ?? '');
      response.end();
    }).listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    closers.push(() => upstream.close());
    const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    const api = await server();
    const proxyPort = await findFreePort();
    const to = { host: '127.0.0.1', port: (upstream.address() as AddressInfo).port };
    const listen = { host: '127.0.0.1', port: proxyPort };
    const requests = [
      { kind: 'guard', guard: null },
      { kind: 'proxy', proxy: { name: 'way', listen, to } },
      { kind: 'process', process: api },
      {
        kind: 'begin',
        fault: 'bad',
        action: { on: 'http', start: { url: `${url}/bad` }, end: { url: `${url}/good` } },
      },
      { kind: 'begin', fault: 'stuck', action: { on: 'process', process: 'api', does: 'pause' } },
      { kind: 'begin', fault: 'hole', action: { on: 'proxy', proxy: 'way', fault: { kind: 'black-hole' } } },
    ];
    // Its owner is a process of its own, which starts the host, has it do all this, and is killed.
    const program = await helperProgram('src/faults/fault-host-process', 'runFaultHost');
    const owner = spawn(
      process.execPath,
      [
        '-e',
        `const [program, requests] = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
         const child = require('node:child_process').spawn(process.execPath, ['--input-type=module', '-e', program], { detached: true, env: {}, stdio: ['pipe', 'pipe', 'inherit'] });
         let id = 0;
         const next = () => { if (id < requests.length) child.stdin.write(JSON.stringify({ ...requests[id], id: id++ }) + '\\n'); else console.log(child.pid); };
         child.stdout.on('data', next);
         next();`,
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    owner.stdin.end(JSON.stringify([program, requests]));
    const [line] = (await once(owner.stdout, 'data')) as [Buffer];
    const hostProcess = identify(Number(String(line)));
    expect(seen).toEqual(['/bad']);
    owner.kill('SIGKILL');
    await expect.poll(() => isRunning(hostProcess), { timeout: 10_000 }).toBe(false);
    expect(seen).toEqual(['/bad', '/good']);
    expect(await pidAt(api.ready)).toBeUndefined();
    expect(await pidAt(`http://127.0.0.1:${proxyPort}/`)).toBeUndefined();
  });
});
