// One request on its stream of an HTTP/2 session, from its headers to the end of the answer. Called by
// http2-connection.ts.

import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { monotonicMs } from '../../time/clock.ts';
import { BodyBuffer, type BodyMemory, memoryExceeded, memoryExceededText } from './body-memory.ts';
import type { HttpExchange } from './exchange.ts';
import { http2Code, http2CodeText } from './http2-codes.ts';
import { http2Headers, readHttp2Head } from './http2-headers.ts';
import { pushTo, type StreamSource } from './response-stream.ts';
import { Upload } from './upload.ts';

/** As for HTTP/1.1: a server that sends nothing else never answers. */
const maxInformationalCount = 1000;
const cancel = 8;

/** Who is told what becomes of the request; each stream ends by exactly one of `answered`, `failed` and `unprocessed`. */
export interface StreamEvents {
  /** Memory for bodies that are kept. */
  readonly bodies: BodyMemory;
  answered(stream: RequestStream): void;
  failed(stream: RequestStream, code: string, message: string): void;
  /** The request did not get to whoever answers requests. */
  unprocessed(stream: RequestStream, code: string, message: string): void;
  /** The session failed under the stream; the error is its own. */
  sessionFailed(error: NodeJS.ErrnoException): void;
  announced(exchange: HttpExchange, source: StreamSource): void;
  /** So many bytes of a body went or came. */
  sentBody(byteCount: number): void;
  receivedBody(byteCount: number): void;
}

export class RequestStream {
  readonly exchange: HttpExchange;
  readonly #events: StreamEvents;
  readonly #stream: ClientHttp2Stream;
  #upload: Upload | null = null;
  /** The body as far as it has come: one piece, or more. */
  #first: Buffer | null = null;
  #buffer: BodyBuffer | null = null;
  #headByteCount = 0;
  #bodyByteCount = 0;
  /** As the response declares it; -1 when it does not. */
  #lengthBytes = -1;
  #informationalCount = 0;
  #headed = false;
  #over = false;

  /** Sends the request; throws what Node does when it may not be sent like this. */
  constructor(session: ClientHttp2Session, exchange: HttpExchange, events: StreamEvents) {
    this.exchange = exchange;
    this.#events = events;
    const { body } = exchange.request;
    this.#stream = session.request(http2Headers(exchange.request), { endStream: body === null });
    exchange.sent = true;
    this.#listen(this.#stream);
    this.#sendBody();
    exchange.sentAtMs = monotonicMs();
  }

  /** Nothing of an answer has come. */
  get unanswered(): boolean {
    return this.#informationalCount === 0 && !this.#headed;
  }

  /** `undefined` before the session gave it one. */
  get id(): number | undefined {
    return this.#stream.id;
  }

  /** More than the head and the framing of the response can have taken on the wire. */
  get mostOverheadBytes(): number {
    return this.#headByteCount + 128 + this.#bodyByteCount / 256;
  }

  /** Bytes of the body that were handed over. */
  get uploadedByteCount(): number {
    const { request } = this.exchange;
    const content = request.body?.content;
    if (typeof content === 'string') return Buffer.byteLength(content);
    return content instanceof Uint8Array ? content.byteLength : this.exchange.uploadedByteCount;
  }

