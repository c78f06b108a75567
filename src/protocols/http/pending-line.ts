// The start of a line whose end has not arrived yet. Used by response-parser.ts.

import { CR, LF } from './octets.ts';

/** Bytes of a line that broke off, kept until more of it arrives. */
export class PendingLine {
  /** The line is in the first `count` bytes. */
  bytes: Buffer;
  count: number;
  readonly #readAgainAtCount: number;

  /** Copies `bytes[from, to)`, at least one byte. */
  constructor(bytes: Buffer, from: number, to: number) {
    this.count = to - from;
    this.#readAgainAtCount = 2 * this.count;
    this.bytes = Buffer.allocUnsafe(this.#readAgainAtCount);
    bytes.copy(this.bytes, 0, from, to);
  }

  /**
   * Appends `bytes[from, to)`. True when it is time to read the line again: it may have ended, or it has doubled.
   * Reading it after each piece would let a line that comes byte by byte cost the square of its length.
   */
  append(bytes: Buffer, from: number, to: number): boolean {
    const before = this.count;
    this.count += to - from;
    if (this.count > this.bytes.length) {
      const larger = Buffer.allocUnsafe(this.count);
      this.bytes.copy(larger, 0, 0, before);
      this.bytes = larger;
    }
    bytes.copy(this.bytes, before, from, to);
    // What follows a carriage return is either a line feed or a mistake.
    const afterReturn = this.bytes[before - 1] === CR;
    return afterReturn || this.count >= this.#readAgainAtCount || bytes.subarray(from, to).includes(LF);
  }
}
