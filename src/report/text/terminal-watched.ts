// The terminal's tables of what was watched beside the load, and of alerts. terminal.ts puts them into the summary.

import type { RunRecord } from '../../model/run-record.ts';
import { formatCount, oneLine } from '../format-values.ts';
import { alertRows } from '../view/alerts.ts';
import { unreadMonitors, watchedMonitors, watchedRows, watchedTitles } from '../view/monitors.ts';
import type { Palette } from './palette.ts';
import { left, renderTable, right, wrapText } from './text-table.ts';

const pageWidth = 100;
const shownAlerts = 10;

/** The headline figures of every monitor; empty when nothing was watched. */
export function watchedTable(record: RunRecord, palette: Palette): string[] {
  const rows = watchedMonitors(record).flatMap(([name, monitor]) =>
    watchedRows(record, name, monitor, 'headlines').map(({ title, definition, cells }, k) => [
      k === 0 ? `  ${oneLine(title)}` : '',
      oneLine(definition.title),
      ...cells,
    ]),
  );
  const unread = unreadMonitors(record).flatMap(({ title, reason }) =>
    wrapText(oneLine(`${title} could not be read: ${reason}`), pageWidth - 4).map(
      (line, k) => `${k === 0 ? '  ! ' : '    '}${line}`,
    ),
  );
  if (rows.length === 0 && unread.length === 0) return [];
  const numbers = watchedTitles.slice(2).map((title) => right(title.toLowerCase()));
  const columns = [left('', 28), left('figure', 26), ...numbers];
  const table = rows.length === 0 ? [] : renderTable(columns, rows, palette.dim);
  return [palette.bold('Watched'), ...table, ...unread.map(palette.yellow)];
}

/** Every time that an alert was firing. */
export function alertTable(record: RunRecord, palette: Palette): string[] {
  const rows = alertRows(record);
  if (rows.length === 0) return [];
  const table = renderTable(
    [left('  alert', 34), left('level'), right('began'), right('lasted'), left('figures', 44)],
    rows
      .slice(0, shownAlerts)
      .map(({ episode, cells: [title, ...texts] }) => [
        `  ${oneLine(title)}`,
        { text: texts[0]!, paint: episode.level === 'critical' ? palette.red : palette.yellow },
        ...texts.slice(1).map((text) => oneLine(text)),
      ]),
    palette.dim,
  );
  const more = rows.length > shownAlerts ? [`  ... and ${rows.length - shownAlerts} more`] : [];
  return [`${palette.bold('Alerts')}  ${formatCount(rows.length)}`, ...table, ...more];
}
