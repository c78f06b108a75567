// Counts the open files of processes, and the share of the limit of the one that is nearest to it. Used by ../process.ts.

import { monotonicMs } from '../../time/clock.ts';
import type { Proc, ProcessStat } from './proc.ts';

/**
 * Up to so many, listing descriptors one by one is cheap enough for every reading; above, it is done once in a while.
 * Kernels from 6.2 on tell the number at once.
 */
const cheapCount = 2000;
const dearEveryMs = 10_000;

export interface OpenFilesValues {
  readonly open_files?: number;
  readonly open_files_ratio?: number;
}

export class OpenFiles {
  readonly #proc: Proc;
  #lastCount = 0;
  #lastAtMs = Number.NEGATIVE_INFINITY;

  constructor(proc: Proc) {
    this.#proc = proc;
  }

  /** Left out when we may not look into one of the processes, and between two counts of very many. */
  look(processes: readonly ProcessStat[]): OpenFilesValues {
    if (!this.#proc.countsAtOnce && this.#lastCount > cheapCount) {
      if (monotonicMs() - this.#lastAtMs < dearEveryMs) return {};
    }
    let count = 0;
    let ratio: number | undefined;
    for (const { pid } of processes) {
      const own = this.#proc.openFiles(pid);
      if (own === undefined) {
        if (this.#proc.stat(pid)?.zombie !== false) continue; // It ended meanwhile.
        return {};
      }
      count += own;
      const limit = this.#proc.openFilesLimit(pid);
      // Each process has a limit of its own, and the first to reach it fails.
      if (limit !== undefined && limit > 0) ratio = Math.max(ratio ?? 0, own / limit);
    }
    this.#lastCount = count;
    this.#lastAtMs = monotonicMs();
    return { open_files: count, ...(ratio !== undefined && { open_files_ratio: ratio }) };
  }
}
