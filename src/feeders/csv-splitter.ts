// Finds the rows of a CSV file as RFC 4180 has them, with quotes, line breaks within quotes, and LF or CRLF as line ends;
// lines without any character are passed over. Called by file-formats.ts.

import { carriageReturn, lineFeed, type OnRow, RowFault, type RowSplitter } from './row-splitter.ts';

const quote = 0x22;

/**
 * `fieldStart`: before the first byte of a field. `plain`: within a field without quotes. `quoted`: within quotes.
 * `closing`: behind a quote that ends the field, or is the first of two. `returned`: behind the CR that follows it.
 */
const state = { fieldStart: 0, plain: 1, quoted: 2, closing: 3, returned: 4 } as const;

export class CsvSplitter implements RowSplitter {
  readonly #delimiter: number;
  /** 1 for the bytes that end a stretch of plain ones. */
  readonly #ends = new Uint8Array(256);
  readonly #onRow: OnRow;
  #state: number = state.fieldStart;
  /** Of the stream. */
  #base: number;
  #rowStart: number;
  #rowLine: number;
  #quoteLine = 0;
  #fields = 1;
  /** The last byte of the bytes before: CR before LF is part of the line end. */
  #last = 0;
  line: number;

  /** The stream begins at offset `base`, in line `line`. */
  constructor(delimiter: number, onRow: OnRow, base = 0, line = 1) {
    this.#delimiter = delimiter;
    for (const byte of [delimiter, quote, lineFeed]) this.#ends[byte] = 1;
    this.#onRow = onRow;
    this.#base = base;
    this.#rowStart = base;
    this.#rowLine = line;
    this.line = line;
  }

  push(bytes: Uint8Array): void {
    const { length } = bytes;
    const ends = this.#ends;
    for (let i = 0; i < length; i++) {
      if (this.#state === state.quoted) {
        i = this.#passQuoted(bytes, i);
        continue;
      }
      if (this.#state <= state.plain && ends[bytes[i]!] === 0) {
        this.#state = state.plain;
        do i++;
        while (i < length && ends[bytes[i]!] === 0);
        if (i === length) break;
      }
      const byte = bytes[i]!;
      if (byte === lineFeed) {
        this.#endRow(this.#base + i, i > 0 ? bytes[i - 1]! : this.#last);
        this.line++;
        this.#beginRow(this.#base + i + 1);
      } else if (byte === this.#delimiter) {
        if (this.#state === state.returned) this.#afterQuote();
        this.#fields++;
        this.#state = state.fieldStart;
      } else if (byte === quote) {
        this.#takeQuote();
      } else {
        if (byte !== carriageReturn || this.#state === state.returned) this.#afterQuote();
        this.#state = state.returned;
      }
    }
    if (length > 0) this.#last = bytes[length - 1]!;
    this.#base += length;
  }

  /** The place of the quote, or of the last byte. */
  #passQuoted(bytes: Uint8Array, from: number): number {
    for (let i = from; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (byte === lineFeed) this.line++;
      if (byte !== quote) continue;
      this.#state = state.closing;
      return i;
    }
    return bytes.length;
  }

  #takeQuote(): void {
    if (this.#state === state.plain) {
      throw new RowFault(
        this.line,
        'a quote within a field that does not begin with one (write the field in quotes, and this quote twice)',
      );
    }
    if (this.#state === state.returned) this.#afterQuote();
    if (this.#state === state.fieldStart) this.#quoteLine = this.line;
    this.#state = state.quoted;
  }

  #afterQuote(): never {
    throw new RowFault(
      this.line,
      'characters behind the quote that ends a field (a quote within a field is written twice)',
    );
  }

  #endRow(end: number, last: number): void {
    const hasReturn = last === carriageReturn && end > this.#rowStart;
    const rowEnd = hasReturn ? end - 1 : end;
    if (rowEnd > this.#rowStart) this.#onRow(this.#rowStart, rowEnd, this.#rowLine, this.#fields);
  }

  #beginRow(start: number): void {
    this.#rowStart = start;
    this.#rowLine = this.line;
    this.#fields = 1;
    this.#state = state.fieldStart;
  }

  end(): void {
    if (this.#state === state.quoted) {
      throw new RowFault(this.#quoteLine, 'the quote that begins here is never closed');
    }
    this.#endRow(this.#base, this.#last);
    this.#beginRow(this.#base);
  }
}
