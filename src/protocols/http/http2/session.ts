// One HTTP/2 connection of one virtual user, and the requests that share it. Called by negotiation.ts.

import { monotonicMs } from '../../../time/clock.ts';
import type { BodyMemory } from '../body-memory.ts';
import type { DialEvents, Dialed } from '../dial.ts';
import type { HttpExchange } from '../exchange.ts';
import { metClosing } from '../follow-ups.ts';
import { recordResent } from '../recording.ts';
import { isResendable } from '../request.ts';
import type { StreamSource } from '../response-stream.ts';
import type { Origin } from '../target.ts';
import type { ConnectionHost, ConnectionOwner, Transport } from '../transport.ts';
import { wireOf } from '../wire.ts';
import { codes, http2Code, http2CodeText } from './codes.ts';
import { Http2Failure } from './failure.ts';
import { Http2Link, type LinkEvents } from './link.ts';
import type { RequestStream } from './stream.ts';

type State = 'open' | 'leaving' | 'lingering' | 'closed';

/** How long requests cut off at the end may take to reach the server before their socket is destroyed. */
const lingerMs = 1000;

export class Http2Connection implements Transport, DialEvents, LinkEvents {
  readonly origin: Origin;
  servedCount = 0;
  idleSinceMs = 0;
  /** A server that gives up an idle session says so. */
  readonly idleLimitMs = Number.POSITIVE_INFINITY;
  /** Decided here, where each request is known. */
  readonly unanswered = false;
  readonly unwritten = false;

  readonly #host: ConnectionHost;
  readonly #owner: ConnectionOwner;
  readonly #dialed: Dialed;
  readonly #link: Http2Link;
  /** Requests for which there is no stream yet. */
  #waiting: HttpExchange[] = [];
  #state: State = 'open';
  /** When it was last seen that bytes had come. */
  #readAtMs = 0;
  #lingerUntilMs = 0;

  /** Takes over a socket on which HTTP/2 was agreed, or is known to be spoken. */
  constructor(origin: Origin, host: ConnectionHost, owner: ConnectionOwner, dialed: Dialed) {
    this.origin = origin;
    this.#host = host;
    this.#owner = owner;
    this.#dialed = dialed;
    if (!origin.secure) dialed.wire = wireOf('HTTP/2.0', '');
    dialed.handTo(this);
    this.#link = new Http2Link(dialed.socket, host.heads, this);
    host.opened(this);
  }

  get bodies(): BodyMemory {
    return this.#host.bodies;
  }
  get usable(): boolean {
    return this.#state === 'open';
  }
  get leaving(): boolean {
    return this.#state === 'leaving' || this.#state === 'lingering';
  }
  get closed(): boolean {
    return this.#state === 'closed';
  }

  /** Sends a request: at once, or when there is a stream for it. */
  send(exchange: HttpExchange, nowMs: number): void {
    if (this.#waiting.length === 0 && this.#hasStream) {
      this.#open(exchange, nowMs);
      return;
    }
    this.#waiting.push(exchange);
  }

