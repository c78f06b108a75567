// What this machine allows a worker process: open files and local ports. Asked by run/drive.ts before the load, so that
// a plan that cannot be carried out says so at its beginning.

import { readFile } from 'node:fs/promises';
import { durationOf, maxVusOf } from '../executors/of-plan.ts';
import type { Plan, ScenarioPlan } from '../model/plan.ts';
import { formatCount } from '../text/format-figure.ts';

/** Keys are absent where the machine does not tell. */
export interface MachineLimits {
  /** Open files per process. */
  readonly openFiles?: number;
  /** Local ports for connections from one address to one address and port. */
  readonly localPorts?: number;
}

/** Descriptors that a worker has open without any connection, and some to spare. */
const ownDescriptors = 40;

/** Reads the limits from `/proc`; both are absent on systems without it. */
export async function readMachineLimits(): Promise<MachineLimits> {
  const [limits, range] = await Promise.all([
    readFile('/proc/self/limits', 'utf8').catch(() => ''),
    readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(() => ''),
  ]);
  // Node raises the soft limit to the hard one when it starts, in workers, too.
  const openFiles = /^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1];
  const ports = /^(\d+)\s+(\d+)/.exec(range);
  return {
    ...(openFiles !== undefined && { openFiles: Number(openFiles) }),
    ...(ports !== null && { localPorts: Number(ports[2]) - Number(ports[1]) + 1 }),
  };
}

/** One sentence for each limit that the plan's users, with a single connection each, may reach. */
export function limitWarnings(plan: Plan, { openFiles, localPorts }: MachineLimits): string[] {
  const users = mostUsers(plan.scenarios);
  const perWorker = Math.ceil(users / plan.workers);
  const warnings: string[] = [];
  if (openFiles !== undefined && perWorker + ownDescriptors > openFiles) {
    warnings.push(
      `up to ${formatCount(perWorker, 'virtual user')} per worker need as many connections or more (at most ${plan.http.connectionsPerHost} each per host), but a process may open ${formatCount(openFiles, 'file')}: raise the limit with "ulimit -n ${perWorker * 2 + ownDescriptors}", or use more --workers`,
    );
  }
  const addresses = Math.max(1, plan.http.localAddresses?.length ?? 1);
  if (localPorts !== undefined && users > localPorts * addresses && plan.http.socketPath === undefined) {
    warnings.push(
      `up to ${formatCount(users, 'virtual user')} need as many connections or more, but this machine has ${formatCount(localPorts, 'port')} per local address, of which the plan has ${addresses}: widen net.ipv4.ip_local_port_range, or name more addresses in http.localAddresses`,
    );
  }
  return warnings;
}

/** The most VUs that exist at one time. */
function mostUsers(scenarios: readonly ScenarioPlan[]): number {
  const activeAt = (atMs: number): number =>
    scenarios
      .filter(({ startAtMs, executor, gracefulStopMs }) => {
        return startAtMs <= atMs && atMs < startAtMs + durationOf(executor) + gracefulStopMs;
      })
      .reduce((sum, { executor }) => sum + maxVusOf(executor), 0);
  return Math.max(0, ...scenarios.map(({ startAtMs }) => activeAt(startAtMs)));
}
