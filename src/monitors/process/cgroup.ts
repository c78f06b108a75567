// The limits of the container (cgroup) that a process is in, and how much of them is used. Used by ../process.ts.
// Sources: Documentation/admin-guide/cgroup-v2.rst of the kernel; cgroup-v1/memory.rst and scheduler/sched-bwc.rst.

import { existsSync, readFileSync } from 'node:fs';

/** As they stand at one look, by the nearest group that has the limit; parts without a limit are `undefined`. */
export interface CgroupState {
  readonly cpu?: {
    readonly cores: number;
    readonly usedUs: number;
    readonly periods: number;
    readonly throttledPeriods: number;
  };
  readonly memory?: { readonly limitBytes: number; readonly usedBytes: number };
}

/** Folders of the groups that have limits. */
interface Limited {
  readonly cpu?: Group;
  readonly memory?: Group;
}

interface Group {
  readonly version: 1 | 2;
  readonly folder: string;
  /** Version 1 accounts for CPU time in another hierarchy. */
  readonly usageFolder?: string;
}

/** Limits are seldom changed while a process runs: folders are searched again after so many looks. */
const looksPerSearch = 12;
/** Version 1 tells "no limit" as the greatest multiple of a page that fits. No machine has 4 PiB. */
const noLimitBytes = 2 ** 52;

export class Cgroups {
  readonly #root: string;
  #text = '';
  #looks = 0;
  #limited: Limited = {};

  /** `root` is the folder that holds `sys`: empty except in tests. */
  constructor(root: string) {
    this.#root = root;
  }

  /** @param cgroup what /proc/<pid>/cgroup says. */
  look(cgroup: string): CgroupState {
    if (cgroup !== this.#text || this.#looks++ % looksPerSearch === 0) {
      this.#text = cgroup;
      this.#limited = findLimited(`${this.#root}/sys/fs/cgroup`, parseCgroup(cgroup));
    }
    const { cpu, memory } = this.#limited;
    const cpuState = cpu === undefined ? undefined : readCpu(cpu);
    const memoryState = memory === undefined ? undefined : readMemory(memory);
    return {
      ...(cpuState !== undefined && { cpu: cpuState }),
      ...(memoryState !== undefined && { memory: memoryState }),
    };
  }
}

/** Paths of the groups of a process by controller; version 2 has one for all, under the empty name. */
export function parseCgroup(text: string): Map<string, string> {
  const paths = new Map<string, string>();
  for (const line of text.split('\n')) {
    const found = /^\d+:([^:]*):(\/.*)$/.exec(line);
    for (const controller of found?.[1]?.split(',') ?? []) paths.set(controller, found?.[2] ?? '/');
  }
  return paths;
}

function findLimited(mount: string, paths: ReadonlyMap<string, string>): Limited {
  const cpu = findCpu(mount, paths);
  const memory = findMemory(mount, paths);
  return { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
}

function findCpu(mount: string, paths: ReadonlyMap<string, string>): Group | undefined {
  const found = upwards(mount, paths.get('')).find((folder) => coresOf({ version: 2, folder }) !== undefined);
  if (found !== undefined) return { version: 2, folder: found };
  for (const folder of upwards(`${mount}/cpu`, paths.get('cpu'))) {
    if (coresOf({ version: 1, folder }) === undefined) continue;
    return { version: 1, folder, usageFolder: folder.replace(`${mount}/cpu`, `${mount}/cpuacct`) };
  }
  return undefined;
}

function findMemory(mount: string, paths: ReadonlyMap<string, string>): Group | undefined {
  const candidates: Group[] = [
    ...upwards(mount, paths.get('')).map((folder) => ({ version: 2 as const, folder })),
    ...upwards(`${mount}/memory`, paths.get('memory')).map((folder) => ({ version: 1 as const, folder })),
  ];
  return candidates.find((group) => limitBytesOf(group) !== undefined);
}

/**
 * The folder of a group and those above it, up to the mount. Within a container with the host's paths and its own mount
 * there is no such folder: there the mount itself is the group.
 */
function upwards(mount: string, path: string | undefined): string[] {
  // A path that begins with `..` is outside of what we see.
  if (path === undefined || path.startsWith('/..') || !existsSync(mount)) return [];
  const folders: string[] = [];
  for (let at = path === '/' ? '' : path; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    if (existsSync(mount + at)) folders.push(mount + at);
  }
  return [...folders, mount];
}

/** CPU time per time that the group may use. */
function coresOf({ version, folder }: Group): number | undefined {
  const [quota, period] =
    version === 2
      ? textOf(`${folder}/cpu.max`).trim().split(' ').map(Number)
      : [numberOf(`${folder}/cpu.cfs_quota_us`), numberOf(`${folder}/cpu.cfs_period_us`)];
  // `max` of version 2 is no number, -1 of version 1 means the same.
  return quota !== undefined && period !== undefined && quota > 0 && period > 0 ? quota / period : undefined;
}

function limitBytesOf({ version, folder }: Group): number | undefined {
  const bytes = numberOf(`${folder}/${version === 2 ? 'memory.max' : 'memory.limit_in_bytes'}`);
  return bytes !== undefined && bytes < noLimitBytes ? bytes : undefined;
}

function readCpu(group: Group): CgroupState['cpu'] {
  const cores = coresOf(group);
  const stat = textOf(`${group.folder}/cpu.stat`);
  const usedUs =
    group.version === 2
      ? fieldOf(stat, 'usage_usec')
      : numberOf(`${group.usageFolder}/cpuacct.usage`, 1 / 1000);
  const [periods, throttledPeriods] = [fieldOf(stat, 'nr_periods'), fieldOf(stat, 'nr_throttled')];
  if (
    cores === undefined ||
    usedUs === undefined ||
    periods === undefined ||
    throttledPeriods === undefined
  ) {
    return undefined;
  }
  return { cores, usedUs, periods, throttledPeriods };
}

/** Without pages of files that were not used lately: the kernel gives them up first. So do kubelet and `docker stats`. */
function readMemory(group: Group): CgroupState['memory'] {
  const limitBytes = limitBytesOf(group);
  const [current, inactive] =
    group.version === 2
      ? ['memory.current', 'inactive_file']
      : ['memory.usage_in_bytes', 'total_inactive_file'];
  const bytes = numberOf(`${group.folder}/${current}`);
  if (limitBytes === undefined || bytes === undefined) return undefined;
  const inactiveBytes = fieldOf(textOf(`${group.folder}/memory.stat`), inactive) ?? 0;
  return { limitBytes, usedBytes: Math.max(0, bytes - inactiveBytes) };
}

function fieldOf(text: string, name: string): number | undefined {
  const found = new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

function numberOf(file: string, scale = 1): number | undefined {
  const text = textOf(file).trim();
  return /^-?\d+$/.test(text) ? Number(text) * scale : undefined;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
