// Writes protocol buffers: as much of the wire format as remote write's messages need.
// Source: https://protobuf.dev/programming-guides/encoding/

const utf8 = new TextEncoder();

/** Grows as it is written to. */
export class ProtobufWriter {
  #bytes: Uint8Array;
  #view: DataView;
  length = 0;

  constructor(sizeBytes = 256) {
    this.#bytes = new Uint8Array(sizeBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** A field that holds a message or bytes (wire type 2). */
  bytes(field: number, ...parts: readonly Uint8Array[]): this {
    let size = 0;
    for (const part of parts) size += part.length;
    this.#tag(field, 2).#varint(size).#reserve(size);
    for (const part of parts) {
      this.#bytes.set(part, this.length);
      this.length += part.length;
    }
    return this;
  }

  string(field: number, text: string): this {
    return this.bytes(field, utf8.encode(text));
  }

  /** Wire type 1; written also when it is 0. */
  double(field: number, value: number): this {
    this.#tag(field, 1).#reserve(8);
    this.#view.setFloat64(this.length, value, true);
    this.length += 8;
    return this;
  }

  /** Wire type 0; a whole number from 0 to 2^53 - 1. */
  int64(field: number, value: number): this {
    return this.#tag(field, 0).#varint(value);
  }

  clear(): this {
    this.length = 0;
    return this;
  }

  /** What was written, without a copy: valid until something more is. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  #tag(field: number, wireType: number): this {
    return this.#varint(field * 8 + wireType);
  }

  /** Division, since shifts end at 32 bits. */
  #varint(value: number): this {
    this.#reserve(8);
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.length++] = rest;
    return this;
  }

  #reserve(size: number): void {
    const needed = this.length + size;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
