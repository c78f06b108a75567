// What all reports show, taken from a run record once: rows and figures without any formatting.

import type { CounterValues, GaugeValues, RateValues, Tags, TrendValues } from '../../model/metric.ts';
import { seriesKey } from '../../model/metric.ts';
import type { CutOfEntry, RunRecord } from '../../model/run-record.ts';

/** Requests and response times of one task, or of one endpoint of a task. */
export interface SeriesRow {
  readonly user: string;
  readonly task: string;
  /** Endpoint rows only. */
  readonly method?: string;
  readonly name?: string;
  readonly requests: number;
  readonly requestsPerSec: number;
  readonly failedCount: number;
  readonly failedRatio: number;
  /** Response time in ms. */
  readonly duration: TrendValues;
  /** Requests that were cut off; absent when none was. */
  readonly cut?: CutOfEntry;
  /** Iterations of the task; 0 for endpoints. */
  readonly iterations: number;
}

/** False for a record of `plimsoll monitor`, which watches and sends nothing. */
export function drivesLoad({ plan }: RunRecord): boolean {
  return plan.scenarios.length > 0;
}

export interface KeyFigures {
  /** How long the load was on, which is what rates are per second of. */
  readonly durationMs: number;
  readonly requests: number;
  readonly requestsPerSec: number;
  readonly failedCount: number;
  readonly failedRatio: number;
  readonly duration: TrendValues;
  readonly iterations: number;
  readonly iterationsPerSec: number;
  readonly iterationsFailed: number;
  readonly droppedIterations: number;
  /** Requests that went out a second time, since their connection was closed before an answer. */
  readonly resent: number;
  readonly checksPassed: number;
  readonly checksFailed: number;
  /** The most VUs at work at one time. */
  readonly vusMax: number;
  /** The most VUs that existed: more than were at work where arrival rates keep some in reserve. */
  readonly vusAllocated: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

const noTrend: TrendValues = { avg: 0, min: 0, med: 0, max: 0, 'p(90)': 0, 'p(95)': 0, 'p(99)': 0, count: 0 };

export function trendOf(record: RunRecord, metric: string, tags?: Tags): TrendValues {
  const entry = record.metrics[seriesKey(metric, tags)];
  return entry?.type === 'trend' ? (entry.values as TrendValues) : noTrend;
}
export function counterOf(record: RunRecord, metric: string, tags?: Tags): CounterValues {
  const entry = record.metrics[seriesKey(metric, tags)];
  return entry?.type === 'counter' ? (entry.values as CounterValues) : { count: 0, rate: 0 };
}
export function rateOf(record: RunRecord, metric: string, tags?: Tags): RateValues {
  const entry = record.metrics[seriesKey(metric, tags)];
  return entry?.type === 'rate' ? (entry.values as RateValues) : { rate: 0, passes: 0, fails: 0 };
}
function gaugeOf(record: RunRecord, metric: string): GaugeValues {
  const entry = record.metrics[metric];
  return entry?.type === 'gauge' ? (entry.values as GaugeValues) : { value: 0, min: 0, max: 0 };
}

/** The run in one handful of numbers. All zero for a run without a sample. */
export function keyFigures(record: RunRecord): KeyFigures {
  const requests = counterOf(record, 'http_reqs');
  const failed = rateOf(record, 'http_req_failed');
  const iterations = counterOf(record, 'iterations');
  const checks = rateOf(record, 'checks');
  return {
    durationMs: Math.round(record.timeline.at(-1)?.endAtMs ?? 0),
    requests: requests.count,
    requestsPerSec: requests.rate,
    failedCount: failed.passes,
    failedRatio: failed.rate,
    duration: trendOf(record, 'http_req_duration'),
    iterations: iterations.count,
    iterationsPerSec: iterations.rate,
    iterationsFailed: counterOf(record, 'iterations_failed').count,
    droppedIterations: counterOf(record, 'dropped_iterations').count,
    resent: counterOf(record, 'http_req_resent').count,
    checksPassed: checks.passes,
    checksFailed: checks.fails,
    vusMax: gaugeOf(record, 'vus').max,
    vusAllocated: gaugeOf(record, 'vus_max').max,
    bytesSent: counterOf(record, 'data_sent').count,
    bytesReceived: counterOf(record, 'data_received').count,
  };
}

/** One row per user and task, in the order of the plan, then any others by name. */
export function taskRows(record: RunRecord): SeriesRow[] {
  const planned = record.plan.scenarios.flatMap(({ users }) =>
    users.flatMap((user) => user.tasks.map((task) => JSON.stringify([user.name, task.name]))),
  );
  const position = (row: SeriesRow): number => {
    const found = planned.indexOf(JSON.stringify([row.user, row.task]));
    return found === -1 ? planned.length : found;
  };
  return seriesRows(record, ['task', 'user']).sort((a, b) => position(a) - position(b));
}

/** One row per user, task, method and name, the busiest first. */
export function endpointRows(record: RunRecord): SeriesRow[] {
  return seriesRows(record, ['method', 'name', 'task', 'user']).sort((a, b) => b.requests - a.requests);
}

/** Rows of the series that carry exactly the given tags (names ascending). */
function seriesRows(record: RunRecord, tagNames: readonly string[]): SeriesRow[] {
  const found = new Map<string, Tags>();
  for (const { metric, tags } of Object.values(record.metrics)) {
    if (tags === undefined || (metric !== 'http_reqs' && metric !== 'iterations')) continue;
    if (Object.keys(tags).sort().join() === tagNames.join()) found.set(seriesKey('', tags), tags);
  }
  return [...found.values()].map((tags) => {
    const requests = counterOf(record, 'http_reqs', tags);
    const failed = rateOf(record, 'http_req_failed', tags);
    return {
      user: tags.user ?? '',
      task: tags.task ?? '',
      ...(tags.method !== undefined && { method: tags.method }),
      ...(tags.name !== undefined && { name: tags.name }),
      requests: requests.count,
      requestsPerSec: requests.rate,
      failedCount: failed.passes,
      failedRatio: failed.rate,
      duration: trendOf(record, 'http_req_duration', tags),
      ...cutOf(record, 'http_req_duration', tags),
      iterations: counterOf(record, 'iterations', tags).count,
    };
  });
}

function cutOf(record: RunRecord, metric: string, tags: Tags): { readonly cut?: CutOfEntry } {
  const cut = record.metrics[seriesKey(metric, tags)]?.cut;
  return cut === undefined ? {} : { cut };
}

/** Where a check or error belongs: `buyer › price › GET /api/price`, as far as the tags tell. */
export function placeOf(tags: Tags): string {
  const endpoint = [tags.method, tags.name].filter((part) => part !== undefined).join(' ');
  return [tags.user, tags.task, tags.group, endpoint]
    .filter((part) => part !== undefined && part !== '')
    .join(' › ');
}

/** The task alone where a run has one user class, else `user › task`. The suite's own `setup` is no user's. */
export function taskLabel(
  row: Pick<SeriesRow, 'user' | 'task'>,
  rows: readonly Pick<SeriesRow, 'user'>[],
): string {
  const users = new Set(rows.map(({ user }) => user));
  users.delete('suite');
  return users.size > 1 || row.user === 'suite' ? `${row.user} › ${row.task}` : row.task;
}
