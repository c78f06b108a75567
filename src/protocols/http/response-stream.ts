// The body of a response as a stream: what arrives is pushed in, and reading slowly slows the connection down.

import { Readable } from 'node:stream';
import { HttpRequestError } from '../../model/errors.ts';
import { codingsOf, decodeFailure } from './content-encoding.ts';
import { decodeSteps } from './decode-steps.ts';

/** Who fills a stream. */
export interface StreamSource {
  /** There is room again. */
  resume(): void;
  /** The reader wants no more. */
  abandon(): void;
}

export class ResponseStream extends Readable {
  readonly #source: StreamSource;

  constructor(source: StreamSource) {
    super();
    this.#source = source;
    // A reader that does not listen must not take the worker down with it.
    this.on('error', ignore);
  }

  override _read(): void {
    this.#source.resume();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#source.abandon();
    callback(error);
  }
}

/**
 * Gives a stream a piece of its body, or its end; false when it has enough for now. Listeners of user code are called
 * from here. One that throws ends its stream; the exception goes on by itself, so that it finds nobody else's work half
 * done.
 */
export function pushTo(stream: Readable, piece: Buffer | null): boolean {
  try {
    return stream.push(piece);
  } catch (thrown) {
    stream.destroy();
    process.nextTick(() => {
      throw thrown;
    });
    return true;
  }
}

/** The body without its codings: takes from the stream behind it what its reader asks for. */
class DecodedStream extends Readable {
  readonly #raw: ResponseStream;
  readonly #pieces: AsyncIterator<Buffer>;
  #reading = false;

  constructor(raw: ResponseStream, pieces: AsyncIterable<Buffer>) {
    super();
    this.#raw = raw;
    this.#pieces = pieces[Symbol.asyncIterator]();
    this.on('error', ignore);
  }

  override _read(): void {
    if (!this.#reading) void this.#pull();
  }

  async #pull(): Promise<void> {
    this.#reading = true;
    try {
      let goesOn = true;
      while (goesOn && !this.destroyed) {
        const next = await this.#pieces.next();
        goesOn = pushTo(this, next.done === true ? null : next.value) && next.done !== true;
      }
    } catch (thrown) {
      if (thrown instanceof HttpRequestError) this.destroy(thrown);
      else {
        const { code, message } = decodeFailure(thrown, Number.POSITIVE_INFINITY);
        this.destroy(new HttpRequestError(code, message));
      }
    } finally {
      this.#reading = false;
    }
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    // What waits for more of it then ends, and its engines with it.
    this.#raw.destroy();
    void this.#pieces.return?.()?.catch(ignore);
    callback(error);
  }
}

/** The stream behind its decoders; destroying what comes out ends what goes in. */
export function decodedStream(raw: ResponseStream, rawHeaders: string): Readable {
  try {
    const codings = codingsOf(rawHeaders);
    return codings.length === 0 ? raw : new DecodedStream(raw, decodeSteps(raw, codings));
  } catch (thrown) {
    return new DecodedStream(raw, failing(thrown));
  }
}

/** The first piece asked for is the failure. */
function failing(thrown: unknown): AsyncIterable<Buffer> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(thrown) }) };
}

function ignore(): void {}
