// Faults, proxies and processes of a suite become a part of its plan, without secrets, and what is done to begin and to end
// each fault, with them. Called by plan.ts, and by run/rig.ts, which does it.

import { publicUrl } from '../masking/url-secrets.ts';
import { UsageError } from '../model/errors.ts';
import type {
  ExpectationPlan,
  FaultDefinition,
  FaultPlan,
  FaultRequest,
  ProcessPlan,
  ProxyPlan,
} from '../model/fault.ts';
import type { FaultAction, NetworkFault } from '../model/fault-action.ts';
import type { MetricDefinition } from '../model/metric.ts';
import type { Plan } from '../model/plan.ts';
import type { ProfileDefinition, SuiteDefinition } from '../model/suite.ts';
import { authorityOf } from '../network/destination.ts';
import { isOwnName } from '../network/own-names.ts';
import { publicRedisUrl } from '../protocols/redis/redis-url.ts';
import { parseExpectation, parsePlace, parseShare } from '../suite/fault-expectation.ts';
import { msOf } from '../time/duration.ts';

const defaultReadyWithin = '30s';
/** How long a fault that is over at once is looked at. */
const defaultLookedAt = '10s';
const defaultFlat = '1%';

/** The proxies and processes of a suite with those of a profile: what must be there before its load. */
export function rigOf(
  suite: Pick<SuiteDefinition, 'proxies' | 'processes'>,
  profile: Pick<ProfileDefinition, 'proxies' | 'processes'> = {},
): Required<Pick<SuiteDefinition, 'proxies' | 'processes'>> {
  return {
    proxies: { ...suite.proxies, ...profile.proxies },
    processes: { ...suite.processes, ...profile.processes },
  };
}

type RigDefinition = ReturnType<typeof rigOf>;

/** Its plan; empty without any. Throws a `UsageError` for a proxy before a base URL that is none, or no host and port. */
export function planRig(
  { proxies, processes }: RigDefinition,
  baseUrl: string | undefined,
): Pick<Plan, 'proxies' | 'processes'> {
  const plannedProxies = Object.entries(proxies).map(([name, { listen, to }]): ProxyPlan => {
    if (listen !== undefined && to !== undefined)
      return { name, listen: parsePlace(listen)!, to: parsePlace(to)! };
    return {
      name,
      listen: { host: '127.0.0.1', port: 0 },
      to: placeOfBase(name, baseUrl),
      isBeforeLoad: true,
    };
  });
  const plannedProcesses = Object.entries(processes).map(
    ([name, { command, ready, readyWithin = defaultReadyWithin }]): ProcessPlan => ({
      ...{ name, command, ready: ready.startsWith('http') ? publicUrl(ready) : ready },
      readyWithinMs: msOf(readyWithin),
    }),
  );
  return {
    ...(plannedProxies.length > 0 && { proxies: plannedProxies }),
    ...(plannedProcesses.length > 0 && { processes: plannedProcesses }),
  };
}

function placeOfBase(name: string, baseUrl: string | undefined): ProxyPlan['to'] {
  const place = parsePlace(baseUrl);
  if (place !== undefined) return place;
  throw new UsageError(`proxies.${name}: it stands before the base URL, which is ${baseUrl ?? 'not set'}`, {
    hint: 'give a base URL with a host, or give the proxy the addresses `listen` and `to`',
  });
}

/** What a base URL leads to: of one that is a proxy's address, the URL of what stands behind it, so that monitors see that. */
export function behindProxy(
  baseUrl: string | undefined,
  { proxies = {} }: Pick<SuiteDefinition, 'proxies'>,
): string | undefined {
  const own = parsePlace(baseUrl);
  if (baseUrl === undefined || own === undefined) return baseUrl;
  const found = Object.values(proxies).find(
    ({ listen }) => listen !== undefined && parsePlace(listen)!.port === own.port && isOwnName(own.host),
  );
  if (found === undefined) return baseUrl;
  const { host, port } = parsePlace(found.to)!;
  const url = new URL(baseUrl);
  url.host = authorityOf(host, port);
  return url.href;
}

type Faults = Readonly<Record<string, FaultDefinition>>;

/**
 * The faults of a profile with the paths of their requests at the base URL. Throws a `UsageError` for a path where there is
 * no base URL.
 */
export function faultsAt(faults: Faults = {}, baseUrl: string | undefined): Faults {
  const at = (name: string, request: FaultRequest): FaultRequest => {
    if (!request.url.startsWith('/')) return request;
    if (baseUrl === undefined) {
      throw new UsageError(
        `faults.${name}: ${request.url} is relative to baseUrl, which the suite does not set`,
      );
    }
    return { ...request, url: `${baseUrl.replace(/\/+$/, '')}${request.url}` };
  };
  const placed = Object.entries(faults).map(([name, fault]): [string, FaultDefinition] => {
    if (fault.kind === 'switch') {
      return [name, { ...fault, start: at(name, fault.start), end: at(name, fault.end) }];
    }
    if (fault.kind !== 'flush' || fault.request === undefined) return [name, fault];
    return [name, { ...fault, request: at(name, fault.request) }];
  });
  return Object.fromEntries(placed);
}

