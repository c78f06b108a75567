// The formats of data files: what splits one into rows, and what makes a row of the text between. Used by scan-file.ts
// and row-file.ts.

import type { FileFormat, Row } from '../model/feeder.ts';
import { csvFields } from './csv-row.ts';
import { CsvSplitter } from './csv-splitter.ts';
import { JsonSplitter } from './json-splitter.ts';
import { LineSplitter } from './line-splitter.ts';
import type { OnRow, RowSplitter } from './row-splitter.ts';

/** `base` and `line`: where the stream begins in the file. `delimiter`: one byte, for CSV only. */
export function createSplitter(
  format: FileFormat,
  delimiter: number,
  onRow: OnRow,
  base: number,
  line = 1,
): RowSplitter {
  switch (format) {
    case 'csv':
      return new CsvSplitter(delimiter, onRow, base, line);
    case 'jsonl':
      return new LineSplitter(onRow, base, line);
    case 'json':
      return new JsonSplitter(onRow, base, line, line > 1 || base > 3);
  }
}

/** What a row's text says. Throws a `SyntaxError` for what is not JSON. */
export function parseRow(
  format: FileFormat,
  text: string,
  delimiter: number,
  columns: readonly string[],
): Row {
  if (format !== 'csv') return JSON.parse(text) as Row;
  const fields = csvFields(text, String.fromCharCode(delimiter));
  const row: Record<string, string> = {};
  for (let i = 0; i < columns.length; i++) row[columns[i]!] = fields[i]!;
  return row;
}

/** An object with columns, and not a list, a text or a number. */
export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
