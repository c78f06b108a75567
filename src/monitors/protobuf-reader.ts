// Reads the wire format of Protocol Buffers, field by field, for decoders that know their few messages by number.
// Called by prometheus/protobuf-page.ts and otlp/decode-protobuf.ts. Source: protobuf.dev/programming-guides/encoding.

import { ForeignDataError } from './foreign-data.ts';

const cutOff = 'the message is cut off';

/**
 * Goes through the fields of one message: `while (reader.next())`, then one of the reading methods or `skip` by
 * `reader.field`. Integers beyond 2^53 lose their last digits. All methods throw a `ForeignDataError` at damaged bytes.
 */
export class ProtobufReader {
  /** Number of the field that `next` found. */
  field = 0;
  private wireType = 0;
  private at: number;
  private readonly bytes: Buffer;
  private readonly end: number;

  constructor(bytes: Buffer, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** Moves to the next field; false at the end of the message. */
  next(): boolean {
    if (this.at >= this.end) return false;
    const tag = this.readVarint();
    this.field = Math.floor(tag / 8);
    this.wireType = tag % 8;
    if (this.field === 0) throw new ForeignDataError('the message has a field with number 0');
    return true;
  }

  /** uint32, uint64, bool, enum. */
  unsigned(): number {
    this.expect(0);
    return this.readVarint();
  }

  /** int32, int64: negative numbers are written as two's complement. */
  signed(): number {
    const start = this.at;
    const value = this.unsigned();
    if (value < 2 ** 63) return value;
    let exact = 0n;
    for (let i = this.at - 1; i >= start; i--) exact = (exact << 7n) | BigInt(this.bytes[i]! & 0x7f);
    return Number(BigInt.asIntN(64, exact));
  }

  /** sint32, sint64. */
  zigzag(): number {
    this.expect(0);
    return unzigzag(this.readVarint());
  }

  double(): number {
    this.expect(1);
    return this.bytes.readDoubleLE(this.take(8));
  }

  fixed64(): number {
    this.expect(1);
    return Number(this.bytes.readBigUInt64LE(this.take(8)));
  }

  sfixed64(): number {
    this.expect(1);
    return Number(this.bytes.readBigInt64LE(this.take(8)));
  }

  string(): string {
    this.expect(2);
    const length = this.readVarint();
    const at = this.take(length);
    return this.bytes.toString('utf8', at, at + length);
  }

  /** A reader of the message within. */
  message(): ProtobufReader {
    this.expect(2);
    return this.delimited();
  }

  /** A reader of the message that follows after its length, as messages stand in a stream; check `hasMore` before. */
  delimited(): ProtobufReader {
    const length = this.readVarint();
    const at = this.take(length);
    return new ProtobufReader(this.bytes, at, at + length);
  }

  get hasMore(): boolean {
    return this.at < this.end;
  }

  /** The same message from its beginning, for fields that come before what says whether they matter. */
  again(): ProtobufReader {
    return new ProtobufReader(this.bytes, this.at, this.end);
  }

  /** Adds the values of a repeated number to `list`, packed or one by one. It stays within what `assertSize` allows. */
  numbers(
    list: number[],
    kind: 'double' | 'fixed64' | 'unsigned' | 'zigzag',
    assertSize: (size: number) => void,
  ): void {
    if (this.wireType !== 2) {
      list.push(this[kind]());
      assertSize(list.length);
      return;
    }
    const packed = this.delimited();
    packed.wireType = kind === 'double' || kind === 'fixed64' ? 1 : 0;
    while (packed.hasMore) {
      list.push(packed[kind]());
      assertSize(list.length);
    }
  }

  skip(): void {
    switch (this.wireType) {
      case 0:
        this.readVarint();
        return;
      case 1:
        this.take(8);
        return;
      case 2:
        this.take(this.readVarint());
        return;
      case 5:
        this.take(4);
        return;
      default:
        throw new ForeignDataError(`the message has a field of the unknown wire type ${this.wireType}`);
    }
  }

  private expect(wireType: number): void {
    if (this.wireType !== wireType) {
      throw new ForeignDataError(`field ${this.field} has wire type ${this.wireType} instead of ${wireType}`);
    }
  }

  private take(length: number): number {
    const { at } = this;
    if (length > this.end - at) throw new ForeignDataError(cutOff);
    this.at = at + length;
    return at;
  }

  private readVarint(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 10; i++) {
      if (this.at >= this.end) throw new ForeignDataError(cutOff);
      const byte = this.bytes[this.at++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw new ForeignDataError('the message has a number of more than ten bytes');
  }
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
