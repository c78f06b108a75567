import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Reading } from '../model/monitor.ts';
import { hostFigures } from '../model/monitor-figures.ts';
import { createHostMonitor } from './host.ts';
import { describeMonitor, read } from './monitor.cases.ts';
import type { Monitor } from './monitor.ts';
import { writeFolder } from './process/proc-folder.cases.ts';

const onLinux = process.platform === 'linux';

describeMonitor('the host', {
  create: () => createHostMonitor({ kind: 'host' }),
  figures: hostFigures,
  always: onLinux
    ? [
        'cpu_ratio',
        'cpu_iowait_ratio',
        'memory_used_ratio',
        'load1',
        'processes',
        'threads_runnable',
        'open_files',
      ]
    : ['cpu_ratio', 'memory_used_ratio'],
});

function open(root?: string): Monitor {
  const monitor = createHostMonitor({ kind: 'host' }, root === undefined ? {} : { root });
  onTestFinished(() => monitor.close());
  return monitor;
}

function shell(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
}

describe.runIf(onLinux)('this machine', () => {
  test('memory, load and processes are what free, uptime and ps say', async () => {
    const monitor = open();
    const { values } = await read(monitor);
    const [, total = 0, , , , , available = 0] = shell('free', '-b').split('\n')[1]!.split(/ +/).map(Number);
    const used = total - available;
    expect(Math.abs(values.memory_used_bytes! - used) / total).toBeLessThan(0.03);
    expect(Math.abs(values.memory_used_ratio! - used / total)).toBeLessThan(0.03);
    const [load1 = -1, load5 = -1, load15 = -1] = shell('uptime')
      .split('load average: ')[1]!
      .split(', ')
      .map(Number);
    // Load is reckoned anew every 5 s, and may just have been.
    expect(Math.abs(values.load1! - load1)).toBeLessThan(1);
    expect(Math.abs(values.load5! - load5)).toBeLessThan(0.5);
    expect(Math.abs(values.load15! - load15)).toBeLessThan(0.3);
    const processes = shell('ps', '-e', '-o', 'pid=').trim().split('\n').length;
    expect(Math.abs(values.processes! - processes)).toBeLessThan(30);
  });

  test('a process that burns a core for 2 s is one core more', async () => {
    // Busy time of others varies while machines are shared, so /proc/stat by hand is the measure, and the burner a floor.
    const monitor = open();
    await read(monitor);
    const before = busyTicks();
    const burner = spawn(process.execPath, [
      '-e',
      'const end=Date.now()+2000;while(Date.now()<end);const{user,system}=process.cpuUsage();console.log((user+system)/1e6)',
    ]);
    const [output] = await once(burner.stdout, 'data');
    const burntS = Number(String(output));
    const { cpu_ratio = 0 } = (await read(monitor)).values;
    const after = busyTicks();
    const [busy, total] = [after.busy - before.busy, after.total - before.total];
    expect(cpu_ratio).toBeGreaterThan(burntS / (total / 100) - 0.05);
    expect(Math.abs(cpu_ratio - busy / total)).toBeLessThan(0.05);
  });

  // The working folder may lie on something that is no disk of this machine, or the disk be out of sight.
  const onDisk = /^(ext2\/ext3|xfs|btrfs)$/.test(shell('stat', '-f', '-c', '%T', '.').trim());
  test.runIf(onDisk)('bytes that are written to a disk', async () => {
    const monitor = open();
    const before = (await read(monitor)).values.disk_written_bytes!;
    const file = join(process.cwd(), `.plimsoll-disk-${process.pid}`);
    onTestFinished(() => rm(file, { force: true }));
    shell('dd', 'if=/dev/zero', `of=${file}`, 'bs=1M', 'count=16', 'conv=fsync', 'status=none');
    const { values } = await read(monitor);
    expect(values.disk_written_bytes! - before).toBeGreaterThanOrEqual(15 * 1024 * 1024);
  });
});

describe('machines that a test cannot have', () => {
  const disks = (busyMs: number): string =>
    ` 8 0 sda 1 0 100 5 1 0 200 5 0 ${busyMs} 9\n 8 16 sdb 1 0 100 5 1 0 200 5 0 5 9\n`;
  const pressure = (us: number): string => `some avg10=0.00 avg60=0.00 avg300=0.00 total=${us}\n`;

  test('shares of the time between two looks', async () => {
    const root = await writeFolder({
      'proc/stat': 'cpu  100 0 100 800 0 0 0 0 0 0\nprocs_running 2\n',
      'proc/diskstats': disks(1000),
      'proc/pressure/io': pressure(5000),
    });
    const monitor = open(root);
    const first = (await read(monitor)).values;
    for (const figure of ['cpu_ratio', 'disk_busy_ratio', 'io_pressure_ratio'])
      expect(first).not.toHaveProperty(figure);
    await sleep(100);
    await writeFile(join(root, 'proc/stat'), 'cpu  130 10 110 830 10 0 0 10 20 0\nprocs_running 2\n');
    await writeFile(join(root, 'proc/diskstats'), disks(1010));
    await writeFile(join(root, 'proc/pressure/io'), pressure(10_000));
    const { values } = await read(monitor);
    expect(values).toMatchObject({ cpu_ratio: 0.6, cpu_iowait_ratio: 0.1, cpu_steal_ratio: 0.1 });
    // 10 ms and 5 ms of something above 100 ms.
    expect(values.disk_busy_ratio).toBeGreaterThan(0);
    expect(values.disk_busy_ratio).toBeLessThanOrEqual(0.1);
    expect(values.io_pressure_ratio! / values.disk_busy_ratio!).toBeCloseTo(0.5, 1);
  });

  test('a kernel without pressure, disks, network and MemAvailable leaves those out', async () => {
    const monitor = open(
      await writeFolder({ 'proc/stat': 'cpu  1 2 3 4\n', 'proc/meminfo': 'MemTotal: 5 kB\nMemFree: 1 kB\n' }),
    );
    await read(monitor);
    expect((await read(monitor)).values).toEqual({ processes: 0 });
  });

  test('a system without /proc tells what Node knows', async () => {
    const monitor = open(await writeFolder({}));
    const readings: Reading[] = [await read(monitor)];
    await sleep(300);
    readings.push(await read(monitor));
    expect(Object.keys(readings[0]!.values)).not.toContain('cpu_ratio');
    const { values } = readings[1]!;
    expect(values.cpu_ratio).toBeGreaterThanOrEqual(0);
    expect(values.cpu_ratio).toBeLessThanOrEqual(1);
    expect(values.memory_used_bytes! / values.memory_used_ratio!).toBeCloseTo(totalmem(), -4);
    expect(values).toHaveProperty('load1');
  });
});

/** The first line of /proc/stat by hand: idle and waiting for disks are the fourth and fifth. */
function busyTicks(): { readonly busy: number; readonly total: number } {
  const fields = shell('head', '-1', '/proc/stat').trim().split(/ +/).slice(1, 9).map(Number);
  const total = fields.reduce((sum, ticks) => sum + ticks, 0);
  return { busy: total - fields[3]! - fields[4]!, total };
}
