// One request on its stream of an HTTP/2 connection, from its head to the end of the answer. Called by session.ts.

import { monotonicMs } from '../../../time/clock.ts';
import { BodyBuffer, type BodyMemory, memoryExceeded, memoryExceededText } from '../body-memory.ts';
import type { HttpExchange } from '../exchange.ts';
import { pushTo, type StreamSource } from '../response-stream.ts';
import { Upload } from '../upload.ts';
import { codes, http2Code, http2CodeText } from './codes.ts';
import { streamWindowBytes } from './frames.ts';
import { Outgoing } from './outgoing.ts';
import type { ResponseHead } from './response-head.ts';
import { UploadWriter } from './upload-writer.ts';

/** As for HTTP/1.1: a server that sends nothing else never answers. */
const maxInformationalCount = 1000;

/** How the stream gets at its connection. */
export interface StreamLink {
  /** There is more of the request's body to send. */
  pump(stream: RequestStream): void;
  /** Ends the stream on our side. */
  reset(stream: RequestStream, code: number): void;
  /** Lets the server send so many bytes more on the stream. */
  grant(stream: RequestStream, byteCount: number): void;
}

/** Who is told what becomes of the request; each stream ends by exactly one of `answered`, `failed` and `unprocessed`. */
export interface StreamEvents {
  /** Memory for bodies that are kept. */
  readonly bodies: BodyMemory;
  answered(stream: RequestStream): void;
  failed(stream: RequestStream, code: string, message: string): void;
  /** The request did not get to whoever answers requests. */
  unprocessed(stream: RequestStream, code: string, message: string): void;
  announced(exchange: HttpExchange, source: StreamSource): void;
}

export class RequestStream {
  readonly id: number;
  readonly exchange: HttpExchange;
  readonly outgoing: Outgoing;
  /** Of its frames. */
  sentBytes = 0;
  receivedBytes = 0;
  readonly #link: StreamLink;
  readonly #events: StreamEvents;
  #upload: Upload | null = null;
  /** The body as far as it has come: one piece, or more. */
  #first: Buffer | null = null;
  #buffer: BodyBuffer | null = null;
  #headByteCount = 0;
  #bodyByteCount = 0;
  /** As the response declares it; -1 when it does not. */
  #lengthBytes = -1;
  /** What the server may still send, and what of it was used up since it was last granted more. */
  #window = streamWindowBytes;
  #usedBytes = 0;
  #informationalCount = 0;
  #headed = false;
  /** The reader of the body is behind. */
  #paused = false;
  #over = false;

  constructor(
    id: number,
    exchange: HttpExchange,
    sendWindow: number,
    link: StreamLink,
    events: StreamEvents,
  ) {
    this.id = id;
    this.exchange = exchange;
    this.outgoing = new Outgoing(id, sendWindow);
    this.#link = link;
    this.#events = events;
  }

  /** Nothing of an answer has come. */
  get unanswered(): boolean {
    return this.#informationalCount === 0 && !this.#headed;
  }