  #listen(stream: ClientHttp2Stream): void {
    const { exchange } = this;
    stream.on('headers', () => {
      // Waiting ends with the final response.
      if (++this.#informationalCount <= maxInformationalCount) return;
      this.#cancel('protocol_error', 'too many informational responses');
    });
    stream.on('response', (_headers, _flags, ...rest: unknown[]) => this.#onHead(rest[0] as string[]));
    stream.on('data', (chunk: Buffer) => this.#onData(chunk));
    stream.on('end', () => this.#onEnd());
    stream.on('frameError', (_type, code) => {
      exchange.sent = false;
      this.#end(() =>
        this.#events.unprocessed(this, 'http2_not_sent', `the request could not be sent (${code})`),
      );
    });
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // A reset is told by its code when the stream closes.
      if (error.code !== 'ERR_HTTP2_STREAM_ERROR' && !this.#over) this.#events.sessionFailed(error);
    });
    stream.on('close', () => this.#onClose());
  }

  #sendBody(): void {
    const stream = this.#stream;
    const { body, upload } = this.exchange.request;
    if (upload !== null) {
      this.#upload = new Upload(upload, stream, this, false);
      this.#upload.start();
    } else if (body !== null) {
      const content = body.content as string | Uint8Array;
      this.#events.sentBody(this.uploadedByteCount);
      stream.on('finish', () => this.#sentAll());
      stream.end(content);
    }
  }

  /** An answer that comes before the body is out ends the sending by definition. */
  #sentAll(): void {
    if (!this.#over && this.exchange.firstByteAtMs === 0) this.exchange.sentAtMs = monotonicMs();
  }

  progressed(): void {
    const upload = this.#upload;
    if (upload === null || this.#over) return;
    this.#events.sentBody(upload.byteCount - this.exchange.uploadedByteCount);
    this.exchange.uploadedByteCount = upload.byteCount;
    this.#sentAll();
    if (!upload.ended) return;
    this.#upload = null;
    this.#stream.end();
  }

  uploadFailed(code: string, message: string): void {
    this.#cancel(code, message);
  }

  #firstByte(): void {
    if (this.exchange.firstByteAtMs === 0) this.exchange.firstByteAtMs = monotonicMs();
  }

  #onHead(fields: readonly string[]): void {
    if (this.#over) return;
    const { exchange } = this;
    this.#firstByte();
    this.#headed = true;
    this.#lengthBytes = readHttp2Head(exchange, fields);
    this.#headByteCount = exchange.rawHeaders.length;
    if (this.#isTooLarge()) return;
    if (exchange.request.streams) {
      this.#events.announced(exchange, {
        resume: () => this.#stream.resume(),
        abandon: () => this.#abandon(),
      });
    }
  }

  #onData(chunk: Buffer): void {
    if (this.#over) return;
    const { request, stream } = this.exchange;
    this.#bodyByteCount += chunk.length;
    this.exchange.receivedByteCount += chunk.length;
    this.#events.receivedBody(chunk.length);
    if (this.#isTooLarge()) return;
    if (request.keepsBody) {
      this.#keep(chunk);
    } else if (stream !== null && !stream.destroyed && !pushTo(stream, chunk) && !this.#over) {
      this.#stream.pause();
    }
  }

  #keep(chunk: Buffer): void {
    if (this.#first === null) {
      this.#first = chunk;
      return;
    }
    const bodies = this.#events.bodies;
    if (this.#buffer === null) {
      this.#buffer = new BodyBuffer(bodies);
      this.#buffer.append(this.#first, 0, this.#first.length);
    }
    if (!this.#buffer.append(chunk, 0, chunk.length))
      this.#cancel(memoryExceeded, memoryExceededText(bodies));
  }

  #isTooLarge(): boolean {
    const limitBytes = this.exchange.request.maxResponseBytes;
    if (this.#headByteCount + this.#bodyByteCount <= limitBytes) return false;
    this.#cancel(
      'response_too_large',
      `the response is longer than ${limitBytes} bytes; see maxResponseSize`,
    );
    return true;
  }

  #onEnd(): void {
    if (this.#over || !this.#headed || this.#stream.rstCode !== 0) return;
    const { exchange } = this;
    const missing =
      this.#lengthBytes >= 0 && exchange.request.method !== 'HEAD' && exchange.status !== 304
        ? this.#lengthBytes - this.#bodyByteCount
        : 0;
    if (missing !== 0) {
      this.#cancel('protocol_error', `the body ended ${missing} bytes before its content-length`);
      return;
    }
    exchange.endedAtMs = monotonicMs();
    exchange.rawBody = this.#buffer === null ? this.#first : this.#buffer.content();
    // The server has answered without the rest of the body: it is not sent.
    const unsent = exchange.request.body !== null && !this.#stream.writableFinished;
    this.#end(() => {
      if (exchange.stream !== null) pushTo(exchange.stream, null);
      this.#events.answered(this);
    });
    if (unsent) this.#stream.close(cancel);
  }

  /** Without an end of the answer before it. */
  #onClose(): void {
    if (this.#over) return;
    const code = this.#stream.rstCode ?? 0;
    const name = http2Code(code);
    const when = this.#headed ? 'in the middle of' : 'before';
    const message = `the stream was reset ${when} the response: ${http2CodeText(code)}`;
    this.#end(() => {
      if (name === 'http2_refused_stream') this.#events.unprocessed(this, name, message);
      else this.#events.failed(this, name, message);
    });
  }

  /** User code wants no more of the body: what it asked for is answered. */
  #abandon(): void {
    if (this.#over) return;
    this.exchange.endedAtMs = monotonicMs();
    this.#end(() => this.#events.answered(this));
    this.#stream.close(cancel);
  }

  /** Gives the request up for a reason of our own. */
  #cancel(code: string, message: string): void {
    if (this.#over) return;
    this.#end(() => this.#events.failed(this, code, message));
    this.#stream.close(cancel);
  }

  /** Ends a request that has taken too long. */
  sweep(nowMs: number): void {
    const { request, deadlineAtMs, firstByteAtMs, sentAtMs } = this.exchange;
    const { timeoutMs, phases } = request;
    if (nowMs >= deadlineAtMs) {
      this.fail('timeout', `no complete response within ${timeoutMs} ms (waiting for the response)`);
    } else if (
      phases !== null &&
      firstByteAtMs === 0 &&
      this.#upload === null &&
      nowMs - sentAtMs >= phases.responseMs
    ) {
      this.fail('response_timeout', `no byte of a response within ${phases.responseMs} ms`);
    }
  }

  /** For a session that ends. */
  fail(code: string, message: string): void {
    this.#cancel(code, message);
  }

  /** Leaves the stream to itself: whatever comes of it is nobody's business any more. */
  detach(): void {
    // The rest of a body that is being made will never come; what is there already goes out first.
    if (this.#upload !== null) setImmediate(() => this.#stream.close(cancel));
    this.#end(() => {});
  }

  #end(report: () => void): void {
    if (this.#over) return;
    this.#over = true;
    this.#first = null;
    this.#buffer?.release();
    this.#buffer = null;
    this.#upload?.stop();
    this.#upload = null;
    // What still comes is read and dropped.
    this.#stream.resume();
    report();
  }
}
