// Finds the rows of a JSON file, which is one list of objects, without keeping the list in memory. What is within a row is
// left to the parser of JSON. Called by file-formats.ts.

import { lineFeed, type OnRow, RowFault, type RowSplitter } from './row-splitter.ts';

const byteOf = (char: string): number => char.charCodeAt(0);
const [quote, backslash, comma] = [byteOf('"'), byteOf('\\'), byteOf(',')];
const [openList, closeList, openObject, closeObject] = [byteOf('['), byteOf(']'), byteOf('{'), byteOf('}')];
const aList = 'expected one list of objects: [ { "email": "..." }, ... ]';

type State = 'before' | 'between' | 'row' | 'text' | 'escape' | 'after';

export class JsonSplitter implements RowSplitter {
  readonly #onRow: OnRow;
  #state: State;
  #base: number;
  #rowStart = 0;
  #rowLine = 1;
  #depth = 0;
  /** A row has ended, and no comma has followed it. */
  #needsComma = false;
  #hasComma = false;
  line: number;

  /** The stream begins at offset `base`, in line `line`: within the list, unless that is its beginning. */
  constructor(onRow: OnRow, base = 0, line = 1, isInside = base > 0) {
    this.#onRow = onRow;
    this.#base = base;
    this.line = line;
    this.#state = isInside ? 'between' : 'before';
  }

  push(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) {
      if (this.#state === 'text') {
        i = this.#passText(bytes, i);
        continue;
      }
      const byte = bytes[i]!;
      if (byte === lineFeed) this.line++;
      if (this.#state === 'escape') this.#state = 'text';
      else if (this.#state !== 'row') this.#outside(byte, this.#base + i);
      else if (byte === quote) this.#state = 'text';
      else if (byte === openObject || byte === openList) this.#depth++;
      else if (byte === closeObject || byte === closeList) this.#close(this.#base + i + 1);
    }
    this.#base += bytes.length;
  }

  /** The place of the quote or the backslash, or of the last byte. */
  #passText(bytes: Uint8Array, from: number): number {
    for (let i = from; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (byte === lineFeed) this.line++;
      if (byte !== quote && byte !== backslash) continue;
      this.#state = byte === quote ? 'row' : 'escape';
      return i;
    }
    return bytes.length;
  }

  #close(end: number): void {
    this.#depth--;
    if (this.#depth > 0) return;
    this.#onRow(this.#rowStart, end, this.#rowLine, 1);
    this.#needsComma = true;
    this.#hasComma = false;
    this.#state = 'between';
  }

  /** Before the list, between its rows, or behind it. */
  #outside(byte: number, at: number): void {
    if (byte <= 0x20) return;
    if (this.#state === 'before' && byte === openList) {
      this.#state = 'between';
    } else if (this.#state === 'between' && byte === openObject) {
      if (this.#needsComma) throw new RowFault(this.line, 'expected a comma between two objects');
      this.#state = 'row';
      this.#depth = 1;
      this.#rowStart = at;
      this.#rowLine = this.line;
    } else if (this.#state === 'between' && byte === comma && this.#needsComma) {
      this.#needsComma = false;
      this.#hasComma = true;
    } else if (this.#state === 'between' && byte === closeList && !this.#hasComma) {
      this.#state = 'after';
    } else {
      throw new RowFault(this.line, `${aList}, found ${JSON.stringify(String.fromCharCode(byte))}`);
    }
  }

  end(): void {
    if (this.#state === 'after') return;
    const isEmpty = this.#state === 'before';
    throw new RowFault(this.line, isEmpty ? `${aList}, found nothing` : 'the list is never closed');
  }
}
