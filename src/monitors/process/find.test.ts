import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findFreePort } from '../../system/free-port.ts';
import { monotonicMs } from '../../time/clock.ts';
import { read } from '../monitor.cases.ts';
import { commandOf, startChild } from './child.cases.ts';
import { Finder } from './find.ts';
import { Proc } from './proc.ts';
import { type FakeProcess, writeProc } from './proc-folder.cases.ts';
import { messageOf, monitorOf, onLinux, ps, startServer } from './server.cases.ts';

const hasIpv6 = networkInterfaces().lo?.some(({ family }) => family === 'IPv6') === true;

describe.runIf(onLinux)('which process', () => {
  test.each(['127.0.0.1', '0.0.0.0', ...(hasIpv6 ? ['::1', '::'] : [])])(
    'whoever listens on a port of %s',
    async (host) => {
      const port = await findFreePort(host);
      const child = await startServer(port, host);
      const { values } = await read(monitorOf({ port }));
      expect(values.processes).toBe(1);
      expect(values.rss_bytes! / (Number(ps('rss', child.pid)) * 1024)).toBeCloseTo(1, 0);
    },
  );

  test('a port on which nobody listens is told, also when somebody is connected to it', async () => {
    const port = await findFreePort();
    expect(await messageOf(monitorOf({ port }))).toBe(`no process listens on port ${port}`);
  });

  test('of a listener and the children that inherited its socket, the listener', async () => {
    const port = await findFreePort();
    const child = await startChild(`
      const cluster = require('node:cluster');
      cluster.schedulingPolicy = cluster.SCHED_NONE; // Workers hold the socket, too.
      cluster.setupPrimary({ execArgv: [], exec: ${JSON.stringify(await worker(port))} });
      let listening = 0;
      cluster.on('listening', () => ++listening === 2 && console.log('ready'));
      cluster.fork(); cluster.fork();
    `);
    expect(await child.line()).toBe('ready');
    const { values, events } = await read(monitorOf({ port }));
    expect(values.processes).toBe(3);
    expect(events).toBeUndefined();
  });

  test('a process by its id, this one, too', async () => {
    const { values } = await read(monitorOf({ pid: process.pid, children: false }));
    expect(values.processes).toBe(1);
    expect(values.threads).toBeGreaterThan(4);
    const child = await startChild('await line()');
    const monitor = monitorOf({ pid: child.pid });
    await read(monitor);
    await child.stop();
    expect(await messageOf(monitor)).toBe(`no process has the id ${child.pid}`);
  });

  test('the process that a PID file names, another one as soon as it names that', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll-pid-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const pidFile = join(folder, 'server.pid');
    const monitor = monitorOf({ pidFile });
    expect(await messageOf(monitor)).toBe(`the PID file ${pidFile} cannot be read: ENOENT`);
    await writeFile(pidFile, 'soon');
    expect(await messageOf(monitor)).toBe(`the PID file ${pidFile} does not begin with a process id`);
    const [first, second] = [await startChild('await line()'), await startChild('await line()')];
    await writeFile(pidFile, `${first.pid}\n`);
    expect((await read(monitor)).values.restarts).toBe(0);
    await writeFile(pidFile, `${second.pid}\n/var/lib\n`);
    const { values, events } = await read(monitor);
    expect(values.restarts).toBe(1);
    expect(events).toEqual([
      `the process was restarted: process ${second.pid} (${commandOf(second.pid)}) took the place of ${first.pid}`,
    ]);
    await second.stop();
    expect(await messageOf(monitor)).toMatch(`names process ${second.pid}, which does not exist`);
  });

  test('by a part of the command line the oldest that descends from no other match; others are told', async () => {
    const name = `plimsoll-${process.pid}-${Math.round(monotonicMs())}`;
    const monitor = monitorOf({ name });
    expect(await messageOf(monitor)).toBe(`no process is called ${name} or has that in its command line`);
    const oldest = await startChild(
      `require('node:child_process').spawn(process.execPath, ['-e', 'console.log(0);process.stdin.resume()', '${name}'], { stdio: ['pipe', 'inherit', 'inherit'] }); await line()`,
      [name],
    );
    await oldest.line();
    const other = await startChild('console.log(); await line()', [name]);
    await other.line();
    const { values, events } = await read(monitor);
    expect(values.processes).toBe(2);
    expect(events).toEqual([
      `2 processes match: process ${oldest.pid} (${commandOf(oldest.pid)}) is watched, the oldest, and not ${other.pid}`,
    ]);
    expect((await read(monitor)).events).toBeUndefined();
  });

  test('without /proc it is said where processes can be watched', async () => {
    expect(await messageOf(monitorOf({ port: 80 }, { root: '/nowhere' }))).toBe(
      'processes can be watched on Linux only: there is no /proc here',
    );
  });
});

