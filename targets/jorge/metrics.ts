// What the Jorge system tells about itself, as Prometheus text. Called by the HTTP server and the metrics route.

import type { Database } from '../../src/target-kit/database.ts';
import { bucketLimitsSec, createDurations, header, single } from '../../src/target-kit/durations.ts';
import { createRuntimeMetrics } from '../../src/target-kit/runtime-metrics.ts';
import type { Cache } from './cache.ts';
import type { Crm } from './crm.ts';
import type { RateLimiter } from './rate-limit.ts';

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
  /** By route, by status. */
  const answers = new Map<string, Map<number, number>>();
  const durations = createDurations(
    'jorge_http_request_duration_seconds',
    'Time from the request head to the end of the answer.',
    'route',
    bucketLimitsSec,
  );
  const runtime = createRuntimeMetrics();
  return {
    record(route, status, durationMs) {
      let counts = answers.get(route);
      if (counts === undefined) {
        counts = new Map();
        answers.set(route, counts);
      }
      counts.set(status, (counts.get(status) ?? 0) + 1);
      durations.record(route, durationMs);
    },
    render: () =>
      [
        ...renderAnswers(answers),
        ...durations.render(),
        ...renderParts(sources),
        ...(sources.crm?.render() ?? []),
        ...runtime.render(),
        '',
      ].join('\n'),
    close: () => runtime.close(),
  };
}

function renderAnswers(answers: ReadonlyMap<string, ReadonlyMap<number, number>>): string[] {
  const lines = header('jorge_http_requests_total', 'counter', 'Requests answered, by route and status.');
  for (const [route, counts] of answers) {
    for (const [status, count] of counts) {
      lines.push(`jorge_http_requests_total{route="${route}",status="${status}"} ${count}`);
    }
  }
  return lines;
}

function renderParts({ cache, database, limiter, inFlight }: Sources): string[] {
  const { hits, misses, entries } = cache.counts();
  const pool = database.use();
  const { statements, opened, takes, waitedMs } = database.counts();
  return [
    ...single('jorge_http_requests_in_flight', 'gauge', 'Requests being answered.', inFlight()),
    ...single('jorge_cache_hits_total', 'counter', 'Reads answered from the cache.', hits),
    ...single('jorge_cache_misses_total', 'counter', 'Reads that went to the database.', misses),
    ...single('jorge_cache_entries', 'gauge', 'Entries in the cache.', entries),
    ...header('jorge_db_pool_connections', 'gauge', 'Database connections by state, and requests waiting.'),
    `jorge_db_pool_connections{state="used"} ${pool.used}`,
    `jorge_db_pool_connections{state="idle"} ${pool.idle}`,
    `jorge_db_pool_connections{state="waiting"} ${pool.waiting}`,
    ...single('jorge_db_pool_size', 'gauge', 'Most database connections.', pool.size),
    ...header('jorge_db_pool_wait_seconds', 'summary', 'Time until a database connection was there.'),
    `jorge_db_pool_wait_seconds_sum ${(waitedMs / 1000).toFixed(6)}`,
    `jorge_db_pool_wait_seconds_count ${takes}`,
    ...single('jorge_db_connections_opened_total', 'counter', 'Database connections opened.', opened),
    ...single('jorge_db_statements_total', 'counter', 'Statements sent to the database.', statements),
    ...single(
      'jorge_rate_limited_total',
      'counter',
      'Requests refused by the rate limit.',
      limiter?.rejectedCount() ?? 0,
    ),
  ];
}
