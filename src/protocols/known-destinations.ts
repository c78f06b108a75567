// What a plan is known to contact before it has begun, and what the guard thinks of it. Called by run/check-target.ts
// and run/drive.ts, and by `inspect` and `--dry-run`. What the suite's own code contacts shows only when it does; then
// the dialer asks the guard.

import { SafetyError } from '../model/errors.ts';
import type { GuardSettings } from '../model/guard.ts';
import type { HttpSecrets } from '../model/http-secrets.ts';
import type { MonitorSource } from '../model/monitor-settings.ts';
import type { Plan } from '../model/plan.ts';
import type { UserDefinition } from '../model/suite.ts';
import { authorityOf, type Destination, directTo } from '../network/destination.ts';
import { TrafficGuard } from '../network/traffic-guard.ts';
import { destinationOf } from './http/dial.ts';
import { Routes } from './http/route.ts';
import { TargetResolver } from './http/target.ts';
import { plannedServers } from './planned-servers.ts';
import { serverDestination } from './settings-registry.ts';

export interface KnownDestination {
  /** What goes there: `target`, the label of a server such as `database`, `requests`, `monitor db`. */
  readonly what: string;
  /** Without secrets. */
  readonly url: string;
  readonly destination: Destination;
  /** It is only looked at. */
  readonly isWatched: boolean;
}

/** In the order in which they would be contacted. `users` are the suite's. */
export function knownDestinations(
  plan: Plan,
  secrets: HttpSecrets,
  users: Readonly<Record<string, UserDefinition>>,
): KnownDestination[] {
  const http = new TargetResolver(plan.baseUrl, 'path', new Routes(plan.http, secrets));
  const { baseUrl, monitors = [] } = plan;
  const loaded = (what: string, url: string, destination: Destination): KnownDestination => ({
    what,
    url,
    destination,
    isWatched: false,
  });
  const known: KnownDestination[] = [];
  if (baseUrl !== undefined) known.push(loaded('target', baseUrl, destinationOf(http.resolve('/').origin)));
  for (const { server, url } of plannedServers(plan)) {
    if (url !== undefined) known.push(loaded(server.label, url, server.destinationOf(url)));
  }
  for (const url of originsOfRequests(plan, users)) {
    const { origin } = http.resolve(url);
    if (known.every(({ url: other }) => other !== origin.key && other !== `${origin.key}/`))
      known.push(loaded('requests', origin.key, destinationOf(origin)));
  }
  for (const { name, to } of plan.proxies ?? []) {
    const { host, port } = to;
    known.push(loaded(`behind the proxy ${name}`, authorityOf(host, port), directTo(host, port)));
  }
  for (const { name, place, proxy } of plan.faults ?? []) {
    // What stands behind a proxy is named already.
    if (place === undefined || proxy !== undefined) continue;
    const { host, port } = place;
    known.push(loaded(`fault ${name}`, authorityOf(host, port), directTo(host, port)));
  }
  for (const { name, source } of monitors) {
    const url = urlOf(source);
    if (url === undefined) continue;
    known.push({ what: `monitor ${name}`, url, destination: ofMonitor(url), isWatched: true });
  }
  return known;
}

/** Origins of requests that are written as data, where no template stands in them. */
function originsOfRequests(plan: Plan, users: Readonly<Record<string, UserDefinition>>): Set<string> {
  const names = new Set(plan.scenarios.flatMap((scenario) => scenario.users.map(({ name }) => name)));
  const origins = new Set<string>();
  for (const [name, { tasks = {}, flow = {}, onStart, onStop }] of Object.entries(users)) {
    if (!names.has(name)) continue;
    const hooks = [onStart, onStop].flatMap((hook) => (typeof hook === 'object' ? [hook] : []));
    for (const { requests = [] } of [...hooks, ...Object.values(tasks), ...Object.values(flow)]) {
      for (const { url } of requests) {
        const origin = /^https?:\/\/[^/?#$]+(?=[/?#]|$)/i.exec(url)?.[0];
        if (origin !== undefined && URL.canParse(origin)) origins.add(origin);
      }
    }
  }
  return origins;
}

function urlOf(source: MonitorSource): string | undefined {
  switch (source.kind) {
    case 'host':
      return source.nodeExporter;
    case 'process':
      return source.metrics;
    case 'otlp':
    case 'log':
      return undefined;
    default:
      return source.url;
  }
}

function ofMonitor(text: string): Destination {
  const server = serverDestination(text);
  if (server !== undefined) return server;
  const { protocol, hostname, port } = new URL(text);
  const usual = protocol === 'https:' ? 443 : 80;
  return directTo(hostname.replace(/^\[|\]$/g, ''), port === '' ? usual : Number(port));
}

/** Why the guard would refuse it, as a clause; `undefined` when it would not, as far as that shows without a look-up. */
export function signOf(
  { destination, isWatched }: KnownDestination,
  settings: GuardSettings,
): string | undefined {
  const guard = new TrafficGuard(isWatched ? forWatching(settings) : settings);
  return guard.refuseName(destination)?.refusal.reason;
}

/** The name of an environment says what is loaded, not what stands beside it. */
export function forWatching(settings: GuardSettings): GuardSettings {
  return { ...settings, environmentSigns: [] };
}

/** Throws a `SafetyError` (exit 4) for the first that looks like production, with the ways on in its hint. */
export function assertSafe(known: readonly KnownDestination[], settings: GuardSettings): void {
  const { environmentSigns, allowedHosts } = settings;
  if (known.length === 0 && environmentSigns.length > 0 && allowedHosts.length === 0) {
    throw refused('to load the target', environmentSigns.join('; '));
  }
  for (const one of known) {
    const sign = signOf(one, settings);
    if (sign === undefined) continue;
    const { what, url, isWatched } = one;
    throw refused(isWatched ? `to read ${url} (${what})` : `to load ${url}`, sign);
  }
}

function refused(what: string, sign: string): SafetyError {
  return new SafetyError(`refused ${what}, which looks like production: ${sign}`, {
    hint: "choose another environment with --env and --base-url, list the host in the suite's safety.allowedHosts, or add --force if you are sure",
  });
}
