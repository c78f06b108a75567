// Sends a request body that user code makes while it goes out: a file, a generator, anything that comes in
// pieces. Called by request-writer.ts and http2/stream.ts.

import { Readable, type Writable } from 'node:stream';
import type { BodySource } from '../../model/context.ts';
import { messageOf } from '../../model/errors.ts';

/** A body that is made while it is sent. */
export interface UploadPlan {
  /** A function is called for each attempt; anything else can be sent once. */
  readonly source: BodySource | (() => BodySource);
  /** As the request's `content-length` says; `undefined` sends chunks (RFC 9112 section 7.1). */
  readonly lengthBytes: number | undefined;
}

export interface UploadEvents {
  /** Some more of the body, or its end, was handed to the socket. */
  progressed(): void;
  uploadFailed(code: string, message: string): void;
}

/** Can the body be sent once more, after a redirect or a failure? */
export function isRepeatable({ source }: UploadPlan): boolean {
  return typeof source === 'function';
}

export function isBodySource(body: unknown): body is UploadPlan['source'] {
  return (
    typeof body === 'function' || (typeof body === 'object' && body !== null && Symbol.asyncIterator in body)
  );
}

/** A stream that fails before it is read, or after nobody wants it any more, must not take the worker down. */
export function guardSource(source: UploadPlan['source']): void {
  if (isStream(source)) source.on('error', ignore);
}

/** The request will never be sent: a stream that was to be its body is closed. */
export function dropSource({ source }: UploadPlan): void {
  if (isStream(source)) source.destroy();
}

function isStream(source: UploadPlan['source']): source is Readable {
  return source instanceof Readable;
}

function ignore(): void {}

/** One body on its way, written to `writer` no faster than that takes it. */
export class Upload {
  /** Bytes handed to the socket, with the framing of the chunks. */
  byteCount = 0;
  ended = false;
  readonly #plan: UploadPlan;
  readonly #writer: Writable;
  readonly #framed: boolean;
  readonly #events: UploadEvents;
  #source: BodySource | undefined;
  #stopped = false;
  #whenDrained: (() => void) | null = null;

  /** `framed: false` leaves the framing of the pieces to the writer. */
  constructor(
    plan: UploadPlan,
    writer: Writable,
    events: UploadEvents,
    framed = plan.lengthBytes === undefined,
  ) {
    this.#plan = plan;
    this.#writer = writer;
    this.#events = events;
    this.#framed = framed;
  }

  start(): void {
    this.#send().catch((thrown: unknown) => this.#fail(messageOf(thrown)));
  }

  /** Sends no more. A source that is a stream is destroyed, a generator finished. */
  stop(): void {
    if (this.ended || this.#stopped) return;
    this.#stopped = true;
    const source = this.#source as (BodySource & { destroy?: () => void }) | undefined;
    if (source?.destroy !== undefined) source.destroy();
    // The writer may never drain again: it must not keep the source waiting.
    this.#whenDrained?.();
  }

  async #send(): Promise<void> {
    const { source, lengthBytes } = this.#plan;
    this.#source = typeof source === 'function' ? source() : source;
    guardSource(this.#source);
    let bodyBytes = 0;
    for await (const piece of this.#source) {
      if (this.#stopped) return;
      const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
      if (!(bytes instanceof Uint8Array))
        throw new TypeError(`a piece of the body is a ${typeof piece}, not text or bytes`);
      // An empty chunk would end the body.
      if (bytes.byteLength === 0) continue;
      bodyBytes += bytes.byteLength;
      if (lengthBytes !== undefined && bodyBytes > lengthBytes)
        throw new Error(`it is longer than its content-length of ${lengthBytes} bytes`);
      this.#write(bytes);
      this.#events.progressed();
      if (this.#writer.writableNeedDrain) await this.#drained();
      if (this.#stopped) return;
    }
    if (this.#stopped) return;
    if (lengthBytes !== undefined && bodyBytes < lengthBytes) {
      throw new Error(`it ended after ${bodyBytes} of the ${lengthBytes} bytes of its content-length`);
    }
    if (this.#framed) this.#put('0\r\n\r\n');
    this.ended = true;
    this.#events.progressed();
  }

  #write(bytes: Uint8Array): void {
    const writer = this.#writer;
    writer.cork();
    if (this.#framed) this.#put(`${bytes.byteLength.toString(16)}\r\n`);
    this.#put(bytes);
    if (this.#framed) this.#put('\r\n');
    writer.uncork();
  }

  #put(bytes: string | Uint8Array): void {
    this.byteCount += bytes.length;
    this.#writer.write(bytes);
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenDrained = resolve;
      this.#writer.once('drain', resolve);
    });
  }

  #fail(reason: string): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#events.uploadFailed('upload_failed', `the body could not be sent: ${reason}`);
  }
}
