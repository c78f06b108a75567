// Reads the texts of Linux's /proc about the machine as a whole: pure functions over what linux.ts has read.
// Source of all formats: proc(5) and Documentation/admin-guide/iostats.rst and Documentation/accounting/psi.rst of the kernel.

/** CPU time of all cores together since boot, in ticks. */
export interface CpuTicks {
  readonly total: number;
  readonly idle: number;
  readonly iowait: number;
  readonly steal: number;
}

/**
 * The first line of /proc/stat, with `undefined` where there is none. Time of guests is left out of the total: the
 * kernel has counted it as user time already. Kernels before 2.6.11 have no steal: it counts as 0.
 */
export function parseCpuTicks(stat: string): CpuTicks | undefined {
  const line = /^cpu +(.+)$/m.exec(stat)?.[1];
  if (line === undefined) return undefined;
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = line
    .split(' ')
    .map(Number);
  const total = user + nice + system + idle + iowait + irq + softirq + steal;
  return Number.isFinite(total) ? { total, idle, iowait, steal } : undefined;
}

/** A number behind a name at the start of a line: `procs_running 3`, `MemTotal:  24683620 kB`. */
export function parseField(text: string, name: string): number | undefined {
  const found = new RegExp(`^${name}:?\\s+(\\d+)`, 'm').exec(text);
  return found === null ? undefined : Number(found[1]);
}

/** A field of /proc/meminfo, in bytes. */
export function parseMemory(meminfo: string, name: string): number | undefined {
  const kilobytes = parseField(meminfo, name);
  return kilobytes === undefined ? undefined : kilobytes * 1024;
}

/** Means over 1, 5 and 15 minutes from /proc/loadavg. */
export function parseLoad(loadavg: string): readonly [number, number, number] | undefined {
  const found = /^([\d.]+) ([\d.]+) ([\d.]+) /.exec(loadavg);
  return found === null ? undefined : [Number(found[1]), Number(found[2]), Number(found[3])];
}

export interface DiskTotals {
  readonly name: string;
  readonly readBytes: number;
  readonly writtenBytes: number;
  /** Time in which at least one request was under way. */
  readonly busyMs: number;
}

/** The unit of /proc/diskstats whatever the disk's own sectors are. */
const sectorBytes = 512;

/** Every block device of /proc/diskstats, partitions among them. */
export function parseDisks(diskstats: string): DiskTotals[] {
  return diskstats.split('\n').flatMap((line) => {
    const [, , name, , , sectorsRead, , , , sectorsWritten, , , busyMs] = line.trim().split(/ +/);
    // Partitions of kernels before 2.6.25 have four fields only.
    if (name === undefined || busyMs === undefined) return [];
    return {
      name,
      readBytes: Number(sectorsRead) * sectorBytes,
      writtenBytes: Number(sectorsWritten) * sectorBytes,
      busyMs: Number(busyMs),
    };
  });
}

export interface InterfaceTotals {
  readonly name: string;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** Errors and drops, both ways. */
  readonly errors: number;
}

/** Every network interface of /proc/net/dev. */
export function parseInterfaces(dev: string): InterfaceTotals[] {
  return dev.split('\n').flatMap((line) => {
    const colon = line.indexOf(':');
    if (colon < 0) return [];
    const fields = line
      .slice(colon + 1)
      .trim()
      .split(/ +/)
      .map(Number);
    const [receivedBytes, , errorsIn, dropsIn, , , , , sentBytes, , errorsOut, dropsOut] = fields;
    if (receivedBytes === undefined || sentBytes === undefined) return [];
    const errors = (errorsIn ?? 0) + (dropsIn ?? 0) + (errorsOut ?? 0) + (dropsOut ?? 0);
    return { name: line.slice(0, colon).trim(), receivedBytes, sentBytes, errors };
  });
}

/** `RetransSegs` of /proc/net/snmp, where a line of names stands before a line of numbers. */
export function parseRetransmits(snmp: string): number | undefined {
  const [names = [], values = []] = [...snmp.matchAll(/^Tcp: (.+)$/gm)].map((line) => line[1]!.split(' '));
  const value = values[names.indexOf('RetransSegs')];
  return value === undefined ? undefined : Number(value);
}

/** Microseconds since boot in which some task waited, from a file of /proc/pressure. */
export function parsePressure(pressure: string): number | undefined {
  const found = /^some .*total=(\d+)/m.exec(pressure);
  return found === null ? undefined : Number(found[1]);
}

/** Open files of the whole machine, from /proc/sys/fs/file-nr: those allocated less those allocated and free. */
export function parseOpenFiles(fileNr: string): number | undefined {
  const found = /^(\d+)\s+(\d+)/.exec(fileNr);
  return found === null ? undefined : Number(found[1]) - Number(found[2]);
}
