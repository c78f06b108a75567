// Remembers head blocks byte by byte, as ../head-cache.ts does for HTTP/1.1. A block that names nothing of the dynamic table
// means the same on each connection, whatever the table holds. Shared by all connections of a worker. Called by
// hpack-decoder.ts.

import type { HeadField } from './field.ts';
import type { ResponseHead } from './response-head.ts';

export interface KnownBlock {
  readonly bytes: Buffer;
  readonly head: ResponseHead;
  /** What it puts into the dynamic table, in this order. */
  readonly inserted: readonly HeadField[];
}

const slotCount = 64;
/** Blocks that never repeat (a request id in each) are stored this often only. */
const storeEvery = 64;
const patience = 32;
const maxStoredBytes = 4096;

export class KnownHeads {
  /** By length: answers of one endpoint mostly have one. */
  readonly #slots = new Array<KnownBlock | undefined>(slotCount).fill(undefined);
  #missCount = 0;

  find(bytes: Buffer, from: number, to: number): KnownBlock | undefined {
    const known = this.#slots[(to - from) % slotCount];
    if (known === undefined || !isSame(known.bytes, bytes, from, to)) return undefined;
    this.#missCount = 0;
    return known;
  }

  /** Keeps a block that was just read, where it is likely to come again. */
  offer(bytes: Buffer, from: number, to: number, head: ResponseHead, inserted: readonly HeadField[]): void {
    this.#missCount++;
    if (to - from > maxStoredBytes) return;
    if (this.#missCount > patience && this.#missCount % storeEvery !== 0) return;
    this.#slots[(to - from) % slotCount] = { bytes: Buffer.from(bytes.subarray(from, to)), head, inserted };
  }
}

export function isSame(known: Buffer, bytes: Buffer, from: number, to: number): boolean {
  return known.length === to - from && bytes.compare(known, 0, known.length, from, to) === 0;
}
