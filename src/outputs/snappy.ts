// Compresses to Snappy's block format, for remote write. The one JavaScript library for it (snappyjs) has had no release
// in years and brings no types; the tests decode with it what is made here.
// Source: https://github.com/google/snappy/blob/main/format_description.txt

/** Matches are looked for within blocks of this size, so offsets fit into two bytes. */
const blockBytes = 65_536;
const hashBits = 13;
const shortestMatch = 4;
const longestCopy = 64;

/** A block that any Snappy decoder reads. At most 1/6 longer than `input`, plus 32 bytes. */
export function compressSnappy(input: Uint8Array): Uint8Array {
  const output = new SnappyWriter(input);
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const table = new Uint16Array(1 << hashBits);
  for (let start = 0; start < input.length; start += blockBytes) {
    const end = Math.min(start + blockBytes, input.length);
    table.fill(0);
    compressBlock(view, start, end, table, output);
  }
  return output.finish();
}

function compressBlock(
  view: DataView,
  start: number,
  end: number,
  table: Uint16Array,
  output: SnappyWriter,
): void {
  // `table` holds, by the hash of four bytes, where in the block they stood last.
  let at = start + 1;
  let literalFrom = start;
  let misses = 0;
  while (at + shortestMatch <= end) {
    const word = view.getUint32(at, true);
    const slot = Math.imul(word, 0x1e35a7bd) >>> (32 - hashBits);
    const candidate = start + table[slot]!;
    table[slot] = at - start;
    if (view.getUint32(candidate, true) !== word) {
      // Data that does not compress is walked through in longer and longer steps.
      at += 1 + (misses++ >>> 5);
      continue;
    }
    misses = 0;
    let length = shortestMatch;
    while (at + length < end && view.getUint8(candidate + length) === view.getUint8(at + length)) length++;
    output.literal(literalFrom, at);
    output.copy(at - candidate, length);
    at += length;
    literalFrom = at;
  }
  output.literal(literalFrom, end);
}

class SnappyWriter {
  readonly #input: Uint8Array;
  readonly #bytes: Uint8Array;
  #length = 0;

  constructor(input: Uint8Array) {
    this.#input = input;
    this.#bytes = new Uint8Array(32 + input.length + Math.ceil(input.length / 6));
    let rest = input.length;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#bytes[this.#length++] = (rest % 128) | 128;
    this.#bytes[this.#length++] = rest;
  }

  /** The bytes of the input from `from` to `to`, as they are; at most one block. */
  literal(from: number, to: number): void {
    const last = to - from - 1;
    if (last < 0) return;
    if (last < 60) {
      this.#bytes[this.#length++] = last << 2;
    } else if (last < 256) {
      this.#bytes[this.#length++] = 60 << 2;
      this.#bytes[this.#length++] = last;
    } else {
      this.#bytes[this.#length++] = 61 << 2;
      this.#bytes[this.#length++] = last & 255;
      this.#bytes[this.#length++] = last >>> 8;
    }
    this.#bytes.set(this.#input.subarray(from, to), this.#length);
    this.#length += to - from;
  }

  /** `length` bytes that stand `offset` (1 to 65,535) before: copies with an offset of two bytes, up to 64 bytes each. */
  copy(offset: number, length: number): void {
    for (let left = length; left > 0; ) {
      const part = Math.min(left, longestCopy);
      this.#bytes[this.#length++] = ((part - 1) << 2) | 2;
      this.#bytes[this.#length++] = offset & 255;
      this.#bytes[this.#length++] = offset >>> 8;
      left -= part;
    }
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}
