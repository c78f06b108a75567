// The servers that protocols talk to beside the target at the base URL, such as a suite's database: those of a plan, and the
// keys that name them.

import type { Plan } from '../model/plan.ts';
import type { ServersInSuites } from './registry.ts';
import type { ServerSettings } from './settings.ts';
import { protocolSettings } from './settings-registry.ts';

export interface PlannedServer {
  readonly server: ServerSettings;
  /** Its part of the plan. */
  readonly planned: object;
  /** Without its password; absent when neither the suite nor a variable names it. */
  readonly url: string | undefined;
}

/** In the order of the list of settings. */
export function plannedServers(plan: object): PlannedServer[] {
  return protocolSettings.flatMap(({ name, server }) => {
    const planned = (plan as Readonly<Record<string, { readonly url?: string } | undefined>>)[name];
    return server === undefined || planned === undefined ? [] : [{ server, planned, url: planned.url }];
  });
}

const names = new Set(protocolSettings.filter(({ server }) => server !== undefined).map(({ name }) => name));

/** What a suite or a profile says of servers. */
export function serversOf(from: ServersInSuites): ServersInSuites {
  return Object.fromEntries(Object.entries(from).filter(([key]) => names.has(key)));
}

/** A plan that talks to no servers. */
export function withoutServers(plan: Plan): Plan {
  return Object.fromEntries(Object.entries(plan).filter(([key]) => !names.has(key))) as unknown as Plan;
}
