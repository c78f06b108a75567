// The first layer of the authorization cache: values in the memory of the process, with a time to live and a bound on
// their number. Called by permissions.ts.

import { monotonicMs } from '../../src/time/clock.ts';

export interface MemoryLayer {
  /** `undefined` when it is not there, or too old. */
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  clear(): void;
  size(): number;
}

/** At most `mostEntries`; the one that was set first goes when there is no room. */
export function createMemoryLayer(ttlMs: number, mostEntries: number): MemoryLayer {
  const entries = new Map<string, { readonly value: string; readonly untilMs: number }>();
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (entry.untilMs > monotonicMs()) return entry.value;
      entries.delete(key);
      return undefined;
    },
    set(key, value) {
      // Set anew, it is the youngest.
      entries.delete(key);
      if (entries.size >= mostEntries) {
        const [oldest] = entries.keys();
        if (oldest !== undefined) entries.delete(oldest);
      }
      entries.set(key, { value, untilMs: monotonicMs() + ttlMs });
    },
    clear: () => entries.clear(),
    size: () => entries.size,
  };
}
