// Watches a process of this machine and those it started: CPU, memory, files, disk bytes, restarts, and the limits of its
// container. Made by monitors.ts.

import type { MonitorTable, Reading } from '../model/monitor.ts';
import type { processFigures } from '../model/monitor-figures.ts';
import type { SourceOf } from '../model/monitor-settings.ts';
import { monotonicMs } from '../time/clock.ts';
import { leastSpanMs } from './least-span.ts';
import type { Monitor } from './monitor.ts';
import { type CgroupState, Cgroups } from './process/cgroup.ts';
import { Family, type Member, nameOf } from './process/family.ts';
import { Finder, type Found, isSame } from './process/find.ts';
import { type FetchPage, fetchPage, HeapPage, type HeapReading } from './process/heap-page.ts';
import { limitsTable } from './process/limits.ts';
import { OpenFiles } from './process/open-files.ts';
import { msPerTick, Proc, type ProcessStat } from './process/proc.ts';
import { Usage } from './process/usage.ts';

export interface ProcessMonitorDeps {
  readonly fetchPage?: FetchPage;
  /** The folder that holds `proc` and `sys`; `/` when absent. */
  readonly root?: string;
  /** Of children that run another program neither they nor theirs count: the load generator's target may be among them. */
  readonly sameCommand?: boolean;
  /** Shares of less time are not told; `leastSpanMs` when absent. */
  readonly leastSpanMs?: number;
}

type ProcessValues = Partial<Record<keyof typeof processFigures, number | undefined>>;

/**
 * A monitor of one process, Linux only. Which one is found anew whenever the one watched has ended, no longer listens on
 * the port, or is no longer named by the PID file; each process that takes the place of another counts as a restart. A
 * `read` rejects while there is none. Of several that match, it is the oldest that does not descend from another one.
 *
 * With `children`, CPU, memory, files, threads and bytes are sums over the process and its descendants, memory shared
 * between them counted for each (RSS). Without, bytes still hold those of children that have ended, as the kernel
 * reports them. What takes rights that this process lacks is left out: bytes, and before Linux 6.2 open files, of
 * processes of other accounts.
 *
 * CPU time comes in ticks of 10 ms: over 250 ms, the least that `cpu_ratio` is told of, it moves in steps of 4 %.
 */
export function createProcessMonitor(source: SourceOf<'process'>, deps: ProcessMonitorDeps = {}): Monitor {
  return new ProcessMonitor(source, deps);
}

/** What shares of time are taken to. */
interface Base {
  readonly atMs: number;
  readonly cpuTicks: number;
  readonly cgroup: CgroupState;
}

class ProcessMonitor implements Monitor {
  readonly #proc: Proc;
  readonly #finder: Finder;
  readonly #family: Family;
  readonly #withChildren: boolean;
  readonly #openFiles: OpenFiles;
  readonly #cgroups: Cgroups;
  readonly #usage = new Usage();
  readonly #heapPage: HeapPage | undefined;
  readonly #pageBytes: number;
  /** At the last look. */
  #before: { readonly process: ProcessStat } | undefined;
  #base: Base | undefined;
  /** Of the whole family since the first look. */
  #cpuTicks = 0;
  readonly #leastSpanMs: number;
  #restarts = 0;
  #reading: AbortController | undefined;
  #closed = false;

  constructor(source: SourceOf<'process'>, deps: ProcessMonitorDeps) {
    this.#proc = new Proc(deps.root ?? '');
    this.#finder = new Finder(this.#proc, source, process.pid);
    this.#family = new Family(this.#proc, source.children, deps.sameCommand);
    this.#withChildren = source.children;
    this.#openFiles = new OpenFiles(this.#proc);
    this.#cgroups = new Cgroups(deps.root ?? '');
    this.#heapPage =
      source.metrics === undefined ? undefined : new HeapPage(source.metrics, deps.fetchPage ?? fetchPage);
    this.#pageBytes = this.#proc.pageBytes();
    this.#leastSpanMs = deps.leastSpanMs ?? leastSpanMs;
  }

