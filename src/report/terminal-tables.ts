// What a run did, as tables of the terminal's summary: its tasks, and beside HTTP its held connections, statements
// and Redis commands. Called by terminal.ts.

import type { RunRecord } from '../model/run-record.ts';
import { connectionRows, connectionTexts, connectionTitles } from './connections-view.ts';
import { formatCount, formatMs, formatPercent, formatPerSec, oneLine } from './format-values.ts';
import type { Palette } from './palette.ts';
import { type SeriesRow, taskLabel, taskRows, trendOf } from './record-view.ts';
import { commandRows, commandTexts, commandTitles } from './redis-view.ts';
import { statementRows, statementTexts, statementTitles } from './sql-view.ts';
import { left, renderTable, right } from './text-table.ts';

const shownRows = 30;
/** Which of a row's texts says how much of it failed. */
const failedColumn = 1;

interface Line {
  readonly name: string;
  readonly texts: readonly string[];
  readonly failed: boolean;
}

interface Table {
  readonly title: string;
  readonly first: string;
  readonly nameWidth: number;
  readonly titles: readonly string[];
}

/** Nothing when there are no lines. */
function render(table: Table, lines: readonly Line[], palette: Palette): string[] {
  if (lines.length === 0) return [];
  const columns = [
    left(`  ${table.first}`, table.nameWidth),
    ...table.titles.map((title) => right(title.toLowerCase())),
  ];
  const rows = lines
    .slice(0, shownRows)
    .map(({ name, texts, failed }) => [
      `  ${oneLine(name)}`,
      ...texts.map((text, k) => (failed && k === failedColumn ? { text, paint: palette.red } : text)),
    ]);
  const more = lines.length > shownRows ? [`  ... and ${lines.length - shownRows} more`] : [];
  return [palette.bold(table.title), ...renderTable(columns, rows, palette.dim), ...more];
}

export function connectionTable(record: RunRecord, palette: Palette): string[] {
  const lines = connectionRows(record).map((row) => ({
    name: `${row.kind} ${row.name}`,
    texts: connectionTexts(row, '-'),
    failed: row.failedCount > 0,
  }));
  const table = { title: 'Connections', first: 'connection', nameWidth: 28, titles: connectionTitles };
  return render(table, lines, palette);
}

export function statementTable(record: RunRecord, palette: Palette): string[] {
  const lines = statementRows(record).map((row) => ({
    name: `${row.task}: ${row.operation}`,
    texts: statementTexts(row, '-'),
    failed: row.failedCount > 0,
  }));
  const table = { title: 'Statements', first: 'statement', nameWidth: 40, titles: statementTitles };
  return render(table, lines, palette);
}

export function commandTable(record: RunRecord, palette: Palette): string[] {
  const lines = commandRows(record).map((row) => ({
    name: `${row.task}: ${row.command}`,
    texts: commandTexts(row, '-'),
    failed: row.failed.passes > 0,
  }));
  const table = { title: 'Redis commands', first: 'command', nameWidth: 40, titles: commandTitles };
  return render(table, lines, palette);
}

export function taskTable(record: RunRecord, palette: Palette): string[] {
  const rows = taskRows(record);
  if (rows.length === 0) return [];
  if (rows.every(({ requests }) => requests === 0)) return tasksByIterations(record, rows, palette);
  const table = renderTable(
    [
      left('  task', 30),
      ...['requests', 'rate', 'failed', 'p50', 'p95', 'p99', 'max'].map((title) => right(title)),
    ],
    rows.map((row) => [
      `  ${oneLine(taskLabel(row, rows))}`,
      formatCount(row.requests),
      formatPerSec(row.requestsPerSec),
      row.failedCount > 0
        ? { text: formatPercent(row.failedRatio), paint: palette.red }
        : formatPercent(row.failedRatio),
      ...[row.duration.med, row.duration['p(95)'], row.duration['p(99)'], row.duration.max].map((ms) =>
        row.duration.count === 0 ? '-' : formatMs(ms),
      ),
    ]),
    palette.dim,
  );
  return [palette.bold('Tasks'), ...table];
}

/** For runs without HTTP requests: how often each task was done, and how long it took. */
function tasksByIterations(record: RunRecord, rows: readonly SeriesRow[], palette: Palette): string[] {
  const table = renderTable(
    [
      left('  task', 46),
      ...['iterations', 'average', 'p50', 'p95', 'p99', 'max'].map((title) => right(title)),
    ],
    rows.map((row) => {
      const times = trendOf(record, 'iteration_duration', { task: row.task, user: row.user });
      return [
        `  ${oneLine(taskLabel(row, rows))}`,
        formatCount(row.iterations),
        ...[times.avg, times.med, times['p(95)'], times['p(99)'], times.max].map((ms) =>
          times.count === 0 ? '-' : formatMs(ms),
        ),
      ];
    }),
    palette.dim,
  );
  return [palette.bold('Tasks'), ...table];
}
