// What was watched beside the load, as the reports show it: rows and cells as text.

import type { CounterValues, SampledValues } from '../../model/metric.ts';
import {
  type FigureDefinition,
  type MonitorRecord,
  type MonitorTable,
  monitorMetric,
} from '../../model/monitor.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { type FigureUnit, formatCount, formatFigure } from '../../text/format-figure.ts';
import { figure, figureColumn, row, table, text, textColumn } from './cells.ts';
import type { Cell, Table } from './section.ts';

/** One figure of one monitor over the run. */
export interface WatchedRow {
  /** Name of the monitor. */
  readonly monitor: string;
  /** For people. */
  readonly title: string;
  readonly figure: string;
  readonly definition: FigureDefinition;
  /** Average, least, greatest, and last or total. */
  readonly cells: readonly [string, string, string, string];
}

/** The unit that a figure's course is in: of counters per second. */
export function unitOfCourse({ type, unit }: FigureDefinition): FigureUnit {
  if (type === 'gauge') return unit;
  return unit === 'count' ? 'per s' : `${unit}/s`;
}

/** Monitors that read anything, the suite's own first, the load generator and its machine at the end. */
export function watchedMonitors({ monitors }: RunRecord): [name: string, MonitorRecord][] {
  return Object.entries(monitors).filter(([, { readings }]) => readings > 0);
}

/** The rows of a monitor: its headline figures, or all that were read. */
export function watchedRows(
  record: RunRecord,
  name: string,
  monitor: MonitorRecord,
  which: 'headlines' | 'all',
): WatchedRow[] {
  return Object.entries(monitor.figures).flatMap(([figure, definition]) => {
    if (which === 'headlines' && definition.headline === undefined) return [];
    const cells = cellsOf(record, monitor, name, figure, definition);
    return cells === undefined ? [] : [{ monitor: name, title: monitor.title, figure, definition, cells }];
  });
}

function cellsOf(
  { metrics }: RunRecord,
  { series }: MonitorRecord,
  name: string,
  figure: string,
  definition: FigureDefinition,
): WatchedRow['cells'] | undefined {
  const entry = metrics[monitorMetric(name, figure)];
  if (entry === undefined) return undefined;
  const unit = unitOfCourse(definition);
  const text = (value: number): string => formatFigure(value, unit);
  if (entry.type === 'counter') {
    const { rate, count } = entry.values as CounterValues;
    const { avg = [], min = avg, max = avg } = series[figure] ?? {};
    const least = extreme(Math.min, min);
    const most = extreme(Math.max, max);
    const total = definition.unit === 'count' ? formatCount(count) : formatFigure(count, definition.unit);
    return [text(rate), text(least), text(most), `${total} in all`];
  }
  const { avg, min, max, last } = entry.values as SampledValues;
  return [text(avg), text(min), text(max), text(last)];
}

function extreme(of: (...values: number[]) => number, values: readonly (number | null)[]): number {
  const read = values.filter((value) => value !== null);
  return read.length === 0 ? 0 : of(...read);
}

/** One sentence on each monitor that read nothing. */
export function unreadMonitors({
  monitors,
}: RunRecord): { readonly title: string; readonly reason: string }[] {
  return Object.values(monitors).flatMap(({ title, readings, gaps }) =>
    readings === 0 && gaps[0] !== undefined ? [{ title, reason: gaps[0].reason }] : [],
  );
}

/** A cell of a monitor's table. */
export function tableCell(value: string | number | null, unit: FigureDefinition['unit'] | 'text'): string {
  if (value === null) return '';
  return typeof value === 'string' || unit === 'text' ? String(value) : formatFigure(value, unit);
}

/** A table of a monitor, as formats draw it. */
export function tableOfMonitor(monitor: MonitorRecord, { title, columns, rows }: MonitorTable): Table {
  const heads = columns.map(({ title: head, unit }) =>
    unit === 'text' ? textColumn(head) : figureColumn(head),
  );
  const body = rows.map((cells) =>
    row(
      ...cells.map((value, k): Cell => {
        if (value === null) return figure(null, 'count');
        const words = tableCell(value, columns[k]?.unit ?? 'text');
        return typeof value === 'number' ? figure(value, 'count', { text: words }) : text(words);
      }),
    ),
  );
  return table(`${monitor.title}: ${title}`, heads, body);
}
