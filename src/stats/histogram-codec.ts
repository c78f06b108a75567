// The encoded form of a histogram, used between processes and in run records. Only histogram.ts calls it.

import {
  type Buckets,
  bucketCount,
  bucketOf,
  highRest,
  highStep,
  lowRest,
  lowStep,
  restMask,
  topmostBucket,
  valueAtStep,
  valueInBucket,
} from './buckets.ts';
import { finite } from './finite.ts';

// Layout, version 2. Numbers are LEB128 varints unless said otherwise.
//   version (1 byte) | count | sum, min, max (doubles, little endian; absent when count is 0)
//   | zeros | positive side | negative side
// A side is: number of buckets that are not empty, then for each, ascending: distance to the bucket before it
// (the first counts from -1), its count, and where its values lie: a byte with the first step in its upper half and the
// last in its lower. When no step lies within, the byte is one of the three below, and the least value follows: in 2 or 6
// bytes what the bucket does not tell of it, little endian, the high part first; or as a double, in the topmost bucket.
// Version 1 has no such bytes: where values lie in a bucket is not known.
const version = 2;
const versionWithoutSteps = 1;
const shortRest = 0xf0;
const longRest = 0xf1;
const wholeDouble = 0xf2;
const lastStep = 15;

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
  writer.varint(side?.filledCount() ?? 0);
  let previous = -1;
  side?.forEach((bucket, count, least, greatest) => {
    writer.varint(bucket - previous);
    writer.varint(count);
    previous = bucket;
    const low = lowStep(bucket, least);
    const high = highStep(bucket, greatest);
    if (low <= high) {
      writer.byte(low * (lastStep + 1) + high);
      return;
    }
    writeLeast(writer, bucket, least);
  });
}

function writeLeast(writer: ByteWriter, bucket: number, least: number): void {
  if (bucket === topmostBucket) {
    writer.byte(wholeDouble);
    writer.double(least);
    return;
  }
  // Whole numbers and the like end early.
  const low = lowRest(least);
  writer.byte(low === 0 ? shortRest : longRest);
  writer.word16(highRest(least));
  if (low !== 0) writer.word32(low);
}

/**
 * Adds the buckets of an encoded histogram to `positive` and, when it has negative values, to `negative()`.
 * Returns the rest. Throws a `RangeError` when the bytes are not an encoded histogram; the sides may then have
 * been changed in part.
 */
export function decodeInto(bytes: Uint8Array, positive: Buckets, negative: () => Buckets): Totals {
  const reader = new ByteReader(bytes);
  const found = reader.byte();
  if (found !== version && found !== versionWithoutSteps)
    throw new RangeError(`histogram version ${found} is not known`);
  const count = reader.varint();
  if (count === 0) {
    reader.expectEnd();
    return { count, sum: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY, zeros: 0 };
  }
  const sum = reader.double();
  const min = reader.double();
  const max = reader.double();
  // Sums of very large values may be infinite; all else would spoil what it is merged into.
  if (Number.isNaN(sum) || !Number.isFinite(min) || !Number.isFinite(max) || min > max) {
    throw new RangeError('histogram values must be ascending numbers');
  }
  const zeros = reader.varint();
  const hasSteps = found === version;
  const inBuckets = readSide(reader, hasSteps, () => positive) + readSide(reader, hasSteps, negative);
  reader.expectEnd();
  if (inBuckets + zeros !== count) throw new RangeError('histogram counts do not add up');
  return { count, sum: finite(sum), min, max, zeros };
}

function readSide(reader: ByteReader, hasSteps: boolean, side: () => Buckets): number {
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
    if (hasSteps) addWithSteps(reader, buckets, bucket, count);
    else addWithoutSteps(buckets, bucket, count);
    total += count;
  }
  return total;
}

function addWithSteps(reader: ByteReader, buckets: Buckets, bucket: number, count: number): void {
  const steps = reader.byte();
  const low = steps >>> 4;
  const high = steps & lastStep;
  if (low <= high) {
    buckets.add(bucket, count, valueAtStep(bucket, low), valueAtStep(bucket, high));
    return;
  }
  const least = readLeast(reader, bucket, steps);
  buckets.add(bucket, count, least, least);
}

function readLeast(reader: ByteReader, bucket: number, form: number): number {
  if (bucket === topmostBucket) {
    const least = form === wholeDouble ? reader.double() : Number.NaN;
    if (least > 0 && bucketOf(least) === topmostBucket) return least;
  } else if (form === shortRest || form === longRest) return reader.valueIn(bucket, form);
  throw new RangeError('a value of the histogram lies outside of its bucket');
}

/** One value as if in the middle, several as if all over the bucket. */
function addWithoutSteps(buckets: Buckets, bucket: number, count: number): void {
  const isOne = count === 1;
  buckets.add(bucket, count, valueAtStep(bucket, isOne ? 8 : 0), valueAtStep(bucket, isOne ? 8 : lastStep));
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

  word16(value: number): void {
    this.#reserve(2);
    this.#buffer[this.#length++] = value;
    this.#buffer[this.#length++] = value >>> 8;
  }

  word32(value: number): void {
    this.word16(value);
    this.word16(value >>> 16);
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

  /** What a bucket does not tell of a value, in 2 or 6 bytes, as that value. */
  valueIn(bucket: number, form: typeof shortRest | typeof longRest): number {
    const bytes = this.#bytes;
    const at = this.#at;
    this.#at += form === shortRest ? 2 : 6;
    if (this.#at > bytes.length) throw new RangeError('histogram bytes end too early');
    const high = bytes[at]! | (bytes[at + 1]! << 8);
    if (high > restMask) throw new RangeError('a value of the histogram lies outside of its bucket');
    if (form === shortRest) return valueInBucket(bucket, high, 0);
    const low = bytes[at + 2]! | (bytes[at + 3]! << 8) | (bytes[at + 4]! << 16) | (bytes[at + 5]! << 24);
    return valueInBucket(bucket, high, low);
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
