// The cache of the PratikoAI system: texts under keys for a while, in Redis or in the process. Called by target.ts, which
// starts it, and by faq.ts.

import { Redis } from 'ioredis';
import { monotonicMs } from '../../src/time/clock.ts';

const prefix = 'pratiko:';
const commandTimeoutMs = 500;
const mostEntries = 10_000;

export interface Cache {
  readonly kind: 'redis' | 'in-process' | 'off';
  /** `undefined` for a key that is not there or too old, and when Redis does not answer. */
  read(key: string): Promise<string | undefined>;
  /** Lost when Redis does not answer. */
  write(key: string, text: string): Promise<void>;
  remove(key: string): Promise<void>;
  /** Removes all entries, and tells how many there were. */
  clear(): Promise<number>;
  /** Commands that Redis did not answer. */
  errorCount(): number;
  close(): Promise<void>;
}

export function createNoCache(): Cache {
  return {
    kind: 'off',
    read: async () => undefined,
    write: async () => {},
    remove: async () => {},
    clear: async () => 0,
    errorCount: () => 0,
    close: async () => {},
  };
}

/** Holds 10,000 entries; the one written longest ago gives way. `nowMs` is a monotonic clock. */
export function createMemoryCache(ttlMs: number, nowMs: () => number = monotonicMs): Cache {
  const entries = new Map<string, { readonly text: string; readonly expiresAtMs: number }>();
  return {
    kind: 'in-process',
    async read(key) {
      const entry = entries.get(key);
      return entry !== undefined && nowMs() < entry.expiresAtMs ? entry.text : undefined;
    },
    async write(key, text) {
      entries.delete(key);
      if (entries.size >= mostEntries) entries.delete(entries.keys().next().value!);
      entries.set(key, { text, expiresAtMs: nowMs() + ttlMs });
    },
    async remove(key) {
      entries.delete(key);
    },
    async clear() {
      const count = entries.size;
      entries.clear();
      return count;
    },
    errorCount: () => 0,
    close: async () => {},
  };
}

/** A Redis that does not answer within half a second is done without: a system without its cache is slow, not down. */
export function createRedisCache(url: string, ttlMs: number): Cache {
  const redis = new Redis(url, {
    commandTimeout: commandTimeoutMs,
    connectTimeout: commandTimeoutMs,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: true,
    retryStrategy: (attempt) => Math.min(1000, attempt * 50),
  });
  // Without a listener, a lost connection ends the process.
  redis.on('error', () => {});
  let errors = 0;
  async function attempt<Result>(command: Promise<Result>, fallback: Result): Promise<Result> {
    try {
      return await command;
    } catch {
      errors++;
      return fallback;
    }
  }
  return {
    kind: 'redis',
    read: async (key) => (await attempt(redis.get(prefix + key), null)) ?? undefined,
    async write(key, text) {
      await attempt(redis.set(prefix + key, text, 'PX', Math.round(ttlMs)), 'OK');
    },
    async remove(key) {
      await attempt(redis.del(prefix + key), 0);
    },
    async clear() {
      let count = 0;
      for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 500 })) {
        const found = keys as string[];
        if (found.length > 0) count += await redis.unlink(...found);
      }
      return count;
    },
    errorCount: () => errors,
    async close() {
      redis.disconnect();
    },
  };
}
