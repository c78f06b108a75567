// What the Velro system tells about itself, as Prometheus text. Called by target.ts.

import type { Database } from '../../src/target-kit/database.ts';
import { header, single } from '../../src/target-kit/durations.ts';
import { createHttpMetrics, renderDatabase } from '../../src/target-kit/http-metrics.ts';
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
  const requests = createHttpMetrics('velro');
  const runtime = createRuntimeMetrics();
  return {
    record: (route, status, durationMs) => requests.record(route, status, durationMs),
    render: () =>
      [
        ...requests.render(inFlight()),
        ...renderCache(permissions, redis),
        ...single('velro_db_pool_open', 'gauge', 'Open database connections.', openConnections(database)),
        ...renderDatabase('velro', database),
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

function openConnections(database: Database): number {
  const { used, idle } = database.use();
  return used + idle;
}