/** The faults of a profile, ascending by the time at which they begin. */
export function planFaults(
  { proxies = [] }: Pick<Plan, 'proxies'>,
  faults: Faults,
  metrics: Readonly<Record<string, MetricDefinition>>,
): Pick<Plan, 'faults'> {
  const planned = Object.entries(faults).map(
    ([name, fault]): FaultPlan => ({
      ...{ name, title: fault.title ?? name.replaceAll('_', ' '), kind: fault.kind },
      ...subjectOf(fault, proxies),
      atMs: msOf(fault.at),
      forMs: lengthOf(fault),
      ...('proxy' in fault && { proxy: fault.proxy }),
      ...('process' in fault && { process: fault.process }),
      ...(fault.kind === 'latency' && { delayMs: msOf(fault.delay), jitterMs: msOf(fault.jitter ?? 0) }),
      ...(fault.kind === 'bandwidth' && { bytesPerSec: fault.bytesPerSec }),
      expect: expectationsOf(fault, metrics),
    }),
  );
  return planned.length === 0 ? {} : { faults: planned.sort((a, b) => a.atMs - b.atMs) };
}

function lengthOf(fault: FaultDefinition): number | null {
  if (fault.for !== undefined) return msOf(fault.for);
  return fault.kind === 'kill' ? null : msOf(defaultLookedAt);
}

function subjectOf(fault: FaultDefinition, proxies: readonly ProxyPlan[]): Pick<FaultPlan, 'on' | 'place'> {
  if ('proxy' in fault) {
    const place = proxies.find(({ name }) => name === fault.proxy)!.to;
    return { on: `proxy ${fault.proxy} before ${authorityOf(place.host, place.port)}`, place };
  }
  if ('process' in fault) return { on: `process ${fault.process}` };
  const request = fault.kind === 'switch' ? fault.start : fault.request;
  if (request !== undefined) {
    return {
      on: `${request.method ?? 'GET'} ${publicUrl(request.url)}`,
      place: parsePlace(request.url)!,
    };
  }
  const url = (fault as { readonly redis: string }).redis;
  return { on: `FLUSHDB on ${publicRedisUrl(url)}`, place: parsePlace(url)! };
}

function expectationsOf(
  { expect = {} }: FaultDefinition,
  metrics: Readonly<Record<string, MetricDefinition>>,
): ExpectationPlan[] {
  const { reach = [], return: returns = [], othersFlat, recovery, failover, noStale, cost } = expect;
  const conditions = (kind: 'reach' | 'return', expressions: readonly string[]): ExpectationPlan[] =>
    expressions.flatMap((expression) => {
      const parsed = parseExpectation(expression, metrics);
      return 'expected' in parsed ? [] : [{ kind, expression, ...parsed }];
    });
  return [
    ...conditions('reach', reach),
    ...(failover === undefined ? [] : [{ kind: 'failover', withinMs: msOf(failover) } as const]),
    ...(othersFlat === undefined
      ? []
      : [
          {
            kind: 'others-flat',
            affected: othersFlat.affected,
            mostRatio: parseShare(othersFlat.most ?? defaultFlat)!,
          } as const,
        ]),
    ...(noStale === undefined
      ? []
      : [{ kind: 'no-stale', metric: noStale.metric, afterMs: msOf(noStale.after) } as const]),
    ...(cost === undefined ? [] : [{ kind: 'cost', mostRatio: parseShare(cost)! } as const]),
    ...conditions('return', returns),
    ...(recovery === undefined ? [] : [{ kind: 'recovery', withinMs: msOf(recovery) } as const]),
  ];
}

/** What is done to begin and to end each of a profile's faults, by name. */
export function faultActions(faults: Faults): ReadonlyMap<string, FaultAction> {
  return new Map(Object.entries(faults).map(([name, fault]) => [name, actionOf(fault)]));
}

function actionOf(fault: FaultDefinition): FaultAction {
  switch (fault.kind) {
    case 'latency':
    case 'bandwidth':
    case 'reset':
    case 'refuse':
    case 'black-hole':
      return { on: 'proxy', proxy: fault.proxy, fault: networkFault(fault) };
    case 'kill':
    case 'pause':
    case 'restart':
      return { on: 'process', process: fault.process, does: fault.kind };
    case 'switch':
      return { on: 'http', start: fault.start, end: fault.end };
    case 'flush':
      return fault.request === undefined
        ? { on: 'redis', url: fault.redis! }
        : { on: 'http', start: fault.request };
  }
}

function networkFault(fault: Extract<FaultDefinition, { proxy: string }>): NetworkFault {
  switch (fault.kind) {
    case 'latency':
      return { kind: 'latency', delayMs: msOf(fault.delay), jitterMs: msOf(fault.jitter ?? 0) };
    case 'bandwidth':
      return { kind: 'bandwidth', bytesPerSec: fault.bytesPerSec };
    default:
      return { kind: fault.kind };
  }
}
