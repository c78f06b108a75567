// Decodes bodies for all users of one worker: small ones at once, the others piece by piece off the event loop, so many
// and so large ones at a time as memory allows. Used by decoding.ts.

import { monotonicMs } from '../../time/clock.ts';
import { delay } from '../../time/timer.ts';
import { BodyBuffer, type BodyMemory, memoryExceeded, memoryExceededText } from './body-memory.ts';
import { type Coding, codingsOf, DecodeError, decodeNow } from './content-encoding.ts';
import { decodeSteps, piecesOf } from './decode-steps.ts';

/** Neither a longer body, nor one that unpacks to more, is decoded within one turn of the event loop. */
const mostCodedNowBytes = 128 * 1024;
const mostDecodedNowBytes = 1024 * 1024;
/** Node has four threads for such work. */
const mostAtOnce = 4;
/** For how long a body waits for memory, and how often it looks whether there is some. */
const longestWaitMs = 2000;
const waitStepMs = 50;
/** Beyond it a body waits for its turn: one is this large at a time. */
const largeBytes = 16 * 1024 * 1024;

/** Lets one go on at a time, in the order in which they came. */
class Turn {
  #last: Promise<void> = Promise.resolve();

  /** Resolves with what ends the turn. */
  async begin(): Promise<() => void> {
    const before = this.#last;
    let end!: () => void;
    this.#last = new Promise((resolve) => {
      end = resolve;
    });
    await before;
    return end;
  }
}

export class BodyDecoder {
  readonly #memory: BodyMemory;
  readonly #large = new Turn();
  readonly #queue: (() => void)[] = [];
  #runningCount = 0;

  constructor(memory: BodyMemory) {
    this.#memory = memory;
  }

  /**
   * The body without its codings. Throws, or rejects, on damaged data, and with a `RangeError` when it unpacks to more
   * than `mostBytes`. It gives up once `isWanted` says no.
   */
  decode(
    rawHeaders: string,
    body: Buffer,
    mostBytes: number,
    isWanted: () => boolean,
  ): Buffer | Promise<Buffer> {
    const codings = codingsOf(rawHeaders);
    if (codings.length === 0) return body;
    if (body.length <= mostCodedNowBytes) {
      try {
        return decodeNow(body, codings, Math.min(mostBytes, mostDecodedNowBytes));
      } catch (thrown) {
        if (!(thrown instanceof RangeError) || mostBytes <= mostDecodedNowBytes) throw thrown;
      }
    }
    return this.#decodeLater(body, codings, mostBytes, isWanted);
  }

  async #decodeLater(
    body: Buffer,
    codings: readonly Coding[],
    mostBytes: number,
    isWanted: () => boolean,
  ): Promise<Buffer> {
    try {
      if (this.#runningCount >= mostAtOnce) await new Promise<void>((resolve) => this.#queue.push(resolve));
      this.#runningCount++;
      return await this.#unpack(body, codings, mostBytes, isWanted);
    } finally {
      this.#runningCount--;
      this.#queue.shift()?.();
    }
  }

  async #unpack(
    body: Buffer,
    codings: readonly Coding[],
    mostBytes: number,
    isWanted: () => boolean,
  ): Promise<Buffer> {
    const unpacked = new BodyBuffer(this.#memory);
    let endTurn: (() => void) | null = null;
    try {
      for await (const piece of decodeSteps(piecesOf(body), codings)) {
        if (!isWanted()) throw new DecodeError('decode_error', 'the caller no longer waits for the body');
        if (unpacked.byteCount + piece.length > mostBytes) throw new RangeError('too much');
        if (endTurn === null && unpacked.byteCount > largeBytes) endTurn = await this.#large.begin();
        if (!unpacked.append(piece, 0, piece.length)) await this.#waitFor(unpacked, piece, isWanted);
      }
      return await unpacked.contentInTurns();
    } finally {
      unpacked.release();
      endTurn?.();
    }
  }

  /** Users come to their ends, and give up the bodies that they had. */
  async #waitFor(unpacked: BodyBuffer, piece: Buffer, isWanted: () => boolean): Promise<void> {
    const untilMs = monotonicMs() + longestWaitMs;
    do {
      if (!isWanted() || monotonicMs() >= untilMs) {
        throw new DecodeError(memoryExceeded, memoryExceededText(this.#memory));
      }
      await delay(waitStepMs);
    } while (!unpacked.append(piece, 0, piece.length));
  }
}
