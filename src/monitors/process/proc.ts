// Reads what Linux's /proc tells about single processes. Used by the other files of this folder; the parsers are pure.
// Source of the formats: proc(5).

import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

/** A process, told apart from a later one with the same id by its start time in ticks since boot. */
export interface Identity {
  readonly pid: number;
  readonly startTicks: number;
}

export interface ProcessStat extends Identity {
  /** Its name, 15 characters at the most. */
  readonly command: string;
  readonly parentPid: number;
  /** Ended, and not yet asked after by its parent: it has CPU time and nothing else. */
  readonly zombie: boolean;
  /** CPU time of its threads, user and system. */
  readonly ownTicks: number;
  /** CPU time of all children that ended and were waited for, with theirs. */
  readonly endedTicks: number;
  readonly threads: number;
  readonly rssPages: number;
}

/** /proc counts CPU time in ticks of 10 ms on every Linux that Node runs on. Source: proc(5), USER_HZ. */
export const msPerTick = 10;

export function parseStat(text: string): ProcessStat | undefined {
  // The name in field 2 may hold blanks and brackets: it ends at the last bracket, and fields count from there.
  const [open, close] = [text.indexOf('('), text.lastIndexOf(')')];
  const fields = text.slice(close + 2).split(' ');
  if (open < 0 || close < open || fields.length < 22) return undefined;
  /** By the numbers of proc(5), where the state is field 3. */
  const field = (number: number): number => Number(fields[number - 3]);
  return {
    pid: Number(text.slice(0, open)),
    command: text.slice(open + 1, close),
    zombie: fields[0] === 'Z' || fields[0] === 'X',
    parentPid: field(4),
    ownTicks: field(14) + field(15),
    endedTicks: field(16) + field(17),
    threads: field(20),
    startTicks: field(22),
    rssPages: field(24),
  };
}

/** The soft limit of open files; `undefined` when there is none. */
export function parseOpenFilesLimit(limits: string): number | undefined {
  const found = /^Max open files +(\d+)/m.exec(limits);
  return found === null ? undefined : Number(found[1]);
}

export interface DiskBytes {
  readonly readBytes: number;
  readonly writtenBytes: number;
}

/** Bytes that went to and from the storage layer, from /proc/<pid>/io. */
export function parseIo(io: string): DiskBytes | undefined {
  const found = /^read_bytes: (\d+)\nwrite_bytes: (\d+)/m.exec(io);
  return found === null ? undefined : { readBytes: Number(found[1]), writtenBytes: Number(found[2]) };
}

/** Memory page size from /proc/<pid>/auxv: pairs of native words, the size behind AT_PAGESZ (6). Source: getauxval(3). */
export function parsePageBytes(auxv: Buffer): number | undefined {
  for (let at = 0; at + 16 <= auxv.length; at += 16) {
    if (auxv.readBigUInt64LE(at) === 6n) return Number(auxv.readBigUInt64LE(at + 8));
  }
  return undefined;
}

/** The processes below `<root>/proc`. Everything is `undefined` of a process that is gone or that we may not look into. */
export class Proc {
  readonly root: string;
  /** Whether the size of /proc/<pid>/fd is the number of open files, as since Linux 6.2. */
  readonly countsAtOnce: boolean;

  /** `root` is the folder that holds `proc` and `sys`: empty except in tests. */
  constructor(root: string) {
    this.root = root;
    this.countsAtOnce = (statSync(`${root}/proc/self/fd`, { throwIfNoEntry: false })?.size ?? 0) > 0;
  }

  /** Ids of all processes that we may see, in no order. Empty where there is no /proc. */
  pids(): number[] {
    try {
      return readdirSync(`${this.root}/proc`)
        .map(Number)
        .filter((pid) => pid > 0);
    } catch {
      return [];
    }
  }

  stat(pid: number): ProcessStat | undefined {
    return parseStat(this.text(pid, 'stat') ?? '');
  }

  /** Its arguments with blanks between them; empty of kernel threads. */
  commandLine(pid: number): string[] {
    return (this.text(pid, 'cmdline') ?? '').split('\0').slice(0, -1);
  }

  diskBytes(pid: number): DiskBytes | undefined {
    return parseIo(this.text(pid, 'io') ?? '');
  }

  openFilesLimit(pid: number): number | undefined {
    return parseOpenFilesLimit(this.text(pid, 'limits') ?? '');
  }

  openFiles(pid: number): number | undefined {
    const folder = `${this.root}/proc/${pid}/fd`;
    if (this.countsAtOnce) return statSync(folder, { throwIfNoEntry: false })?.size;
    return this.descriptors(pid)?.length;
  }

  /** Names of its file descriptors. */
  descriptors(pid: number): string[] | undefined {
    try {
      return readdirSync(`${this.root}/proc/${pid}/fd`);
    } catch {
      return undefined;
    }
  }

  /** What a descriptor leads to: a path, or `socket:[4711]`. */
  descriptor(pid: number, name: string): string | undefined {
    try {
      return readlinkSync(`${this.root}/proc/${pid}/fd/${name}`);
    } catch {
      return undefined;
    }
  }

  /** Of every process of this machine. */
  pageBytes(): number {
    try {
      return parsePageBytes(readFileSync('/proc/self/auxv')) ?? 4096;
    } catch {
      return 4096;
    }
  }

  text(pid: number, name: string): string | undefined {
    try {
      return readFileSync(`${this.root}/proc/${pid}/${name}`, 'utf8');
    } catch {
      return undefined;
    }
  }
}
