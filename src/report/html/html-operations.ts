// The tables of report.html that say what a run did: tasks, endpoints, connections, statements, Redis commands, and the
// outages in it. The rows are those of the views, which the terminal and Markdown show, too.

import type { RateValues, TrendValues } from '../../model/metric.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { formatCount, formatMs, formatPercent, formatPerSec } from '../format-values.ts';
import { connectionRows, connectionTexts, connectionTitles } from '../view/connections.ts';
import { outageRows, outageTexts, outageTitles } from '../view/outages.ts';
import { endpointRows, type SeriesRow, taskLabel, taskRows, trendOf } from '../view/record-figures.ts';
import { commandRows, commandTexts, commandTitles } from '../view/redis.ts';
import { statementRows, statementTexts, statementTitles } from '../view/sql.ts';
import {
  absent,
  code,
  emptyNote,
  type HtmlCell,
  type HtmlColumn,
  number,
  table,
  text,
} from './html-table.ts';
import { escapeHtml } from './html-text.ts';

function numeric(titles: readonly string[]): HtmlColumn[] {
  return titles.map((title) => ({ title, numeric: true }));
}

const figureColumns = numeric(['Requests', 'Rate', 'Failed', 'Average', 'p50', 'p95', 'p99', 'Max']);

/** The average first; all absent where there is no sample. */
function timeCells({ count, ...times }: TrendValues): HtmlCell[] {
  return [times.avg, times.med, times['p(95)'], times['p(99)'], times.max].map((ms) =>
    count === 0 ? absent : number(ms, formatMs),
  );
}

function figureCells(row: SeriesRow): HtmlCell[] {
  const failed = number(row.failedRatio, formatPercent);
  return [
    number(row.requests, formatCount),
    number(row.requestsPerSec, formatPerSec),
    row.failedCount > 0 ? { ...failed, html: `<span class="bad">${failed.html}</span>` } : failed,
    ...timeCells(row.duration),
  ];
}

export function renderTasks(record: RunRecord): string {
  const rows = taskRows(record);
  if (rows.length === 0) return emptyNote('No task was run.');
  if (rows.every(({ requests }) => requests === 0)) return tasksByIterations(record, rows);
  return table(
    'Tasks',
    [{ title: 'Task' }, ...figureColumns],
    rows.map((row) => [text(taskLabel(row, rows)), ...figureCells(row)]),
  );
}

/** For runs without HTTP requests: how often each task was done, and how long it took. */
function tasksByIterations(record: RunRecord, rows: readonly SeriesRow[]): string {
  return table(
    'Tasks',
    [{ title: 'Task' }, ...numeric(['Iterations', 'Average', 'p50', 'p95', 'p99', 'Max'])],
    rows.map((row) => {
      const times = trendOf(record, 'iteration_duration', { task: row.task, user: row.user });
      return [text(taskLabel(row, rows)), number(row.iterations, formatCount), ...timeCells(times)];
    }),
  );
}

export function renderEndpoints(record: RunRecord): string {
  const rows = endpointRows(record);
  if (rows.length === 0) return emptyNote('No request was made.');
  return table(
    'Endpoints',
    [{ title: 'Endpoint' }, { title: 'Task' }, ...figureColumns],
    rows.map((row) => [
      {
        html: `<code><span class="dim">${escapeHtml(row.method ?? '')}</span> ${escapeHtml(row.name ?? '')}</code>`,
      },
      text(taskLabel(row, rows)),
      ...figureCells(row),
    ]),
  );
}

/**
 * Cells of texts that a view made, in the order of its titles: what to sort by in `values`, and the share that failed
 * second.
 */
function viewCells(texts: readonly string[], values: readonly number[], failedCount: number): HtmlCell[] {
  return texts.map((one, k) => {
    const html = escapeHtml(one);
    const isBad = k === 1 && failedCount > 0;
    return { html: isBad ? `<span class="bad">${html}</span>` : html, sort: values[k] ?? 0 };
  });
}

/** Times sort below all others where there is none. */
function sortTimes({ count, ...times }: TrendValues): number[] {
  return [times.med, times['p(95)'], times['p(99)'], times.max].map((ms) => (count === 0 ? -1 : ms));
}

/** WebSockets and event streams; nothing for a run without any. */
export function renderConnections(record: RunRecord): string {
  const rows = connectionRows(record);
  if (rows.length === 0) return '';
  return table(
    'Connections',
    [{ title: 'Connection' }, { title: 'Task' }, ...numeric(connectionTitles)],
    rows.map((row) => {
      const trends = [row.first['p(95)'], row.request['p(95)'], row.length.med];
      const values = [row.sessions, row.failedRatio, row.sent ?? -1, row.received, ...trends];
      const label = `<span class="dim">${row.kind}</span> ${escapeHtml(row.name)}`;
      return [
        { html: `<code>${label}</code>` },
        text(taskLabel(row, taskRows(record))),
        ...viewCells(connectionTexts(row, '–'), values, row.failedCount),
      ];
    }),
  );
}

/** Nothing for a run without a database. */
export function renderStatements(record: RunRecord): string {
  const rows = statementRows(record);
  if (rows.length === 0) return '';
  return table(
    'Statements',
    [{ title: 'Statement' }, { title: 'Task' }, ...numeric(statementTitles)],
    rows.map((row) => [
      code(row.operation),
      text(taskLabel(row, rows)),
      ...viewCells(
        statementTexts(row, '–'),
        [row.count, row.failedRatio, row.rowCount, ...sortTimes(row.duration)],
        row.failedCount,
      ),
    ]),
  );
}

/** Nothing for a run without Redis. */
export function renderCommands(record: RunRecord): string {
  const rows = commandRows(record);
  if (rows.length === 0) return '';
  const sortShare = ({ rate, passes, fails }: RateValues): number => (passes + fails === 0 ? -1 : rate);
  return table(
    'Redis commands',
    [{ title: 'Command' }, { title: 'Task' }, ...numeric(commandTitles)],
    rows.map((row) => [
      code(row.command),
      text(taskLabel(row, rows)),
      ...viewCells(
        commandTexts(row, '–'),
        [row.count, sortShare(row.failed), sortShare(row.hits), ...sortTimes(row.duration)],
        row.failed.passes,
      ),
    ]),
  );
}

/** Nothing for a run without an outage. */
export function renderOutages(record: RunRecord): string {
  const rows = outageRows(record);
  if (rows.length === 0) return '';
  const columns = outageTitles.map((title, k) => (k < 3 ? { title, numeric: true as const } : { title }));
  return table(
    'Outages',
    columns,
    rows.map((row) => {
      const values = [row.fromMs, row.untilMs ?? Number.MAX_SAFE_INTEGER, row.lengthMs];
      return outageTexts(row).map((one, k) => {
        const sort = values[k];
        return { html: escapeHtml(one), ...(sort !== undefined && { sort }) };
      });
    }),
  );
}
