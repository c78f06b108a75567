// A connection as session and pool know it, whatever protocol it speaks, and what it knows of them.

import type { HttpVersion } from '../../model/http-settings.ts';
import type { BodyMemory } from './body-memory.ts';
import type { DialSettings } from './dial.ts';
import type { HttpExchange } from './exchange.ts';
import type { SharedHeads } from './http2/link.ts';
import type { ParserPool } from './parser-pool.ts';
import type { StreamSource } from './response-stream.ts';
import type { Origin } from './target.ts';

export interface Transport {
  readonly origin: Origin;
  /** Responses received in full. */
  readonly servedCount: number;
  /** Since when it carries nothing, and how long the server is likely to leave it open then. */
  readonly idleSinceMs: number;
  readonly idleLimitMs: number;
  /** It takes a request: sends it, or keeps it until it can. */
  readonly usable: boolean;
  /** It is on its way out: what it carries may end, and it is in nobody's way. */
  readonly leaving: boolean;
  readonly closed: boolean;
  /** It carries one request, to which no byte of an answer has come. */
  readonly unanswered: boolean;
  /** Not one byte of it has gone out. */
  readonly unwritten: boolean;
  send(exchange: HttpExchange, nowMs: number): void;
  /** Called about forty times a second: ends what has taken too long. */
  sweep(nowMs: number): void;
  /** Ends the connection for good, and returns what it carried. What was sent is left to reach the server. */
  close(): readonly HttpExchange[];
}

/** What a connection needs of its worker: one read buffer for all, and the register of open connections. */
export interface ConnectionHost extends Pick<DialSettings, 'readBuffer' | 'dialer' | 'tls'> {
  /** For the responses of HTTP/1.x. */
  readonly parsers: ParserPool;
  /** For the heads of HTTP/2. */
  readonly heads: SharedHeads;
  /** For bodies that are kept. */
  readonly bodies: BodyMemory;
  readonly version: HttpVersion;
  /** What connections to an origin last agreed on, for those that had the choice. */
  readonly agreed: Map<Origin, 'HTTP/1.1' | 'HTTP/2'>;
  opened(connection: Transport): void;
  closed(connection: Transport): void;
}

/** Who is told how a request on the connection ended. */
export interface ConnectionOwner extends Pick<DialSettings, 'tlsSessions' | 'localAddress'> {
  answered(exchange: HttpExchange, connection: Transport): void;
  failed(exchange: HttpExchange, connection: Transport, code: string, message: string): void;
  /** The request was not sent, or the server says that it did not look at it: it is to go out by another way. */
  returned(exchange: HttpExchange): void;
  /** Status and headers of a response whose body is streamed are there. */
  announced(exchange: HttpExchange, source: StreamSource): void;
}
