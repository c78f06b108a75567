// Rows of a result: kept as the bytes that came, parsed when somebody reads them. Called by operation.ts.

import { types } from 'pg';
import { parseArray } from './arrays.ts';
import { parseDate } from './dates.ts';
import { parseJson } from './json.ts';
import type { SqlField, SqlRow } from './sql.ts';

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
    // What is put at this name of a usual object is no property of it.
    const bare = fields.some(({ name }) => name === '__proto__');
    for (let at = 0; at < this.#size; ) {
      const row: SqlRow = bare ? (Object.create(null) as SqlRow) : {};
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
type TextParser = (text: string) => unknown;

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

/** By the object ids of PostgreSQL's `pg_type`: what is read without a text between. */
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

const bigIntegerOf: TextParser = (word) => {
  const value = Number(word);
  return Number.isSafeInteger(value) ? value : BigInt(word);
};

/** The same from a text, and what is read from a text only. */
const textParsers = new Map<number, TextParser>([
  [16, (word) => word === 't'],
  [20, bigIntegerOf],
  [21, Number],
  [23, Number],
  [26, Number],
  [114, parseJson],
  [700, Number],
  [701, Number],
  [1082, parseDate],
  [1114, parseDate],
  [1184, parseDate],
  [3802, parseJson],
]);

/** Arrays by the types of their elements. Source: `typarray` of `pg_type`, PostgreSQL 18. */
const elementTypes = new Map<number, number>([
  ...[
    [143, 142],
    [199, 114],
    [629, 628],
    [651, 650],
    [719, 718],
    [775, 774],
    [791, 790],
    [1000, 16],
  ],
  ...[
    [1001, 17],
    [1002, 18],
    [1003, 19],
    [1005, 21],
    [1007, 23],
    [1009, 25],
    [1014, 1042],
    [1015, 1043],
  ],
  ...[
    [1016, 20],
    [1017, 600],
    [1018, 601],
    [1019, 602],
    [1020, 603],
    [1021, 700],
    [1022, 701],
  ],
  ...[
    [1027, 604],
    [1028, 26],
    [1040, 829],
    [1041, 869],
    [1115, 1114],
    [1182, 1082],
    [1183, 1083],
  ],
  ...[
    [1185, 1184],
    [1187, 1186],
    [1231, 1700],
    [1263, 2275],
    [1270, 1266],
    [1561, 1560],
    [1563, 1562],
  ],
  ...[
    [2210, 2205],
    [2211, 2206],
    [2951, 2950],
    [3221, 3220],
    [3643, 3614],
    [3807, 3802],
    [3905, 3904],
  ],
  ...[
    [3907, 3906],
    [3909, 3908],
    [3911, 3910],
    [3913, 3912],
    [3927, 3926],
    [4073, 4072],
  ],
] as [number, number][]);
const box = 603;

/** What is not known here, such as intervals, bytes and points, is read as `pg` reads it. */
function textParserOf(typeId: number): TextParser {
  const known = textParsers.get(typeId);
  if (known !== undefined) return known;
  const elementType = elementTypes.get(typeId);
  if (elementType === undefined) return types.getTypeParser(typeId, 'text');
  const element = textParserOf(elementType);
  return (word) => parseArray(word, element, elementType === box ? ';' : ',');
}

function parserOf(typeId: number): Parser {
  let parser = parsers.get(typeId);
  if (parser === undefined) {
    const parse = textParserOf(typeId);
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
