// What the PratikoAI system tells about itself, as Prometheus text. Called by target.ts.

import type { Database } from '../../src/target-kit/database.ts';
import { single } from '../../src/target-kit/durations.ts';
import { createHttpMetrics, renderDatabase } from '../../src/target-kit/http-metrics.ts';
import type { RateLimiter } from '../../src/target-kit/rate-limit.ts';
import { createRuntimeMetrics } from '../../src/target-kit/runtime-metrics.ts';
import type { Cache } from './cache.ts';
import type { Faq } from './faq.ts';

export interface Metrics {
  /** One request answered. `route` is its pattern, never its path, so that series stay few. */
  record(route: string, status: number, durationMs: number): void;
  render(): string;
  close(): void;
}

interface Sources {
  readonly database: Database;
  readonly cache: Cache;
  readonly faq: Faq;
  readonly limiter: RateLimiter | undefined;
  readonly inFlight: () => number;
}

export function createMetrics({ database, cache, faq, limiter, inFlight }: Sources): Metrics {
  const requests = createHttpMetrics('pratiko');
  const runtime = createRuntimeMetrics();
  return {
    record: (route, status, durationMs) => requests.record(route, status, durationMs),
    render: () =>
      [
        ...requests.render(inFlight()),
        ...renderCache(cache, faq),
        ...single(
          'pratiko_rate_limited_total',
          'counter',
          'Requests refused by the rate limit.',
          limiter?.rejectedCount() ?? 0,
        ),
        ...renderDatabase('pratiko', database),
        ...runtime.render(),
        '',
      ].join('\n'),
    close: () => runtime.close(),
  };
}

function renderCache(cache: Cache, faq: Faq): string[] {
  const { hits, misses } = faq.counts();
  const name = 'pratiko_cache';
  return [
    ...single(`${name}_hits_total`, 'counter', 'Frequent questions answered from the cache.', hits),
    ...single(`${name}_misses_total`, 'counter', 'Frequent questions that were searched for.', misses),
    ...single(`${name}_errors_total`, 'counter', 'Commands that Redis did not answer.', cache.errorCount()),
  ];
}
