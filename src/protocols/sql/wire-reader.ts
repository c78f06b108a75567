// Cuts the bytes from a PostgreSQL server into messages. Called by connection.ts for whatever a socket receives.

/** What one message holds lies in `bytes` from `from` to `to`, and only until the call returns. */
export type OnMessage = (type: number, bytes: Buffer, from: number, to: number) => void;

const headBytes = 5;

export class MessageReader {
  /** Set to stop in the middle of a read: nothing more is handed on. */
  stopped = false;
  /** After `read` has returned false: what came is a row that is longer than it may be, and no nonsense. */
  isTooLarge = false;
  readonly #onMessage: OnMessage;
  readonly #maxBytes: number;
  /** A message of which only the start is there; its head until that is complete. */
  #partial: Buffer | null = null;
  #filled = 0;

  /** A message longer than `maxBytes` is taken for garbage. */
  constructor(onMessage: OnMessage, maxBytes: number) {
    this.#onMessage = onMessage;
    this.#maxBytes = maxBytes;
  }

  /** Reads the first `size` bytes. Returns false when they are no messages. */
  read(bytes: Buffer, size: number): boolean {
    let at = 0;
    if (this.#partial !== null) {
      at = this.#complete(bytes, size);
      if (at < 0) return false;
    }
    while (size - at >= headBytes && !this.stopped) {
      const length = bytes.readInt32BE(at + 1);
      if (!this.#isLength(bytes[at]!, length)) return false;
      const end = at + 1 + length;
      if (end > size) break;
      this.#onMessage(bytes[at]!, bytes, at + headBytes, end);
      at = end;
    }
    if (at < size && !this.stopped) this.#keep(bytes, at, size);
    return true;
  }

  #isLength(type: number, length: number): boolean {
    // A row, or a piece of a COPY.
    this.isTooLarge = (type === 68 || type === 100) && length > this.#maxBytes;
    return length >= 4 && length <= this.#maxBytes;
  }

  #keep(bytes: Buffer, from: number, to: number): void {
    const size = to - from;
    const wholeBytes = size < headBytes ? headBytes : bytes.readInt32BE(from + 1) + 1;
    this.#partial = Buffer.allocUnsafe(wholeBytes);
    bytes.copy(this.#partial, 0, from, to);
    this.#filled = size;
  }

  /** Goes on with the message that broke off. Returns where the next one begins, -1 for what is no message. */
  #complete(bytes: Buffer, size: number): number {
    let at = 0;
    let partial = this.#partial!;
    if (this.#filled < headBytes) {
      at = this.#fill(bytes, at, Math.min(size, headBytes - this.#filled));
      if (this.#filled < headBytes) return at;
      const length = partial.readInt32BE(1);
      if (!this.#isLength(partial[0]!, length)) return -1;
      const whole = Buffer.allocUnsafe(length + 1);
      partial.copy(whole, 0, 0, headBytes);
      partial = whole;
      this.#partial = whole;
    }
    at = this.#fill(bytes, at, Math.min(size - at, partial.length - this.#filled));
    if (this.#filled === partial.length) {
      this.#partial = null;
      this.#onMessage(partial[0]!, partial, headBytes, partial.length);
    }
    return at;
  }

  #fill(bytes: Buffer, at: number, byteCount: number): number {
    bytes.copy(this.#partial!, this.#filled, at, at + byteCount);
    this.#filled += byteCount;
    return at + byteCount;
  }
}
