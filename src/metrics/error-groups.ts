// Joins the error groups of all workers and windows into those of the run. Used by run/measure.ts, run/join-search.ts
// and run/replay-load.ts.

import type { ErrorGroup } from '../model/error-group.ts';
import { seriesKey } from '../model/metric.ts';

export interface ErrorCollector {
  accept(groups: readonly ErrorGroup[]): void;
  /** Most frequent first; at most 200 groups. */
  finish(): ErrorGroup[];
}

const maxGroups = 200;

export function createErrorCollector(): ErrorCollector {
  const groups = new Map<string, ErrorGroup>();
  return {
    accept(deltas) {
      for (const delta of deltas) {
        const key = `${delta.source} ${seriesKey(delta.code, delta.tags)}`;
        const known = groups.get(key);
        groups.set(key, known === undefined ? delta : join(known, delta));
      }
    },
    finish() {
      return [...groups.values()].sort((a, b) => b.count - a.count).slice(0, maxGroups);
    },
  };
}

function join(a: ErrorGroup, b: ErrorGroup): ErrorGroup {
  const first = a.firstAtMs <= b.firstAtMs ? a : b;
  return {
    ...first,
    count: a.count + b.count,
    lastAtMs: Math.max(a.lastAtMs, b.lastAtMs),
  };
}
