// What a reference target tells of its requests and its pool of database connections, as Prometheus text. Called by
// targets.

import type { Database } from './database.ts';
import { bucketLimitsSec, createDurations, header, single } from './durations.ts';

export interface HttpMetrics {
  /** One request answered. `route` is its pattern, never its path, so that series stay few. */
  record(route: string, status: number, durationMs: number): void;
  /** Lines of `<prefix>_http_*`. */
  render(inFlight: number): string[];
}

export function createHttpMetrics(prefix: string): HttpMetrics {
  /** By route, by status. */
  const answers = new Map<string, Map<number, number>>();
  const durations = createDurations(
    `${prefix}_http_request_duration_seconds`,
    'Time from the request head to the end of the answer.',
    'route',
    bucketLimitsSec,
  );
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
    render(inFlight) {
      const name = `${prefix}_http_requests_total`;
      const lines = header(name, 'counter', 'Requests answered, by route and status.');
      for (const [route, counts] of answers) {
        for (const [status, count] of counts) {
          lines.push(`${name}{route="${route}",status="${status}"} ${count}`);
        }
      }
      return [
        ...lines,
        ...durations.render(),
        ...single(`${prefix}_http_requests_in_flight`, 'gauge', 'Requests being answered.', inFlight),
      ];
    },
  };
}

/** Lines of `<prefix>_db_*`. */
export function renderDatabase(prefix: string, database: Database): string[] {
  const pool = database.use();
  const { statements, opened, takes, waitedMs } = database.counts();
  const connections = `${prefix}_db_pool_connections`;
  const wait = `${prefix}_db_pool_wait_seconds`;
  return [
    ...header(connections, 'gauge', 'Database connections by state, and requests waiting.'),
    `${connections}{state="used"} ${pool.used}`,
    `${connections}{state="idle"} ${pool.idle}`,
    `${connections}{state="waiting"} ${pool.waiting}`,
    ...single(`${prefix}_db_pool_size`, 'gauge', 'Most database connections.', pool.size),
    ...header(wait, 'summary', 'Time until a database connection was there.'),
    `${wait}_sum ${(waitedMs / 1000).toFixed(6)}`,
    `${wait}_count ${takes}`,
    ...single(`${prefix}_db_connections_opened_total`, 'counter', 'Database connections opened.', opened),
    ...single(`${prefix}_db_statements_total`, 'counter', 'Statements sent to the database.', statements),
  ];
}
