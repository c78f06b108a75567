// One look at a Linux machine through /proc. Made by ../host.ts.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { hostFigures } from '../../model/monitor-figures.ts';
import { monotonicMs } from '../../time/clock.ts';
import { chooseDisks, chooseInterfaces, DeviceTotals } from './devices.ts';
import {
  type CpuTicks,
  parseCpuTicks,
  parseDisks,
  parseField,
  parseInterfaces,
  parseLoad,
  parseMemory,
  parseOpenFiles,
  parsePressure,
  parseRetransmits,
} from './proc-text.ts';

export type HostFigure = keyof typeof hostFigures;
/** By figure; `undefined` where the machine does not tell. */
export type HostValues = Partial<Record<HostFigure, number | undefined>>;

/** Those totals of which an interval takes the difference. */
interface Before {
  readonly atMs: number;
  readonly cpu: CpuTicks | undefined;
  readonly diskBusyMs: ReadonlyMap<string, number>;
  readonly pressureUs: Readonly<Record<string, number | undefined>>;
}

const resources = ['cpu', 'memory', 'io'] as const;

/**
 * Files are read synchronously: the kernel makes their text at once, and a reading takes a fraction of the CPU time that
 * the thread pool would need.
 */
export class LinuxHost {
  readonly #root: string;
  readonly #diskTotals = new DeviceTotals(['readBytes', 'writtenBytes']);
  readonly #networkTotals = new DeviceTotals(['receivedBytes', 'sentBytes', 'errors']);
  readonly #disks: Chosen;
  readonly #interfaces: Chosen;
  #before: Before | undefined;

  readonly #leastSpanMs: number;

  /** `root` is the folder that holds `proc` and `sys`: `/` except in tests. */
  constructor(root: string, leastSpanMs: number) {
    this.#root = root;
    this.#leastSpanMs = leastSpanMs;
    const sysHas = (path: string): boolean => existsSync(`${root}/sys/${path}`);
    this.#disks = new Chosen((names) => chooseDisks(names, sysHas));
    this.#interfaces = new Chosen((names) => chooseInterfaces(names, sysHas));
  }

