// What was watched beside the load, in report.html: for each monitor its charts, all its figures, what happened, and its
// tables. ../view/watched-charts.ts says what the charts draw.

import type { MonitorRecord, MonitorTable } from '../../model/monitor.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { generatorHostMonitor, generatorMonitor } from '../../suite/monitor-settings.ts';
import { formatDuration } from '../../time/duration.ts';
import { formatCount } from '../format-values.ts';
import { tableCell, unreadMonitors, watchedMonitors, watchedRows, watchedTitles } from '../view/monitors.ts';
import { outageRows } from '../view/outages.ts';
import { drivesLoad } from '../view/record-figures.ts';
import type { WatchedCharts } from '../view/watched-charts.ts';
import { renderFigure } from './html-charts.ts';
import { absent, type HtmlCell, table, text } from './html-table.ts';
import { escapeHtml } from './html-text.ts';

const shownRemarks = 8;
/** Those of the load generator itself, by what they are called in its section. */
const ownTitles: ReadonlyMap<string, string> = new Map([
  [generatorMonitor, 'Its processes'],
  [generatorHostMonitor, 'Its machine'],
]);

/** The monitors of the suite; empty where it has none. */
export function renderWatched(record: RunRecord, charts: readonly WatchedCharts[]): string {
  const monitors = watchedMonitors(record).filter(([name]) => ownTitles.get(name) === undefined);
  const unread = unreadMonitors(record).map(
    ({ title, reason }) =>
      `<p class="state warn"><span aria-hidden="true">!</span> ${escapeHtml(title)} could not be read: ${escapeHtml(reason)}</p>`,
  );
  if (monitors.length === 0 && unread.length === 0) return '';
  return [
    legend(record, monitors),
    ...unread,
    ...monitors.map((one) => renderMonitor(record, charts, one)),
  ].join('\n');
}

/** The load generator's own processes, and its machine where the suite does not watch that itself. */
export function renderOwnMonitors(record: RunRecord, charts: readonly WatchedCharts[]): string {
  return watchedMonitors(record)
    .filter(([name]) => ownTitles.get(name) !== undefined)
    .map((one) => renderMonitor(record, charts, one))
    .join('\n');
}

/** What the marks in the charts mean, of those that there are. */
function legend(record: RunRecord, monitors: readonly (readonly [string, MonitorRecord])[]): string {
  const has = (is: (monitor: MonitorRecord) => boolean): boolean => monitors.some(([, one]) => is(one));
  const sentences = [
    has(({ readingsPerEntry }) => readingsPerEntry > 1)
      ? 'Lines are averages of neighbouring readings; the bands behind them reach from the least to the greatest.'
      : '',
    outageRows(record).length > 0 ? 'Outages are shaded red.' : '',
    has(({ gaps }) => gaps.length > 0) ? 'Times without readings are grey.' : '',
    has(({ events }) => events.length > 0) ? 'Diamonds on the time axis are events.' : '',
  ].filter((sentence) => sentence !== '');
  return sentences.length === 0 ? '' : `<p class="dim key">${sentences.join(' ')}</p>`;
}

function renderMonitor(
  record: RunRecord,
  all: readonly WatchedCharts[],
  [name, monitor]: readonly [string, MonitorRecord],
): string {
  const charts = all.find((one) => one.monitor === name)?.charts ?? [];
  const figures = charts.map((chart) => renderFigure({ ...chart, small: true }));
  const own = drivesLoad(record) ? ownTitles.get(name) : undefined;
  const title = own ?? monitor.title;
  return `<div class="monitor"><h3>${escapeHtml(title)} <span class="dim source">${sourceText(name, monitor)}</span></h3>
<div class="smalls">${figures.join('\n')}</div>
${remarks(monitor)}${figureTable(record, name, monitor)}${monitor.tables.map((one) => monitorTable(monitor, one)).join('')}</div>`;
}

function sourceText(
  name: string,
  { title, source, readings, intervalMs, failures, skipped }: MonitorRecord,
): string {
  const facts = [
    ...(source === title || ownTitles.get(name) !== undefined ? [] : [source]),
    `${formatCount(readings, 'reading')}, one every ${formatDuration(intervalMs)}`,
    ...(failures === 0 ? [] : [`${formatCount(failures)} failed`]),
    ...(skipped === 0 ? [] : [`${formatCount(skipped)} left out because readings took long`]),
  ];
  return escapeHtml(facts.join(' · '));
}

/** Gaps and events together, ascending by time. */
function remarks({ gaps, events }: MonitorRecord): string {
  const all = [
    ...gaps.map(({ fromMs, untilMs, reason }) => ({
      atMs: fromMs,
      when: `${formatDuration(fromMs)} to ${untilMs === null ? 'the end' : formatDuration(untilMs)}`,
      text: `no readings: ${reason}`,
    })),
    ...events.map(({ atMs, text: what }) => ({ atMs, when: formatDuration(atMs), text: what })),
  ].sort((a, b) => a.atMs - b.atMs);
  if (all.length === 0) return '';
  const list = (some: typeof all): string =>
    `<ul class="remarks">${some.map((one) => `<li><b>${one.when}</b> ${escapeHtml(one.text)}</li>`).join('')}</ul>`;
  const rest = all.slice(shownRemarks);
  const more =
    rest.length === 0
      ? ''
      : `<details class="data"><summary>${formatCount(rest.length, 'further event')}</summary>${list(rest)}</details>`;
  return `${list(all.slice(0, shownRemarks))}${more}`;
}

/** Every figure that was read, also those that the charts leave out. */
function figureTable(record: RunRecord, name: string, monitor: MonitorRecord): string {
  const rows = watchedRows(record, name, monitor, 'all');
  if (rows.length === 0) return '';
  const columns = watchedTitles
    .slice(1)
    .map((title, k) =>
      k === 0 ? { title, fixed: true as const } : { title, numeric: true as const, fixed: true as const },
    );
  const cells = rows.map(({ definition, cells: numbers }) => [text(definition.title), ...numbers.map(text)]);
  const summary =
    rows.length === 1 ? 'The figure as a table' : `All ${formatCount(rows.length)} figures as a table`;
  return `<details class="data"><summary>${summary}</summary>
${table(`Figures of ${monitor.title}`, columns, cells)}</details>`;
}

function monitorTable(monitor: MonitorRecord, { title, columns, rows }: MonitorTable): string {
  if (rows.length === 0) return '';
  const heads = columns.map((column) =>
    column.unit === 'text' ? { title: column.title } : { title: column.title, numeric: true as const },
  );
  const body = rows.map((row) =>
    row.map((value, k): HtmlCell => {
      if (value === null) return absent;
      const html = escapeHtml(tableCell(value, columns[k]?.unit ?? 'text'));
      return typeof value === 'number' ? { html, sort: value } : { html };
    }),
  );
  return `<details class="data"><summary>${escapeHtml(title)} (${formatCount(rows.length, 'row')})</summary>
${table(`${monitor.title}: ${title}`, heads, body)}</details>`;
}
