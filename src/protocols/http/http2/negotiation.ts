// A connection that is being made where HTTP/2 may be spoken on it: holds requests until it is known what is, and
// hands its socket to a connection that speaks it. Called by ../connection-pool.ts.

import type { HttpVersion } from '../../../model/http-settings.ts';
import { monotonicMs } from '../../../time/clock.ts';
import { Connection } from '../connection.ts';
import { type DialEvents, Dialed } from '../dial.ts';
import type { HttpExchange } from '../exchange.ts';
import type { Origin } from '../target.ts';
import type { ConnectionHost, ConnectionOwner, Transport } from '../transport.ts';
import { Http2Connection } from './session.ts';

/** Is it open, before a connection is made, whether or when HTTP/2 is spoken on it? */
export function hasChoice(origin: Origin, version: HttpVersion): boolean {
  return version === '2' || (version === 'auto' && origin.secure);
}

const alertCode = 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL';

export class Http2Negotiation implements Transport, DialEvents {
  readonly origin: Origin;
  readonly servedCount = 0;
  readonly idleSinceMs = 0;
  readonly idleLimitMs = Number.POSITIVE_INFINITY;
  readonly unanswered = false;
  readonly unwritten = false;
  readonly leaving = false;
  closed = false;

  readonly #host: ConnectionHost;
  readonly #owner: ConnectionOwner;
  readonly #replace: (from: Transport, to: Transport) => void;
  readonly #dialed: Dialed;
  #waiting: HttpExchange[] = [];

  constructor(
    origin: Origin,
    host: ConnectionHost,
    owner: ConnectionOwner,
    replace: (from: Transport, to: Transport) => void,
  ) {
    this.origin = origin;
    this.#host = host;
    this.#owner = owner;
    this.#replace = replace;
    const offered = host.version === '2' ? ['h2'] : ['h2', 'http/1.1'];
    this.#dialed = Dialed.for(origin, host, owner, this, offered);
    host.opened(this);
  }

  /** Where HTTP/1.1 was spoken last, every request wants a connection of its own. */
  get usable(): boolean {
    if (this.closed) return false;
    return this.#waiting.length === 0 || this.#host.agreed.get(this.origin) !== 'HTTP/1.1';
  }

  send(exchange: HttpExchange, _nowMs: number): void {
    this.#waiting.push(exchange);
  }

  ready(): void {
    if (this.closed) return;
    const { origin } = this;
    const host = this.#host;
    const http2 = this.#dialed.http2 || !origin.secure;
    if (!http2 && host.version === '2') {
      this.#failAll('http2_not_spoken', notSpoken(origin));
      return;
    }
    host.agreed.set(origin, http2 ? 'HTTP/2' : 'HTTP/1.1');
    this.closed = true;
    const Speaker = http2 ? Http2Connection : Connection;
    const connection = new Speaker(origin, host, this.#owner, this.#dialed);
    this.#replace(this, connection);
    host.closed(this);
    const nowMs = monotonicMs();
    for (const exchange of this.#waiting.splice(0)) {
      if (connection.usable) connection.send(exchange, nowMs);
      else this.#owner.returned(exchange);
    }
  }

  received(): boolean {
    return true;
  }

  ended(): void {
    this.#failBySocket();
  }

  refused(code: string, message: string): void {
    this.#failAll(code, message);
  }

  socketClosed(): void {
    this.#failBySocket();
    this.#host.closed(this);
  }

  #failBySocket(): void {
    const { code, message } =
      this.#host.version === '2' && this.#dialed.error?.code === alertCode
        ? { code: 'http2_not_spoken', message: notSpoken(this.origin) }
        : this.#dialed.failure('the connection was closed');
    this.#failAll(code, message);
  }

  #failAll(code: string, message: string): void {
    this.#end();
    for (const exchange of this.#waiting.splice(0)) this.#owner.failed(exchange, this, code, message);
  }

  #end(): void {
    if (this.closed) return;
    this.closed = true;
    this.#dialed.socket.destroy();
  }

  sweep(nowMs: number): void {
    const late: [exchange: HttpExchange, code: string, message: string][] = [];
    for (const exchange of this.#waiting) {
      const { timeoutMs, phases } = exchange.request;
      const sinceMs = Math.max(this.#dialed.startedAtMs, exchange.startedAtMs);
      if (nowMs >= exchange.deadlineAtMs) {
        late.push([exchange, 'timeout', `no complete response within ${timeoutMs} ms (while connecting)`]);
      } else if (phases !== null && nowMs - sinceMs >= phases.connectMs) {
        late.push([exchange, 'connect_timeout', `no connection within ${phases.connectMs} ms`]);
      }
    }
    if (late.length === 0) return;
    this.#waiting = this.#waiting.filter((exchange) => !late.some(([one]) => one === exchange));
    if (this.#waiting.length === 0) this.#end();
    for (const [exchange, code, message] of late) this.#owner.failed(exchange, this, code, message);
  }

  close(): readonly HttpExchange[] {
    this.#end();
    return this.#waiting.splice(0);
  }
}

function notSpoken({ hostHeader }: Origin): string {
  return `${hostHeader}: the server does not support HTTP/2; set http.version to "auto" to use the version that the server chooses`;
}
