// Memory for the bodies of one worker. Many users at once must not take more than there is, whatever servers send, so all
// bodies beyond a size have one budget, from their first byte until nobody has them any more. Used by body-reader.ts, http2/stream.ts and
// body-decoder.ts.

import v8 from 'node:v8';
import vm from 'node:vm';
import { monotonicMs } from '../../time/clock.ts';

/** What the bodies of a worker may take: those that come, are decoded, and are in the hands of user code. */
const workerBodyBytes = 512 * 1024 * 1024;
/** Shorter bodies are not counted: ten thousand users with one each have room, and most bodies cost nothing here. */
export const uncountedBytes = 64 * 1024;
const largestBlockBytes = 4 * 1024 * 1024;
/** So much is copied within one turn of the event loop. */
const copiedPerTurnBytes = 8 * 1024 * 1024;

/** After a collection that found nothing, no other is asked for so soon. */
const vainCollectionMs = 250;

interface HeldBody {
  readonly memory: WeakRef<ArrayBufferLike>;
  readonly byteCount: number;
}

export class BodyMemory {
  readonly limitBytes: number;
  #takenBytes = 0;
  /** Bodies that user code was given: their bytes are taken for as long as it keeps them. */
  readonly #held = new Set<HeldBody>();
  readonly #collected = new FinalizationRegistry<HeldBody>((body) => this.#free(body));
  #collectAgainAtMs = 0;

  constructor(limitBytes = workerBodyBytes) {
    this.limitBytes = limitBytes;
  }

  get takenBytes(): number {
    return this.#takenBytes;
  }

  /** Sets bytes aside; false, and nothing is, when there are not so many left. */
  take(byteCount: number): boolean {
    if (this.#takenBytes + byteCount > this.limitBytes && !this.#reclaim(byteCount)) return false;
    this.#takenBytes += byteCount;
    return true;
  }

  giveBack(byteCount: number): void {
    this.#takenBytes -= byteCount;
  }

  /** From now on `byteCount` bytes that were set aside are taken until nobody has the body any more. */
  hold({ buffer }: Buffer, byteCount: number): void {
    if (byteCount === 0) return;
    const body: HeldBody = { memory: new WeakRef(buffer), byteCount };
    this.#held.add(body);
    this.#collected.register(buffer, body);
  }

  #free(body: HeldBody): void {
    if (this.#held.delete(body)) this.#takenBytes -= body.byteCount;
  }

  /** What nobody has any more is free once it was collected, which nothing else hurries. */
  #reclaim(byteCount: number): boolean {
    const nowMs = monotonicMs();
    if (this.#held.size === 0 || nowMs < this.#collectAgainAtMs) return false;
    const takenBytes = this.#takenBytes;
    collectGarbage();
    // A body that is looked at lives until the end of this turn, so none is looked at before.
    for (const body of this.#held) if (body.memory.deref() === undefined) this.#free(body);
    if (this.#takenBytes === takenBytes) this.#collectAgainAtMs = nowMs + vainCollectionMs;
    return this.#takenBytes + byteCount <= this.limitBytes;
  }
}

let collector: (() => void) | undefined;

/** Node hides it behind a flag, which may be set while it runs. */
function collectGarbage(): void {
  if (collector === undefined) {
    v8.setFlagsFromString('--expose-gc');
    collector = vm.runInNewContext('gc') as () => void;
    v8.setFlagsFromString('--no-expose-gc');
  }
  collector();
}

/** Why a body was given up, as a code of failed requests. */
export const memoryExceeded = 'body_memory_exceeded';
export function memoryExceededText({ limitBytes }: BodyMemory): string {
  return (
    `the bodies that the users of this worker have at once are longer than ${limitBytes} bytes; ` +
    "responseType 'none' or 'stream' keeps none, and more workers have more room"
  );
}

/** A body whose length shows as it comes: blocks that are filled one after the other. */
export class BodyBuffer {
  byteCount = 0;
  readonly #memory: BodyMemory;
  readonly #likelyBytes: number;
  #blocks: Buffer[] = [];
  /** Of the last block. */
  #filledCount = 0;
  #takenBytes = 0;

  /** Of a body that is as long as `likelyBytes` one block holds all. */
  constructor(memory: BodyMemory, likelyBytes = 0) {
    this.#memory = memory;
    this.#likelyBytes = likelyBytes;
  }

  /** Copies `bytes[from, to)`. False, and nothing is copied, when there is no memory for it. */
  append(bytes: Uint8Array, from: number, to: number): boolean {
    const block = this.#blocks.at(-1);
    const fitting = block === undefined ? 0 : Math.min(to - from, block.length - this.#filledCount);
    let next: Buffer | null = null;
    if (fitting < to - from) {
      next = this.#makeBlock(to - from - fitting);
      if (next === null) return false;
    }
    this.#fill(bytes, from, from + fitting);
    if (next !== null) {
      this.#blocks.push(next);
      this.#filledCount = 0;
      this.#fill(bytes, from + fitting, to);
    }
    return true;
  }

  #fill(bytes: Uint8Array, from: number, to: number): void {
    if (to === from) return;
    this.#blocks.at(-1)!.set(bytes.subarray(from, to), this.#filledCount);
    this.#filledCount += to - from;
    this.byteCount += to - from;
  }

  #makeBlock(wantedBytes: number): Buffer | null {
    const likelyBytes =
      this.byteCount === 0 ? this.#likelyBytes : Math.min(this.byteCount, largestBlockBytes);
    const size = Math.max(wantedBytes, likelyBytes);
    const counted = this.byteCount + size > uncountedBytes ? size : 0;
    if (!this.#memory.take(counted)) return null;
    this.#takenBytes += counted;
    return Buffer.allocUnsafeSlow(size);
  }

  /** All of it; afterwards it is empty, and its memory that of whoever has the content. */
  content(): Buffer {
    const blocks = this.#parts();
    return this.#handOver(blocks.length === 1 ? blocks[0]! : Buffer.concat(blocks));
  }

  /** The same for a body of any length, without holding up the event loop. */
  async contentInTurns(): Promise<Buffer> {
    if (this.byteCount <= copiedPerTurnBytes) return this.content();
    const whole = Buffer.allocUnsafeSlow(this.byteCount);
    const blocks = this.#parts();
    let at = 0;
    let copiedCount = 0;
    for (let block = blocks.shift(); block !== undefined; block = blocks.shift()) {
      whole.set(block, at);
      at += block.length;
      copiedCount += block.length;
      if (copiedCount < copiedPerTurnBytes) continue;
      copiedCount = 0;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    return this.#handOver(whole);
  }

  #handOver(content: Buffer): Buffer {
    // Blocks may have had more room than was filled.
    const heldBytes = Math.min(this.#takenBytes, content.buffer.byteLength);
    this.#memory.hold(content, heldBytes);
    this.#takenBytes -= heldBytes;
    this.release();
    return content;
  }

  #parts(): Buffer[] {
    const blocks = this.#blocks;
    const last = blocks.pop();
    if (last !== undefined) blocks.push(last.subarray(0, this.#filledCount));
    this.#blocks = [];
    return blocks;
  }

  /** Gives up what is in it. */
  release(): void {
    this.#memory.giveBack(this.#takenBytes);
    this.#takenBytes = 0;
    this.#blocks = [];
    this.#filledCount = 0;
    this.byteCount = 0;
  }
}
