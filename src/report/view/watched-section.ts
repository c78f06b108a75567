// What was watched beside the load: a table of the figures that matter most, and on pages each monitor with its charts, all
// its figures, what happened, and its tables. watched-charts.ts says what the charts draw.

import type { MonitorRecord } from '../../model/monitor.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { generatorHostMonitor, generatorMonitor } from '../../suite/monitor-settings.ts';
import { formatDuration } from '../../time/duration.ts';
import { formatCount } from '../format-values.ts';
import { figure, figureColumn, notOnPage, pageOnly, row, table, text, textColumn } from './cells.ts';
import { ranText } from './key-figures.ts';
import { tableOfMonitor, unreadMonitors, watchedMonitors, watchedRows } from './monitors.ts';
import { outageRows } from './outages.ts';
import { drivesLoad } from './record-figures.ts';
import type { Block, Cell, Notes, Section, Table } from './section.ts';
import type { WatchedCharts } from './watched-charts.ts';

/** The monitors of the load generator itself, by what they are called in its section. */
const ownTitles: ReadonlyMap<string, string> = new Map([
  [generatorMonitor, 'Its processes'],
  [generatorHostMonitor, 'Its machine'],
]);

type Named = readonly [name: string, monitor: MonitorRecord];

/** Without blocks and parts where nothing was watched. */
export function watchedSection(record: RunRecord, charts: readonly WatchedCharts[]): Section {
  const monitors = watchedMonitors(record).filter(([name]) => !ownTitles.has(name));
  const isLoad = drivesLoad(record);
  const shown = isLoad ? monitors : [...monitors, ...ownOf(record)];
  return {
    id: 'watched',
    title: isLoad ? 'Watched during the load' : 'Watched',
    ...(!isLoad && { summary: ranText(record) }),
    summaryRooms: ['terminal'],
    blocks: [...legend(record, monitors), ...headlines(record), ...unread(record)],
    parts: shown.map((one) => ({ ...monitorPart(record, charts, one), ...pageOnly })),
  };
}

/** The load generator's own processes, and its machine where the suite does not watch that itself. */
export function ownMonitorParts(record: RunRecord, charts: readonly WatchedCharts[]): Section[] {
  return ownOf(record).map((one) => monitorPart(record, charts, one));
}

function ownOf(record: RunRecord): Named[] {
  return watchedMonitors(record).filter(([name]) => ownTitles.has(name));
}

/** The headline figures of every monitor. */
function headlines(record: RunRecord): Table[] {
  const rows = watchedMonitors(record).flatMap(([name, monitor]) =>
    watchedRows(record, name, monitor, 'headlines').map(({ title, definition, cells }) =>
      row(text(title), text(definition.title), ...cells.map(words)),
    ),
  );
  if (rows.length === 0) return [];
  const columns = [
    textColumn('Watched', { width: 28, isOnce: true }),
    textColumn('Figure', { width: 26 }),
    ...figureColumns,
  ];
  return [table('Watched', columns, rows, notOnPage)];
}

/** Below each other they have different units. */
const figureColumns = ['Average', 'Least', 'Most', 'Last or total'].map((title) =>
  figureColumn(title, { isFixed: true }),
);

function words(one: string): Cell {
  return figure(null, 'count', { text: one });
}

function unread(record: RunRecord): Notes[] {
  const notes = unreadMonitors(record).map(({ title, reason }) => ({
    status: 'caution' as const,
    text: `${title} could not be read: ${reason}`,
  }));
  return notes.length === 0 ? [] : [{ kind: 'notes', look: 'lines', notes }];
}

/** What the marks in the charts mean, of those that there are. */
function legend(record: RunRecord, monitors: readonly Named[]): Notes[] {
  const has = (is: (monitor: MonitorRecord) => boolean): boolean => monitors.some(([, one]) => is(one));
  const sentences = [
    has(({ readingsPerEntry }) => readingsPerEntry > 1)
      ? 'Lines are averages of neighbouring readings; the bands behind them reach from the least to the greatest.'
      : '',
    monitors.length > 0 && outageRows(record).length > 0 ? 'Outages are shaded red.' : '',
    monitors.length > 0 && (record.faults ?? []).some(({ fromMs }) => fromMs !== null)
      ? 'The times of faults are shaded amber.'
      : '',
    has(({ gaps }) => gaps.length > 0) ? 'Times without readings are grey.' : '',
    has(({ events }) => events.length > 0) ? 'Diamonds on the time axis are events.' : '',
  ].filter((sentence) => sentence !== '');
  if (sentences.length === 0) return [];
  return [{ kind: 'notes', look: 'key', notes: sentences.map((one) => ({ text: one })), ...pageOnly }];
}

function monitorPart(record: RunRecord, all: readonly WatchedCharts[], [name, monitor]: Named): Section {
  const charts = all.find((one) => one.monitor === name)?.charts ?? [];
  const own = drivesLoad(record) ? ownTitles.get(name) : undefined;
  const blocks: Block[] = [
    ...charts.map(
      ({ id, title, summary }) => ({ kind: 'chart', id, title, summary, isSmall: true }) as const,
    ),
    { kind: 'notes', look: 'log', notes: happenings(monitor) },
    ...figureTable(record, name, monitor),
    ...monitor.tables.map((one) => ({
      ...tableOfMonitor(monitor, one),
      folded: `${one.title} (${formatCount(one.rows.length, 'row')})`,
    })),
  ];
  return { id: name, title: own ?? monitor.title, summary: sourceText(name, monitor), blocks };
}

function sourceText(
  name: string,
  { title, source, readings, intervalMs, failures, skipped }: MonitorRecord,
): string {
  const facts = [
    ...(source === title || ownTitles.has(name) ? [] : [source]),
    `${formatCount(readings, 'reading')}, one every ${formatDuration(intervalMs)}`,
    ...(failures === 0 ? [] : [`${formatCount(failures)} failed`]),
    ...(skipped === 0 ? [] : [`${formatCount(skipped)} skipped because readings took long`]),
  ];
  return facts.join(' · ');
}

/** Gaps and events together, ascending by time. */
function happenings({ gaps, events }: MonitorRecord): Notes['notes'] {
  return [
    ...gaps.map(({ fromMs, untilMs, reason }) => ({
      atMs: fromMs,
      when: `${formatDuration(fromMs)} to ${untilMs === null ? 'the end' : formatDuration(untilMs)}`,
      text: `no readings: ${reason}`,
    })),
    ...events.map(({ atMs, text: what }) => ({ atMs, when: formatDuration(atMs), text: what })),
  ]
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ when, text: what }) => ({ when, text: what }));
}

/** Every figure that was read, also those that the charts leave out. */
function figureTable(record: RunRecord, name: string, monitor: MonitorRecord): Table[] {
  const rows = watchedRows(record, name, monitor, 'all');
  if (rows.length === 0) return [];
  const columns = [textColumn('Figure', { isFixed: true }), ...figureColumns];
  const cells = rows.map(({ definition, cells: numbers }) =>
    row(text(definition.title), ...numbers.map(words)),
  );
  const folded =
    rows.length === 1 ? 'The figure as a table' : `All ${formatCount(rows.length)} figures as a table`;
  return [table(`Figures of ${monitor.title}`, columns, cells, { folded })];
}
