// Reads a data file once, before the load: finds everything that is wrong with it, counts its rows and notes where they
// are. Its memory does not grow with the file. Called by suite/load-data.ts.

import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { messageOf } from '../model/errors.ts';
import type { DataFile, FileFormat } from '../model/feeder.ts';
import { BlockIndexBuilder } from './block-index.ts';
import { csvFields } from './csv-row.ts';
import { createSplitter, isRow } from './file-formats.ts';
import { lineFeed, type OnRow, RowFault } from './row-splitter.ts';

export interface ScanOptions {
  readonly feeder: string;
  /** Absolute. */
  readonly path: string;
  readonly format: FileFormat;
  /** One byte. */
  readonly delimiter: number;
  /** Of a CSV file without a header line. */
  readonly columns?: readonly string[] | undefined;
}

export interface ScannedFile extends Omit<DataFile, 'columns'> {
  /** Of JSON: every name that a row has, in order of appearance, at most 1,000. */
  readonly columns: readonly string[];
  /** Hexadecimal. */
  readonly sha256: string;
}

const chunkBytes = 256 * 1024;
/** So many wrong rows are told; the first is mostly the cause of the others. */
const toldFaults = 3;
const mostColumns = 1000;
/** A row that is longer is most likely a quote or a bracket that is never closed. */
const longestRow = 16 * 1024 * 1024;

/** Throws a list of `RowFault`s as `FileFaults`, and what the file system throws. */
export async function scanFile(options: ScanOptions): Promise<ScannedFile> {
  const handle = await open(options.path);
  try {
    const { size, mtimeMs } = await handle.stat();
    return await new FileScan(options, handle, size, mtimeMs).run();
  } finally {
    await handle.close();
  }
}

/** What is wrong with a data file, in the order of its lines. */
export class FileFaults extends Error {
  readonly faults: readonly RowFault[];

  constructor(faults: readonly RowFault[]) {
    super(faults.map(({ line, message }) => `line ${line}: ${message}`).join('; '));
    this.name = 'FileFaults';
    this.faults = faults;
  }
}

class FileScan {
  readonly #options: ScanOptions;
  readonly #handle: FileHandle;
  readonly #size: number;
  readonly #modifiedMs: number;
  readonly #index: BlockIndexBuilder;
  readonly #faults: RowFault[] = [];
  #columns: readonly string[] | undefined;
  readonly #names = new Set<string>();
  /** The bytes that hold the rows which are not looked into yet, and where they begin in the file. */
  #held: Uint8Array = new Uint8Array(0);
  #heldAt = 0;
  /** JSON: places of rows in the file, with their lines. */
  #pending: { readonly start: number; readonly end: number; readonly line: number }[] = [];
  #rowEnd = 0;

  constructor(options: ScanOptions, handle: FileHandle, size: number, modifiedMs: number) {
    this.#options = options;
    this.#handle = handle;
    this.#size = size;
    this.#index = new BlockIndexBuilder(size);
    this.#modifiedMs = modifiedMs;
    if (options.format === 'csv') this.#columns = options.columns;
  }

