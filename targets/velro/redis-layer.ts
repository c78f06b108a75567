// The second layer of the authorization cache, which several processes could share: Redis. Called by permissions.ts.

import { Redis } from 'ioredis';
import { messageOf } from '../../src/model/errors.ts';

export interface RedisLayer {
  /** `undefined` when it is not there, or when Redis does not answer. */
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string): Promise<void>;
  clear(): Promise<void>;
  /** How often Redis failed to answer; the database is asked then. */
  failures(): number;
  close(): Promise<void>;
}

const prefix = 'plimsoll_velro:permission:';
const commandTimeoutMs = 1000;

/** Connects. Throws what the client throws when Redis is not there. */
export async function openRedisLayer(
  url: string,
  ttlMs: number,
  onLog: (line: string) => void,
): Promise<RedisLayer> {
  let failures = 0;
  const client = new Redis(url, {
    lazyConnect: true,
    commandTimeout: commandTimeoutMs,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
  });
  let lastSaid = '';
  client.on('error', (error) => {
    const line = `Redis: ${messageOf(error)}`;
    if (line !== lastSaid) onLog(line);
    lastSaid = line;
  });
  await client.connect();
  /** A cache that fails is no cache; the system goes on without. */
  const orNothing = async <Result>(work: Promise<Result>): Promise<Result | undefined> => {
    try {
      return await work;
    } catch {
      failures++;
      return undefined;
    }
  };
  return {
    get: async (key) => (await orNothing(client.get(prefix + key))) ?? undefined,
    async set(key, value) {
      await orNothing(client.set(prefix + key, value, 'PX', Math.ceil(ttlMs)));
    },
    async clear() {
      let cursor = '0';
      do {
        const [next, keys] = await client.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', 1000);
        if (keys.length > 0) await client.del(...keys);
        cursor = next;
      } while (cursor !== '0');
    },
    failures: () => failures,
    async close() {
      await client.quit().catch(() => client.disconnect());
    },
  };
}
