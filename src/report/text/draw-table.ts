// A table of the view in a terminal or a text file. Called by draw-section.ts.

import { oneLine } from '../format-values.ts';
import { figureText, shownTable } from '../view/cells.ts';
import type { Cell, Column, Row, Status, Table } from '../view/section.ts';
import type { Paint, Palette } from './palette.ts';
import { type Cell as PaintedCell, renderTable, wrapText } from './text-table.ts';

export const pageWidth = 100;
const leastWidth = 8;
const longestGroup = 90;

export const marks: Readonly<Record<Status, string>> = {
  good: '✓',
  caution: '!',
  bad: '✗',
  open: '?',
  none: ' ',
};

export function paintOf(status: Status, palette: Palette): Paint {
  switch (status) {
    case 'good':
      return palette.green;
    case 'caution':
      return palette.yellow;
    case 'bad':
      return palette.red;
    case 'open':
      return palette.magenta;
    case 'none':
      return palette.dim;
  }
}

/** Titles stand in the middle of a line: `First p95` becomes `first p95`, and `VUs` stays. */
export function lowerFirst(title: string): string {
  return /^.[A-Z]/.test(title) ? title : title.charAt(0).toLowerCase() + title.slice(1);
}

/** Lines of at most 100 columns, the titles first; none for a table without rows. */
export function drawTable(table: Table, palette: Palette): string[] {
  const { columns, rows, more } = shownTable('terminal', table);
  if (rows.length === 0) return [];
  const upright = columns.flatMap((column, k) => (column.kind === 'detail' ? [] : [k]));
  const sorted = inGroups(rows);
  const cells = sorted.map((row, r) =>
    upright.map((k, position) => {
      const isAgain = columns[k]!.isOnce === true && sameText(row.cells[k], sorted[r - 1]?.cells[k]);
      const cell = isAgain ? '' : draw(row.cells[k]!, columns[k]!, palette);
      if (position > 0) return cell;
      const indent = row.group === undefined ? '  ' : '    ';
      return typeof cell === 'string' ? indent + cell : { ...cell, text: indent + cell.text };
    }),
  );
  const heads = upright.map((k, position) => ({
    title: columns[k]!.kind === 'state' ? '' : (position === 0 ? '  ' : '') + lowerFirst(columns[k]!.title),
    align: columns[k]!.kind === 'figure' ? ('right' as const) : ('left' as const),
    ...(columns[k]!.width !== undefined && { maxWidth: columns[k]!.width }),
  }));
  const [titles = '', ...lines] = renderTable(fitted(heads, cells), cells, palette.dim);
  const body = lines.flatMap((line, r) => {
    const { group } = sorted[r]!;
    const isFirst = group !== undefined && group !== sorted[r - 1]?.group;
    const details = columns.flatMap((column, k) =>
      column.kind === 'detail' ? detailLines(sorted[r]!.cells[k]!, palette) : [],
    );
    return [...(isFirst ? [`  ${oneLine(group, longestGroup)}`] : []), line, ...details];
  });
  return [titles, ...body, ...(more === undefined ? [] : [`  ... and ${more}`])];
}

/** In the order in which the groups first appear. */
function inGroups(rows: readonly Row[]): Row[] {
  const groups = new Map<string | undefined, Row[]>();
  for (const row of rows) groups.set(row.group, [...(groups.get(row.group) ?? []), row]);
  return [...groups.values()].flat();
}

function sameText(a: Cell | undefined, b: Cell | undefined): boolean {
  return a?.kind === 'text' && b?.kind === 'text' && a.text === b.text;
}

function draw(cell: Cell, column: Column, palette: Palette): PaintedCell {
  switch (cell.kind) {
    case 'figure': {
      const text = figureText(cell, '-');
      return cell.status === undefined ? text : { text, paint: paintOf(cell.status, palette) };
    }
    case 'status': {
      const text = column.kind === 'state' ? marks[cell.status] : oneLine(cell.text);
      return { text, paint: paintOf(cell.status, palette) };
    }
    case 'list':
      return oneLine(cell.items.map(({ text }) => text).join('; '));
    case 'text': {
      const text = oneLine(
        [cell.prefix ?? '', cell.text, cell.remark ?? ''].filter((one) => one !== '').join(' '),
      );
      if (cell.status !== undefined) return { text, paint: paintOf(cell.status, palette) };
      return column.isQuiet === true ? { text, paint: palette.dim } : text;
    }
  }
}

/** Below the row: what has no status on lines of its own, then all that has one. */
function detailLines(cell: Cell, palette: Palette): string[] {
  if (cell.kind !== 'list') return [];
  const remarks = cell.items.flatMap(({ text, status }) => (status === undefined ? [oneLine(text)] : []));
  const judged = cell.items.flatMap(({ text, status }) =>
    status === undefined ? [] : [`${marks[status]} ${oneLine(text)}`],
  );
  return [...remarks, judged.join('; ')]
    .filter((text) => text !== '')
    .flatMap((text) => wrapText(text, pageWidth - 6))
    .map((line) => palette.dim(`      ${line}`));
}

type Head = Parameters<typeof renderTable>[0][number];

/** Where the columns are too wide together, the widest text gives way. */
function fitted(heads: readonly Head[], rows: readonly (readonly PaintedCell[])[]): Head[] {
  const widths = heads.map(({ title, maxWidth }, k) => {
    const texts = rows.map((cells) => {
      const cell = cells[k]!;
      return [...(typeof cell === 'string' ? cell : cell.text)].length;
    });
    return Math.max([...title].length, Math.min(maxWidth ?? Number.POSITIVE_INFINITY, Math.max(...texts)));
  });
  const fits = [...heads];
  let excess = widths.reduce((sum, width) => sum + width + 2, -2) - pageWidth;
  while (excess > 0) {
    const left = widths.map((width, k) => (heads[k]!.align === 'left' ? width : 0));
    const widest = left.indexOf(Math.max(...left));
    const cut = Math.min(excess, left[widest]! - Math.max(leastWidth, [...heads[widest]!.title].length));
    if (cut <= 0) break;
    widths[widest] = widths[widest]! - cut;
    fits[widest] = { ...heads[widest]!, maxWidth: widths[widest]! };
    excess -= cut;
  }
  return fits;
}