  async run(): Promise<ScannedFile> {
    const { feeder, path, format, delimiter } = this.#options;
    const hash = createHash('sha256');
    const mark = await this.#readMark();
    hash.update(mark);
    const onRow: OnRow = (...row) => this.#row(...row);
    const splitter = createSplitter(format, delimiter, onRow, mark.length);
    const utf8 = new Utf8Check();
    try {
      if (isUtf16(mark)) throw new RowFault(1, 'the file is in UTF-16; save it as UTF-8');
      for (let at = mark.length; at < this.#size && this.#faults.length < toldFaults; ) {
        const chunk = new Uint8Array(Math.min(chunkBytes, this.#size - at));
        const { bytesRead } = await this.#handle.read(chunk, 0, chunk.length, at);
        if (bytesRead === 0) break;
        const bytes = chunk.subarray(0, bytesRead);
        hash.update(bytes);
        utf8.push(bytes, splitter.line);
        this.#hold(bytes, at);
        splitter.push(bytes);
        this.#lookInto();
        at += bytesRead;
        if (at - this.#rowEnd > longestRow) {
          throw new RowFault(
            splitter.line,
            'a row of more than 16 MB: is a quote or a bracket never closed?',
          );
        }
      }
      utf8.end(splitter.line);
      if (this.#faults.length === 0) splitter.end();
      this.#lookInto();
    } catch (thrown) {
      if (!(thrown instanceof RowFault)) throw thrown;
      this.#faults.push(thrown);
    }
    if (this.#faults.length > 0) throw new FileFaults(this.#faults.slice(0, toldFaults));
    if (this.#index.rowCount === 0)
      throw new FileFaults([new RowFault(splitter.line, 'there is no row in it')]);
    return {
      ...{ feeder, path, format, delimiter },
      bytes: this.#size,
      modifiedMs: this.#modifiedMs,
      columns: this.#columns ?? [...this.#names],
      rows: this.#index.rowCount,
      blocks: this.#index.finish(),
      sha256: hash.digest('hex'),
    };
  }

  /** The byte order mark that a file may begin with, which is no part of its text. */
  async #readMark(): Promise<Uint8Array> {
    const first = new Uint8Array(3);
    const { bytesRead } = await this.#handle.read(first, 0, 3, 0);
    const bytes = first.subarray(0, bytesRead);
    if (isUtf16(bytes)) return bytes.subarray(0, 2);
    const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    return hasMark ? bytes : bytes.subarray(0, 0);
  }

  #row(start: number, end: number, line: number, fieldCount: number): void {
    this.#rowEnd = end;
    if (this.#options.format !== 'csv') {
      this.#pending.push({ start, end, line });
      this.#index.add(start);
      return;
    }
    if (this.#columns === undefined) {
      this.#columns = this.#readHeader(this.#text(start, end), line);
      return;
    }
    if (fieldCount !== this.#columns.length && this.#faults.length < toldFaults) {
      const names = this.#columns.slice(0, 8).join(', ') + (this.#columns.length > 8 ? ', ...' : '');
      this.#faults.push(
        new RowFault(line, `${countOf(fieldCount, 'field')} in place of ${this.#columns.length} (${names})`),
      );
    }
    this.#index.add(start);
  }

  #readHeader(text: string, line: number): readonly string[] {
    const names = csvFields(text, String.fromCharCode(this.#options.delimiter)).map((name) => name.trim());
    const mistake = findColumnMistake(names);
    if (mistake !== undefined) throw new RowFault(line, `the header line has ${mistake}`);
    return names;
  }

  #text(start: number, end: number): string {
    const { buffer, byteOffset } = this.#held;
    return Buffer.from(buffer, byteOffset + start - this.#heldAt, end - start).toString('utf8');
  }

  /** Keeps what belongs to rows that are not over. */
  #hold(bytes: Uint8Array, at: number): void {
    if (this.#options.format === 'csv' && this.#columns !== undefined) return;
    const from = Math.max(this.#heldAt, this.#rowEnd);
    const rest = this.#held.subarray(from - this.#heldAt);
    this.#held = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    this.#heldAt = rest.length === 0 ? at : from;
  }

  /** JSON alone: rows are parsed many at once, and one by one only to find the one that is wrong. */
  #lookInto(): void {
    if (this.#pending.length === 0) return;
    const rows = this.#pending;
    this.#pending = [];
    const values = this.#parseAll(rows);
    for (const [i, value] of values.entries()) {
      if (!isRow(value)) {
        this.#faults.push(new RowFault(rows[i]!.line, 'expected an object such as { "email": "..." }'));
        return;
      }
      for (const name in value) if (this.#names.size < mostColumns) this.#names.add(name);
    }
  }

  #parseAll(
    rows: readonly { readonly start: number; readonly end: number; readonly line: number }[],
  ): unknown[] {
    const texts = rows.map(({ start, end }) => this.#text(start, end));
    try {
      const values = JSON.parse(`[${texts.join(',')}]`) as unknown[];
      // A line such as `{} , {}` is no row, and must not shift those behind it.
      if (values.length === rows.length) return values;
    } catch {
      // Which one it is shows below.
    }
    return texts.map((text, i) => {
      try {
        return JSON.parse(text) as unknown;
      } catch (thrown) {
        throw new RowFault(rows[i]!.line, `not JSON: ${reasonOf(thrown)}`);
      }
    });
  }
}

/** Without the text, which may hold secrets. */
function reasonOf(thrown: unknown): string {
  return messageOf(thrown)
    .replace(/,? *"[\s\S]*$/, '')
    .replace(/ in JSON at position \d+[\s\S]*$/, '');
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** What is wrong with the names of columns; `undefined` when nothing is. */
export function findColumnMistake(names: readonly string[]): string | undefined {
  const empty = names.indexOf('');
  if (empty !== -1) return `no name for column ${empty + 1}`;
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) return `the column "${twice}" twice`;
  return names.includes('__proto__') ? 'a column called "__proto__", which JavaScript reserves' : undefined;
}

function isUtf16(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}

/** Whether a stream of bytes is UTF-8, of which a character may be split between two chunks. */
class Utf8Check {
  #carry = new Uint8Array(0);

  push(bytes: Uint8Array, line: number): void {
    const joined = this.#carry.length === 0 ? bytes : Buffer.concat([this.#carry, bytes]);
    let end = joined.length;
    // Back to the begin of the last character, which is at most four bytes long.
    while (end > 0 && joined.length - end < 3 && (joined[end - 1]! & 0xc0) === 0x80) end--;
    if (end > 0 && joined[end - 1]! >= 0xc0) end--;
    else end = joined.length;
    if (!isUtf8(joined.subarray(0, end))) throw notUtf8(lineOfFault(joined, line));
    this.#carry = Uint8Array.from(joined.subarray(end));
  }

  end(line: number): void {
    if (!isUtf8(this.#carry)) throw notUtf8(line);
  }
}

function notUtf8(line: number): RowFault {
  return new RowFault(line, 'the text is not UTF-8; save the file as UTF-8');
}

function lineOfFault(bytes: Uint8Array, line: number): number {
  let at = 0;
  for (let number = line; ; number++) {
    const end = bytes.indexOf(lineFeed, at);
    if (end === -1 || !isUtf8(bytes.subarray(at, end))) return number;
    at = end + 1;
  }
}
