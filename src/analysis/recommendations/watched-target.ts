// Which monitors watch the target, and not the load generator, and what the generator takes of a machine that both share.
// Used by conditions.ts.

import type { MonitorRecord } from '../../model/monitor.ts';
import type { Measurements } from '../../model/run-record.ts';
import { plannedServers } from '../../protocols/planned-servers.ts';
import { generatorMonitor } from '../../suite/monitor-settings.ts';

/** A monitor of this machine watches the target only where the target is on this machine. */
export function watchesTarget(measured: Measurements, name: string, monitor: MonitorRecord): boolean {
  if (name === generatorMonitor) return false;
  return !isOfThisMachine(measured, name, monitor) || isTargetHere(measured);
}

/**
 * The share of the machine's CPU that the load generator's workers took on average, 0..1; 0 for the monitor of another
 * machine. `generator.cpu` is of one core and one worker.
 */
export function generatorShare(measured: Measurements, name: string, monitor: MonitorRecord): number {
  const { generator, environment, plan } = measured;
  if (monitor.kind !== 'host' || !isOfThisMachine(measured, name, monitor)) return 0;
  const cores = Math.max(1, environment.cpuCount);
  const share = (generator.cpu.avg * plan.workers) / cores;
  return Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0;
}

export function isOfThisMachine({ plan }: Measurements, name: string, { kind }: MonitorRecord): boolean {
  if (kind !== 'host') return false;
  const source = plan.monitors?.find((one) => one.name === name)?.source;
  return source?.kind !== 'host' || source.nodeExporter === undefined;
}

/** By the addresses of the plan; a target without any is elsewhere, as far as anybody knows. */
function isTargetHere({ plan }: Measurements): boolean {
  const urls =
    plan.baseUrl === undefined ? plannedServers(plan).flatMap(({ url }) => url ?? []) : [plan.baseUrl];
  return urls.length > 0 && urls.every(isLoopback);
}

function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return (
    protocol.endsWith('+unix:') || /^(localhost|127(\.\d+){3}|\[::1\])$/i.test(hostname) || hostname === ''
  );
}
