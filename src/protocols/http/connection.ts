// One HTTP/1.1 connection of one virtual user: a socket, the request it carries, and the parser for the answer.

import type net from 'node:net';
import { monotonicMs } from '../../time/clock.ts';
import { type DialEvents, Dialed } from './dial.ts';
import type { HttpExchange } from './exchange.ts';
import type { PhaseLimits } from './request.ts';
import { invalid, ResponseParser } from './response-parser.ts';
import type { Origin } from './target.ts';
import type { ConnectionHost, ConnectionOwner, Transport } from './transport.ts';
import { Upload, type UploadEvents } from './upload.ts';

/** What a socket's writer calls a chunk that is no text; the types know text encodings only. */
const bytesAsTheyAre = 'buffer' as BufferEncoding;

type State = 'connecting' | 'idle' | 'busy' | 'lingering' | 'closed';

/** How long a request cut off at the end may take to reach the server before its socket is destroyed. */
const lingerMs = 1000;
/** Bodies up to this size are in the kernel when `write` returns; larger ones report when they are. */
const largeBodyBytes = 16 * 1024;
/** A kept-alive connection is given up this long before the server said it would close it. */
const keepAliveMarginMs = 1000;
const keepAliveTimeout = /(?:^|\n)keep-alive:[^\r]*timeout=(\d+)/i;

export class Connection implements Transport, DialEvents, UploadEvents {
  readonly origin: Origin;
  /** Responses received in full on this connection. */
  servedCount = 0;
  idleSinceMs = 0;
  /** How long it may idle before the server is likely to close it. */
  idleLimitMs = Number.POSITIVE_INFINITY;

  readonly #host: ConnectionHost;
  readonly #owner: ConnectionOwner;
  readonly #dialed: Dialed;
  readonly #parser: ResponseParser;
  #state: State = 'connecting';
  #exchange: HttpExchange | null = null;
  #lingerUntilMs = 0;
  /** The body on its way out, while it is being made. */
  #upload: Upload | null = null;
  /** Of the exchange whose body is streamed: its owner knows the head; the reader is behind. */
  #announced = false;
  #paused = false;

  /** Without `dialed` it opens a socket, else it takes over one on which HTTP/1.1 was agreed. */
  constructor(origin: Origin, host: ConnectionHost, owner: ConnectionOwner, dialed?: Dialed) {
    this.origin = origin;
    this.#host = host;
    this.#owner = owner;
    this.#parser = new ResponseParser(host.heads);
    if (dialed === undefined) {
      this.#dialed = Dialed.for(origin, host, owner, this);
    } else {
      this.#dialed = dialed;
      this.#state = 'idle';
      dialed.handTo(this);
    }
    host.opened(this);
  }

  get usable(): boolean {
    return this.#state === 'idle';
  }
  get closed(): boolean {
    return this.#state === 'closed';
  }
  get leaving(): boolean {
    return false;
  }

