// endpoints.csv, timeline.csv and monitors.csv: fixed columns, plain numbers in the unit that the column's name says.

import type { ObjectiveFigure } from '../../model/objective.ts';
import { operationMetrics } from '../../model/operation.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { windowValue } from '../view/charts.ts';
import { unitOfCourse, watchedMonitors } from '../view/monitors.ts';
import { endpointRows } from '../view/record-figures.ts';
import { thresholdRows } from '../view/threshold-rows.ts';

type Field = string | number | undefined;

/**
 * Lines of RFC 4180 fields, the first line being the titles; lines end in CR LF. Text that a spreadsheet
 * would take for a formula gets a quote mark in front.
 */
function renderCsv(titles: readonly string[], rows: readonly (readonly Field[])[]): string {
  return [titles, ...rows].map((fields) => `${fields.map(csvField).join(',')}\r\n`).join('');
}

/** Spreadsheets overlook spaces, and take full-width signs for the usual ones. */
const formula = /^(?:[\t\r]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20])/;

/** One field, in quotes where RFC 4180 asks for them. */
export function csvField(field: Field): string {
  if (field === undefined) return '';
  // Six digits after the point are more than was measured.
  if (typeof field === 'number') return String(Number(field.toFixed(6)));
  const safe = formula.test(field) ? `'${field}` : field;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

const endpointTitles = [
  'user',
  'task',
  'method',
  'name',
  'requests',
  'requests_per_s',
  'failed',
  'failed_ratio',
  'avg_ms',
  'min_ms',
  'p50_ms',
  'p90_ms',
  'p95_ms',
  'p99_ms',
  'max_ms',
  'cut_off',
  'cut_off_overdue',
  'cut_off_longest_wait_ms',
] as const;

/** One row per user, task, method and name; no times where there was no sample. */
export function renderEndpointsCsv(record: RunRecord): string {
  const rows = endpointRows(record).map((row) => {
    const { duration } = row;
    const times = [
      duration.avg,
      duration.min,
      duration.med,
      duration['p(90)'],
      duration['p(95)'],
      duration['p(99)'],
      duration.max,
    ];
    return [
      row.user,
      row.task,
      row.method,
      row.name,
      row.requests,
      row.requestsPerSec,
      row.failedCount,
      row.failedRatio,
      ...times.map((ms) => (duration.count === 0 ? undefined : ms)),
      row.cut?.count ?? 0,
      row.cut?.overdue ?? 0,
      row.cut?.waitedMs.most,
    ];
  });
  return renderCsv(endpointTitles, rows);
}

const thresholdTitles = [
  'threshold',
  'series',
  'expression',
  'level',
  'state',
  'actual',
  'limit',
  'least',
  'greatest',
  'cut_off',
  'unit',
] as const;

/**
 * One row per threshold, the broken ones first; a bound that is not there is empty. `undefined` for a run without
 * thresholds.
 */
export function renderThresholdsCsv(record: RunRecord): string | undefined {
  const rows = thresholdRows(record).map((row) => [
    row.id,
    row.series,
    row.expression,
    row.level,
    stateNames[row.state],
    row.actual ?? undefined,
    row.limit,
    row.bounds === undefined ? (row.actual ?? undefined) : (row.bounds.least ?? undefined),
    row.bounds === undefined ? (row.actual ?? undefined) : (row.bounds.greatest ?? undefined),
    row.cut?.count ?? 0,
    row.unit,
  ]);
  return rows.length === 0 ? undefined : renderCsv(thresholdTitles, rows);
}

const objectiveTitles = [
  'objective',
  'title',
  'dimension',
  'status',
  'weight',
  'credit_low',
  'credit_high',
  'class_worst',
  'class_best',
  'series',
  'expression',
  'level',
  'state',
  'actual',
  'limit',
  'margin',
  'unit',
  'reason',
] as const;

/**
 * One row per figure of each objective, one without a figure for an objective that has none; in the order of the suite.
 * `undefined` for a run without objectives.
 */
export function renderObjectivesCsv({ compliance }: RunRecord): string | undefined {
  if (compliance === undefined) return undefined;
  const rows = compliance.objectives.flatMap((one) => {
    const status = one.isElsewhere === true ? 'other profile' : one.status;
    const head = [one.name, one.title, one.dimension, status, one.weight, one.credit.low, one.credit.high];
    const classes = [one.class?.worst, one.class?.best];
    const figures: readonly (ObjectiveFigure | undefined)[] =
      one.figures.length === 0 ? [undefined] : one.figures;
    return figures.map((figure) => [
      ...head,
      ...classes,
      figure?.series,
      figure?.expression,
      figure?.level,
      figure?.state,
      figure?.actual ?? undefined,
      figure?.limit,
      figure?.margin ?? undefined,
      figure?.unit,
      one.reason,
    ]);
  });
  return renderCsv(objectiveTitles, rows);
}

const stateNames = {
  pass: 'held',
  close: 'held',
  warn: 'missed',
  open: 'undecided',
  fail: 'broken',
} as const;

/** A column of the timeline: one value key of one metric; windows without a sample leave it empty, or 0. */
interface TimelineColumn {
  readonly title: string;
  readonly metric: string;
  readonly key: string;
  readonly whenAbsent?: 0;
}

/** Of statements and Redis commands; new columns stand last, since scripts may go by position. */
function operationColumns(kind: 'statement' | 'command'): TimelineColumn[] {
  const { count, failed, duration } = operationMetrics[kind];
  return [
    { title: `${kind}s`, metric: count, key: 'count', whenAbsent: 0 },
    { title: `${kind}s_per_s`, metric: count, key: 'rate', whenAbsent: 0 },
    { title: `${kind}s_failed`, metric: failed, key: 'passes', whenAbsent: 0 },
    { title: `${kind}_p50_ms`, metric: duration, key: 'med' },
    { title: `${kind}_p95_ms`, metric: duration, key: 'p(95)' },
    { title: `${kind}_p99_ms`, metric: duration, key: 'p(99)' },
    { title: `${kind}_max_ms`, metric: duration, key: 'max' },
  ];
}

const timelineColumns: readonly TimelineColumn[] = [
  { title: 'vus', metric: 'vus', key: 'max' },
  { title: 'iterations', metric: 'iterations', key: 'count', whenAbsent: 0 },
  { title: 'iterations_per_s', metric: 'iterations', key: 'rate', whenAbsent: 0 },
  { title: 'iterations_failed', metric: 'iterations_failed', key: 'count', whenAbsent: 0 },
  { title: 'iterations_dropped', metric: 'dropped_iterations', key: 'count', whenAbsent: 0 },
  { title: 'requests', metric: 'http_reqs', key: 'count', whenAbsent: 0 },
  { title: 'requests_per_s', metric: 'http_reqs', key: 'rate', whenAbsent: 0 },
  { title: 'failed', metric: 'http_req_failed', key: 'passes', whenAbsent: 0 },
  { title: 'failed_ratio', metric: 'http_req_failed', key: 'rate' },
  { title: 'duration_avg_ms', metric: 'http_req_duration', key: 'avg' },
  { title: 'duration_min_ms', metric: 'http_req_duration', key: 'min' },
  { title: 'duration_p50_ms', metric: 'http_req_duration', key: 'med' },
  { title: 'duration_p90_ms', metric: 'http_req_duration', key: 'p(90)' },
  { title: 'duration_p95_ms', metric: 'http_req_duration', key: 'p(95)' },
  { title: 'duration_p99_ms', metric: 'http_req_duration', key: 'p(99)' },
  { title: 'duration_max_ms', metric: 'http_req_duration', key: 'max' },
  { title: 'checks_passed', metric: 'checks', key: 'passes', whenAbsent: 0 },
  { title: 'checks_failed', metric: 'checks', key: 'fails', whenAbsent: 0 },
  { title: 'data_sent_bytes', metric: 'data_sent', key: 'count', whenAbsent: 0 },
  { title: 'data_received_bytes', metric: 'data_received', key: 'count', whenAbsent: 0 },
  { title: 'generator_cpu_max', metric: 'generator_cpu', key: 'max' },
  { title: 'generator_event_loop_delay_p99_ms', metric: 'generator_event_loop_delay', key: 'p(99)' },
  { title: 'generator_schedule_lag_p99_ms', metric: 'generator_schedule_lag', key: 'p(99)' },
  ...operationColumns('statement'),
  ...operationColumns('command'),
];

/** One row per interval, ascending by time. */
export function renderTimelineCsv(record: RunRecord): string {
  const titles = ['start_ms', 'end_ms', ...timelineColumns.map(({ title }) => title)];
  const rows = record.timeline.map((window) => [
    window.startAtMs,
    window.endAtMs,
    ...timelineColumns.map(({ metric, key, whenAbsent }) => windowValue(window, metric, key) ?? whenAbsent),
  ]);
  return renderCsv(titles, rows);
}

const monitorTitles = ['time_ms', 'monitor', 'figure', 'unit', 'avg', 'min', 'max'] as const;

/**
 * One row per entry and figure, ascending by time within each monitor; counters per second. `undefined` where nothing was
 * watched.
 */
export function renderMonitorsCsv(record: RunRecord): string | undefined {
  const monitors = watchedMonitors(record);
  if (monitors.length === 0) return undefined;
  const rows = monitors.flatMap(([name, { times, figures, series }]) => {
    const courses = Object.entries(figures).map(([figure, definition]) => {
      const { avg = [], min = avg, max = avg } = series[figure] ?? {};
      return { figure, unit: unitOfCourse(definition), avg, min, max };
    });
    return times.flatMap((atMs, entry) =>
      courses.flatMap(({ figure, unit, avg, min, max }): Field[][] => {
        const value = avg[entry] ?? null;
        if (value === null) return [];
        return [[atMs, name, figure, unit, value, min[entry] ?? value, max[entry] ?? value]];
      }),
    );
  });
  return renderCsv(monitorTitles, rows);
}