  /** `undefined` where there is no /proc/stat. */
  read(): HostValues | undefined {
    const stat = this.#text('stat');
    if (stat === '') return undefined;
    const disks = this.#disks.of(parseDisks(this.#text('diskstats')));
    const now: Before = {
      atMs: monotonicMs(),
      cpu: parseCpuTicks(stat),
      diskBusyMs: new Map(disks.map(({ name, busyMs }) => [name, busyMs])),
      pressureUs: Object.fromEntries(
        resources.map((resource) => [resource, parsePressure(this.#text(`pressure/${resource}`))]),
      ),
    };
    const before = this.#before;
    const isApart = before === undefined || now.atMs - before.atMs >= this.#leastSpanMs;
    if (isApart) this.#before = now;
    const memory = memoryOf(this.#text('meminfo'));
    const load = parseLoad(this.#text('loadavg'));
    const vmstat = this.#text('vmstat');
    return {
      ...(before !== undefined && isApart && sharesOf(before, now)),
      ...memory,
      load1: load?.[0],
      load5: load?.[1],
      load15: load?.[2],
      processes: this.#countProcesses(),
      threads_runnable: parseField(stat, 'procs_running'),
      open_files: parseOpenFiles(this.#text('sys/fs/file-nr')),
      ...this.#diskValues(disks),
      ...this.#networkValues(),
      tcp_retransmits: parseRetransmits(this.#text('net/snmp')),
      major_faults: parseField(vmstat, 'pgmajfault'),
      oom_kills: parseField(vmstat, 'oom_kill'),
    };
  }

  #diskValues(disks: ReturnType<typeof parseDisks>): HostValues {
    if (disks.length === 0) return {};
    const { readBytes, writtenBytes } = this.#diskTotals.add(disks);
    return { disk_read_bytes: readBytes, disk_written_bytes: writtenBytes };
  }

  #networkValues(): HostValues {
    const interfaces = this.#interfaces.of(parseInterfaces(this.#text('net/dev')));
    if (interfaces.length === 0) return {};
    const { receivedBytes, sentBytes, errors } = this.#networkTotals.add(interfaces);
    return {
      network_received_bytes: receivedBytes,
      network_sent_bytes: sentBytes,
      network_errors: errors,
    };
  }

  /** /proc/loadavg counts threads only. */
  #countProcesses(): number {
    let count = 0;
    for (const name of readdirSync(`${this.#root}/proc`)) {
      const first = name.charCodeAt(0);
      if (first >= 48 && first <= 57) count++;
    }
    return count;
  }

  /** A file of /proc; empty where it is missing, forbidden or switched off. */
  #text(name: string): string {
    try {
      return readFileSync(`${this.#root}/proc/${name}`, 'utf8');
    } catch {
      return '';
    }
  }
}

/** Picks devices by name, and asks again which ones only when other names are there. */
class Chosen {
  readonly #choose: (names: readonly string[]) => Set<string>;
  #names = '';
  #chosen: ReadonlySet<string> = new Set();

  constructor(choose: (names: readonly string[]) => Set<string>) {
    this.#choose = choose;
  }

  of<Device extends { readonly name: string }>(devices: readonly Device[]): Device[] {
    const names = devices.map(({ name }) => name);
    const joined = names.join(' ');
    if (joined !== this.#names) {
      this.#names = joined;
      this.#chosen = this.#choose(names);
    }
    return devices.filter(({ name }) => this.#chosen.has(name));
  }
}

function memoryOf(meminfo: string): HostValues {
  const total = parseMemory(meminfo, 'MemTotal');
  const available = parseMemory(meminfo, 'MemAvailable');
  const swap = parseMemory(meminfo, 'SwapTotal');
  const swapFree = parseMemory(meminfo, 'SwapFree');
  return {
    ...(total !== undefined &&
      available !== undefined && {
        memory_used_bytes: total - available,
        memory_used_ratio: ratio(total - available, total),
      }),
    ...(swap !== undefined && swapFree !== undefined && { swap_used_bytes: swap - swapFree }),
  };
}

/** What is a share of the time between two looks. */
function sharesOf(before: Before, now: Before): HostValues {
  const overMs = now.atMs - before.atMs;
  const busyRatios = [...now.diskBusyMs].flatMap(([name, busyMs]) => {
    const busyMsBefore = before.diskBusyMs.get(name);
    // The kernel keeps this field in 32 bits: it starts again from 0 after 49 days of work.
    return busyMsBefore === undefined || busyMs < busyMsBefore
      ? []
      : (ratio(busyMs - busyMsBefore, overMs) ?? []);
  });
  const pressure = (resource: (typeof resources)[number]): number | undefined => {
    const [us, usBefore] = [now.pressureUs[resource], before.pressureUs[resource]];
    return us === undefined || usBefore === undefined ? undefined : ratio(us - usBefore, overMs * 1000);
  };
  return {
    ...(before.cpu !== undefined && now.cpu !== undefined && cpuShares(before.cpu, now.cpu)),
    disk_busy_ratio: busyRatios.length > 0 ? Math.max(...busyRatios) : undefined,
    cpu_pressure_ratio: pressure('cpu'),
    memory_pressure_ratio: pressure('memory'),
    io_pressure_ratio: pressure('io'),
  };
}

/**
 * Shares of CPU time. Busy is all that was neither idle nor waiting for disks; stolen time counts as busy, since there
 * was work and no more to be had.
 */
export function cpuShares(before: CpuTicks, now: CpuTicks): HostValues {
  // Idle and iowait may step back by a few ticks when a core is taken offline. Source: proc(5), "iowait".
  const gained = (part: keyof CpuTicks): number => Math.max(0, now[part] - before[part]);
  const total = gained('total');
  return {
    cpu_ratio: ratio(total - gained('idle') - gained('iowait'), total),
    cpu_iowait_ratio: ratio(gained('iowait'), total),
    cpu_steal_ratio: ratio(gained('steal'), total),
  };
}

/** Between 0 and 1; `undefined` of nothing. */
function ratio(part: number, whole: number): number | undefined {
  return whole > 0 ? Math.min(1, Math.max(0, part / whole)) : undefined;
}
