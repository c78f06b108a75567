// One HTTP/2 connection of one virtual user: the session on its socket, and the requests that share it.

import type { ClientHttp2Session } from 'node:http2';
import { monotonicMs } from '../../time/clock.ts';
import type { BodyMemory } from './body-memory.ts';
import type { DialEvents, Dialed } from './dial.ts';
import type { HttpExchange } from './exchange.ts';
import { metClosing } from './follow-ups.ts';
import { ByteShares, bookBytes } from './http2-bytes.ts';
import { http2Code, http2CodeText } from './http2-codes.ts';
import { openHttp2Session, widenWindow } from './http2-session.ts';
import { RequestStream, type StreamEvents } from './http2-stream.ts';
import { recordResent } from './recording.ts';
import { isResendable } from './request.ts';
import type { StreamSource } from './response-stream.ts';
import type { Origin } from './target.ts';
import type { ConnectionHost, ConnectionOwner, Transport } from './transport.ts';
import { wireOf } from './wire.ts';

type State = 'opening' | 'open' | 'leaving' | 'lingering' | 'closed';

/** How long requests cut off at the end may take to reach the server before their socket is destroyed. */
const lingerMs = 1000;
export class Http2Connection implements Transport, DialEvents, StreamEvents {
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
  readonly #session: ClientHttp2Session;
  readonly #streams = new Set<RequestStream>();
  /** Requests for which there is no stream yet. */
  #waiting: HttpExchange[] = [];
  readonly #sent = new ByteShares();
  readonly #received = new ByteShares();
  #state: State = 'opening';
  /** Streams that the server admits at a time; one until it has said so. */
  #capacity = 1;
  #settled = false;
  #openedCount = 0;
  /** When it was last seen that bytes had come, and how many. */
  #readAtMs = 0;
  #readByteCount = 0;
  #lingerUntilMs = 0;

  /** Takes over a socket on which HTTP/2 was agreed, or is known to be spoken. */
  constructor(origin: Origin, host: ConnectionHost, owner: ConnectionOwner, dialed: Dialed) {
    this.origin = origin;
    this.#host = host;
    this.#owner = owner;
    this.#dialed = dialed;
    if (!origin.secure) dialed.wire = wireOf('HTTP/2.0', '');
    dialed.handTo(this);
    this.#session = openHttp2Session(origin, dialed.socket);
    this.#listen(this.#session);
    host.opened(this);
  }

  get bodies(): BodyMemory {
    return this.#host.bodies;
  }
  get usable(): boolean {
    return this.#state === 'open' || this.#state === 'opening';
  }
  get leaving(): boolean {
    return this.#state === 'leaving';
  }
  get closed(): boolean {
    return this.#state === 'closed';
  }

  #listen(session: ClientHttp2Session): void {
    session.on('connect', () => {
      if (this.#state !== 'opening') return;
      this.#state = 'open';
      widenWindow(session);
      this.#sendWaiting();
    });
    session.on('remoteSettings', ({ maxConcurrentStreams }) => {
      this.#settled = true;
      this.#capacity = maxConcurrentStreams ?? Number.POSITIVE_INFINITY;
      this.#sendWaiting();
    });
    session.on('goaway', (code, lastStreamId) => this.#onGoaway(code, lastStreamId));
    session.on('error', (error: NodeJS.ErrnoException) => this.sessionFailed(error));
    session.on('close', () => this.#lose('the session was closed'));
  }

  /** Sends a request: at once, or when there is a stream for it. */
  send(exchange: HttpExchange, _nowMs: number): void {
    this.#waiting.push(exchange);
    this.#sendWaiting();
  }

  #sendWaiting(): void {
    while (
      this.#state === 'open' &&
      this.#waiting.length > 0 &&
      this.#streams.size < this.#capacity &&
      !this.#session.closed
    ) {
      this.#open(this.#waiting.shift()!);
    }
  }

  #open(exchange: HttpExchange): void {
    const nowMs = monotonicMs();
    if (this.#openedCount === 0) {
      exchange.lookupMs = this.#dialed.lookupMs;
      exchange.connectMs = this.#dialed.connectMs;
      exchange.tlsMs = this.#dialed.tlsMs;
    }
    exchange.sendStartAtMs = nowMs;
    exchange.wire = this.#dialed.wire;
    try {
      this.#streams.add(new RequestStream(this.#session, exchange, this));
      this.#openedCount++;
    } catch (thrown) {
      const { message } = thrown as Error;
      this.#owner.failed(exchange, this, 'http2_not_sent', `the request could not be sent: ${message}`);
    }
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
   * Did nothing at all come for the second half of the time that a request had? Then the session is given up, as a
   * connection of HTTP/1.1 would be. Node stops reading, and says nothing, after some errors of the server's.
   */
  #isSilent({ sendStartAtMs }: HttpExchange): boolean {
    const nowMs = monotonicMs();
    return nowMs - this.#readAtMs >= (nowMs - sendStartAtMs) / 2;
  }

  unprocessed(stream: RequestStream, code: string, message: string): void {
    this.#leave(stream);
    this.#sendElsewhere(stream.exchange, code, message);
    this.#sendWaiting();
  }

  announced(exchange: HttpExchange, source: StreamSource): void {
    this.#owner.announced(exchange, source);
  }

  sentBody(byteCount: number): void {
    this.#sent.body(byteCount);
  }

