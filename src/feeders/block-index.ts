// Where the rows of a data file are: one entry for each block of whole rows, so that a file of a million rows needs some
// kilobytes. Filled by scan-file.ts, read by row-file.ts.

import type { DataFile } from '../model/feeder.ts';

/** A block ends with the first row that reaches this many bytes: to read one row, its block is looked through. */
const leastBlockBytes = 2048;
/** Files of any size have about so many blocks at most: the index of a worker is about a megabyte then. */
const mostBlocks = 65_536;

export class BlockIndexBuilder {
  readonly #rows: number[] = [];
  readonly #offsets: number[] = [];
  readonly #blockBytes: number;
  rowCount = 0;

  constructor(fileBytes: number) {
    this.#blockBytes = Math.max(leastBlockBytes, Math.ceil(fileBytes / mostBlocks));
  }

  /** Rows come in order. */
  add(start: number): void {
    const last = this.#offsets.at(-1);
    if (last === undefined || start - last >= this.#blockBytes) {
      this.#rows.push(this.rowCount);
      this.#offsets.push(start);
    }
    this.rowCount++;
  }

  finish(): DataFile['blocks'] {
    return { rows: Float64Array.from(this.#rows), offsets: Float64Array.from(this.#offsets) };
  }
}

/** The block that row `row` is in: the last that begins with it or before it. */
export function blockOf({ rows }: DataFile['blocks'], row: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (rows[middle]! <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}
