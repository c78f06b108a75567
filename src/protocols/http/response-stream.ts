// The body of a response as a stream: what arrives is pushed in, and reading slowly slows the connection down.

import { type Duplex, pipeline, Readable } from 'node:stream';

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

/** The stream behind its decoders; destroying what comes out ends what goes in. */
export function decodedStream(raw: ResponseStream, decoders: readonly Duplex[]): Readable {
  if (decoders.length === 0) return raw;
  const decoded = pipeline([raw, ...decoders], ignore) as unknown as Readable;
  decoded.on('error', ignore);
  return decoded;
}

function ignore(): void {}
