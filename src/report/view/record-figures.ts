// What all reports show, taken from a run record once: rows and figures without any formatting.

import { explainErrorCode } from '../../analysis/error-advice.ts';
import { isUndecided, isUnread, unitOfAggregation } from '../../analysis/judged-thresholds.ts';
import type { Aggregation } from '../../model/aggregation.ts';
import type { CounterValues, GaugeValues, RateValues, Tags, TrendValues } from '../../model/metric.ts';
import { seriesKey } from '../../model/metric.ts';
import { figureOfMetric } from '../../model/monitor-settings.ts';
import type { CheckResult, CutOfEntry, RunRecord, ThresholdResult } from '../../model/run-record.ts';
import type { FigureUnit } from '../format-values.ts';

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

export interface ThresholdRow extends ThresholdResult {
  /** Tells it from all other rows. */
  readonly id: string;
  /** Series key of the metric. */
  readonly series: string;
  readonly expression: string;
  readonly unit: FigureUnit;
  /** `open`: nobody knows, since nothing was recorded, or what was cut off decides. */
  readonly state: 'pass' | 'close' | 'warn' | 'open' | 'fail';
  /** The same aggregation of the series has a limit of the other level, too. */
  readonly hasBothLevels: boolean;
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

const stateOrder: Readonly<Record<ThresholdRow['state'], number>> = {
  fail: 0,
  open: 1,
  warn: 2,
  close: 3,
  pass: 4,
};

/** Every threshold's result, the broken ones first. Those of a capacity search are in `stepRows` instead. */
export function thresholdRows(record: RunRecord): ThresholdRow[] {
  const judged = outcomesOf(record).filter(({ level }) => level !== 'search');
  const rows = judged.flatMap((outcome): ThresholdRow[] => {
    const { series, expression, level } = outcome;
    const entry = record.metrics[series];
    if (entry === undefined) return [];
    const figure = figureOfMetric(record.plan.monitors, entry.metric);
    return [
      {
        ...outcome,
        unit: unitOfAggregation(aggregationKind(expression), entry, figure),
        state: thresholdState(outcome),
        hasBothLevels: judged.some(
          (other) =>
            other.series === series &&
            other.level !== level &&
            aggregationOf(other.expression) === aggregationOf(expression),
        ),
      },
    ];
  });
  return rows.sort((a, b) => stateOrder[a.state] - stateOrder[b.state]);
}

type Outcome = ThresholdResult & Pick<ThresholdRow, 'id' | 'series' | 'expression'>;

/** Records of older versions have results by expression only. */
function outcomesOf({ thresholds, metrics }: RunRecord): readonly Outcome[] {
  if (thresholds !== undefined) return thresholds;
  return Object.entries(metrics).flatMap(([series, entry]) =>
    Object.entries(entry.thresholds ?? {}).map(([expression, result]) => {
      const level = result.level === 'critical' ? '' : ` (${result.level})`;
      return { id: `${series}: ${expression}${level}`, series, expression, ...result };
    }),
  );
}

function thresholdState(result: ThresholdResult): ThresholdRow['state'] {
  if (isUndecided({ result }) || isUnread({ result })) return 'open';
  if (!result.ok) return result.level === 'target' ? 'warn' : 'fail';
  return result.close ? 'close' : 'pass';
}

/** The aggregation that an expression starts with: `p(95)`. */
function aggregationOf(expression: string): string {
  return (/^[^<>=!]*/.exec(expression)?.[0] ?? '').replace(/\s/g, '');
}

function aggregationKind(expression: string): Aggregation['kind'] {
  const [word] = aggregationOf(expression).split('(');
  return word === 'p' ? 'percentile' : (word as Aggregation['kind']);
}

/** The operator of an expression, for printing next to its limit: `<`, `>=`, ... */
export function operatorOf(expression: string): string {
  return /(<=|>=|==|!=|<|>)/.exec(expression)?.[1] ?? '';
}

/** Checks of all scenarios together, since reports show them by user and task; ascending as in the record. */
export function checkRows(record: RunRecord): CheckResult[] {
  const rows = new Map<string, CheckResult>();
  for (const { name, tags, passes, fails } of record.checks) {
    const { scenario: _, ...place } = tags;
    const key = seriesKey(name, place);
    const row = rows.get(key) ?? { name, tags: place, passes: 0, fails: 0 };
    rows.set(key, { ...row, passes: row.passes + passes, fails: row.fails + fails });
  }
  return [...rows.values()];
}

/** Checks with at least one failure, the most failures first. */
export function failingChecks(record: RunRecord): CheckResult[] {
  return checkRows(record)
    .filter(({ fails }) => fails > 0)
    .sort((a, b) => b.fails - a.fails);
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

/** What to do about the worst findings, one sentence each and at most three; nothing for mere information. */
export function firstAdvice(record: RunRecord): string[] {
  const advice = record.findings
    .filter(({ severity }) => severity !== 'info')
    .flatMap((finding) => (finding.advice === undefined ? [] : [firstSentence(finding.advice)]));
  return [...new Set(advice)].slice(0, 3);
}

function firstSentence(text: string): string {
  return /^.*?[.!?](?=\s|$)/s.exec(text)?.[0] ?? text;
}

/** `FAIL`, `PASS WITH WARNINGS`, ...; an interrupted run says so. */
export function verdictTitle(record: RunRecord): string {
  const titles = {
    pass: 'PASS',
    warn: 'PASS WITH WARNINGS',
    fail: 'FAIL',
    inconclusive: 'INCONCLUSIVE',
  } as const;
  return titles[record.verdict.status] + (record.interrupted ? ' (interrupted)' : '');
}

const shownMeanings = 5;

/** What the most frequent classes of errors mean, one sentence each; classes that explain themselves are left out. */
export function errorMeanings(record: RunRecord): { readonly code: string; readonly meaning: string }[] {
  const counts = new Map<string, number>();
  for (const { code, count } of record.errors) counts.set(code, (counts.get(code) ?? 0) + count);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .flatMap(([code]) => {
      const meaning = explainErrorCode(code)?.meaning;
      return meaning === undefined ? [] : [{ code, meaning }];
    })
    .slice(0, shownMeanings);
}
