// What the Jorge system tells about itself, as Prometheus text. Called by target.ts and the metrics route.

import type { Database } from '../../src/target-kit/database.ts';
import { single } from '../../src/target-kit/durations.ts';
import { createHttpMetrics, renderDatabase } from '../../src/target-kit/http-metrics.ts';
import type { RateLimiter } from '../../src/target-kit/rate-limit.ts';
import { createRuntimeMetrics } from '../../src/target-kit/runtime-metrics.ts';
import type { Cache } from './cache.ts';
import type { Crm } from './crm.ts';

export interface Metrics {
  /** One request answered. `route` is its pattern, never its path, so that series stay few. */
  record(route: string, status: number, durationMs: number): void;
  render(): string;
  close(): void;
}

interface Sources {
  readonly cache: Cache;
  readonly database: Database;
  readonly limiter: RateLimiter | undefined;
  readonly crm: Crm | undefined;
  readonly inFlight: () => number;
}

export function createMetrics(sources: Sources): Metrics {
  const requests = createHttpMetrics('jorge');
  const runtime = createRuntimeMetrics();
  return {
    record: (route, status, durationMs) => requests.record(route, status, durationMs),
    render: () =>
      [
        ...requests.render(sources.inFlight()),
        ...renderParts(sources),
        ...renderDatabase('jorge', sources.database),
        ...(sources.crm?.render() ?? []),
        ...runtime.render(),
        '',
      ].join('\n'),
    close: () => runtime.close(),
  };
}

function renderParts({ cache, limiter }: Sources): string[] {
  const { hits, misses, entries } = cache.counts();
  return [
    ...single('jorge_cache_hits_total', 'counter', 'Reads answered from the cache.', hits),
    ...single('jorge_cache_misses_total', 'counter', 'Reads that went to the database.', misses),
    ...single('jorge_cache_entries', 'gauge', 'Entries in the cache.', entries),
    ...single(
      'jorge_rate_limited_total',
      'counter',
      'Requests refused by the rate limit.',
      limiter?.rejectedCount() ?? 0,
    ),
  ];
}
