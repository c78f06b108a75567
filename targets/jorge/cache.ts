// The in-process cache of the Jorge system: values with a time to live, hits and misses counted.

interface CacheCounts {
  readonly hits: number;
  readonly misses: number;
  readonly entries: number;
}

export interface Cache {
  /**
   * The value under `key`, loaded when absent or older than `ttlMs`. Callers that miss at the same time share
   * one load, and each counts as a miss. A load that fails is not kept.
   */
  get<T>(key: string, ttlMs: number, load: () => Promise<T>): Promise<{ value: T; cached: boolean }>;
  /** Drops every entry whose key begins with `prefix`; a load under way is not kept either. */
  invalidate(prefix: string): void;
  counts(): CacheCounts;
}

/** A cache that finds nothing, as with keys that never come again: every look-up is a miss, and loads for itself. */
export function createColdCache(): Cache {
  let misses = 0;
  return {
    async get(_key, _ttlMs, load) {
      misses++;
      return { value: await load(), cached: false };
    },
    invalidate() {},
    counts: () => ({ hits: 0, misses, entries: 0 }),
  };
}

interface Entry {
  readonly value: Promise<unknown>;
  loaded: boolean;
  expiresAtMs: number;
}

/** `nowMs` is a monotonic clock. Keys come from a closed set, so entries are not limited in number. */
export function createCache(nowMs: () => number = () => performance.now()): Cache {
  const entries = new Map<string, Entry>();
  let hits = 0;
  let misses = 0;
  return {
    async get<T>(key: string, ttlMs: number, load: () => Promise<T>) {
      const found = entries.get(key);
      if (found?.loaded === true && nowMs() < found.expiresAtMs) {
        hits++;
        return { value: (await found.value) as T, cached: true };
      }
      misses++;
      if (found !== undefined && !found.loaded) return { value: (await found.value) as T, cached: false };
      const entry: Entry = { value: load(), loaded: false, expiresAtMs: Number.POSITIVE_INFINITY };
      entries.set(key, entry);
      try {
        const value = (await entry.value) as T;
        entry.loaded = true;
        entry.expiresAtMs = nowMs() + ttlMs;
        return { value, cached: false };
      } catch (error) {
        if (entries.get(key) === entry) entries.delete(key);
        throw error;
      }
    },
    invalidate(prefix) {
      for (const key of entries.keys()) if (key.startsWith(prefix)) entries.delete(key);
    },
    counts: () => ({ hits, misses, entries: entries.size }),
  };
}