  /** Sends the body, after the head was. */
  sendBody(): void {
    const { body, upload } = this.exchange.request;
    if (upload !== null) {
      const writer = new UploadWriter((bytes, isLast, done) => this.#offer(bytes, isLast, done));
      this.#upload = new Upload(upload, writer, this.#uploadEvents(writer), false);
      this.#upload.start();
    } else if (body !== null) {
      const content = body.content as string | Uint8Array;
      this.#offer(typeof content === 'string' ? Buffer.from(content) : content, true, () => this.#sentAll());
    }
  }

  #offer(bytes: Uint8Array, isLast: boolean, whenOut: () => void): void {
    if (this.#over) return;
    this.outgoing.offer(bytes, isLast, whenOut);
    this.#link.pump(this);
  }

  /** An answer that comes before the body is out ends the sending by definition. */
  #sentAll(): void {
    if (!this.#over && this.exchange.firstByteAtMs === 0) this.exchange.sentAtMs = monotonicMs();
  }

  #uploadEvents(writer: UploadWriter): {
    progressed(): void;
    uploadFailed(code: string, message: string): void;
  } {
    return {
      progressed: () => {
        const upload = this.#upload;
        if (upload === null || this.#over) return;
        this.#sentAll();
        if (!upload.ended) return;
        this.#upload = null;
        writer.end();
      },
      uploadFailed: (code, message) => this.#giveUp(code, message),
    };
  }

  /** A head has come: of an informational response, of the response, or the fields after its body. */
  headed(head: ResponseHead, endsStream: boolean): void {
    if (this.#over) return;
    const problem = this.#problemOf(head, endsStream);
    if (problem !== undefined) {
      this.#giveUp('http2_protocol_error', `the server breaks the protocol: ${problem}`, codes.protocol);
      return;
    }
    if (!this.#headed && head.status < 200) {
      // Waiting ends with the final response.
      if (++this.#informationalCount <= maxInformationalCount) return;
      this.#giveUp('protocol_error', 'too many informational responses');
      return;
    }
    if (!this.#headed) this.#begin(head);
    if (endsStream) this.#end();
  }

  #problemOf({ status, fault }: ResponseHead, endsStream: boolean): string | undefined {
    if (fault !== null) return `it sent ${fault}`;
    if (this.#headed) {
      if (status !== 0) return 'it sent a second status';
      return endsStream ? undefined : 'it sent fields after a body that goes on';
    }
    if (status === 0) return 'it sent a head without a status';
    return status < 200 && endsStream ? 'it ended the stream with an informational response' : undefined;
  }

  #begin(head: ResponseHead): void {
    const { exchange } = this;
    if (exchange.firstByteAtMs === 0) exchange.firstByteAtMs = monotonicMs();
    this.#headed = true;
    exchange.status = head.status;
    exchange.rawHeaders = head.rawHeaders;
    exchange.hasSetCookie = head.hasSetCookie;
    exchange.hasContentEncoding = head.hasContentEncoding;
    const { request } = exchange;
    const { status } = head;
    this.#lengthBytes = request.method === 'HEAD' || status === 204 || status === 304 ? 0 : head.lengthBytes;
    this.#headByteCount = head.rawHeaders.length;
    if (this.#isTooLarge() || !request.streams) return;
    this.#events.announced(exchange, {
      resume: () => this.#resume(),
      abandon: () => this.#abandon(),
    });
  }

  /** A frame of the body begins. Returns false when the server may not send so much. */
  takes(windowBytes: number): boolean {
    this.#window -= windowBytes;
    return this.#window >= 0;
  }

  data(bytes: Buffer, from: number, to: number): void {
    if (this.#over) return;
    const { request, stream } = this.exchange;
    this.#bodyByteCount += to - from;
    if (!this.#headed) {
      this.#giveUp(
        'http2_protocol_error',
        'the server breaks the protocol: it sent a body before its head',
        codes.protocol,
      );
      return;
    }
    if (this.#lengthBytes >= 0 && this.#bodyByteCount > this.#lengthBytes) {
      const message = `the server breaks the protocol: the body is longer than the ${this.#lengthBytes} bytes that it may have`;
      this.#giveUp('http2_protocol_error', message, codes.protocol);
      return;
    }
    if (this.#isTooLarge()) return;
    if (request.keepsBody) this.#keep(bytes, from, to);
    else if (stream !== null && !stream.destroyed && !pushTo(stream, Buffer.from(bytes.subarray(from, to)))) {
      this.#paused = true;
    }
  }

  #keep(bytes: Buffer, from: number, to: number): void {
    const bodies = this.#events.bodies;
    if (this.#buffer === null) {
      if (this.#first === null && this.#bodyByteCount === to - from) {
        this.#first = Buffer.from(bytes.subarray(from, to));
        return;
      }
      this.#buffer = new BodyBuffer(bodies);
      const first = this.#first!;
      this.#first = null;
      this.#buffer.append(first, 0, first.length);
    }
    if (!this.#buffer.append(bytes, from, to)) this.#giveUp(memoryExceeded, memoryExceededText(bodies));
  }

  #isTooLarge(): boolean {
    const limitBytes = this.exchange.request.maxResponseBytes;
    if (this.#headByteCount + this.#bodyByteCount <= limitBytes) return false;
    this.#giveUp(
      'response_too_large',
      `the response is longer than ${limitBytes} bytes; see maxResponseSize`,
    );
    return true;
  }

  /** A frame of the body, which took `windowBytes`, has ended. */
  dataEnded(windowBytes: number, endsStream: boolean): void {
    if (this.#over) return;
    if (endsStream) {
      this.#end();
      return;
    }
    this.#usedBytes += windowBytes;
    this.#grant();
  }

  /** In few steps: one update for each frame would cost more than the frame. */
  #grant(): void {
    if (this.#paused || this.#usedBytes < streamWindowBytes / 2) return;
    this.#link.grant(this, this.#usedBytes);
    this.#window += this.#usedBytes;
    this.#usedBytes = 0;
  }

  #resume(): void {
    if (this.#over || !this.#paused) return;
    this.#paused = false;
    this.#grant();
  }

  #end(): void {
    const { exchange } = this;
    if (!this.#headed) {
      this.#giveUp(
        'http2_protocol_error',
        'the server breaks the protocol: the stream ended without a response',
        codes.protocol,
      );
      return;
    }
    const missing = this.#lengthBytes >= 0 ? this.#lengthBytes - this.#bodyByteCount : 0;
    if (missing !== 0) {
      this.#giveUp('protocol_error', `the body ended ${missing} bytes before its content-length`);
      return;
    }
    exchange.endedAtMs = monotonicMs();
    exchange.rawBody = this.#buffer === null ? this.#first : this.#buffer.content();
    // The server has answered without the rest of the body: it is not sent.
    if (exchange.request.body !== null && !this.outgoing.ended) this.#link.reset(this, codes.cancel);
    this.#finish();
    if (exchange.stream !== null) pushTo(exchange.stream, null);
    this.#events.answered(this);
  }

