// The knobs of the Velro system: what is read from the environment, and how each is told. README.md has the table. Called
// by target.ts.

import { type KnobEnv, readChoice, readNumber, readWhole } from '../../src/target-kit/knobs.ts';

export interface Knobs {
  readonly seed: number;
  /** What sign-ins must show; `SUPABASE_SERVICE_KEY`, or one for this machine. */
  readonly serviceKey: string;
  /** Connections of the pool, all of them opened at the start. */
  readonly poolSize: number;
  /** The layers of the authorization cache: the memory of the process, then Redis. */
  readonly hasMemoryLayer: boolean;
  readonly hasRedisLayer: boolean;
  readonly memoryTtlMs: number;
  readonly redisTtlMs: number;
  /** A sign-in puts the permissions of its user into the cache. */
  readonly isWarmed: boolean;
  /** What each authorization waits for before it looks anywhere; 0 for nothing. */
  readonly authorizationMs: number;
  /** What each statement that reads permissions waits for within the database; 0 for nothing. */
  readonly permissionQueryMs: number;
  readonly hasIndexes: boolean;
  /** Share of the API's requests that fail with 500. */
  readonly failureShare: number;
}

/** Accepted where `SUPABASE_SERVICE_KEY` is not set. */
export const localServiceKey = 'velro-local-service-key';

/** Throws a `UsageError` for a variable whose value does not fit. */
export function readKnobs(env: KnobEnv): Knobs {
  const isOff = (name: string) => readChoice(env, name, ['on', 'off']) === 'off';
  const serviceKey = env.SUPABASE_SERVICE_KEY;
  return {
    seed: readWhole(env, 'VELRO_SEED', 1, 0, 2_147_483_647),
    serviceKey: serviceKey === undefined || serviceKey === '' ? localServiceKey : serviceKey,
    poolSize: readWhole(env, 'VELRO_POOL_SIZE', 200, 1, 1000),
    hasMemoryLayer: !isOff('VELRO_CACHE_MEMORY'),
    hasRedisLayer: !isOff('VELRO_CACHE_REDIS'),
    memoryTtlMs: 1000 * readNumber(env, 'VELRO_MEMORY_TTL', 60, 0.1, 86_400),
    redisTtlMs: 1000 * readNumber(env, 'VELRO_REDIS_TTL', 900, 0.1, 86_400),
    isWarmed: !isOff('VELRO_WARMING'),
    authorizationMs: readNumber(env, 'VELRO_AUTHORIZATION_MS', 0, 0, 10_000),
    permissionQueryMs: readNumber(env, 'VELRO_PERMISSION_QUERY_MS', 0, 0, 10_000),
    hasIndexes: !isOff('VELRO_INDEXES'),
    failureShare: readNumber(env, 'VELRO_FAILURES', 0, 0, 1),
  };
}

/** One line for each knob that makes the system worse than it need be; none as it is shipped. */
export function describePlanted(knobs: Knobs): string[] {
  const { authorizationMs, permissionQueryMs, failureShare } = knobs;
  const lines: readonly (readonly [boolean, string])[] = [
    [!knobs.hasMemoryLayer, 'permissions are not kept in memory (VELRO_CACHE_MEMORY=off)'],
    [!knobs.hasRedisLayer, 'permissions are not kept in Redis (VELRO_CACHE_REDIS=off)'],
    [!knobs.isWarmed, 'a sign-in does not warm the cache (VELRO_WARMING=off)'],
    [authorizationMs > 0, `each authorization waits for ${authorizationMs} ms (VELRO_AUTHORIZATION_MS)`],
    [
      permissionQueryMs > 0,
      `reading permissions takes ${permissionQueryMs} ms more (VELRO_PERMISSION_QUERY_MS)`,
    ],
    [!knobs.hasIndexes, 'without the indexes of its data set (VELRO_INDEXES=off)'],
    [
      failureShare > 0,
      `${Number((failureShare * 100).toPrecision(6))} % of the requests fail (VELRO_FAILURES)`,
    ],
  ];
  return lines.flatMap(([isPlanted, line]) => (isPlanted ? [line] : []));
}
