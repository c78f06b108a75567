// WebSockets and event streams as the reports show them: rows taken from the record, and their section.

import { seriesKey, type Tags, type TrendValues } from '../../model/metric.ts';
import type { RunRecord } from '../../model/run-record.ts';
import {
  code,
  failedCell,
  figure,
  figureColumn,
  pageOnly,
  row,
  table,
  text,
  textColumn,
  timeCell,
} from './cells.ts';
import { counterOf, rateOf, taskLabel, taskRows, trendOf } from './record-figures.ts';
import type { Section } from './section.ts';

/** The connections of one name that one task of a user opened. */
export interface ConnectionRow {
  readonly kind: 'ws' | 'sse';
  readonly name: string;
  readonly user: string;
  readonly task: string;
  readonly sessions: number;
  readonly failedCount: number;
  readonly failedRatio: number;
  /** Messages; `null` for event streams, which only receive. */
  readonly sent: number | null;
  /** Messages, or events. */
  readonly received: number;
  /** From connecting to the first message or event, in ms. */
  readonly first: TrendValues;
  /** Round trips of `request`, in ms; without any `count` is 0. */
  readonly request: TrendValues;
  /** How long sessions lasted, in ms. */
  readonly length: TrendValues;
}

const tagNames = 'name,task,user';

/** One row per kind, name, task and user; none for a run without such connections. */
export function connectionRows(record: RunRecord): ConnectionRow[] {
  const rows = Object.values(record.metrics).flatMap(({ metric, tags }) => {
    const kind = metric === 'ws_sessions' ? 'ws' : metric === 'sse_sessions' ? 'sse' : undefined;
    if (kind === undefined || tags === undefined) return [];
    return Object.keys(tags).sort().join() === tagNames ? [makeRow(record, kind, tags)] : [];
  });
  const keyOf = ({ kind, ...tags }: ConnectionRow): string =>
    seriesKey(kind, { name: tags.name, task: tags.task });
  return rows.sort((a, b) => b.sessions - a.sessions || (keyOf(a) < keyOf(b) ? -1 : 1));
}

function makeRow(record: RunRecord, kind: 'ws' | 'sse', tags: Tags): ConnectionRow {
  const failed = rateOf(record, `${kind}_session_failed`, tags);
  const isSocket = kind === 'ws';
  return {
    kind,
    name: tags.name ?? '',
    user: tags.user ?? '',
    task: tags.task ?? '',
    sessions: counterOf(record, `${kind}_sessions`, tags).count,
    failedCount: failed.passes,
    failedRatio: failed.rate,
    sent: isSocket ? counterOf(record, 'ws_msgs_sent', tags).count : null,
    received: counterOf(record, isSocket ? 'ws_msgs_received' : 'sse_events', tags).count,
    first: trendOf(record, isSocket ? 'ws_time_to_first_message' : 'sse_time_to_first_event', tags),
    // Streams make none, and have no such series.
    request: trendOf(record, `${kind}_request_duration`, tags),
    length: trendOf(record, `${kind}_session_duration`, tags),
  };
}

const titles = ['Sessions', 'Failed', 'Sent', 'Received', 'First p95', 'Request p95', 'Length p50'];

/** Without blocks for a run without such connections. */
export function connectionsSection(record: RunRecord): Section {
  const rows = connectionRows(record);
  const tasks = taskRows(record);
  const body = rows.map((one) =>
    row(
      code(one.name, { prefix: one.kind }),
      text(taskLabel(one, tasks)),
      figure(one.sessions, 'count'),
      failedCell(one.failedRatio, one.failedCount),
      figure(one.sent, 'count'),
      figure(one.received, 'count'),
      timeCell(one.first, 'p(95)'),
      timeCell(one.request, 'p(95)'),
      figure(one.length.count === 0 ? null : one.length.med, 'duration'),
    ),
  );
  const columns = [
    textColumn('Connection', { width: 28 }),
    textColumn('Task', pageOnly),
    ...titles.map((title) => figureColumn(title)),
  ];
  const blocks = rows.length === 0 ? [] : [table('Connections', columns, body, { limits: { terminal: 30 } })];
  return { id: 'connections', title: 'Connections', blocks };
}
