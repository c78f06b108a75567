// Reads the heads of responses as HPACK (RFC 7541) writes them. One for each connection, since each head may change what
// the next one means. Called by link.ts.

import { DynamicTable } from './dynamic-table.ts';
import { Http2Failure } from './failure.ts';
import { type HeadField, makeField } from './field.ts';
import { decodeHuffman } from './huffman.ts';
import { isSame, type KnownHeads } from './known-heads.ts';
import { HeadBuilder, type ResponseHead } from './response-head.ts';
import { staticTable } from './static-table.ts';

/** SETTINGS_HEADER_TABLE_SIZE, which stays as it is at the start: RFC 9113 section 6.5.2. */
const tableBytes = 4096;
/** No field of a head that may come is as long. */
const maxInteger = 1 << 24;

const staticFields: readonly HeadField[] = staticTable.map(({ name, value }) => makeField(name, value));

/** A block that was read last, and what it meant as long as the table stays as it was. */
interface LastBlock {
  readonly bytes: Buffer;
  readonly epoch: number;
  readonly head: ResponseHead;
}

export class HpackDecoder {
  readonly #known: KnownHeads;
  readonly #table = new DynamicTable(tableBytes);
  #last: LastBlock | null = null;
  /** Of the block that is being read. */
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;
  #usesTable = false;

  constructor(known: KnownHeads) {
    this.#known = known;
  }

  /** The head that a whole block stands for. Throws an `Http2Failure` for a block that cannot be read. */
  read(bytes: Buffer, from: number, to: number): ResponseHead {
    const last = this.#last;
    if (last !== null && last.epoch === this.#table.epoch && isSame(last.bytes, bytes, from, to))
      return last.head;
    const known = this.#known.find(bytes, from, to);
    if (known !== undefined) {
      for (const field of known.inserted) this.#table.insert(field);
      return known.head;
    }
    return this.#decode(bytes, from, to);
  }

  #decode(bytes: Buffer, from: number, to: number): ResponseHead {
    const { epoch } = this.#table;
    this.#bytes = bytes;
    this.#at = from;
    this.#end = to;
    this.#usesTable = false;
    const isResized = this.#readResizes();
    const builder = new HeadBuilder();
    const inserted: HeadField[] = [];
    while (this.#at < to) this.#readField(builder, inserted);
    const head = builder.head();
    if (isResized) return head;
    if (!this.#usesTable) this.#known.offer(bytes, from, to, head, inserted);
    else if (inserted.length === 0)
      this.#last = { bytes: Buffer.from(bytes.subarray(from, to)), epoch, head };
    return head;
  }

  /** Section 4.2: new sizes of the table stand before the fields. */
  #readResizes(): boolean {
    let isResized = false;
    while (this.#at < this.#end && (this.#bytes[this.#at]! & 0xe0) === 0x20) {
      const size = this.#integer(5);
      if (size > tableBytes) throw broken(`a table of ${size} bytes, which is more than it may have`);
      this.#table.resize(size);
      isResized = true;
    }
    return isResized;
  }

  #readField(builder: HeadBuilder, inserted: HeadField[]): void {
    const first = this.#bytes[this.#at]!;
    if (first >= 0x80) {
      builder.add(this.#fieldAt(this.#integer(7)));
      return;
    }
    if ((first & 0xe0) === 0x20) throw broken('a size of the table after a field');
    const isIndexed = first >= 0x40;
    const index = this.#integer(isIndexed ? 6 : 4);
    const name = index === 0 ? this.#text() : this.#fieldAt(index).name;
    const field = makeField(name, this.#text());
    builder.add(field);
    if (!isIndexed) return;
    this.#table.insert(field);
    inserted.push(field);
  }

  #fieldAt(index: number): HeadField {
    if (index >= staticFields.length) this.#usesTable = true;
    const field =
      index < staticFields.length ? staticFields[index] : this.#table.at(index - staticFields.length);
    if (index === 0 || field === undefined) throw broken(`the field ${index}, which no table has`);
    return field;
  }

  /** Section 5.1, with a prefix of `bits`. */
  #integer(bits: number): number {
    const most = (1 << bits) - 1;
    let value = this.#byte() & most;
    if (value < most) return value;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#byte();
      value += (byte & 127) * factor;
      if (value > maxInteger) throw broken('a number that is too large');
      if (byte < 128) return value;
      if (factor > maxInteger) throw broken('a number of too many bytes');
    }
  }

  /** Section 5.2, each byte a character. */
  #text(): string {
    const isHuffman = (this.#bytes[this.#at] ?? 0) >= 0x80;
    const length = this.#integer(7);
    const from = this.#at;
    const to = from + length;
    if (to > this.#end) throw broken('a text longer than its block');
    this.#at = to;
    if (!isHuffman) return this.#bytes.toString('latin1', from, to);
    const text = decodeHuffman(this.#bytes, from, to);
    if (text === undefined) throw broken('a text with a code that does not exist');
    return text;
  }

  #byte(): number {
    if (this.#at >= this.#end) throw broken('a field that is cut off');
    return this.#bytes[this.#at++]!;
  }
}

function broken(what: string): Http2Failure {
  return new Http2Failure('compression', `a compressed head with ${what}`);
}
