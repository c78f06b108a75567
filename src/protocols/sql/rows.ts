// Rows of a result: kept as the bytes that came, parsed when somebody reads them. Called by operation.ts.

import { types } from 'pg';
import type { SqlField, SqlRow } from '../../model/sql.ts';

const growthBytes = 4096;

/** DataRow messages one behind the other, without their heads. */
export class RowBytes {
  #bytes: Buffer | null = null;
  #size = 0;
  count = 0;

  get byteCount(): number {
    return this.#size;
  }

  add(bytes: Buffer, from: number, to: number): void {
    const needed = this.#size + to - from;
    if (this.#bytes === null) {
      // Most results have one row or none.
      this.#bytes = Buffer.allocUnsafe(needed);
    } else if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(growthBytes, 2 * needed));
      this.#bytes.copy(grown, 0, 0, this.#size);
      this.#bytes = grown;
    }
    bytes.copy(this.#bytes, this.#size, from, to);
    this.#size = needed;
    this.count++;
  }

  /** The rows since the last call. */
  take(fields: readonly SqlField[]): SqlRow[] {
    const bytes = this.#bytes;
    const rows: SqlRow[] = [];
    if (bytes === null) return rows;
    const parsers = fields.map(({ typeId }) => parserOf(typeId));
    for (let at = 0; at < this.#size; ) {
      const row: SqlRow = {};
      const columnCount = bytes.readInt16BE(at);
      at += 2;
      for (let column = 0; column < columnCount; column++) {
        const length = bytes.readInt32BE(at);
        at += 4;
        const end = at + Math.max(0, length);
        row[fields[column]!.name] = length < 0 ? null : parsers[column]!(bytes, at, end);
        at = end;
      }
      rows.push(row);
    }
    this.#bytes = null;
    this.#size = 0;
    this.count = 0;
    return rows;
  }
}

type Parser = (bytes: Buffer, from: number, to: number) => unknown;

const integer: Parser = (bytes, from, to) => {
  const negative = bytes[from] === 45;
  let value = 0;
  for (let at = negative ? from + 1 : from; at < to; at++) value = value * 10 + bytes[at]! - 48;
  return negative ? -value : value;
};

const bigInteger: Parser = (bytes, from, to) => {
  const value = integer(bytes, from, to) as number;
  return Number.isSafeInteger(value) ? value : BigInt(bytes.toString('latin1', from, to));
};

const text: Parser = (bytes, from, to) => bytes.toString('utf8', from, to);
const float: Parser = (bytes, from, to) => Number(bytes.toString('latin1', from, to));
const flag: Parser = (bytes, from) => bytes[from] === 116;

/** By the object ids of PostgreSQL's `pg_type`. */
const parsers = new Map<number, Parser>([
  [16, flag],
  [18, text],
  [19, text],
  [20, bigInteger],
  [21, integer],
  [23, integer],
  [25, text],
  [26, integer],
  [700, float],
  [701, float],
  [1042, text],
  [1043, text],
  [1700, text],
  [2950, text],
]);

/** Dates, JSON, arrays and the like as `pg` reads them. */
function parserOf(typeId: number): Parser {
  let parser = parsers.get(typeId);
  if (parser === undefined) {
    const parse: (text: string) => unknown = types.getTypeParser(typeId, 'text');
    parser = (bytes, from, to) => parse(bytes.toString('utf8', from, to));
    parsers.set(typeId, parser);
  }
  return parser;
}

/** Reads a RowDescription. */
export function readFields(bytes: Buffer, from: number): SqlField[] {
  const count = bytes.readInt16BE(from);
  const fields: SqlField[] = [];
  let at = from + 2;
  for (let i = 0; i < count; i++) {
    const end = bytes.indexOf(0, at);
    // Behind the name: table (4), column (2), type (4), its size (2) and modifier (4), format (2).
    fields.push({ name: bytes.toString('utf8', at, end), typeId: bytes.readUInt32BE(end + 7) });
    at = end + 19;
  }
  return fields;
}
