import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { findListeners, parseListener } from './listening.ts';
import { Proc, parseIo, parseOpenFilesLimit, parsePageBytes, parseStat } from './proc.ts';
import { statLine, writeFolder, writeProc } from './proc-folder.cases.ts';

describe('texts', () => {
  test('a stat line whose name has blanks, brackets and digits', () => {
    const line = statLine({
      pid: 7,
      parentPid: 3,
      startTicks: 55,
      command: 'tmux: (1) 2) S 9',
      ticks: [10, 20, 300, 400],
    });
    expect(parseStat(line)).toEqual({
      pid: 7,
      command: 'tmux: (1) 2) S 9',
      parentPid: 3,
      zombie: false,
      ownTicks: 30,
      endedTicks: 700,
      threads: 3,
      startTicks: 55,
      rssPages: 250,
    });
    expect(parseStat(statLine({ pid: 7, parentPid: 3, startTicks: 55, state: 'Z' }))?.zombie).toBe(true);
  });

  test('a stat line that breaks off, or none, is no process', () => {
    const line = statLine({ pid: 7, parentPid: 3, startTicks: 55 });
    for (const text of ['', '7', '7 (node', line.slice(0, 30)]) expect(parseStat(text)).toBeUndefined();
  });

  test('limits, also none', () => {
    const limits = (soft: string): string =>
      `Limit                     Soft Limit           Hard Limit           Units     \nMax processes             96364                96364                processes \nMax open files            ${soft.padEnd(21)}524288               files     \n`;
    expect(parseOpenFilesLimit(limits('1024'))).toBe(1024);
    expect(parseOpenFilesLimit(limits('unlimited'))).toBeUndefined();
  });

  test('bytes of the storage layer, not those of all reads and writes', () => {
    const io =
      'rchar: 8299\nwchar: 1323\nsyscr: 12\nsyscw: 1\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 0\n';
    expect(parseIo(io)).toEqual({ readBytes: 4096, writtenBytes: 8192 });
    expect(parseIo('')).toBeUndefined();
  });

  test('the page size among the auxiliary values', () => {
    const pairs = [33n, 140n, 6n, 16384n, 0n, 0n];
    const auxv = Buffer.alloc(pairs.length * 8);
    for (const [i, word] of pairs.entries()) auxv.writeBigUInt64LE(word, i * 8);
    expect(parsePageBytes(auxv)).toBe(16384);
    expect(parsePageBytes(auxv.subarray(32))).toBeUndefined();
  });

  test('lines of sockets that listen, IPv4 and IPv6', () => {
    const line =
      '   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 40713 1 0000000000000000 100 0 0 10 0';
    const line6 =
      '   1: 00000000000000000000000001000000:1F40 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 40714 1 0000000000000000 100 0 0 10 0';
    expect([parseListener(line, 8000), parseListener(line6, 8000)]).toEqual(['40713', '40714']);
    expect(parseListener(line, 80)).toBeNull();
    expect(parseListener(line.replace(' 0A ', ' 01 '), 8000)).toBeUndefined();
  });

  test('of a long table of listeners all of one port', async () => {
    const root = await writeProc([], {
      listeners: Array.from({ length: 500 }, (_, i) => ({ port: 1000 + (i % 250), inode: i })),
    });
    expect([...findListeners(root, 1249)]).toEqual(['socket:[249]', 'socket:[499]']);
    expect([...findListeners(await writeFolder({}), 80)]).toEqual([]);
  });
});

describe.runIf(process.platform === 'linux')('this process', () => {
  const proc = new Proc('');

  test('as Node knows it', () => {
    const stat = proc.stat(process.pid);
    expect(stat?.parentPid).toBe(process.ppid);
    expect(stat!.ownTicks * 10).toBeLessThanOrEqual(
      (process.cpuUsage().user + process.cpuUsage().system) / 1000 + 20,
    );
    expect((stat!.rssPages * proc.pageBytes()) / process.memoryUsage.rss()).toBeCloseTo(1, 1);
    expect(proc.pids()).toContain(process.pid);
  });

  test('its open files are counted alike at once and one by one', () => {
    const files = Array.from({ length: 50 }, () => openSync('/dev/null', 'r'));
    try {
      // Listing the folder opens it.
      expect(
        Math.abs(proc.openFiles(process.pid)! - (readdirSync(`/proc/${process.pid}/fd`).length - 1)),
      ).toBeLessThanOrEqual(1);
      expect(proc.descriptors(process.pid)!.length).toBeGreaterThanOrEqual(50);
    } finally {
      for (const file of files) closeSync(file);
    }
  });

  test('a process that is not there tells nothing', () => {
    const gone = Number(readFileSync('/proc/sys/kernel/pid_max', 'utf8')) + 1;
    expect([
      proc.stat(gone),
      proc.openFiles(gone),
      proc.descriptors(gone),
      proc.diskBytes(gone),
      proc.text(gone, 'cgroup'),
    ]).toEqual(Array(5).fill(undefined));
    expect(proc.commandLine(gone)).toEqual([]);
  });
});
