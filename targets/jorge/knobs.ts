// The knobs of the Jorge system: what is read from the environment, and how each is told. README.md has the table. Called
// by target.ts.

import { type KnobEnv, readChoice, readNumber, readWhole } from '../../src/target-kit/knobs.ts';

export interface Knobs {
  /** Requests per second and client address; 0 for no limit. */
  readonly rateLimitPerSec: number;
  /** Connections of the pool. */
  readonly poolSize: number;
  readonly seed: number;
  /** Without it, each statement opens a connection of its own. */
  readonly hasPool: boolean;
  readonly hasIndexes: boolean;
  /** A cold cache finds nothing and keeps nothing. */
  readonly isCacheCold: boolean;
  /** CPU time that each price takes on the event loop. */
  readonly cpuMs: number;
  /** Heap that each request leaves behind. */
  readonly leakKilobytes: number;
  /** Median time in which the CRM answers; 0 without a CRM. */
  readonly upstreamMs: number;
  /** How long bytes take to the system and back from it, and between it and its database: each way, 0 for no delay. */
  readonly networkMs: number;
  readonly databaseNetworkMs: number;
  /** Each price and each report counts in one row, which it holds until it is done. */
  readonly hasHotRow: boolean;
  /** Pages of leads and users ask for each of their rows with a statement of its own. */
  readonly asksRowByRow: boolean;
  /** Without it, every answer closes its connection. */
  readonly keepsAlive: boolean;
}

/** Throws a `UsageError` for a variable whose value does not fit. */
export function readKnobs(env: KnobEnv): Knobs {
  const isOn = (name: string) => readChoice(env, name, ['on', 'off']) === 'on';
  const isOff = (name: string) => readChoice(env, name, ['on', 'off']) === 'off';
  return {
    rateLimitPerSec: readNumber(env, 'JORGE_RATE_LIMIT', 0, 0, 1_000_000),
    poolSize: readWhole(env, 'JORGE_POOL_SIZE', 20, 1, 100),
    seed: readWhole(env, 'JORGE_SEED', 1, 0, 2_147_483_647),
    hasPool: !isOff('JORGE_POOL'),
    hasIndexes: !isOff('JORGE_INDEXES'),
    isCacheCold: readChoice(env, 'JORGE_CACHE', ['on', 'cold']) === 'cold',
    cpuMs: readNumber(env, 'JORGE_CPU_MS', 0, 0, 10_000),
    leakKilobytes: readWhole(env, 'JORGE_LEAK_KB', 0, 0, 10_000),
    upstreamMs: readNumber(env, 'JORGE_UPSTREAM_MS', 0, 0, 20_000),
    networkMs: readNumber(env, 'JORGE_NETWORK_MS', 0, 0, 5000),
    databaseNetworkMs: readNumber(env, 'JORGE_DB_NETWORK_MS', 0, 0, 1000),
    hasHotRow: isOn('JORGE_HOT_ROW'),
    asksRowByRow: isOn('JORGE_N_PLUS_ONE'),
    keepsAlive: !isOff('JORGE_KEEP_ALIVE'),
  };
}

/** One line for each knob that makes the system slower than it need be; none as it is shipped. */
export function describePlanted(knobs: Knobs): string[] {
  const { cpuMs, leakKilobytes, upstreamMs, networkMs, databaseNetworkMs } = knobs;
  const lines: readonly (readonly [boolean, string])[] = [
    [!knobs.hasIndexes, 'without the indexes of its data set (JORGE_INDEXES=off)'],
    [!knobs.hasPool, 'each statement opens a connection of its own (JORGE_POOL=off)'],
    [knobs.isCacheCold, 'the cache finds nothing (JORGE_CACHE=cold)'],
    [cpuMs > 0, `each price takes ${cpuMs} ms of CPU (JORGE_CPU_MS)`],
    [leakKilobytes > 0, `each request leaves ${leakKilobytes} KB behind (JORGE_LEAK_KB)`],
    [upstreamMs > 0, `accounts, leads and reports ask a CRM that takes ${upstreamMs} ms (JORGE_UPSTREAM_MS)`],
    [networkMs > 0, `behind a network of ${networkMs} ms each way (JORGE_NETWORK_MS)`],
    [databaseNetworkMs > 0, `${databaseNetworkMs} ms from its database each way (JORGE_DB_NETWORK_MS)`],
    [knobs.hasHotRow, 'each price and report locks one row (JORGE_HOT_ROW=on)'],
    [knobs.asksRowByRow, 'pages ask for each row by itself (JORGE_N_PLUS_ONE=on)'],
    [!knobs.keepsAlive, 'every answer closes its connection (JORGE_KEEP_ALIVE=off)'],
  ];
  return lines.flatMap(([isPlanted, line]) => (isPlanted ? [line] : []));
}
