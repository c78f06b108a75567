// Remembers response heads byte by byte. A server's answers differ in little more than their date, so within
// one second most heads have been read before: comparing bytes costs a fifth of reading them. Shared by all
// connections of a worker.

import type { FramingFacts } from './message-framing.ts';

/** What was read from a head: all that `ResponseParser` keeps of it. */
export interface KnownHead extends FramingFacts {
  /** The head as received, from the status line up to and with the empty line. */
  readonly bytes: Buffer;
  readonly status: number;
  readonly rawHeaders: string;
}

const slotCount = 64;
/** Heads that never repeat (a request id in each) are stored this often only. */
const storeEvery = 64;
const patience = 32;
const maxStoredBytes = 4096;

export class HeadCache {
  /** By the size of the whole piece received: answers of one endpoint mostly have one size. */
  readonly #slots = new Array<KnownHead | undefined>(slotCount).fill(undefined);
  #missCount = 0;

  /** The head that `bytes[from, to)` starts with, when exactly these bytes have been read before. */
  find(bytes: Buffer, from: number, to: number): KnownHead | undefined {
    const known = this.#slots[(to - from) % slotCount];
    if (known === undefined) return undefined;
    const end = from + known.bytes.length;
    if (end > to || bytes.compare(known.bytes, 0, known.bytes.length, from, end) !== 0) return undefined;
    this.#missCount = 0;
    return known;
  }

  /** Is the head just read worth keeping? */
  wants(length: number): boolean {
    this.#missCount++;
    return length <= maxStoredBytes && (this.#missCount <= patience || this.#missCount % storeEvery === 0);
  }

  /** Keeps a head that arrived in one piece of `pieceLength` bytes. */
  store(head: KnownHead, pieceLength: number): void {
    this.#slots[pieceLength % slotCount] = head;
  }
}
