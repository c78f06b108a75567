// One request and what came of it. The same object is handed to user code as the response, so that a request
// costs one allocation of our own.

import { Readable } from 'node:stream';
import type {
  HttpError,
  HttpHeaders,
  HttpResponse,
  HttpTimings,
  ResponseBodies,
  ResponseType,
} from '../../model/context.ts';
import { assertNever } from '../../model/errors.ts';
import { unknownCoding } from './content-encoding.ts';
import type { PreparedRequest } from './request.ts';
import type { HttpEndpoint } from './request-series.ts';
import { parseHeaders } from './response-headers.ts';
import type { ResponseStream } from './response-stream.ts';
import { textOf } from './text-charset.ts';
import { plainWire, type Wire } from './wire.ts';

/** How a request ended: answered; failed on the way; cut off by the end of the run. */
export type Outcome = 'pending' | 'answered' | 'failed' | 'aborted';

export class HttpExchange implements HttpResponse {
  readonly request: PreparedRequest;
  readonly endpoint: HttpEndpoint;
  /** When user code asked for it, process clock. */
  readonly startedAtMs: number;
  /** When it was due, process clock; -1 unless it opens an arrival-rate iteration. */
  readonly scheduledAtMs: number;
  deadlineAtMs: number;
  readonly resolve: (response: HttpExchange) => void;
  readonly reject: (error: Error) => void;

  outcome: Outcome = 'pending';
  status = 0;
  rawHeaders = '';
  rawBody: Buffer | null = null;
  error: HttpError | null = null;
  /** True once its bytes were handed to a connected socket: the server may have seen it. */
  sent = false;
  /** It was sent again after its connection ended without a byte of an answer. */
  retried = false;
  /** What carried it; the tags of its samples. */
  wire: Wire = plainWire;
  receivedByteCount = 0;
  /** Bytes of a sending before this one, which came to nothing. */
  lostByteCount = 0;
  /** Bytes of a body that is made while it is sent. */
  uploadedByteCount = 0;
  hasSetCookie = false;
  hasContentEncoding = false;
  /** Attempts of the same request before this one. */
  attempt = 0;
  /** Redirects that led to it. */
  redirectCount = 0;
  /** With `responseType: 'stream'`: where the connection puts the body, and what user code reads. */
  stream: ResponseStream | null = null;
  bodyStream: Readable | null = null;

  sendStartAtMs = 0;
  sentAtMs = 0;
  firstByteAtMs = 0;
  endedAtMs = 0;
  lookupMs = 0;
  connectMs = 0;
  tlsMs = 0;

  #headers: HttpHeaders | null = null;
  #text: string | null = null;

  constructor(
    request: PreparedRequest,
    endpoint: HttpEndpoint,
    startedAtMs: number,
    scheduledAtMs: number,
    deadlineAtMs: number,
    resolve: (response: HttpExchange) => void,
    reject: (error: Error) => void,
  ) {
    this.request = request;
    this.endpoint = endpoint;
    this.startedAtMs = startedAtMs;
    this.scheduledAtMs = scheduledAtMs;
    this.deadlineAtMs = deadlineAtMs;
    this.resolve = resolve;
    this.reject = reject;
  }

  get url(): string {
    return this.request.target.href;
  }

  get ok(): boolean {
    if (this.error !== null) return false;
    if (this.request.expect === undefined) return this.status >= 200 && this.status < 400;
    return this.isNamed;
  }

  /** Does `expect` name the status? */
  get isNamed(): boolean {
    const { expect } = this.request;
    if (expect === undefined) return false;
    return typeof expect === 'number' ? this.status === expect : expect.includes(this.status);
  }

  get headers(): HttpHeaders {
    this.#headers ??= parseHeaders(this.rawHeaders);
    return this.#headers;
  }

  get body(): ResponseBodies[ResponseType] {
    const { responseType } = this.request;
    switch (responseType) {
      case 'text':
        return this.text();
      case 'buffer':
        return this.rawBody ?? Buffer.alloc(0);
      case 'json':
        return this.rawBody === null ? null : this.json();
      case 'stream':
        this.bodyStream ??= Readable.from([]);
        return this.bodyStream;
      case 'none':
        return null;
      default:
        return assertNever(responseType);
    }
  }

  text(): string {
    if (this.#text === null) this.#text = this.rawBody === null ? '' : textOf(this.rawBody, this.rawHeaders);
    return this.#text;
  }

  json<T = unknown>(): T {
    const text = this.text();
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      const start = text.length > 120 ? `${text.slice(0, 120)}...` : text;
      const from = `${this.request.method} ${this.url} (status ${this.status})`;
      const coding = this.hasContentEncoding ? unknownCoding(this.rawHeaders) : undefined;
      const why = coding === undefined ? '' : ` (its content-encoding "${coding}" is not known here)`;
      throw new SyntaxError(`the answer to ${from} is not JSON${why}: ${JSON.stringify(start)}`, { cause });
    }
  }

  get sendingMs(): number {
    return this.sentAtMs - this.sendStartAtMs;
  }
  get waitingMs(): number {
    return this.firstByteAtMs - this.sentAtMs;
  }
  get receivingMs(): number {
    return this.endedAtMs - this.firstByteAtMs;
  }

  /**
   * Sending + waiting + receiving, as k6 counts it. A request that failed has no such parts, so its whole
   * time since its start stands in: a failure must not look faster than it was.
   */
  get serviceMs(): number {
    return this.endedAtMs - (this.outcome === 'answered' ? this.sendStartAtMs : this.startedAtMs);
  }

  get timings(): HttpTimings {
    const answered = this.outcome === 'answered';
    return {
      blocked: answered ? this.sendStartAtMs - this.startedAtMs : 0,
      looking_up: this.lookupMs,
      connecting: this.connectMs,
      tls_handshaking: this.tlsMs,
      sending: answered ? this.sendingMs : 0,
      waiting: answered ? this.waitingMs : 0,
      receiving: answered ? this.receivingMs : 0,
      duration: this.serviceMs,
    };
  }
}
