// Aligned columns for terminals and plain text files.

/** A cell: its text, and optionally how to colour it once it has been padded. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Longest text; longer ones end in `…`. */
  readonly maxWidth?: number;
}

/** Characters, not bytes: what a terminal gives one column each, apart from East Asian wide ones. */
function widthOf(text: string): number {
  return [...text].length;
}

function shortened(text: string, maxWidth: number): string {
  const letters = [...text];
  return letters.length <= maxWidth ? text : `${letters.slice(0, maxWidth - 1).join('')}…`;
}

/** One line per row, headed by the titles (left out when all are empty), columns two spaces apart. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  paintTitle: (text: string) => string,
): string[] {
  const texts = rows.map((row) =>
    columns.map((column, k) => {
      const cell = row[k] ?? '';
      const text = typeof cell === 'string' ? cell : cell.text;
      return shortened(text, column.maxWidth ?? Number.POSITIVE_INFINITY);
    }),
  );
  const widths = columns.map((column, k) =>
    Math.max(widthOf(column.title), ...texts.map((row) => widthOf(row[k] ?? ''))),
  );
  const padded = (text: string, k: number, isLast: boolean): string => {
    const space = ' '.repeat(Math.max(0, (widths[k] ?? 0) - widthOf(text)));
    if (columns[k]?.align === 'right') return space + text;
    return isLast ? text : text + space;
  };
  const lines = texts.map((row, r) => {
    // Nothing is printed after the last cell that holds something, not even coloured blanks.
    const last = row.findLastIndex((text) => text !== '');
    const cells = row.slice(0, last + 1).map((text, k) => {
      const cell = rows[r]?.[k] ?? '';
      const spaced = padded(text, k, k === last);
      return typeof cell === 'string' ? spaced : cell.paint(spaced);
    });
    return cells.join('  ');
  });
  const titles = columns.map(({ title }, k) => padded(title, k, false)).join('  ');
  return titles.trim() === '' ? lines : [paintTitle(titles.trimEnd()), ...lines];
}

/** Breaks text at spaces so that no line is longer than `width`, where words allow it. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(' ')) {
    if (current !== '' && widthOf(current) + 1 + widthOf(word) > width) {
      lines.push(current);
      current = word;
    } else {
      current = current === '' ? word : `${current} ${word}`;
    }
  }
  return [...lines, current];
}

/** A column of texts, cut to `maxWidth` when it is given. */
export function left(title = '', maxWidth?: number) {
  return { title, align: 'left', ...(maxWidth !== undefined && { maxWidth }) } as const;
}
