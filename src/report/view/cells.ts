// How views write down cells, columns and blocks, and how formats read them back as text.

import type { TrendValues } from '../../model/metric.ts';
import { formatDuration } from '../../time/duration.ts';
import { formatCount, formatFigure } from '../format-values.ts';
import type {
  Column,
  FigureCell,
  InRooms,
  Notes,
  Room,
  Row,
  Status,
  StatusCell,
  Table,
  TextCell,
} from './section.ts';

export const pageOnly = { rooms: ['page'] } as const satisfies InRooms;
export const terminalOnly = { rooms: ['terminal'] } as const satisfies InRooms;
export const notInTerminal = { rooms: ['document', 'page'] } as const satisfies InRooms;
export const notOnPage = { rooms: ['terminal', 'document'] } as const satisfies InRooms;

export function text(value: string, more: Omit<TextCell, 'kind' | 'text'> = {}): TextCell {
  return { kind: 'text', text: value, ...more };
}
export function code(value: string, more: Omit<TextCell, 'kind' | 'text' | 'look'> = {}): TextCell {
  return { kind: 'text', text: value, look: 'code', ...more };
}
export function name(value: string): TextCell {
  return { kind: 'text', text: value, look: 'name' };
}
export function figure(
  value: number | null,
  unit: FigureCell['unit'],
  more: Pick<FigureCell, 'text' | 'status'> = {},
): FigureCell {
  return { kind: 'figure', value, unit, ...more };
}
export function state(status: Status, label: string): StatusCell {
  return { kind: 'status', status, text: label };
}

/** A figure of times, ms; nothing measured where there is no sample. */
export function timeCell(times: TrendValues, key: Exclude<keyof TrendValues, 'count'>): FigureCell {
  return figure(times.count === 0 ? null : times[key], 'ms');
}

/** A share that failed: bad as soon as anything did. */
export function failedCell(ratio: number | null, count: number): FigureCell {
  return figure(ratio, 'ratio', count > 0 ? { status: 'bad' } : {});
}

export function textColumn(title: string, more: Partial<Column> = {}): Column {
  return { title, kind: 'text', ...more };
}
export function figureColumn(title: string, more: Partial<Column> = {}): Column {
  return { title, kind: 'figure', ...more };
}
export const stateColumn: Column = { title: 'State', kind: 'state' };

export function row(...cells: Row['cells']): Row {
  return { cells };
}

export function table(
  title: string,
  columns: Table['columns'],
  rows: Table['rows'],
  more: Partial<Table> = {},
): Table {
  return { kind: 'table', title, columns, rows, ...more };
}

/** What a page says in place of a table without rows. */
export function emptyNotes(sentence: string): Notes {
  return { kind: 'notes', look: 'empty', notes: [{ text: sentence }], ...pageOnly };
}

/** A figure as text; `none` where nothing was measured. */
export function figureText({ value, unit, text: own }: FigureCell, none: string): string {
  if (own !== undefined) return own;
  if (value === null) return none;
  return unit === 'duration' ? formatDuration(value) : formatFigure(value, unit);
}

/** Those that are shown in a room. */
export function inRoom<T extends InRooms>(room: Room, all: readonly T[]): T[] {
  return all.filter(({ rooms }) => rooms === undefined || rooms.includes(room));
}

export interface ShownTable {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Which rows are left out: `3 more operations`; nothing where all are shown. */
  readonly more: string | undefined;
}

/** What of a table is shown in a room: neither columns nor rows of others, nor columns in which no row says anything. */
export function shownTable(
  room: Room,
  { columns, rows, limits = {}, unlisted = 0, rest }: Table,
): ShownTable {
  const all = inRoom(room, rows);
  const shown = all.slice(0, limits[room]);
  const positions = inRoom(
    room,
    columns.map((column, position) => ({ ...column, position })),
  ).filter(({ kind, position }) =>
    shown.some(({ cells }) => (kind === 'figure' ? true : saysSomething(cells[position]))),
  );
  return {
    columns: positions.map(({ position }) => columns[position]!),
    rows: shown.map((one) => ({ ...one, cells: positions.map(({ position }) => one.cells[position]!) })),
    more: moreText(all.length - shown.length + unlisted, rest?.noun),
  };
}

function moreText(count: number, noun?: string): string | undefined {
  if (count <= 0) return undefined;
  return noun === undefined ? `${formatCount(count)} more` : formatCount(count, `more ${noun}`);
}

function saysSomething(cell: Row['cells'][number] | undefined): boolean {
  if (cell === undefined) return false;
  if (cell.kind === 'list') return cell.items.length > 0;
  return cell.kind === 'figure' || cell.kind === 'status' || cell.text !== '' || cell.remark !== undefined;
}
