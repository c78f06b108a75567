// Tasks and endpoints: how often each was asked for, how much failed, and how long it took.

import type { TrendValues } from '../../model/metric.ts';
import type { RunRecord } from '../../model/run-record.ts';
import {
  code,
  emptyNotes,
  failedCell,
  figure,
  figureColumn,
  name,
  pageOnly,
  row,
  table,
  text,
  textColumn,
  timeCell,
} from './cells.ts';
import { endpointRows, type SeriesRow, taskLabel, taskRows, trendOf } from './record-figures.ts';
import type { Cell, Column, Section } from './section.ts';

const timeColumns: readonly Column[] = ['p50', 'p95', 'p99', 'Max'].map((title) => figureColumn(title));
const requestColumns: readonly Column[] = [
  ...['Requests', 'Rate', 'Failed'].map((title) => figureColumn(title)),
  figureColumn('Average', pageOnly),
  ...timeColumns,
];

function timeCells(times: TrendValues): Cell[] {
  return [
    timeCell(times, 'avg'),
    timeCell(times, 'med'),
    timeCell(times, 'p(95)'),
    timeCell(times, 'p(99)'),
    timeCell(times, 'max'),
  ];
}

function requestCells(one: SeriesRow): Cell[] {
  return [
    figure(one.requests, 'count'),
    figure(one.requestsPerSec, 'per s'),
    failedCell(one.failedRatio, one.failedCount),
    ...timeCells(one.duration),
  ];
}

/** By requests, or by iterations in a run without any. */
export function tasksSection(record: RunRecord): Section {
  const rows = taskRows(record);
  const section = { id: 'tasks', title: 'Tasks' };
  if (rows.length === 0) return { ...section, blocks: [emptyNotes('No task was run.')] };
  if (rows.every(({ requests }) => requests === 0)) {
    return { ...section, blocks: [byIterations(record, rows)] };
  }
  const columns = [textColumn('Task', { width: 30 }), ...requestColumns];
  const body = rows.map((one) => row(name(taskLabel(one, rows)), ...requestCells(one)));
  return { ...section, blocks: [table('Tasks', columns, body)] };
}

function byIterations(record: RunRecord, rows: readonly SeriesRow[]) {
  const columns = [
    textColumn('Task', { width: 46 }),
    figureColumn('Iterations'),
    figureColumn('Average', { rooms: ['terminal', 'page'] }),
    ...timeColumns,
  ];
  const body = rows.map((one) => {
    const times = trendOf(record, 'iteration_duration', { task: one.task, user: one.user });
    return row(name(taskLabel(one, rows)), figure(one.iterations, 'count'), ...timeCells(times));
  });
  return table('Tasks', columns, body);
}

/** On pages alone; other operations stand in for the endpoints of a run without HTTP requests. */
export function endpointsSection(record: RunRecord, hasOthers: boolean): Section {
  const rows = endpointRows(record);
  const section = { id: 'endpoints', title: 'Endpoints', ...pageOnly };
  if (rows.length === 0) {
    return { ...section, blocks: hasOthers ? [] : [emptyNotes('No request was made.')] };
  }
  const columns = [textColumn('Endpoint'), textColumn('Task'), ...requestColumns];
  const body = rows.map((one) =>
    row(code(one.name ?? '', { prefix: one.method ?? '' }), text(taskLabel(one, rows)), ...requestCells(one)),
  );
  return { ...section, blocks: [table('Endpoints', columns, body)] };
}