  get #socket(): net.Socket {
    return this.#dialed.socket;
  }

  ready(): void {
    if (this.#state !== 'connecting') return;
    this.#state = 'idle';
    if (this.#exchange !== null) this.#transmit(this.#exchange, monotonicMs());
  }

  /** Sends a request: at once (it is `nowMs`), or when the connection is made. One at a time. */
  send(exchange: HttpExchange, nowMs: number): void {
    this.#exchange = exchange;
    if (this.#state === 'idle') this.#transmit(exchange, nowMs);
  }

  readonly #onWritten = (error?: Error | null): void => {
    if (error) this.#socket.destroy(error);
  };

  /** For bodies that may not be in the kernel yet when the write returns. */
  #onWrittenLate(exchange: HttpExchange): (error?: Error | null) => void {
    return (error) => {
      // An answer that came before the body was out ends the sending by definition.
      if (exchange.firstByteAtMs === 0) exchange.sentAtMs = monotonicMs();
      this.#onWritten(error);
    };
  }

  #transmit(exchange: HttpExchange, nowMs: number): void {
    const { request } = exchange;
    this.#state = 'busy';
    this.#parser.begin(request.method === 'HEAD', request.keepsBody);
    if (request.streams) this.#stream(exchange);
    if (this.servedCount === 0) {
      exchange.lookupMs = this.#dialed.lookupMs;
      exchange.connectMs = this.#dialed.connectMs;
      exchange.tlsMs = this.#dialed.tlsMs;
    }
    exchange.sendStartAtMs = nowMs;
    exchange.sent = true;
    exchange.wire = this.#dialed.wire;
    const socket = this.#socket;
    const { byteCount } = request;
    const written = byteCount > largeBodyBytes ? this.#onWrittenLate(exchange) : this.#onWritten;
    if (request.bodyBytes === null && this.origin.secure) {
      // A TLS socket is done with a write one turn of the loop after the bytes are out, and the answer may be
      // here before: only the stream's queue keeps the next request back until then. Without it Node aborts.
      socket.write(request.bytes, written);
    } else if (request.bodyBytes === null) {
      // Straight to the socket's own writer: the stream's queue in front of it has nothing to do for one
      // request at a time, and costs a tick for each.
      const encoding = typeof request.bytes === 'string' ? 'utf8' : bytesAsTheyAre;
      socket._write(request.bytes, encoding, written);
    } else {
      socket.cork();
      socket.write(request.bytes);
      socket.write(request.bodyBytes, written);
      socket.uncork();
    }
    exchange.sentAtMs = monotonicMs();
    if (request.upload !== null) {
      this.#upload = new Upload(request.upload, socket, this);
      this.#upload.start();
    }
  }

  progressed(): void {
    const exchange = this.#exchange;
    const upload = this.#upload;
    if (exchange === null || upload === null) return;
    exchange.uploadedByteCount = upload.byteCount;
    // An answer that comes before the body is out ends the sending by definition.
    if (exchange.firstByteAtMs === 0) exchange.sentAtMs = monotonicMs();
    if (upload.ended) this.#upload = null;
  }

  /** Reads the first `size` bytes. Returns false when no more are wanted for now. */
  received(bytes: Buffer, size: number): boolean {
    const exchange = this.#exchange;
    if (exchange === null || this.#state !== 'busy') {
      // Bytes nobody asked for: this connection cannot be trusted with another request.
      if (this.#state !== 'lingering') this.#destroy();
      return true;
    }
    const nowMs = monotonicMs();
    const parser = this.#parser;
    if (exchange.firstByteAtMs === 0) exchange.firstByteAtMs = nowMs;
    exchange.receivedByteCount += size;
    if (exchange.receivedByteCount > exchange.request.maxResponseBytes) {
      this.#fail('response_too_large', tooLarge(exchange.request.maxResponseBytes));
      return true;
    }
    const used = parser.execute(bytes, 0, size);
    if (used === invalid) {
      this.#fail('protocol_error', parser.failure);
    } else if (parser.complete) {
      if (used < size) parser.keepAlive = false;
      this.#finish(exchange, nowMs);
    } else if (exchange.request.streams) {
      if (parser.headComplete) this.#announce(exchange);
      return !this.#paused;
    }
    return true;
  }

  #finish(exchange: HttpExchange, nowMs: number): void {
    const parser = this.#parser;
    this.#exchange = null;
    if (this.#upload !== null) {
      // The server has answered without the rest of the body: what it makes of more bytes is uncertain.
      parser.keepAlive = false;
    }
    exchange.endedAtMs = nowMs;
    exchange.status = parser.status;
    exchange.rawHeaders = parser.rawHeaders;
    exchange.rawBody = parser.body;
    exchange.hasSetCookie = parser.hasSetCookie;
    exchange.hasContentEncoding = parser.hasContentEncoding;
    if (exchange.request.streams) this.#endStream(exchange);
    if (this.servedCount++ === 0) this.#readIdleLimit(parser.rawHeaders);
    if (parser.keepAlive) {
      this.#state = 'idle';
      this.idleSinceMs = nowMs;
    } else {
      this.#destroy();
    }
    this.#owner.answered(exchange, this);
  }

  /** Hands the body on as it comes. */
  #stream(exchange: HttpExchange): void {
    this.#announced = false;
    this.#parser.sink = (bytes, from, to) => {
      this.#announce(exchange);
      const { stream } = exchange;
      if (stream !== null && !stream.push(Buffer.from(bytes.subarray(from, to)))) this.#paused = true;
    };
  }

  /** Tells the owner, once, that status and headers are there. */
  #announce(exchange: HttpExchange): void {
    if (this.#announced) return;
    this.#announced = true;
    exchange.status = this.#parser.status;
    exchange.rawHeaders = this.#parser.rawHeaders;
    this.#owner.announced(exchange, {
      resume: () => this.#resume(),
      abandon: () => this.#abandon(exchange),
    });
  }

  #endStream(exchange: HttpExchange): void {
    this.#announce(exchange);
    exchange.stream?.push(null);
    this.#parser.sink = null;
    this.#resume();
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }

  /** User code wants no more of a body: what it asked for is answered, and the connection spent. */
  #abandon(exchange: HttpExchange): void {
    if (this.#exchange !== exchange) return;
    this.#exchange = null;
    exchange.endedAtMs = monotonicMs();
    this.#destroy();
    this.#owner.answered(exchange, this);
  }

  /** Servers that announce when they close idle connections spare us a request into a closing one. */
  #readIdleLimit(rawHeaders: string): void {
    const announced = keepAliveTimeout.exec(rawHeaders);
    if (announced === null) return;
    const timeoutMs = Number(announced[1]) * 1000;
    this.idleLimitMs = Math.max(timeoutMs - keepAliveMarginMs, timeoutMs / 2);
  }

  /** The server closed its side. */
  ended(): void {
    if (this.#exchange !== null && this.#state === 'busy') {
      if (this.#parser.finish()) {
        this.#parser.keepAlive = false;
        this.#finish(this.#exchange, monotonicMs());
      } else {
        this.#failBySocket(this.#parser.failure);
      }
      return;
    }
    this.#destroy();
  }

  refused(code: string, message: string): void {
    this.#fail(code, message);
  }

  uploadFailed(code: string, message: string): void {
    this.#fail(code, message);
  }

  socketClosed(): void {
    if (this.#exchange !== null) {
      this.#failBySocket('the connection was closed');
    } else {
      this.#destroy();
    }
    this.#host.closed(this);
  }

  /** The reason is the socket's error when it had one, else `otherwise`. */
  #failBySocket(otherwise: string): void {
    const { code, message } = this.#dialed.failure(otherwise);
    this.#fail(code, message);
  }

  #fail(code: string, message: string): void {
    const exchange = this.#exchange;
    this.#exchange = null;
    this.#destroy();
    if (exchange !== null) this.#owner.failed(exchange, this, code, message);
  }

  #destroy(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#stopUpload();
    this.#socket.destroy();
  }

  #stopUpload(): void {
    this.#upload?.stop();
    this.#upload = null;
  }

  /** No byte of an answer to the current request has come yet. */
  get unanswered(): boolean {
    return !this.#parser.started;
  }

  /** Called about forty times a second: ends what has taken too long. */
  sweep(nowMs: number): void {
    if (this.#exchange !== null) {
      if (nowMs >= this.#exchange.deadlineAtMs) {
        const { timeoutMs } = this.#exchange.request;
        const when = this.#state === 'connecting' ? 'while connecting' : 'waiting for the response';
        this.#fail('timeout', `no complete response within ${timeoutMs} ms (${when})`);
      } else if (this.#exchange.request.phases !== null) {
        this.#checkPhases(this.#exchange, this.#exchange.request.phases, nowMs);
      }
    } else if (this.#state === 'lingering' && nowMs >= this.#lingerUntilMs) {
      this.#destroy();
    }
  }

  #checkPhases(exchange: HttpExchange, limits: PhaseLimits, nowMs: number): void {
    if (this.#state === 'connecting') {
      if (nowMs - this.#dialed.startedAtMs < limits.connectMs) return;
      this.#fail('connect_timeout', `no connection within ${limits.connectMs} ms`);
    } else if (
      exchange.firstByteAtMs === 0 &&
      this.#upload === null &&
      nowMs - exchange.sentAtMs >= limits.responseMs
    ) {
      this.#fail('response_timeout', `no byte of a response within ${limits.responseMs} ms`);
    }
  }

  /**
   * Ends the connection for good. A request on its way is left to reach the server, so that what we count as
   * sent is what it receives: our side is closed in order, and its answer discarded. Returns that request.
   */
  close(): readonly HttpExchange[] {
    const exchange = this.#exchange;
    this.#exchange = null;
    if (this.#state === 'busy') {
      this.#state = 'lingering';
      this.#lingerUntilMs = monotonicMs() + lingerMs;
      this.#stopUpload();
      this.#socket.end();
    } else if (this.#state !== 'lingering') {
      this.#destroy();
    }
    return exchange === null ? [] : [exchange];
  }
}

function tooLarge(limitBytes: number): string {
  return `the response is longer than ${limitBytes} bytes; see maxResponseSize`;
}
