// The protocols there are, one line each, in the order of tables and plans. Suite schema, plan, metrics, breakdowns, live
// displays, reports, error advice and workers read this list; nothing else names them all.

import type { MetricFacts, ProtocolFacts } from './facts.ts';
import { http } from './http/facts.ts';
import { redis } from './redis/facts.ts';
import { sql } from './sql/facts.ts';
import { sse } from './sse/facts.ts';
import { tcp } from './tcp/facts.ts';
import { ws } from './websocket/facts.ts';

const registry = [http, ws, sse, sql, redis, tcp] as const;

/** The same, for readers that know none of them by name. */
export const protocols: readonly ProtocolFacts[] = registry;

type Registered = (typeof registry)[number];

/** Names of all metrics of protocols. */
export type ProtocolMetric = Registered extends infer One
  ? One extends { readonly metrics: infer Metrics }
    ? keyof Metrics & string
    : never
  : never;

/** The clients in the context of tasks, by the names of their protocols. */
export type ProtocolClients = {
  readonly [One in Registered as One['name']]: NonNullable<One['client']>;
};

/** Those that `setup` and `teardown` have, too. */
export type HookProtocol = Extract<Registered, { readonly inHooks: true }>['name'];

/** What each member of a union has under a key; nothing of those that lack it. */
type EachOf<Union, Key> = Union extends unknown ? (Key extends keyof Union ? Union[Key] : never) : never;
type Settings = NonNullable<EachOf<Registered, 'settingTypes'>>;
/** All types of a union at once. */
type AllOf<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

/** The settings of protocols in suites and in profiles. */
export type SettingsInSuites = AllOf<EachOf<Settings, 'suite'>>;
/** In environments: of those that talk to a server of their own. */
export type ServersInSuites = AllOf<EachOf<Settings, 'server'>>;
export type SettingsInPlans = AllOf<EachOf<Settings, 'plan'>>;
export type ProtocolSecrets = AllOf<EachOf<Settings, 'secrets'>>;

/** Kinds of operations that protocols count. */
export type SentKind = Extract<Registered, { readonly operation: object }>['operation']['kind'];

const protocolByMetric = new Map<string, ProtocolFacts>(
  protocols.flatMap((one) => Object.keys(one.metrics).map((metric) => [metric, one])),
);

/** The protocol that records a metric; `undefined` for those of iterations, of the generator and of suites. */
export function protocolOf(metric: string): ProtocolFacts | undefined {
  return protocolByMetric.get(metric);
}

/** What is known of a metric of a protocol; `undefined` for others. */
export function metricFacts(metric: string): MetricFacts | undefined {
  return protocolByMetric.get(metric)?.metrics[metric];
}

/** URLs of the servers that a plan names beside its target, without passwords; in the order of the registry. */
export function serverUrls(plan: object): string[] {
  const planned = plan as Readonly<Record<string, { readonly url?: string } | undefined>>;
  return protocols.flatMap(({ name, settings }) => {
    const url = settings === undefined ? undefined : planned[name]?.url;
    return url === undefined ? [] : [url];
  });
}

/** Tags that tell how work came out: what was cut off does not have them, and their values are few. */
export const outcomeTags: ReadonlySet<string> = new Set(
  protocols.flatMap(({ tags }) => Object.keys(tags).filter((name) => tags[name]!.isOutcome)),
);