describe('which of several', () => {
  const signal = new AbortController().signal;
  async function finderOf(
    source: { readonly name: string } | { readonly port: number },
    processes: readonly FakeProcess[],
    ownPid = 99,
  ): Promise<Finder> {
    const root = await writeProc(processes, {
      listeners: [
        { port: 80, inode: 7 },
        { port: 81, inode: 8, v6: true },
      ],
    });
    return new Finder(new Proc(root), { kind: 'process', children: true, ...source }, ownPid);
  }

  test('by name not this process nor those that started it, and its own children only for want of others', async () => {
    const own: FakeProcess[] = [
      { pid: 10, parentPid: 1, startTicks: 1, commandLine: ['sh', '-c', 'plimsoll run --watch shop'] },
      { pid: 11, parentPid: 10, startTicks: 2, commandLine: ['plimsoll', 'run', '--watch', 'shop'] },
      { pid: 12, parentPid: 11, startTicks: 3, commandLine: ['plimsoll-worker', 'shop'] },
    ];
    const target = { pid: 20, parentPid: 1, startTicks: 9, commandLine: ['/usr/bin/shop'] };
    const found = await (await finderOf({ name: 'shop' }, [...own, target], 11)).find(signal);
    expect([found.process.pid, found.others]).toEqual([20, []]);
    const child = await (await finderOf({ name: 'shop' }, own, 11)).find(signal);
    expect(child.process.pid).toBe(12);
    await expect((await finderOf({ name: 'shop' }, own.slice(0, 2), 11)).find(signal)).rejects.toThrow(
      'no process is called shop or has that in its command line',
    );
  });

  test('by name its command, the file of its program, or a part of its command line', async () => {
    for (const process of [
      { command: 'my (odd) name' },
      { commandLine: ['/opt/my (odd) name', '--port', '1'] },
      { commandLine: ['java', '-jar', 'my (odd) name.jar'] },
    ]) {
      const finder = await finderOf({ name: 'my (odd) name' }, [
        { pid: 5, parentPid: 1, startTicks: 1, ...process },
      ]);
      expect((await finder.find(signal)).process.pid).toBe(5);
    }
  });

  test('one that has ended and was not waited for is none', async () => {
    const finder = await finderOf({ name: 'shop' }, [
      { pid: 5, parentPid: 1, startTicks: 1, command: 'shop', state: 'Z' },
    ]);
    await expect(finder.find(signal)).rejects.toThrow('no process is called shop');
  });

  test('a service rather than the service manager that holds its socket', async () => {
    const finder = await finderOf({ port: 80 }, [
      { pid: 1, parentPid: 0, startTicks: 1, sockets: [7] },
      { pid: 30, parentPid: 1, startTicks: 5, sockets: [7] },
      { pid: 31, parentPid: 30, startTicks: 6, sockets: [7] },
    ]);
    expect((await finder.find(signal)).process.pid).toBe(30);
    const lone = await finderOf({ port: 80 }, [{ pid: 1, parentPid: 0, startTicks: 1, sockets: [7] }]);
    expect((await lone.find(signal)).process.pid).toBe(1);
  });

  test('two that listen on one port: the older one, and the other is told', async () => {
    const finder = await finderOf({ port: 81 }, [
      { pid: 40, parentPid: 1, startTicks: 8, sockets: [3, 8] },
      { pid: 50, parentPid: 1, startTicks: 7, sockets: [8] },
    ]);
    const { process, others } = await finder.find(signal);
    expect([process.pid, others]).toEqual([50, [40]]);
  });

  test('a listener whose descriptors cannot be read is told as such', async () => {
    const finder = await finderOf({ port: 80 }, [{ pid: 40, parentPid: 1, startTicks: 8 }]);
    await expect(finder.find(signal)).rejects.toThrow(
      'something listens on port 80, but not which process: that takes the rights of its account, or root',
    );
  });

  test('a search that is given up ends', async () => {
    const many = Array.from({ length: 60 }, (_, i) => ({ pid: 100 + i, parentPid: 1, startTicks: i }));
    const giveUp = new AbortController();
    const search = (await finderOf({ name: 'shop' }, many)).find(giveUp.signal);
    giveUp.abort(new Error('enough'));
    await expect(search).rejects.toThrow('enough');
  });
});

/** The file of a worker that listens. */
async function worker(port: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-worker-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'worker.cjs');
  await writeFile(
    file,
    `require('node:net').createServer().listen(${port}, '127.0.0.1');process.on('disconnect', () => process.exit());`,
  );
  return file;
}
