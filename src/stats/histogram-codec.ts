// The encoded form of a histogram, used between processes and in run records. Only histogram.ts calls it.

import { type Buckets, bucketCount } from './buckets.ts';

// Layout, version 1. Numbers are LEB128 varints unless said otherwise.
//   version (1 byte) | count | sum, min, max (doubles, little endian; absent when count is 0)
//   | zeros | positive side | negative side
// A side is: number of buckets that are not empty, then for each, ascending: distance to the bucket before it
// (the first counts from -1) and its count.
const version = 1;

interface Totals {
  count: number;
  sum: number;
  min: number;
  max: number;
  zeros: number;
}

interface HistogramState extends Readonly<Totals> {
  readonly positive: Buckets;
  readonly negative: Buckets | undefined;
}

/** Encodes a histogram; size grows with the number of distinct buckets, about 2 to 3 bytes each. */
export function encodeState(state: HistogramState): Uint8Array {
  const writer = new ByteWriter();
  writer.byte(version);
  writer.varint(state.count);
  if (state.count === 0) return writer.bytes();
  writer.double(state.sum);
  writer.double(state.min);
  writer.double(state.max);
  writer.varint(state.zeros);
  writeSide(writer, state.positive);
  writeSide(writer, state.negative);
  return writer.bytes();
}

function writeSide(writer: ByteWriter, side: Buckets | undefined): void {
  const pairs: number[] = [];
  let previous = -1;
  side?.forEach((bucket, count) => {
    pairs.push(bucket - previous, count);
    previous = bucket;
  });
  writer.varint(pairs.length / 2);
  for (const number of pairs) writer.varint(number);
}

/**
 * Adds the buckets of an encoded histogram to `positive` and, when it has negative values, to `negative()`.
 * Returns the rest. Throws a `RangeError` when the bytes are not an encoded histogram; the sides may then have
 * been changed in part.
 */
export function decodeInto(bytes: Uint8Array, positive: Buckets, negative: () => Buckets): Totals {
  const reader = new ByteReader(bytes);
  const found = reader.byte();
  if (found !== version) throw new RangeError(`histogram version ${found} is not known`);
  const count = reader.varint();
  if (count === 0) {
    reader.expectEnd();
    return { count, sum: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY, zeros: 0 };
  }
  const [sum, min, max] = [reader.double(), reader.double(), reader.double()];
  const zeros = reader.varint();
  const inBuckets = readSide(reader, () => positive) + readSide(reader, negative);
  reader.expectEnd();
  if (inBuckets + zeros !== count) throw new RangeError('histogram counts do not add up');
  return { count, sum, min, max, zeros };
}

function readSide(reader: ByteReader, side: () => Buckets): number {
  let left = reader.varint();
  if (left === 0) return 0;
  const buckets = side();
  let bucket = -1;
  let total = 0;
  for (; left > 0; left--) {
    bucket += reader.varint();
    if (bucket < 0 || bucket >= bucketCount)
      throw new RangeError(`histogram bucket ${bucket} is out of range`);
    const count = reader.varint();
    buckets.add(bucket, count);
    total += count;
  }
  return total;
}

class ByteWriter {
  #buffer = new Uint8Array(512);
  #length = 0;

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  /** A whole number from 0 to 2^53 - 1, seven bits a byte; division, since shifts end at 32 bits. */
  varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= 128) {
      this.#buffer[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[this.#length++] = rest;
  }

  double(value: number): void {
    this.#reserve(8);
    new DataView(this.#buffer.buffer).setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  bytes(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#buffer.length) return;
    const larger = new Uint8Array(this.#buffer.length * 2);
    larger.set(this.#buffer);
    this.#buffer = larger;
  }
}

class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const value = this.#bytes[this.#at++];
    if (value === undefined) throw new RangeError('histogram bytes end too early');
    return value;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw new RangeError('histogram number is too large');
      if (byte < 128) return value;
      scale *= 128;
    }
  }

  double(): number {
    if (this.#at + 8 > this.#bytes.length) throw new RangeError('histogram bytes end too early');
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    const value = view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  expectEnd(): void {
    if (this.#at !== this.#bytes.length) throw new RangeError('histogram bytes go on after their end');
  }
}
