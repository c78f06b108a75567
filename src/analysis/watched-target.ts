// Which monitors watch the target, and not the load generator, and what the generator takes of a machine that both share.
// Used by the recommendations, the bottlenecks, the capacity plan and drift.ts.

import type { MonitorRecord } from '../model/monitor.ts';
import type { Measurements } from '../model/run-record.ts';
import { plannedServers } from '../protocols/planned-servers.ts';
import { generatorMonitor } from '../suite/monitor-settings.ts';

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i;

/** A monitor of this machine watches the target only where the target is on this machine. */
export function watchesTarget(measured: Measurements, name: string, monitor: MonitorRecord): boolean {
  if (name === generatorMonitor) return false;
  return !isOfThisMachine(measured, name, monitor) || runsHere(measured);
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

/**
 * Whether the target, or a part of it, runs on the machine of the load generator: by the addresses that are loaded. A target
 * without any is elsewhere, as far as anybody knows.
 */
export function runsHere({ plan, target }: Measurements): boolean {
  const urls = [target.baseUrl, plan.baseUrl, ...plannedServers(plan).map(({ url }) => url)];
  return urls.some((url) => typeof url === 'string' && isOfThisAddress(url));
}

function isOfThisAddress(url: string): boolean {
  if (!URL.canParse(url)) return url.startsWith('http+unix:');
  const { protocol, hostname } = new URL(url);
  // A server without a host is reached by a socket file.
  return protocol.endsWith('+unix:') || hostname === '' || loopback.test(hostname);
}
