// What the Jorge system tells about itself, as Prometheus text. Called by the HTTP server and the metrics route.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { cancelTimer, startRepeating } from '../../src/time/timer.ts';
import type { Cache } from './cache.ts';
import type { Database } from './database.ts';
import type { RateLimiter } from './rate-limit.ts';

// Seconds, as Prometheus wants them: from a pure calculation up to the longest wait for a connection.
const bucketLimitsSec = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const lagResolutionMs = 10;
const lagWindowMs = 5000;
// The last of them stands for the longest delay.
const lagQuantiles = [0.5, 0.9, 0.99, 1];

interface RouteFigures {
  /** By status. */
  readonly counts: Map<number, number>;
  /** One per limit, and one for all above the last. */
  readonly buckets: number[];
  sumSec: number;
}

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
  readonly inFlight: () => number;
}

export function createMetrics(sources: Sources): Metrics {
  const routes = new Map<string, RouteFigures>();
  const lag = createLagWindows();
  return {
    record(route, status, durationMs) {
      let figures = routes.get(route);
      if (figures === undefined) {
        figures = { counts: new Map(), buckets: new Array(bucketLimitsSec.length + 1).fill(0), sumSec: 0 };
        routes.set(route, figures);
      }
      figures.counts.set(status, (figures.counts.get(status) ?? 0) + 1);
      const seconds = durationMs / 1000;
      figures.sumSec += seconds;
      let index = 0;
      while (index < bucketLimitsSec.length && seconds > bucketLimitsSec[index]!) index++;
      figures.buckets[index]!++;
    },
    render: () =>
      [...renderRoutes(routes), ...renderParts(sources), ...renderProcess(lag.worstSec()), ''].join('\n'),
    close: () => lag.close(),
  };
}

function header(name: string, type: 'counter' | 'gauge' | 'histogram', help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function renderRoutes(routes: ReadonlyMap<string, RouteFigures>): string[] {
  const lines = header('jorge_http_requests_total', 'counter', 'Requests answered, by route and status.');
  for (const [route, { counts }] of routes) {
    for (const [status, count] of counts) {
      lines.push(`jorge_http_requests_total{route="${route}",status="${status}"} ${count}`);
    }
  }
  const name = 'jorge_http_request_duration_seconds';
  lines.push(...header(name, 'histogram', 'Time from the request head to the end of the answer.'));
  for (const [route, { buckets, sumSec }] of routes) {
    let count = 0;
    for (const [index, limit] of [...bucketLimitsSec, '+Inf'].entries()) {
      count += buckets[index]!;
      lines.push(`${name}_bucket{route="${route}",le="${limit}"} ${count}`);
    }
    lines.push(
      `${name}_sum{route="${route}"} ${sumSec.toFixed(6)}`,
      `${name}_count{route="${route}"} ${count}`,
    );
  }
  return lines;
}

function renderParts({ cache, database, limiter, inFlight }: Sources): string[] {
  const { hits, misses, entries } = cache.counts();
  const pool = database.use();
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
    ...single(
      'jorge_rate_limited_total',
      'counter',
      'Requests refused by the rate limit.',
      limiter?.rejectedCount() ?? 0,
    ),
  ];
}

function renderProcess(lagSec: readonly number[]): string[] {
  const { user, system } = process.cpuUsage();
  const memory = process.memoryUsage();
  return [
    ...single('process_cpu_seconds_total', 'counter', 'CPU time used.', (user + system) / 1e6),
    ...single('process_resident_memory_bytes', 'gauge', 'Resident memory.', memory.rss),
    ...single('nodejs_heap_size_used_bytes', 'gauge', 'Heap in use.', memory.heapUsed),
    ...single('process_uptime_seconds', 'gauge', 'Time since the process started.', process.uptime()),
    ...header(
      'nodejs_eventloop_lag_seconds',
      'gauge',
      'Event-loop delay, the worse of the last two 5 s windows.',
    ),
    ...lagQuantiles.map((q, index) => `nodejs_eventloop_lag_seconds{quantile="${q}"} ${lagSec[index]}`),
  ];
}

/** Windows of a fixed length rather than "since the last reading": several readers must all see the same. */
function createLagWindows() {
  const lag = monitorEventLoopDelay({ resolution: lagResolutionMs });
  lag.enable();
  const read = () => lagQuantiles.map((q) => toLagSec(q === 1 ? lag.max : lag.percentile(q * 100)));
  let previous = lagQuantiles.map(() => 0);
  const timer = startRepeating(() => {
    previous = read();
    lag.reset();
  }, lagWindowMs);
  timer.unref();
  return {
    /** One entry per `lagQuantiles`. */
    worstSec: () => read().map((seconds, index) => Math.max(seconds, previous[index]!)),
    close() {
      cancelTimer(timer);
      lag.disable();
    },
  };
}

/** Each sample holds the timer's own interval beside the delay; without samples there are NaN and 0. */
function toLagSec(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e9 - lagResolutionMs / 1000) || 0;
}

function single(name: string, type: 'counter' | 'gauge', help: string, value: number): string[] {
  return [...header(name, type, help), `${name} ${value}`];
}
