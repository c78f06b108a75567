import { createServer } from 'node:net';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { processFigures } from '../model/monitor-figures.ts';
import { findFreePort } from '../system/free-port.ts';
import { delay } from '../time/timer.ts';
import { describeMonitor, read } from './monitor.cases.ts';
import { type Child, commandOf, startChild } from './process/child.cases.ts';
import { messageOf, monitorOf, onLinux, startLastingServer, startServer } from './process/server.cases.ts';
import { createProcessMonitor } from './process.ts';

describe.runIf(onLinux)('conformance', async () => {
  const port = await findFreePort();
  let child: Child | undefined = await startLastingServer(port);
  afterAll(() => child?.stop());
  describeMonitor('a process by its port', {
    create: () =>
      createProcessMonitor({ kind: 'process', port, children: true, metrics: `http://127.0.0.1:${port}/` }),
    figures: processFigures,
    always: ['cpu_ratio', 'rss_bytes', 'threads', 'processes', 'restarts', 'open_files', 'heap_bytes'],
    async stop() {
      await child?.stop();
      child = undefined;
    },
    async start() {
      child ??= await startLastingServer(port);
    },
    async hang() {
      child?.tell('silent');
      await child?.line();
      return async () => {
        child?.tell('speak');
        await child?.line();
      };
    },
  });
});

describe.runIf(onLinux)('restarts', () => {
  test('another process on the same port is a restart, a time without one is none', async () => {
    const port = await findFreePort();
    const monitor = monitorOf({ port });
    const first = await startServer(port);
    expect((await read(monitor)).values.restarts).toBe(0);
    const { written_bytes: before } = (await read(monitor)).values;
    await first.stop();
    expect(await messageOf(monitor)).toBe(`no process listens on port ${port}`);
    const second = await startServer(port);
    const { values, events } = await read(monitor);
    expect(values.restarts).toBe(1);
    expect(events?.[0]).toBe(
      `the process was restarted: process ${second.pid} (${commandOf(second.pid)}) took the place of ${first.pid}`,
    );
    expect(values).not.toHaveProperty('cpu_ratio');
    expect(values.written_bytes).toBeGreaterThanOrEqual(before!);
    await delay(60);
    const next = await read(monitor);
    expect(next.values.restarts).toBe(1);
    expect(next.values.cpu_ratio).toBeGreaterThanOrEqual(0);
    expect(next.events).toBeUndefined();
  });

  test('a process that lives on and listens no more is not watched any longer', async () => {
    const child = await startChild(`
      const server = require('node:net').createServer().listen(0, '127.0.0.1', () => console.log(server.address().port));
      await line();
      server.close(() => console.log('closed'));
      await line();
    `);
    const port = Number(await child.line());
    const monitor = monitorOf({ port });
    await read(monitor);
    child.tell('close');
    await child.line();
    expect(await messageOf(monitor)).toBe(`no process listens on port ${port}`);
    const ours = createServer().listen(port, '127.0.0.1');
    onTestFinished(() => void ours.close());
    await new Promise((resolve) => ours.once('listening', resolve));
    expect((await read(monitor)).values.restarts).toBe(1);
  });
});

test.runIf(onLinux)('with `sameCommand`, children that run another program are left out', async () => {
  const child = await startChild(`
    const { spawn } = require('node:child_process');
    spawn('sleep', ['60'], { stdio: 'ignore' });
    spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    console.log('spawned');
    await line();
  `);
  await child.line();
  const source = { kind: 'process', pid: child.pid, children: true } as const;
  const all = createProcessMonitor(source);
  const own = createProcessMonitor(source, { sameCommand: true });
  // Until the new processes have become what they run.
  await expect.poll(async () => (await read(all)).values.processes).toBe(3);
  await expect.poll(async () => (await read(own)).values.processes).toBe(2);
});
