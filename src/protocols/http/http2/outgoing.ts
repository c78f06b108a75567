// The body of one request on its way out, no faster than windows and connection let it. Called by stream.ts, which
// fills it.

import { dataFrame } from './frames.ts';

const nothing = Buffer.alloc(0);

export class Outgoing {
  readonly streamId: number;
  /** What the server takes on this stream: RFC 9113 section 6.9. It may be negative. */
  window: number;
  #bytes: Uint8Array = nothing;
  #at = 0;
  #isLast = false;
  #ended = false;
  #whenOut: (() => void) | null = null;

  constructor(streamId: number, window: number) {
    this.streamId = streamId;
    this.window = window;
  }

  /** The next piece; `whenOut` is called when all of it was handed over. One at a time. */
  offer(bytes: Uint8Array, isLast: boolean, whenOut: () => void): void {
    this.#bytes = bytes;
    this.#at = 0;
    this.#isLast = isLast;
    this.#whenOut = whenOut;
  }

  /** The last byte, and that it was the last, were handed over. */
  get ended(): boolean {
    return this.#ended;
  }

  get hasMore(): boolean {
    return this.#whenOut !== null;
  }

  /** Is there something that needs room in the windows? An end without bytes needs none. */
  get leftBytes(): number {
    return this.#bytes.length - this.#at;
  }

  /** The next frame, of at most `mostBytes` of the body. */
  next(mostBytes: number): Buffer {
    const to = this.#at + Math.min(mostBytes, this.leftBytes);
    const isEnd = this.#isLast && to === this.#bytes.length;
    const made = dataFrame(this.streamId, this.#bytes, this.#at, to, isEnd);
    this.window -= to - this.#at;
    this.#at = to;
    if (to < this.#bytes.length) return made;
    this.#bytes = nothing;
    this.#at = 0;
    this.#ended = isEnd;
    return made;
  }

  /** To be called after the frame that was the last of a piece was handed over. */
  tell(): void {
    if (this.leftBytes > 0) return;
    const whenOut = this.#whenOut;
    this.#whenOut = null;
    whenOut?.();
  }

  /** Sends no more. */
  stop(): void {
    this.#bytes = nothing;
    this.#at = 0;
    this.#whenOut = null;
  }
}
