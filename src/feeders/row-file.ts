// Reads rows of a data file by their numbers, block by block: a worker holds a few blocks, however many users it has.
// Called by row-sources.ts.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { messageOf } from '../model/errors.ts';
import type { DataFile, Row } from '../model/feeder.ts';
import { blockOf } from './block-index.ts';
import { createSplitter, parseRow } from './file-formats.ts';
import { DataFault, type RowSource } from './row-source.ts';

/** Users of one worker that are at different places of a file; what is not held is read again. */
const mostBlocks = 32;
/** Blocks of a few huge rows are not kept beyond this, all together. */
const mostBytes = 4 * 1024 * 1024;

interface Block {
  readonly firstRow: number;
  readonly bytes: Buffer;
  /** Begin and end of each row within `bytes`, one after the other. */
  readonly places: readonly number[];
}

export class RowFile implements RowSource {
  readonly #file: DataFile;
  #descriptor: number | undefined;
  /** By number, the one used last at the end. */
  readonly #blocks = new Map<number, Block>();
  #heldBytes = 0;

  constructor(file: DataFile) {
    this.#file = file;
  }

  get rows(): number {
    return this.#file.rows;
  }

  read(index: number): Row {
    const { format, delimiter, columns, feeder } = this.#file;
    const { firstRow, bytes, places } = this.#blockWith(index);
    const at = (index - firstRow) * 2;
    const text = bytes.toString('utf8', places[at]!, places[at + 1]!);
    try {
      return parseRow(format, text, delimiter, columns);
    } catch (thrown) {
      throw new DataFault(feeder, `row ${index + 1} cannot be read: ${messageOf(thrown)}`);
    }
  }

  #blockWith(index: number): Block {
    const number = blockOf(this.#file.blocks, index);
    const held = this.#blocks.get(number);
    if (held !== undefined) {
      this.#blocks.delete(number);
      this.#blocks.set(number, held);
      return held;
    }
    const block = this.#readBlock(number);
    this.#blocks.set(number, block);
    this.#heldBytes += block.bytes.length;
    for (const [oldest, { bytes }] of this.#blocks) {
      if (this.#blocks.size === 1 || (this.#blocks.size <= mostBlocks && this.#heldBytes <= mostBytes)) break;
      this.#blocks.delete(oldest);
      this.#heldBytes -= bytes.length;
    }
    return block;
  }

  #readBlock(number: number): Block {
    const { format, delimiter, blocks, bytes: size, rows, feeder, path } = this.#file;
    const from = blocks.offsets[number]!;
    const to = blocks.offsets[number + 1] ?? size;
    const firstRow = blocks.rows[number]!;
    const count = (blocks.rows[number + 1] ?? rows) - firstRow;
    const bytes = this.#readBytes(from, to);
    const places: number[] = [];
    const splitter = createSplitter(
      format,
      delimiter,
      (start, end) => places.push(start - from, end - from),
      from,
      // It may be the first line, and is not the begin of a list: rows begin behind that.
      2,
    );
    splitter.push(bytes);
    // The last line of a file need not have an end.
    if (format !== 'json' && places.length < count * 2) splitter.end();
    if (places.length !== count * 2) throw new DataFault(feeder, `${path} has changed since the run began`);
    return { firstRow, bytes, places };
  }

  #readBytes(from: number, to: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(to - from);
    this.#descriptor ??= this.#open();
    const descriptor = this.#descriptor;
    for (let at = 0; at < bytes.length; ) {
      const count = readSync(descriptor, bytes, at, bytes.length - at, from + at);
      if (count === 0) throw new DataFault(this.#file.feeder, `${this.#file.path} has become shorter`);
      at += count;
    }
    return bytes;
  }

  #open(): number {
    const { path, bytes, modifiedMs, feeder } = this.#file;
    let descriptor: number;
    try {
      descriptor = openSync(path, 'r');
    } catch (thrown) {
      throw new DataFault(feeder, messageOf(thrown));
    }
    const { size, mtimeMs } = fstatSync(descriptor);
    if (size !== bytes || mtimeMs !== modifiedMs) {
      closeSync(descriptor);
      throw new DataFault(feeder, `${path} has changed since the run began`);
    }
    return descriptor;
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    this.#blocks.clear();
  }
}
