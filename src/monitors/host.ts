// Watches this machine: CPU, memory, load, disks, network. Made by monitors.ts; another machine is watched by
// node-exporter.ts.

import type { Reading } from '../model/monitor.ts';
import type { SourceOf } from '../model/monitor-settings.ts';
import { AnyHost } from './host/any-system.ts';
import { type HostValues, LinuxHost } from './host/linux.ts';
import { leastSpanMs } from './least-span.ts';
import type { Monitor } from './monitor.ts';

export interface HostMonitorDeps {
  /** The folder that holds `proc` and `sys`; `/` when absent. */
  readonly root?: string;
  /** Shares of less time are not told; `leastSpanMs` when absent. */
  readonly leastSpanMs?: number;
}

/**
 * A monitor of this machine, by /proc on Linux, elsewhere by the few figures that Node knows. What the machine does not
 * tell is left out: files that a container or an old kernel lacks are no error. Shares of time (CPU, busiest disk,
 * pressure) are those since the reading before, so that the first reading has none.
 *
 * Disks are whole disks; partitions, loop devices, RAM disks and volumes on top of disks are not counted again. Network
 * bytes leave out `lo`, so that load on a target of the same machine does not show there, and interfaces made of
 * others. TCP segments sent again are those of the whole machine, `lo` included.
 */
export function createHostMonitor(
  _source: SourceOf<'host'>,
  { root = '', leastSpanMs: leastMs = leastSpanMs }: HostMonitorDeps = {},
): Monitor {
  const linux = new LinuxHost(root, leastMs);
  const any = new AnyHost(leastMs);
  let closed = false;
  return {
    read(signal): Promise<Reading> {
      // Work that is done at once needs no watching of the signal.
      if (closed) return Promise.reject(new Error('the monitor of this machine was closed'));
      if (signal.aborted) return Promise.reject(new Error('the reading of this machine was abandoned'));
      return Promise.resolve({ values: known(linux.read() ?? any.read()) });
    },
    close() {
      closed = true;
      return Promise.resolve();
    },
  };
}

/** Without what could not be told. */
function known(values: HostValues): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [figure, value] of Object.entries(values)) {
    if (value !== undefined && Number.isFinite(value)) found[figure] = value;
  }
  return found;
}