  /** The server ended the stream. */
  resetBy(code: number): void {
    if (this.#over) return;
    const name = http2Code(code);
    const when = this.#headed ? 'in the middle of' : 'before';
    const message = `the stream was reset ${when} the response: ${http2CodeText(code)}`;
    this.#finish();
    if (code === codes.refusedStream && this.unanswered) this.#events.unprocessed(this, name, message);
    else this.#events.failed(this, name, message);
  }

  /** User code wants no more of the body: what it asked for is answered. */
  #abandon(): void {
    if (this.#over) return;
    this.exchange.endedAtMs = monotonicMs();
    this.#link.reset(this, codes.cancel);
    this.#finish();
    this.#events.answered(this);
  }

  /** Gives the request up for a reason of our own. */
  #giveUp(code: string, message: string, told: number = codes.cancel): void {
    if (this.#over) return;
    this.#link.reset(this, told);
    this.#finish();
    this.#events.failed(this, code, message);
  }

  /** Ends a request that has taken too long. */
  sweep(nowMs: number): void {
    const { request, deadlineAtMs, firstByteAtMs, sentAtMs } = this.exchange;
    const { timeoutMs, phases } = request;
    if (nowMs >= deadlineAtMs) {
      this.#giveUp('timeout', `no complete response within ${timeoutMs} ms (waiting for the response)`);
    } else if (
      phases !== null &&
      firstByteAtMs === 0 &&
      this.#upload === null &&
      nowMs - sentAtMs >= phases.responseMs
    ) {
      this.#giveUp('response_timeout', `no byte of a response within ${phases.responseMs} ms`);
    }
  }

  /** The connection is of no more use, or the server broke a rule on this stream. */
  fail(code: string, message: string, told?: number): void {
    this.#giveUp(code, message, told);
  }

  /** Leaves the stream to itself: whatever comes of it is nobody's business any more. */
  detach(): void {
    if (this.#over) return;
    const isUnsent = this.exchange.request.body !== null && !this.outgoing.ended;
    if (isUnsent) this.#link.reset(this, codes.cancel);
    this.#finish();
  }

  #finish(): void {
    this.#over = true;
    this.#first = null;
    this.#buffer?.release();
    this.#buffer = null;
    this.outgoing.stop();
    this.#upload?.stop();
    this.#upload = null;
  }
}
