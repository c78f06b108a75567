// One look at a machine without /proc (macOS, Windows), by what Node tells of it. Made by ../host.ts.

import { cpus, freemem, loadavg, platform, totalmem } from 'node:os';
import { monotonicMs } from '../../time/clock.ts';
import { cpuShares, type HostValues } from './linux.ts';
import type { CpuTicks } from './proc-text.ts';

export class AnyHost {
  readonly #leastSpanMs: number;
  #before: { readonly ticks: CpuTicks; readonly atMs: number } | undefined;

  constructor(leastSpanMs: number) {
    this.#leastSpanMs = leastSpanMs;
  }

  /**
   * CPU, memory and, where the system has one, load. Free memory is what nobody uses for anything: caches count as
   * used, so that the figure is higher than the pressure that it stands for.
   */
  read(): HostValues {
    const ticks = cpuTicks();
    const atMs = monotonicMs();
    const before = this.#before;
    const isApart = before === undefined || atMs - before.atMs >= this.#leastSpanMs;
    if (ticks !== undefined && isApart) this.#before = { ticks, atMs };
    const [total, usedBytes] = [totalmem(), totalmem() - freemem()];
    const [load1, load5, load15] = loadavg();
    return {
      ...(before !== undefined &&
        ticks !== undefined &&
        isApart && { cpu_ratio: cpuShares(before.ticks, ticks).cpu_ratio }),
      memory_used_bytes: usedBytes,
      memory_used_ratio: total > 0 ? usedBytes / total : undefined,
      // Node answers with three zeros there.
      ...(platform() !== 'win32' && { load1, load5, load15 }),
    };
  }
}

/** All cores together, in ms; `undefined` where the system does not tell. */
function cpuTicks(): CpuTicks | undefined {
  const cores = cpus();
  if (cores.length === 0) return undefined;
  const sum = { total: 0, idle: 0, iowait: 0, steal: 0 };
  for (const { times } of cores) {
    sum.total += times.user + times.nice + times.sys + times.idle + times.irq;
    sum.idle += times.idle;
  }
  return sum;
}