  async read(signal: AbortSignal): Promise<Reading> {
    if (this.#closed) throw new Error('the monitor of the process was closed');
    if (signal.aborted) throw new Error('the reading of the process was cancelled');
    const reading = new AbortController();
    const giveUp = (): void => reading.abort(new Error('the reading of the process was cancelled'));
    signal.addEventListener('abort', giveUp);
    this.#reading = reading;
    try {
      const found = await this.#finder.find(reading.signal);
      const heap = await this.#heapPage?.read(reading.signal);
      reading.signal.throwIfAborted();
      return this.#look(found, heap);
    } finally {
      signal.removeEventListener('abort', giveUp);
      this.#reading = undefined;
    }
  }

  /** Its limits, and how much of each is in use. */
  async diagnose(signal: AbortSignal): Promise<readonly MonitorTable[]> {
    const { process: found } = await this.#finder.find(signal);
    return [limitsTable(this.#proc, found, this.#pageBytes)];
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#reading?.abort(new Error('the monitor of the process was closed'));
    return Promise.resolve();
  }

  /** Everything of one moment: nothing waits from here on. */
  #look(found: Found, heap: HeapReading | undefined): Reading {
    const root = this.#proc.stat(found.process.pid);
    if (root === undefined || root.zombie || !isSame(root, found.process)) {
      throw new Error(`${nameOf(found.process)} ended while it was read`);
    }
    const atMs = monotonicMs();
    const before = this.#before;
    const restarted = before !== undefined && !isSame(root, before.process);
    // One that is older than the last was there before it, and has not used all of that since.
    const members = this.#family.look(root, restarted && root.startTicks >= before.process.startTicks);
    const used = this.#usage.add(members.map((member) => this.#totalsOf(member)));
    this.#cpuTicks += used.cpuTicks;
    const cgroup = this.#cgroups.look(this.#proc.text(root.pid, 'cgroup') ?? '');
    this.#before = { process: root };
    const base = restarted ? undefined : this.#base;
    const isApart = base === undefined || atMs - base.atMs >= this.#leastSpanMs;
    if (isApart) this.#base = { atMs, cpuTicks: this.#cpuTicks, cgroup };
    const spanned = isApart ? base : undefined;
    if (restarted) this.#restarts++;
    const living = members.filter(({ zombie }) => !zombie);
    const sum = (part: 'rssPages' | 'threads'): number =>
      living.reduce((total, member) => total + member[part], 0);
    const values: ProcessValues = {
      ...(spanned !== undefined && {
        cpu_ratio: shareOf((this.#cpuTicks - spanned.cpuTicks) * msPerTick, atMs - spanned.atMs),
      }),
      rss_bytes: sum('rssPages') * this.#pageBytes,
      heap_bytes: heap?.bytes,
      ...this.#openFiles.look(living),
      threads: sum('threads'),
      processes: living.length,
      read_bytes: used.readBytes,
      written_bytes: used.writtenBytes,
      restarts: this.#restarts,
      ...cgroupValues(cgroup, spanned, atMs),
    };
    const events = [
      ...(restarted
        ? [`the process was restarted: ${nameOf(root)} took the place of ${before.process.pid}`]
        : []),
      ...(found.others.length > 0 ? [othersOf(found)] : []),
      ...(heap?.event === undefined ? [] : [heap.event]),
    ];
    return { values: known(values), ...(events.length > 0 && { events }) };
  }

  #totalsOf(member: Member): Parameters<Usage['add']>[0][number] {
    const bytes = member.zombie ? undefined : this.#proc.diskBytes(member.pid);
    return {
      pid: member.pid,
      startTicks: member.startTicks,
      parentPid: member.parentPid,
      fresh: member.fresh,
      ownTicks: member.ownTicks,
      endedTicks: this.#withChildren ? member.endedTicks : 0,
      readBytes: bytes?.readBytes,
      writtenBytes: bytes?.writtenBytes,
    };
  }
}

function cgroupValues({ cpu, memory }: CgroupState, before: Base | undefined, atMs: number): ProcessValues {
  const cpuBefore = before?.cgroup.cpu;
  const values: ProcessValues = {};
  if (memory !== undefined) {
    values.cgroup_memory_bytes = memory.usedBytes;
    values.cgroup_memory_ratio = shareOf(memory.usedBytes, memory.limitBytes);
  }
  if (cpu !== undefined && before !== undefined && cpuBefore !== undefined) {
    const allowedUs = (atMs - before.atMs) * 1000 * cpu.cores;
    values.cgroup_cpu_ratio = shareOf(cpu.usedUs - cpuBefore.usedUs, allowedUs);
    // Without a period there was nothing to run, and nothing held back.
    values.cgroup_throttled_ratio = shareOf(
      cpu.throttledPeriods - cpuBefore.throttledPeriods,
      cpu.periods - cpuBefore.periods,
    );
  }
  return values;
}

function shareOf(part: number, whole: number): number | undefined {
  return whole > 0 ? Math.max(0, part / whole) : undefined;
}

/** Names five at the most. */
function othersOf({ process, others }: Found): string {
  const more = others.length > 5 ? ` and ${others.length - 5} more` : '';
  return `${others.length + 1} processes match: ${nameOf(process)} is watched, the oldest, and not ${others.slice(0, 5).join(', ')}${more}`;
}

/** Without what could not be told. */
function known(values: ProcessValues): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [figure, value] of Object.entries(values)) {
    if (value !== undefined && Number.isFinite(value)) found[figure] = value;
  }
  return found;
}