  receivedBody(byteCount: number): void {
    this.#received.body(byteCount);
  }

  /** A request that the server did not look at goes out once more, whatever its method, and counts once. */
  #sendElsewhere(exchange: HttpExchange, code: string, message: string): void {
    if (exchange.retried || !isResendable(exchange.request)) {
      this.#owner.failed(exchange, this, code, message);
      return;
    }
    recordResent(exchange, code);
    this.#owner.returned(exchange);
  }

  #leave(stream: RequestStream): void {
    this.#streams.delete(stream);
    bookBytes(stream, this.#dialed.socket, this.#sent, this.#received, this.#streams.size === 0);
    if (this.#streams.size > 0) return;
    this.idleSinceMs = monotonicMs();
    if (this.#state === 'leaving') this.#finish();
  }

  /** The server takes no more requests; those up to `lastStreamId` it has taken, and may still answer. */
  #onGoaway(code: number, lastStreamId: number): void {
    if (this.#state !== 'lingering') this.#state = 'leaving';
    const name = http2Code(code);
    const message = `the server closed the session: ${http2CodeText(code)}`;
    for (const stream of [...this.#streams]) {
      if (stream.id === undefined || stream.id > lastStreamId) {
        stream.detach();
        this.unprocessed(stream, name, message);
      } else if (code !== 0) {
        stream.fail(name, message);
      }
    }
    this.#giveBack(name, message);
    if (this.#streams.size === 0) this.#finish();
  }

  sessionFailed(error: NodeJS.ErrnoException): void {
    if (this.#dialed.error === null && error.code === 'ERR_HTTP2_ERROR') {
      const { code, message } = this.#settled
        ? { code: 'http2_protocol_error', message: `the server breaks the protocol: ${error.message}` }
        : {
            code: 'http2_not_spoken',
            message: `the server does not speak HTTP/2 here (${error.message}); see http.version`,
          };
      this.#failAll(code, message);
    } else {
      this.#lose(error.message);
    }
    this.#finish();
  }

  /** The session is gone, and nobody said why. */
  #lose(reason: string): void {
    const { code, message } = this.#dialed.failure(reason);
    this.#failAll(code, message);
  }

  #failAll(code: string, message: string): void {
    if (this.#state !== 'lingering' && this.#state !== 'closed') this.#state = 'leaving';
    for (const stream of [...this.#streams]) {
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
      if (this.#openedCount > 0) this.#owner.returned(exchange);
      else this.#owner.failed(exchange, this, code, message);
    }
  }

  /** Takes no more requests; ends when those on it have. */
  #retire(): void {
    if (this.#state !== 'open') return;
    this.#state = 'leaving';
    for (const exchange of this.#waiting.splice(0)) this.#owner.returned(exchange);
    if (this.#streams.size === 0) this.#finish();
  }

  /** Nothing more is to be carried: the session is closed in order, and by force where that takes too long. */
  #finish(): void {
    if (this.#state === 'closed' || this.#state === 'lingering') return;
    this.#linger();
  }

  #linger(): void {
    this.#state = 'lingering';
    this.#lingerUntilMs = monotonicMs() + lingerMs;
    setImmediate(() => this.#closeInOrder());
  }

  /** What is written last must not overtake a request: a server takes none after it. */
  #closeInOrder(): void {
    const session = this.#session;
    if (session.closed || session.destroyed) return;
    if (session.state.outboundQueueSize === 0) session.close();
  }

  sweep(nowMs: number): void {
    if (this.#state === 'lingering') {
      if (nowMs >= this.#lingerUntilMs) this.#destroy();
      else this.#closeInOrder();
      return;
    }
    if (this.#streams.size > 0) this.#look(nowMs);
    for (const stream of this.#streams) stream.sweep(nowMs);
    const late = this.#waiting.filter(({ deadlineAtMs }) => nowMs >= deadlineAtMs);
    if (late.length === 0) return;
    this.#waiting = this.#waiting.filter((exchange) => !late.includes(exchange));
    for (const exchange of late) {
      const { timeoutMs } = exchange.request;
      this.#owner.failed(exchange, this, 'timeout', `no free stream within ${timeoutMs} ms`);
    }
  }

  #look(nowMs: number): void {
    const { bytesRead } = this.#dialed.socket;
    if (bytesRead === this.#readByteCount) return;
    this.#readByteCount = bytesRead;
    this.#readAtMs = nowMs;
  }

  close(): readonly HttpExchange[] {
    const streams = [...this.#streams];
    const carried = [...streams.map(({ exchange }) => exchange), ...this.#waiting.splice(0)];
    for (const stream of streams) {
      stream.detach();
      this.#leave(stream);
    }
    if (this.#state !== 'closed' && this.#state !== 'lingering') this.#linger();
    return carried;
  }

  #destroy(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#session.destroy();
    this.#dialed.socket.destroy();
  }

  // The session reads the socket; what came before it did is handed back for it.
  received(bytes: Buffer, size: number): boolean {
    this.#dialed.socket.push(Buffer.from(bytes.subarray(0, size)));
    return true;
  }
  ready(): void {}
  refused(): void {}
  ended(): void {
    this.#lose('the connection was closed');
    this.#finish();
  }

  socketClosed(): void {
    this.#state = 'closed';
    this.#lose('the connection was closed');
    this.#session.destroy();
    this.#host.closed(this);
  }
}
