// The knobs of the adapter's service: what is read from the environment, and how each is told. README.md has the table.
// Called by target.ts.

import { type KnobEnv, readChoice, readNumber, readWhole } from '../../src/target-kit/knobs.ts';
import type { ProviderName } from './provider-server.ts';
import type { AdapterInfo, AdapterOptions } from './seeded.ts';
import { type SearchIndex, searchIndexes } from './tables.ts';

/** How the service asks its providers. */
export interface ProviderKnobs {
  /** Longest time for one call. */
  readonly timeoutMs: number;
  /** Further calls after one that failed. */
  readonly retryCount: number;
  /** Without it, every request asks a provider that fails. */
  readonly hasCircuit: boolean;
  readonly circuitOpenMs: number;
  /** Factor on the providers' usual response times; 0: they answer at once. */
  readonly delayFactor: number;
  /** Share of calls that each provider fails, 0..1. */
  readonly failureRatios: Readonly<Record<ProviderName, number>>;
}

export interface ServiceKnobs extends ProviderKnobs {
  /** Connections of the service's pool. */
  readonly poolSize: number;
  /** Keys of tenants are made with it. */
  readonly tenantSecret: string;
  /** Without it, the service reads and writes as the role that no policy applies to. */
  readonly keepsTenantsApart: boolean;
  /** A request keeps its connection while it waits for a provider. */
  readonly holdsConnection: boolean;
  /** Heap that each request leaves behind. */
  readonly leakKilobytes: number;
}

/** Throws a `UsageError` for a variable whose value does not fit. */
export function readDatabaseKnobs(env: KnobEnv): AdapterOptions {
  const indexNames = Object.keys(searchIndexes) as SearchIndex[];
  return {
    seed: readWhole(env, 'ADAPTER_SEED', 1, 0, 2_147_483_647),
    contacts: readWhole(env, 'ADAPTER_CONTACTS', 20_000, 1000, 2_000_000),
    maxConnections: readWhole(env, 'ADAPTER_MAX_CONNECTIONS', 400, 5, 10_000),
    missingIndex: readChoice(env, 'ADAPTER_MISSING_INDEX', indexNames),
    unusedIndex: readChoice(env, 'ADAPTER_UNUSED_INDEX', ['on', 'off']) === 'on',
    policy: readChoice(env, 'ADAPTER_POLICY', ['cheap', 'expensive']) ?? 'cheap',
  };
}

/** Throws a `UsageError` for a variable whose value does not fit. */
export function readServiceKnobs(env: KnobEnv): ServiceKnobs {
  const isOff = (name: string) => readChoice(env, name, ['on', 'off']) === 'off';
  const given = env.ADAPTER_TENANT_SECRET;
  return {
    poolSize: readWhole(env, 'ADAPTER_API_POOL', 20, 1, 1000),
    tenantSecret: given === undefined || given === '' ? 'plimsoll' : given,
    keepsTenantsApart: !isOff('ADAPTER_RLS'),
    holdsConnection: readChoice(env, 'ADAPTER_HOLD_CONNECTION', ['on', 'off']) === 'on',
    leakKilobytes: readWhole(env, 'ADAPTER_LEAK_KB', 0, 0, 1000),
    timeoutMs: readWhole(env, 'ADAPTER_PROVIDER_TIMEOUT_MS', 10_000, 10, 600_000),
    retryCount: readWhole(env, 'ADAPTER_PROVIDER_RETRIES', 2, 0, 10),
    hasCircuit: !isOff('ADAPTER_CIRCUIT'),
    circuitOpenMs: readWhole(env, 'ADAPTER_CIRCUIT_OPEN_MS', 5000, 10, 600_000),
    delayFactor: readNumber(env, 'ADAPTER_PROVIDER_DELAY', 1, 0, 100),
    failureRatios: {
      crm: readNumber(env, 'ADAPTER_CRM_FAILURES', 0, 0, 1),
      helpdesk: readNumber(env, 'ADAPTER_HELPDESK_FAILURES', 0, 0, 1),
    },
  };
}

/** One line for each knob that makes the system weaker than it need be; none as it is shipped. */
export function describePlanted(database: AdapterInfo, knobs: ServiceKnobs): string[] {
  const { missingIndex, unusedIndex, policy } = database;
  const { crm, helpdesk } = knobs.failureRatios;
  const lines: readonly (readonly [boolean, string])[] = [
    [missingIndex !== null, `planted: the index ${missingIndex} is missing`],
    [unusedIndex, 'planted: an index that nothing uses'],
    [policy !== 'cheap', 'planted: policies that run a query for each row'],
    [!knobs.keepsTenantsApart, 'planted: no policy applies to the service (ADAPTER_RLS=off)'],
    [
      knobs.holdsConnection,
      'planted: connections are held during calls to providers (ADAPTER_HOLD_CONNECTION=on)',
    ],
    [!knobs.hasCircuit, 'planted: providers that fail are asked again and again (ADAPTER_CIRCUIT=off)'],
    [crm > 0, `planted: the CRM fails ${share(crm)} of its calls (ADAPTER_CRM_FAILURES)`],
    [helpdesk > 0, `planted: the helpdesk fails ${share(helpdesk)} of its calls (ADAPTER_HELPDESK_FAILURES)`],
    [
      knobs.leakKilobytes > 0,
      `planted: each request leaves ${knobs.leakKilobytes} KB behind (ADAPTER_LEAK_KB)`,
    ],
  ];
  return lines.flatMap(([isPlanted, line]) => (isPlanted ? [line] : []));
}

function share(ratio: number): string {
  return `${Number((ratio * 100).toFixed(2))} %`;
}