  get #hasStream(): boolean {
    return this.#state === 'open' && this.#link.streams.size < this.#link.settings.maxStreams;
  }

  #sendWaiting(): void {
    while (this.#waiting.length > 0 && this.#hasStream) {
      const exchange = this.#waiting.shift()!;
      const nowMs = monotonicMs();
      if (nowMs < exchange.deadlineAtMs) this.#open(exchange, nowMs);
      else this.#endLate(exchange);
    }
  }

  #open(exchange: HttpExchange, nowMs: number): void {
    const link = this.#link;
    if (link.openedCount === 0) {
      exchange.lookupMs = this.#dialed.lookupMs;
      exchange.connectMs = this.#dialed.connectMs;
      exchange.tlsMs = this.#dialed.tlsMs;
    }
    exchange.sendStartAtMs = nowMs;
    exchange.wire = this.#dialed.wire;
    exchange.sent = true;
    const stream = link.open(exchange);
    exchange.sentAtMs = nowMs;
    if (exchange.request.body !== null) stream.sendBody();
    if (link.isUsedUp) this.#retire();
  }

  answered(stream: RequestStream): void {
    this.servedCount++;
    this.#leave(stream);
    this.#owner.answered(stream.exchange, this);
    this.#sendWaiting();
  }

  failed(stream: RequestStream, code: string, message: string): void {
    this.#leave(stream);
    if (code.endsWith('timeout') && this.#isSilent(stream.exchange)) this.#retire();
    this.#owner.failed(stream.exchange, this, code, message);
    this.#sendWaiting();
  }

  /**
   * Did nothing at all come for the second half of the time that a request had? Then the connection is given up, as one of
   * HTTP/1.1 would be.
   */
  #isSilent({ sendStartAtMs }: HttpExchange): boolean {
    const nowMs = monotonicMs();
    return nowMs - this.#readAtMs >= (nowMs - sendStartAtMs) / 2;
  }

  unprocessed(stream: RequestStream, code: string, message: string): void {
    this.#leave(stream);
    this.#sendElsewhere(stream.exchange, code, message, !stream.exchange.retried);
    this.#sendWaiting();
  }

  announced(exchange: HttpExchange, source: StreamSource): void {
    this.#owner.announced(exchange, source);
  }

  /** A request that the server did not look at goes out once more, whatever its method, and counts once. */
  #sendElsewhere(exchange: HttpExchange, code: string, message: string, mayGo: boolean): void {
    if (!mayGo || !isResendable(exchange.request)) {
      this.#owner.failed(exchange, this, code, message);
      return;
    }
    recordResent(exchange, code);
    this.#owner.returned(exchange);
  }

  #leave(stream: RequestStream): void {
    this.#link.leave(stream);
    if (this.#link.streams.size > 0) return;
    this.idleSinceMs = monotonicMs();
    if (this.#state === 'leaving') this.#finish();
  }

  settled(): void {
    this.#sendWaiting();
  }

  /** The server takes no more requests; those up to `lastStreamId` it has taken, and may still answer. */
  saidGoodbye(code: number, lastStreamId: number): void {
    if (this.#state === 'open') this.#state = 'leaving';
    const name = http2Code(code);
    const message = `the server closed the session: ${http2CodeText(code)}`;
    for (const stream of [...this.#link.streams.values()]) {
      // One whose response has begun was looked at, whatever the server says.
      if (stream.id > lastStreamId && stream.unanswered) {
        stream.detach();
        this.#leave(stream);
        // Where each connection takes some of many, the last of them may have to go out several times.
        this.#sendElsewhere(stream.exchange, name, message, lastStreamId > 0 || !stream.exchange.retried);
      } else if (code !== codes.none) {
        stream.fail(name, message);
      }
    }
    this.#giveBack(name, message);
    if (this.#link.streams.size === 0) this.#finish();
  }

  /** The server did what it may not do: no connection that closes, so nothing is sent again. */
  #break({ code, message, number }: Http2Failure): void {
    const [name, text] = this.#link.settings.isKnown
      ? [code, `the server breaks the protocol: ${message}`]
      : ['http2_not_spoken', `the server does not speak HTTP/2 here (${message}); see http.version`];
    const streams = [...this.#link.streams.values()];
    // Before the last of them has failed, with which the session would end in order.
    this.#finish(number);
    for (const stream of streams) stream.fail(name, text);
    this.#giveBack(name, text);
  }

  /** The connection is gone, and nobody said why. */
  #lose(reason: string): void {
    const { code, message } = this.#dialed.failure(reason);
    if (this.#state === 'open') this.#state = 'leaving';
    for (const stream of [...this.#link.streams.values()]) {
      const { exchange, unanswered } = stream;
      if (metClosing(exchange, { servedCount: this.servedCount, unanswered, unwritten: false }, code)) {
        stream.detach();
        this.unprocessed(stream, code, message);
      } else {
        stream.fail(code, message);
      }
    }
    this.#giveBack(code, message);
  }

  /** Requests that had no stream yet: others may carry them, unless this server takes none at all. */
  #giveBack(code: string, message: string): void {
    for (const exchange of this.#waiting.splice(0)) {
      if (this.#link.openedCount > 0) this.#owner.returned(exchange);
      else this.#owner.failed(exchange, this, code, message);
    }
  }

  /** Takes no more requests; ends when those on it have. */
  #retire(): void {
    if (this.#state !== 'open') return;
    this.#state = 'leaving';
    for (const exchange of this.#waiting.splice(0)) this.#owner.returned(exchange);
    if (this.#link.streams.size === 0) this.#finish();
  }

  /** Nothing more is to be carried: the connection is closed in order, and by force where that takes too long. */
  #finish(code: number = codes.none): void {
    if (this.#state === 'closed' || this.#state === 'lingering') return;
    this.#state = 'lingering';
    this.#lingerUntilMs = monotonicMs() + lingerMs;
    this.#link.close(code);
  }

  sweep(nowMs: number): void {
    if (this.#state === 'lingering') {
      if (nowMs >= this.#lingerUntilMs) this.#destroy();
      return;
    }
    this.#sweepWaiting(nowMs);
    for (const stream of this.#link.streams.values()) stream.sweep(nowMs);
  }

  #sweepWaiting(nowMs: number): void {
    if (this.#waiting.length === 0) return;
    const late = this.#waiting.filter(({ deadlineAtMs }) => nowMs >= deadlineAtMs);
    if (late.length === 0) return;
    this.#waiting = this.#waiting.filter(({ deadlineAtMs }) => nowMs < deadlineAtMs);
    for (const exchange of late) this.#endLate(exchange);
  }

  #endLate(exchange: HttpExchange): void {
    const { timeoutMs } = exchange.request;
    this.#owner.failed(exchange, this, 'timeout', `no free stream within ${timeoutMs} ms`);
  }

  close(): readonly HttpExchange[] {
    const streams = [...this.#link.streams.values()];
    const carried = [...streams.map(({ exchange }) => exchange), ...this.#waiting.splice(0)];
    if (this.#state === 'open') this.#state = 'leaving';
    for (const stream of streams) {
      stream.detach();
      this.#link.leave(stream);
    }
    this.#finish();
    return carried;
  }

  #destroy(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#dialed.socket.destroy();
  }

  received(bytes: Buffer, size: number): boolean {
    if (this.#state !== 'open' && this.#state !== 'leaving') return true;
    this.#readAtMs = monotonicMs();
    try {
      this.#link.receive(bytes, size);
    } catch (thrown) {
      if (!(thrown instanceof Http2Failure)) throw thrown;
      this.#break(thrown);
    }
    return true;
  }
  ready(): void {}
  refused(): void {}
  ended(): void {
    this.#lose('the connection was closed');
    this.#finish();
  }

  socketClosed(): void {
    this.#lose('the connection was closed');
    this.#state = 'closed';
    this.#host.closed(this);
  }
}
