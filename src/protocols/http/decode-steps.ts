// Undoes codings piece by piece, each step a generator that takes from the one before it no faster than it is asked.
// Used for bodies that are streamed, and by body-decoder.ts for large ones.

import zlib from 'node:zlib';
import { type Coding, isZlib, zstd } from './content-encoding.ts';
import { gzipHeaderLength, gzipTrailerBytes, MemberCheck } from './gzip-format.ts';
import { needMore } from './octets.ts';

type Pieces = AsyncIterable<Buffer>;
type Engine = zlib.Inflate | zlib.InflateRaw | zlib.BrotliDecompress;

/** So much is handed to an engine at once: what it makes of it may be a thousand times as long. */
const fedBytes = 64 * 1024;
const made = { chunkSize: 64 * 1024 };

/** The body behind its codings, outermost first. */
export function decodeSteps(pieces: Pieces, codings: readonly Coding[]): Pieces {
  return codings.reduce((from, coding) => (coding === 'gzip' ? gunzip(from) : unpack(from, coding)), pieces);
}

/** A body at hand as pieces. */
export async function* piecesOf(body: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < body.length; at += fedBytes) yield body.subarray(at, at + fedBytes);
}

/** One of Node's engines, fed and emptied by turns. */
class Unpacker {
  ended = false;
  readonly #engine: Engine;
  #error: Error | null = null;
  #taken = false;
  #wake: (() => void) | null = null;

  constructor(engine: Engine) {
    this.#engine = engine;
    engine.on('readable', () => this.#wake?.());
    engine.on('end', () => {
      this.ended = true;
      this.#wake?.();
    });
    engine.on('error', (error) => {
      this.#error = error;
      this.#wake?.();
    });
  }

  /** How many bytes of what it was given belong to it: data may end before the bytes do. */
  get usedCount(): number {
    return this.#engine.bytesWritten;
  }

  /** What it makes of some more bytes. */
  async *feed(bytes: Buffer): AsyncGenerator<Buffer> {
    const usedBefore = this.usedCount;
    this.#taken = false;
    this.#engine.write(bytes, () => {
      this.#taken = true;
      this.#wake?.();
    });
    yield* this.#output(() => this.#taken);
    // What an engine leaves is not part of its data.
    if (this.usedCount - usedBefore < bytes.length) this.ended = true;
  }

  /** What it has left when no more bytes come. Throws when its data should go on. */
  async *finish(): AsyncGenerator<Buffer> {
    this.#engine.end();
    yield* this.#output(() => false);
  }

  async *#output(done: () => boolean): AsyncGenerator<Buffer> {
    while (true) {
      if (this.#error !== null) throw this.#error;
      const piece = this.#engine.read() as Buffer | null;
      if (piece !== null) {
        yield piece;
      } else if (this.ended || done()) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = null;
      }
    }
  }

  close(): void {
    this.#engine.destroy();
  }
}

function engineFor(coding: Coding, first: Buffer): Engine {
  if (coding === 'br') return zlib.createBrotliDecompress(made);
  if (coding === 'zstd') return zstd!.createZstdDecompress(made);
  return isZlib(first) ? zlib.createInflate(made) : zlib.createInflateRaw(made);
}

/** Undoes one coding that has an end of its own; what follows that end is passed over. */
async function* unpack(pieces: Pieces, coding: Coding): AsyncGenerator<Buffer> {
  let unpacker: Unpacker | null = null;
  let first: Buffer = Buffer.alloc(0);
  try {
    for await (const piece of pieces) {
      if (unpacker === null) {
        // Two bytes tell a zlib header from raw data.
        first = first.length === 0 ? piece : Buffer.concat([first, piece]);
        if (first.length < 2) continue;
        unpacker = new Unpacker(engineFor(coding, first));
        yield* unpacker.feed(first);
      } else if (!unpacker.ended) {
        yield* unpacker.feed(piece);
      }
    }
    if (unpacker === null && first.length > 0) {
      unpacker = new Unpacker(engineFor(coding, first));
      yield* unpacker.feed(first);
    }
    if (unpacker !== null && !unpacker.ended) yield* unpacker.finish();
  } finally {
    unpacker?.close();
  }
}

/** Members of gzip one after the other; what follows the last one and is none is passed over. */
async function* gunzip(pieces: Pieces): AsyncGenerator<Buffer> {
  let unpacker: Unpacker | null = null;
  let check = new MemberCheck();
  let held: Buffer = Buffer.alloc(0);
  let memberCount = 0;
  let over = false;

  const inData = async function* (bytes: Buffer): AsyncGenerator<Buffer> {
    const current = unpacker!;
    const before = current.usedCount;
    for await (const out of current.feed(bytes)) {
      check.add(out);
      yield out;
    }
    held = current.ended ? bytes.subarray(current.usedCount - before) : Buffer.alloc(0);
  };
  /** Takes a header or a trailer from what is held; false when it is not whole. */
  const takeFrame = (): boolean => {
    if (unpacker !== null) {
      if (held.length < gzipTrailerBytes) return false;
      check.compare(held);
      held = held.subarray(gzipTrailerBytes);
      unpacker.close();
      unpacker = null;
      memberCount++;
      return true;
    }
    const length = gzipHeaderLength(held);
    if (length === needMore) return false;
    if (length === 0 && memberCount === 0) throw new Error('incorrect header check');
    if (length === 0) {
      over = true;
      return false;
    }
    held = held.subarray(length);
    unpacker = new Unpacker(zlib.createInflateRaw(made));
    check = new MemberCheck();
    return true;
  };

  try {
    for await (const piece of pieces) {
      if (over) continue;
      held = held.length === 0 ? piece : Buffer.concat([held, piece]);
      while (held.length > 0) {
        const current = unpacker as Unpacker | null;
        if (current !== null && !current.ended) yield* inData(held);
        else if (!takeFrame()) break;
      }
    }
    const last = unpacker as Unpacker | null;
    if (last !== null && !last.ended) {
      for await (const out of last.finish()) yield out;
    }
    // Whole members and something after them, or nothing at all: both are fine.
    const begun = unpacker !== null || (memberCount === 0 && held.length > 0);
    if (begun) throw new Error('unexpected end of file');
  } finally {
    (unpacker as Unpacker | null)?.close();
  }
}
