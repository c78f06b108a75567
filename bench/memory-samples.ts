// From samples of a process tree to the figures that are told: peaks of the sums, and medians by process.

import type { ProcessUse } from './process-tree.ts';
import type { MemorySample } from './processes.ts';
import { median } from './rounds.ts';

export type Role = 'coordinator' | 'worker' | 'other';

/** What a process of Plimsoll's is; `other` is what lives only for a moment, such as the bundler. */
function roleOf({ command }: ProcessUse): Role {
  if (/\bworker\.js\b/.test(command)) return 'worker';
  return /\bplimsoll\.js\b/.test(command) ? 'coordinator' : 'other';
}

export interface Memory {
  readonly rssBytes: number;
  readonly pssBytes: number;
}

/** The highest sum over all processes alive at once; RSS and PSS may have theirs at different moments. */
export function peakOf(samples: readonly MemorySample[]): Memory {
  const sums = samples.map(({ processes }) => sumOf(processes));
  return {
    rssBytes: Math.max(...sums.map(({ rssBytes }) => rssBytes)),
    pssBytes: Math.max(...sums.map(({ pssBytes }) => pssBytes)),
  };
}

function sumOf(processes: readonly ProcessUse[]): Memory {
  return {
    rssBytes: processes.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
    pssBytes: processes.reduce((sum, { pssBytes }) => sum + pssBytes, 0),
  };
}

export interface RoleMemory {
  readonly peakRssBytes: number;
  /** Median of the samples in the second half of the command's life. */
  readonly steadyRssBytes: number;
}

/** Memory by role, all processes of a role added up. Roles that were never seen hold zeros. */
export function memoryByRole(samples: readonly MemorySample[]): Readonly<Record<Role, RoleMemory>> {
  const halfAtMs = (samples.at(-1)?.atMs ?? 0) / 2;
  const of = (role: Role): RoleMemory => {
    const sums = samples.map(({ atMs, processes }) => ({
      atMs,
      rssBytes: sumOf(processes.filter((each) => roleOf(each) === role)).rssBytes,
    }));
    return {
      peakRssBytes: Math.max(0, ...sums.map(({ rssBytes }) => rssBytes)),
      steadyRssBytes: median(sums.filter(({ atMs }) => atMs >= halfAtMs).map(({ rssBytes }) => rssBytes)),
    };
  };
  return { coordinator: of('coordinator'), worker: of('worker'), other: of('other') };
}

/** Decimal megabytes, as the floors are meant: `164.2 MB`. */
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
