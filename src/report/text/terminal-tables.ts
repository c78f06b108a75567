// What a run did, as tables of the terminal's summary: its tasks, and beside HTTP its held connections, statements
// and Redis commands. Called by terminal.ts.

import type { RunRecord } from '../../model/run-record.ts';
import { formatCount, formatMs, formatPercent, formatPerSec, oneLine } from '../format-values.ts';
import { connectionRows, connectionTexts, connectionTitles } from '../view/connections.ts';
import { cutOffRows, cutOffSummary, cutOffTitles } from '../view/cut-off.ts';
import { outageRows, outageTexts, outageTitles } from '../view/outages.ts';
import { type SeriesRow, taskLabel, taskRows, trendOf } from '../view/record-figures.ts';
import { commandRows, commandTexts, commandTitles } from '../view/redis.ts';
import { statementRows, statementTexts, statementTitles } from '../view/sql.ts';
import type { Palette } from './palette.ts';
import { left, renderTable, right } from './text-table.ts';

const shownRows = 30;
/** Which of a row's texts says how much of it failed. */
const failedColumn = 1;

interface Line {
  readonly name: string;
  readonly texts: readonly string[];
  readonly failed: boolean;
  /** Lines of one group stand together, under its name. */
  readonly group?: string;
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
  const shown = inGroups(lines.slice(0, shownRows));
  const rows = shown.map(({ name, texts, failed, group }) => [
    `  ${group === undefined ? '' : '  '}${oneLine(name)}`,
    ...texts.map((text, k) => (failed && k === failedColumn ? { text, paint: palette.red } : text)),
  ]);
  const [head = '', ...rendered] = renderTable(columns, rows, palette.dim);
  const more = lines.length > shownRows ? [`  ... and ${lines.length - shownRows} more`] : [];
  const body = rendered.flatMap((line, k) => {
    const group = shown[k]?.group;
    return group === undefined || group === shown[k - 1]?.group ? [line] : [`  ${oneLine(group, 90)}`, line];
  });
  return [palette.bold(table.title), head, ...body, ...more];
}

/** In the order in which the groups first appear. */
function inGroups(lines: readonly Line[]): Line[] {
  const groups = new Map<string | undefined, Line[]>();
  for (const line of lines) groups.set(line.group, [...(groups.get(line.group) ?? []), line]);
  return [...groups.values()].flat();
}

/** Where there are several users, each is a group; the suite's own `setup` is no user's. */
function groupOf(user: string, rows: readonly { readonly user: string }[]): { group?: string } {
  const users = new Set(rows.map((row) => row.user));
  users.delete('suite');
  return users.size > 1 ? { group: user } : {};
}

/** A task cut to less says nothing. */
const leastTaskWidth = 8;

/** `task: name`, the task cut short where both are too long; the name alone where it says it all, or takes the room. */
function nameIn(task: string, name: string, width: number): string {
  const room = width - name.length - 2;
  if (task === name || room < Math.min(task.length, leastTaskWidth)) return name;
  return `${oneLine(task, room)}: ${name}`;
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

/** Room for the name of a statement or command, within its column and behind the indent of a group. */
const operationWidth = 40;
const nameRoom = operationWidth - 4;

export function statementTable(record: RunRecord, palette: Palette): string[] {
  const rows = statementRows(record);
  const lines = rows.map((row) => ({
    name: nameIn(row.task, row.operation, nameRoom),
    texts: statementTexts(row, '-'),
    failed: row.failedCount > 0,
    ...groupOf(row.user, rows),
  }));
  const table = {
    title: 'Statements',
    first: 'statement',
    nameWidth: operationWidth,
    titles: statementTitles,
  };
  return render(table, lines, palette);
}

export function commandTable(record: RunRecord, palette: Palette): string[] {
  const rows = commandRows(record);
  const lines = rows.map((row) => ({
    name: nameIn(row.task, row.command, nameRoom),
    texts: commandTexts(row, '-'),
    failed: row.failed.passes > 0,
    ...groupOf(row.user, rows),
  }));
  const table = {
    title: 'Redis commands',
    first: 'command',
    nameWidth: operationWidth,
    titles: commandTitles,
  };
  return render(table, lines, palette);
}

/** One line for what every run cuts off; a table where some of it was overdue. */
export function cutOffTable(record: RunRecord, palette: Palette): string[] {
  const rows = cutOffRows(record).filter(({ isOverdue }) => isOverdue);
  const title = palette.bold('Cut off at the end');
  const all = cutOffSummary(record);
  if (rows.length === 0) return all === '' ? [] : [`${title}  ${all}, none of it overdue`];
  const [what = '', where, count = '', overdue = '', waited = ''] = cutOffTitles;
  const titles = [count, overdue, waited].map((one) => right(one.toLowerCase()));
  const table = renderTable(
    [left(`  ${what.toLowerCase()}`, 22), left(where?.toLowerCase(), 36), ...titles],
    rows
      .slice(0, shownRows)
      .map(({ cells: [kind = '', ...cells] }) => [`  ${kind}`, ...cells.map((one) => oneLine(one))]),
    palette.dim,
  );
  const more = rows.length > shownRows ? [`  ... and ${rows.length - shownRows} more`] : [];
  return [`${title}  ${all}`, ...table, ...more];
}

/** Nothing for a run without an outage. */
export function outageTable(record: RunRecord, palette: Palette): string[] {
  const rows = outageRows(record);
  if (rows.length === 0) return [];
  const [began, ended, recovery, failed] = outageTitles.map((title) => title.toLowerCase());
  const table = renderTable(
    [left(`  ${began}`), left(ended), left(recovery), left(failed, 48)],
    rows.slice(0, shownRows).map((row) => {
      const [from = '', ...texts] = outageTexts(row);
      return [`  ${from}`, ...texts];
    }),
    palette.dim,
  );
  const more = rows.length > shownRows ? [`  ... and ${rows.length - shownRows} more`] : [];
  return [`${palette.bold('Outages')}  ${formatCount(rows.length)}`, ...table, ...more];
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
