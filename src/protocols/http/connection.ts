// One HTTP/1.1 connection of one virtual user: a socket, the request it carries, and the parser for the answer.

import type net from 'node:net';
import { tlsSpoken } from '../../network/tls-failures.ts';
import { monotonicMs } from '../../time/clock.ts';
import type { BodyWriter } from './body-writer.ts';
import { type DialEvents, Dialed } from './dial.ts';
import type { HttpExchange } from './exchange.ts';
import type { PhaseLimits } from './request.ts';
import { RequestWriter, type UploadOwner } from './request-writer.ts';
import { invalid, type ResponseParser } from './response-parser.ts';
import { ResponsePump } from './response-pump.ts';
import type { Origin } from './target.ts';
import type { ConnectionHost, ConnectionOwner, Transport } from './transport.ts';

/** `settling`: the answer is whole, and it is about to be seen whether the request is out, too. */
type State = 'connecting' | 'idle' | 'busy' | 'settling' | 'lingering' | 'closed';

/** How long a request cut off at the end may take to reach the server before its socket is destroyed. */
const lingerMs = 1000;
/** After the writing has failed: how long an answer that the server may have given before is waited for. */
const lastWordsMs = 250;
/** A kept-alive connection is given up this long before the server said it would close it. */
const keepAliveMarginMs = 1000;
const keepAliveTimeout = /(?:^|\n)keep-alive:[^\r]*timeout=(\d+)/i;

export class Connection implements Transport, DialEvents, UploadOwner {
  readonly origin: Origin;
  /** Responses received in full on this connection. */
  servedCount = 0;
  idleSinceMs = 0;
  /** How long it may idle before the server is likely to close it. */
  idleLimitMs = Number.POSITIVE_INFINITY;

  readonly #host: ConnectionHost;
  readonly #owner: ConnectionOwner;
  readonly #dialed: Dialed;
  /** Of the current request, and of the last one of a connection that is closed. */
  #parser: ResponseParser | null = null;
  readonly #writer: RequestWriter;
  #state: State = 'connecting';
  #exchange: HttpExchange | null = null;
  #lingerUntilMs = 0;
  /** Of a request whose response is streamed. */
  #pump: ResponsePump | null = null;

  /** Without `dialed` it opens a socket, else it takes over one on which HTTP/1.1 was agreed. */
  constructor(origin: Origin, host: ConnectionHost, owner: ConnectionOwner, dialed?: Dialed) {
    this.origin = origin;
    this.#host = host;
    this.#owner = owner;
    this.#writer = new RequestWriter(origin.secure, this);
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
    return this.#state === 'idle' || (this.#state === 'settling' && this.#exchange === null);
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

  #transmit(exchange: HttpExchange, nowMs: number): void {
    const { request } = exchange;
    this.#state = 'busy';
    const parser = this.#host.parsers.take();
    this.#parser = parser;
    parser.begin(request.method === 'HEAD', request.keepsBody);
    if (request.streams) {
      this.#pump = new ResponsePump(exchange, parser, () => this.#announce(exchange));
    }
    if (this.servedCount === 0) {
      exchange.lookupMs = this.#dialed.lookupMs;
      exchange.connectMs = this.#dialed.connectMs;
      exchange.tlsMs = this.#dialed.tlsMs;
    }
    exchange.sendStartAtMs = nowMs;
    exchange.sent = true;
    exchange.wire = this.#dialed.wire;
    this.#writer.write(exchange, this.#socket);
  }

