// Finds the rows of a file of JSON lines: every line is one, but those without any character. Called by file-formats.ts.

import { carriageReturn, lineFeed, type OnRow, type RowSplitter } from './row-splitter.ts';

export class LineSplitter implements RowSplitter {
  readonly #onRow: OnRow;
  #base: number;
  #rowStart: number;
  #last = 0;
  line: number;

  /** The stream begins at offset `base`, in line `line`. */
  constructor(onRow: OnRow, base = 0, line = 1) {
    this.#onRow = onRow;
    this.#base = base;
    this.#rowStart = base;
    this.line = line;
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; ; ) {
      const end = bytes.indexOf(lineFeed, at);
      if (end === -1) break;
      if (end > 0) this.#last = bytes[end - 1]!;
      this.#endRow(this.#base + end);
      this.line++;
      this.#rowStart = this.#base + end + 1;
      this.#last = 0;
      at = end + 1;
    }
    if (bytes.length > 0) this.#last = bytes.at(-1)!;
    this.#base += bytes.length;
  }

  #endRow(end: number): void {
    const rowEnd = this.#last === carriageReturn && end > this.#rowStart ? end - 1 : end;
    if (rowEnd > this.#rowStart) this.#onRow(this.#rowStart, rowEnd, this.line, 1);
  }

  end(): void {
    this.#endRow(this.#base);
    this.#rowStart = this.#base;
  }
}
