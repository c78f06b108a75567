// What the Velro system tells about itself, as Prometheus text. Called by target.ts.

import type { Database } from '../../src/target-kit/database.ts';
import { bucketLimitsSec, createDurations, header, single } from '../../src/target-kit/durations.ts';
import { createRuntimeMetrics } from '../../src/target-kit/runtime-metrics.ts';
import type { Permissions } from './permissions.ts';
import type { RedisLayer } from './redis-layer.ts';

export interface Metrics {
  /** One request answered. `route` is its pattern, never its path, so that series stay few. */
  record(route: string, status: number, durationMs: number): void;
  render(): string;
  close(): void;
}

interface Sources {
  readonly database: Database;
  readonly permissions: Permissions;
  readonly redis: RedisLayer | undefined;
  readonly inFlight: () => number;
}

export function createMetrics({ database, permissions, redis, inFlight }: Sources): Metrics {
  /** By route, by status. */
  const answers = new Map<string, Map<number, number>>();
  const durations = createDurations(
    'velro_http_request_duration_seconds',
    'Time from the request head to the end of the answer.',
    'route',
    bucketLimitsSec,
  );
  const runtime = createRuntimeMetrics();
  return {
    record(route, status, durationMs) {
      const counts = answers.get(route) ?? new Map<number, number>();
      answers.set(route, counts);
      counts.set(status, (counts.get(status) ?? 0) + 1);
      durations.record(route, durationMs);
    },
    render: () =>
      [
        ...header('velro_http_requests_total', 'counter', 'Requests answered, by route and status.'),
        ...[...answers].flatMap(([route, counts]) =>
          [...counts].map(
            ([status, count]) => `velro_http_requests_total{route="${route}",status="${status}"} ${count}`,
          ),
        ),
        ...single('velro_http_requests_in_flight', 'gauge', 'Requests being answered.', inFlight()),
        ...durations.render(),
        ...renderCache(permissions, redis),
        ...renderPool(database),
        ...runtime.render(),
        '',
      ].join('\n'),
    close: () => runtime.close(),
  };
}

function renderCache(permissions: Permissions, redis: RedisLayer | undefined): string[] {
  const { layers, all } = permissions.counts();
  const rows = [...layers, ['all', all] as const];
  return [
    ...header(
      'velro_authorization_cache_lookups_total',
      'counter',
      'Look-ups of permissions by layer; "all" counts each once, a hit when any layer had it.',
    ),
    ...rows.flatMap(([layer, { hits, misses }]) => [
      `velro_authorization_cache_lookups_total{layer="${layer}",result="hit"} ${hits}`,
      `velro_authorization_cache_lookups_total{layer="${layer}",result="miss"} ${misses}`,
    ]),
    ...header('velro_authorization_cache_hit_ratio', 'gauge', 'Hits of all look-ups since the start.'),
    ...rows.flatMap(([layer, { hits, misses }]) =>
      hits + misses === 0
        ? []
        : [`velro_authorization_cache_hit_ratio{layer="${layer}"} ${hits / (hits + misses)}`],
    ),
    ...single('velro_authorization_memory_entries', 'gauge', 'Permissions in memory.', permissions.entries()),
    ...single(
      'velro_redis_failures_total',
      'counter',
      'Commands that Redis did not answer.',
      redis?.failures() ?? 0,
    ),
  ];
}

function renderPool(database: Database): string[] {
  const { used, idle, waiting, size } = database.use();
  const { statements, opened, takes, waitedMs } = database.counts();
  return [
    ...header('velro_db_pool_connections', 'gauge', 'Database connections by state, and requests waiting.'),
    `velro_db_pool_connections{state="used"} ${used}`,
    `velro_db_pool_connections{state="idle"} ${idle}`,
    `velro_db_pool_connections{state="waiting"} ${waiting}`,
    ...single('velro_db_pool_open', 'gauge', 'Open database connections.', used + idle),
    ...single('velro_db_pool_size', 'gauge', 'Most database connections.', size),
    ...header('velro_db_pool_wait_seconds', 'summary', 'Time until a database connection was there.'),
    `velro_db_pool_wait_seconds_sum ${(waitedMs / 1000).toFixed(6)}`,
    `velro_db_pool_wait_seconds_count ${takes}`,
    ...single('velro_db_connections_opened_total', 'counter', 'Database connections opened.', opened),
    ...single('velro_db_statements_total', 'counter', 'Statements sent to the database.', statements),
  ];
}