  /** Reads the first `size` bytes. Returns false when no more are wanted for now. */
  received(bytes: Buffer, size: number): boolean {
    const exchange = this.#exchange;
    const parser = this.#parser;
    if (exchange === null || parser === null || this.#state !== 'busy') {
      // Bytes nobody asked for: this connection cannot be trusted with another request.
      if (this.#state !== 'lingering') this.#giveUp();
      return true;
    }
    const nowMs = monotonicMs();
    if (exchange.firstByteAtMs === 0) exchange.firstByteAtMs = nowMs;
    exchange.receivedByteCount += size;
    if (exchange.receivedByteCount > exchange.request.maxResponseBytes) {
      this.#fail('response_too_large', tooLarge(exchange.request.maxResponseBytes));
      return true;
    }
    const used = parser.execute(bytes, 0, size);
    // Whoever reads the body as it comes may have given it up in the middle of this.
    if (this.#exchange !== exchange) return true;
    if (parser.interim) {
      // Waiting ends with the first byte of the final response, and no informational one is that.
      parser.interim = false;
      exchange.firstByteAtMs = parser.betweenHeads ? 0 : nowMs;
    }
    if (used === invalid) {
      const first = exchange.receivedByteCount === size;
      this.#fail(parser.failureCode, (first && tlsSpoken(bytes)) || parser.failure);
    } else if (parser.complete) {
      if (used < size) parser.keepAlive = false;
      this.#finish(exchange, parser, nowMs);
    } else if (this.#pump !== null) {
      if (parser.headComplete) this.#pump.announce();
      return !this.#pump.paused;
    }
    return true;
  }

  #finish(exchange: HttpExchange, parser: ResponseParser, nowMs: number): void {
    this.#exchange = null;
    // The server has answered without the rest of the body, and what it makes of more bytes is uncertain; or the request
    // has said that it is the last one (RFC 9112 section 9.6), whether or not the answer says so too.
    if (this.#writer.uploading || exchange.request.closes) parser.keepAlive = false;
    exchange.endedAtMs = nowMs;
    exchange.status = parser.status;
    exchange.rawHeaders = parser.rawHeaders;
    exchange.rawBody = parser.body;
    exchange.hasSetCookie = parser.hasSetCookie;
    exchange.hasContentEncoding = parser.hasContentEncoding;
    if (this.#pump !== null) this.#endPump(this.#pump);
    if (this.servedCount++ === 0) this.#readIdleLimit(parser.rawHeaders);
    if (!parser.keepAlive) {
      this.#destroy();
    } else {
      this.#parser = null;
      this.#host.parsers.giveBack(parser);
      this.idleSinceMs = nowMs;
      const unfinished = this.#writer.finish();
      if (unfinished === null) this.#state = 'idle';
      else this.#settle(unfinished);
    }
    this.#owner.answered(exchange, this);
  }

  /**
   * An answer before the end of a body: the connection carries another request only if all of it has gone out
   * (RFC 9112 section 9.3). TLS tells of that one turn of the loop late, so the next request is held until then.
   */
  #settle(writer: BodyWriter): void {
    this.#state = 'settling';
    setImmediate(() => {
      if (this.#state !== 'settling') return;
      const held = this.#exchange;
      if (writer.unfinished) {
        this.#giveUp();
      } else {
        this.#state = 'idle';
        if (held !== null) this.#transmit(held, monotonicMs());
      }
    });
  }

  /** Of no more use between two requests: one that is held goes out another way. */
  #giveUp(): void {
    const held = this.#exchange;
    this.#exchange = null;
    this.#destroy();
    if (held !== null) this.#owner.returned(held);
  }

  #announce(exchange: HttpExchange): void {
    this.#owner.announced(exchange, {
      resume: () => this.#resume(exchange),
      abandon: () => this.#abandon(exchange),
    });
  }

  #endPump(pump: ResponsePump): void {
    this.#pump = null;
    pump.end();
    if (pump.paused) this.#socket.resume();
  }

  #resume(exchange: HttpExchange): void {
    const pump = this.#pump;
    if (this.#exchange !== exchange || pump === null || !pump.paused) return;
    pump.paused = false;
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
    const parser = this.#parser;
    if (this.#exchange !== null && parser !== null && this.#state === 'busy') {
      if (parser.finish()) {
        parser.keepAlive = false;
        this.#finish(this.#exchange, parser, monotonicMs());
      } else {
        this.#failBySocket(parser.failure);
      }
      return;
    }
    this.#giveUp();
  }

  refused(code: string, message: string): void {
    this.#fail(code, message);
  }

  uploadFailed(code: string, message: string): void {
    this.#fail(code, message);
  }

  socketClosed(): void {
    if (this.#exchange !== null && this.#state !== 'settling') {
      this.#failBySocket('the connection was closed');
    } else {
      this.#giveUp();
    }
    this.#host.closed(this);
  }

  /** The reason is the socket's error when it had one, else `otherwise`. */
  #failBySocket(otherwise: string): void {
    this.#dialed.error ??= this.#writer.error;
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
    this.#writer.stop();
    this.#parser?.drop();
    this.#socket.destroy();
  }

  /** No byte of an answer to the current request has come yet. */
  get unanswered(): boolean {
    return this.#parser === null || !this.#parser.started;
  }
  /** Not one byte of the current request has gone out. */
  get unwritten(): boolean {
    return this.#writer.unwritten;
  }

  /** Called about forty times a second: ends what has taken too long. */
  sweep(nowMs: number): void {
    if (this.#exchange !== null) {
      if (nowMs >= this.#exchange.deadlineAtMs) {
        const { timeoutMs } = this.#exchange.request;
        const when = this.#state === 'connecting' ? 'while connecting' : 'waiting for the response';
        this.#fail('timeout', `no complete response within ${timeoutMs} ms (${when})`);
      } else if (nowMs - this.#writer.failedAtMs >= lastWordsMs) {
        this.#failBySocket('the connection was closed');
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
      !this.#writer.uploading &&
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
      this.#writer.end();
    } else if (this.#state !== 'lingering') {
      this.#destroy();
    }
    return exchange === null ? [] : [exchange];
  }
}

function tooLarge(limitBytes: number): string {
  return `the response is longer than ${limitBytes} bytes; see maxResponseSize`;
}
