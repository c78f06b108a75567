// Authorization: what a user may do in a team, looked for in memory, then in Redis, then in the database. Every look-up is
// counted in each layer that was asked. Called by api.ts.

import type { Database, Statement } from '../../src/target-kit/database.ts';
import { HttpError } from '../../src/target-kit/http-error.ts';
import { delay } from '../../src/time/timer.ts';
import type { Knobs } from './knobs.ts';
import { createMemoryLayer } from './memory-layer.ts';
import type { RedisLayer } from './redis-layer.ts';
import { selectRole } from './statements.ts';

const roles = ['none', 'viewer', 'editor', 'owner'] as const;
export type Role = (typeof roles)[number];

export const layerNames = ['memory', 'redis'] as const;
export type LayerName = (typeof layerNames)[number];

interface LayerCounts {
  readonly hits: number;
  readonly misses: number;
}

/** What one look-up found; a layer that was not asked is absent. */
export interface Lookup {
  readonly role: Role;
  readonly memory?: 'hit' | 'miss';
  readonly redis?: 'hit' | 'miss';
  /** `hit` when any layer had it. */
  readonly cache: 'hit' | 'miss';
}

export interface Permissions {
  lookUp(userId: number, teamId: number): Promise<Lookup>;
  /** Throws a 403 when the role is less than `least`. */
  require(userId: number, teamId: number, least: Role): Promise<Lookup>;
  /** Puts what a user may do into both layers, as read from the database; counts as no look-up. */
  warm(userId: number, teamId: number): Promise<Role>;
  /** Empties both layers. */
  clear(): Promise<void>;
  counts(): { readonly layers: ReadonlyMap<LayerName, LayerCounts>; readonly all: LayerCounts };
  entries(): number;
}

/** Twice what the largest profile has users. */
const mostEntries = 40_000;

const selectRoleSlowly: Statement = {
  name: 'role_slowly',
  text: `SELECT role FROM (SELECT pg_sleep($3::float8 / 1000)) AS pause LEFT JOIN memberships
    ON user_id = $1 AND team_id = $2 LIMIT 1`,
};

type PermissionKnobs = Pick<
  Knobs,
  'hasMemoryLayer' | 'memoryTtlMs' | 'authorizationMs' | 'permissionQueryMs'
>;

/** Headers that tell of a look-up; those of layers that were not asked are absent. */
export function cacheHeaders({ cache, memory, redis }: Lookup): Record<string, string> {
  return {
    'x-cache': cache,
    ...(memory !== undefined && { 'x-cache-memory': memory }),
    ...(redis !== undefined && { 'x-cache-redis': redis }),
  };
}

export function createPermissions(
  database: Database,
  redis: RedisLayer | undefined,
  knobs: PermissionKnobs,
): Permissions {
  const memory = knobs.hasMemoryLayer ? createMemoryLayer(knobs.memoryTtlMs, mostEntries) : undefined;
  const layers = new Map(layerNames.map((name) => [name, { hits: 0, misses: 0 }]));
  const all = { hits: 0, misses: 0 };
  const count = (counts: { hits: number; misses: number }, result: 'hit' | 'miss'): 'hit' | 'miss' => {
    if (result === 'hit') counts.hits++;
    else counts.misses++;
    return result;
  };

  async function read(userId: number, teamId: number): Promise<Role> {
    const { permissionQueryMs } = knobs;
    const [row] =
      permissionQueryMs > 0
        ? await database.query<{ role: Role | null }>(selectRoleSlowly, [userId, teamId, permissionQueryMs])
        : await database.query<{ role: Role | null }>(selectRole, [userId, teamId]);
    return row?.role ?? 'none';
  }

  async function find(key: string, userId: number, teamId: number): Promise<Lookup> {
    const inMemory = memory?.get(key);
    const ofMemory = memory && count(layers.get('memory')!, inMemory === undefined ? 'miss' : 'hit');
    const asked = { ...(ofMemory !== undefined && { memory: ofMemory }) };
    if (inMemory !== undefined) return { ...asked, role: inMemory as Role, cache: 'hit' };
    const inRedis = await redis?.get(key);
    const ofRedis = redis && count(layers.get('redis')!, inRedis === undefined ? 'miss' : 'hit');
    const askedBoth = { ...asked, ...(ofRedis !== undefined && { redis: ofRedis }) };
    const role = (inRedis as Role | undefined) ?? (await read(userId, teamId));
    memory?.set(key, role);
    if (inRedis === undefined) await redis?.set(key, role);
    return { ...askedBoth, role, cache: inRedis === undefined ? 'miss' : 'hit' };
  }

  async function lookUp(userId: number, teamId: number): Promise<Lookup> {
    if (knobs.authorizationMs > 0) await delay(knobs.authorizationMs);
    const found = await find(`${userId}:${teamId}`, userId, teamId);
    count(all, found.cache);
    return found;
  }

  return {
    lookUp,
    async require(userId, teamId, least) {
      const found = await lookUp(userId, teamId);
      if (roles.indexOf(found.role) >= roles.indexOf(least)) return found;
      throw new HttpError(403, 'forbidden', `this takes the role ${least} in team ${teamId}`, {
        headers: cacheHeaders(found),
      });
    },
    async warm(userId, teamId) {
      const role = await read(userId, teamId);
      const key = `${userId}:${teamId}`;
      memory?.set(key, role);
      await redis?.set(key, role);
      return role;
    },
    async clear() {
      memory?.clear();
      await redis?.clear();
    },
    counts: () => ({
      layers: new Map([...layers].map(([name, counts]) => [name, { ...counts }])),
      all: { ...all },
    }),
    entries: () => memory?.size() ?? 0,
  };
}
