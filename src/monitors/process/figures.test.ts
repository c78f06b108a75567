// Figures of real processes against what they say of themselves, /proc read by hand, and ps.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findFreePort } from '../../system/free-port.ts';
import { monotonicMs } from '../../time/clock.ts';
import { read } from '../monitor.cases.ts';
import { startChild } from './child.cases.ts';
import { monitorOf, onLinux, ps, startServer } from './server.cases.ts';

describe.runIf(onLinux)('figures against what is known', () => {
  test('CPU time that a process says it used', async () => {
    const child = await startChild(`
      console.log();
      await line();
      const before = cpuMs();
      burn(700);
      console.log(cpuMs() - before);
      await line();
    `);
    await child.line();
    const monitor = monitorOf({ pid: child.pid });
    const [beforeMs] = [monotonicMs(), await read(monitor)];
    const startMs = monotonicMs();
    child.tell('go');
    const usedMs = Number(await child.line());
    const endMs = monotonicMs();
    const { values } = await read(monitor);
    const afterMs = monotonicMs();
    expect(usedMs).toBeGreaterThan(690);
    // The monitor's own interval lies between these two; ticks and what waiting costs the child are tolerated.
    expect(values.cpu_ratio! * (afterMs - beforeMs)).toBeGreaterThan(usedMs - 50);
    expect(values.cpu_ratio! * (endMs - startMs)).toBeLessThan(usedMs + 100);
  });

  test('CPU time of children that lived and ended between two readings, and of one that was seen before', async () => {
    const child = await startChild(`
      const { spawn } = require('node:child_process');
      const burner = "const t=()=>{const u=process.cpuUsage();return u.user+u.system};while(t()<4e5);";
      const start = (wait) => spawn(process.execPath, ['-e', (wait ? "require('fs').readSync(0,Buffer.alloc(1));" : '') + burner], { stdio: ['pipe', 'ignore', 'inherit'] });
      const seen = start(true);
      console.log('started');
      await line();
      const unseen = start(false);
      seen.stdin.write('x');
      let left = 2;
      for (const one of [seen, unseen]) one.on('exit', () => { if (--left === 0) console.log('ended'); });
      await line();
    `);
    await child.line();
    await sleep(300);
    const [monitor, alone] = [monitorOf({ pid: child.pid }), monitorOf({ pid: child.pid, children: false })];
    await read(monitor);
    await read(alone);
    const startMs = monotonicMs();
    const endedBefore = endedMsOf(child.pid);
    const seenBefore = childrenMsOf(child.pid);
    child.tell('go');
    await child.line();
    const { values } = await read(monitor);
    const overMs = monotonicMs() - startMs;
    const ownMs = (await read(alone)).values.cpu_ratio! * overMs;
    // Both burnt 400 ms each in all, a part of one of them before the first reading.
    const expected = endedMsOf(child.pid) - endedBefore - seenBefore;
    expect(expected).toBeGreaterThan(500);
    expect(Math.abs(values.cpu_ratio! * overMs - ownMs - expected)).toBeLessThan(120);
    expect(values.processes).toBe(1);
  });

  test('memory that a process allocates', async () => {
    const child = await startChild(`
      console.log(); await line();
      globalThis.kept = Buffer.alloc(64 * 1024 * 1024, 1);
      console.log(); await line();
    `);
    await child.line();
    const monitor = monitorOf({ pid: child.pid });
    const before = (await read(monitor)).values.rss_bytes!;
    child.tell('go');
    await child.line();
    const after = (await read(monitor)).values.rss_bytes!;
    expect((after - before) / 1024 / 1024).toBeGreaterThan(58);
    expect((after - before) / 1024 / 1024).toBeLessThan(90);
    expect(after / 1024 / Number(ps('rss', child.pid))).toBeCloseTo(1, 1);
  });

  test('files that a process opens, and the share of its limit', async () => {
    const child = await startChild(`
      console.log(); await line();
      for (let i = 0; i < 300; i++) require('node:fs').openSync('/dev/null');
      console.log(); await line();
    `);
    await child.line();
    const monitor = monitorOf({ pid: child.pid });
    const before = (await read(monitor)).values.open_files!;
    expect(before).toBe(readdirSync(`/proc/${child.pid}/fd`).length);
    child.tell('go');
    await child.line();
    const { values } = await read(monitor);
    expect(values.open_files! - before).toBe(300);
    const limit = Number(/Max open files +(\d+)/.exec(readFileSync(`/proc/${child.pid}/limits`, 'utf8'))![1]);
    expect(values.open_files_ratio).toBeCloseTo(values.open_files! / limit, 10);
  });

  test('threads and processes with children and without, as ps counts them', async () => {
    const child = await startChild(`
      const { spawn } = require('node:child_process');
      const deep = "require('child_process').spawn('sleep',['60']);console.log();setInterval(()=>{},1e6)";
      let ready = 0;
      for (const one of [0, 1]) spawn(process.execPath, ['-e', deep], { stdio: ['ignore', 'pipe', 'inherit'] })
        .stdout.on('data', () => ++ready === 2 && console.log());
      await line();
      process.exit();
    `);
    await child.line();
    const pids = familyOf(child.pid);
    onTestFinished(() => {
      for (const pid of pids) if (pid !== child.pid) process.kill(pid, 'SIGKILL');
    });
    expect(pids).toHaveLength(5);
    const { values } = await read(monitorOf({ pid: child.pid }));
    expect(values.processes).toBe(5);
    expect(values.threads).toBe(pids.reduce((sum, pid) => sum + Number(ps('nlwp', pid)), 0));
    const rss = pids.reduce((sum, pid) => sum + Number(ps('rss', pid)) * 1024, 0);
    expect(values.rss_bytes! / rss).toBeCloseTo(1, 1);
    const alone = (await read(monitorOf({ pid: child.pid, children: false }))).values;
    expect(alone.processes).toBe(1);
    expect(alone.threads).toBe(Number(ps('nlwp', child.pid)));
    expect(alone.rss_bytes).toBeLessThan(values.rss_bytes! / 2);
  });

  test('bytes written to disk', async () => {
    const folder = await mkdtemp(join(process.cwd(), '.plimsoll-io-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const child = await startChild(`
      const fs = require('node:fs');
      console.log(); await line();
      const file = fs.openSync(${JSON.stringify(join(folder, 'file'))}, 'w');
      fs.writeSync(file, Buffer.alloc(8 * 1024 * 1024, 1)); fs.fsyncSync(file);
      console.log(); await line();
    `);
    await child.line();
    const monitor = monitorOf({ pid: child.pid });
    const before = (await read(monitor)).values;
    child.tell('go');
    await child.line();
    const after = (await read(monitor)).values;
    const told = Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${child.pid}/io`, 'utf8'))![1]);
    expect(after.written_bytes).toBe(told);
    expect(after.written_bytes! - before.written_bytes!).toBeGreaterThanOrEqual(8 * 1024 * 1024);
  });

  test('the heap from its page; a page that fails is told once, and costs no other figure', async () => {
    const port = await findFreePort();
    await startServer(port);
    const heap = await read(monitorOf({ port, metrics: `http://127.0.0.1:${port}/metrics` }));
    expect(heap.values.heap_bytes).toBe(123456);
    const closed = await findFreePort();
    const monitor = monitorOf({ port, metrics: `http://127.0.0.1:${closed}/metrics` });
    const { values, events } = await read(monitor);
    expect(values).toMatchObject({ processes: 1 });
    expect(values).not.toHaveProperty('heap_bytes');
    expect(events).toEqual([
      expect.stringMatching(
        `the heap could not be read from http://127.0.0.1:${closed}/metrics: .*ECONNREFUSED`,
      ),
    ]);
    expect((await read(monitor)).events).toBeUndefined();
  });
});

/** The ids of a process and its descendants by `ps`. */
function familyOf(root: number): number[] {
  const lines = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pairs = lines.map((line) => line.trim().split(/ +/).map(Number));
  const family = [root];
  for (const parent of family) for (const [pid, of] of pairs) if (of === parent) family.push(pid!);
  return family;
}

/** Fields of /proc/<pid>/stat behind the name, in ms. */
function msOf(pid: number, ...fields: number[]): number {
  const parts = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  return fields.reduce((sum, field) => sum + Number(parts[field - 3]) * 10, 0);
}

function endedMsOf(pid: number): number {
  return msOf(pid, 16, 17);
}

/** CPU time of the children that live. */
function childrenMsOf(pid: number): number {
  return familyOf(pid)
    .slice(1)
    .reduce((sum, child) => sum + msOf(child, 14, 15, 16, 17), 0);
}
