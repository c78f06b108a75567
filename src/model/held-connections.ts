// Connections that virtual users hold open, WebSocket and Server-Sent Events, as user code sees them.

import type { QueryFields } from './http-fields.ts';
import type { HttpTimeout } from './http-settings.ts';
import type { Tags } from './metric.ts';
import type { Bytes } from './platform-types.ts';

/** Options that every wait for something from the server takes. */
export interface WaitOptions {
  /** Longest wait: ms, or a duration such as `"5s"`. */
  readonly timeout?: number | string;
}

/** What both kinds of connections can be told; what HTTP requests have, too, means the same here. */
interface ConnectOptions {
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly params?: QueryFields;
  /** Tags of all samples of the connection, beside those of the scenario, user and task that opened it. */
  readonly tags?: Tags;
  /** Series name; without it the URL's path, without its query, its ids as `:id`. */
  readonly name?: string;
  /** Longest time until connected: ms, or a duration such as `"5s"`; or one per phase. As `http.timeout` when absent. */
  readonly timeout?: HttpTimeout;
  /** What the server has sent and nobody has read yet is kept up to this many messages, 1000 when absent. */
  readonly maxUnread?: number;
  /** Throw an `HttpRequestError` when connecting fails, in place of a connection with an `error`. */
  readonly throw?: boolean;
}

/** What both kinds of connections tell about themselves. */
interface Connection {
  readonly url: string;
  /** Why connecting failed, or why the connection broke later. */
  readonly error: { readonly code: string; readonly message: string } | null;
  /** Headers of the answer that opened or refused the connection; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** True from the moment that nothing more can come, or when it never was open. */
  readonly closed: boolean;
}

export interface WebSocketOptions extends ConnectOptions {
  /** Subprotocols to offer, the preferred one first. */
  readonly protocols?: string | readonly string[];
  /** A longer message breaks the session: bytes, or a size such as `"1MB"`. As `http.maxResponseSize` when absent. */
  readonly maxMessageSize?: number | string;
}

export interface WebSocketMessage {
  /** Text of a text message, bytes of a binary one. */
  readonly data: string | Bytes;
  text(): string;
  /** Parses the message. Throws a `SyntaxError` that shows the start of one that is not JSON. */
  json<T = unknown>(): T;
}

/**
 * A WebSocket of one virtual user. It lives until one side closes it, or until its user ends, so one kept in
 * `session` serves many iterations. Iterating over it gives its messages until it is closed.
 */
export interface WebSocketConnection extends Connection, AsyncIterable<WebSocketMessage> {
  /** 101 once connected; the status of an answer that refused; 0 when there was none. */
  readonly status: number;
  /** Did connecting succeed? */
  readonly ok: boolean;
  /** The subprotocol that the server chose; empty without one. */
  readonly protocol: string;
  /** Code of the close frame: 1005 when it had none, 1006 when there was no such frame; 0 while open. */
  readonly closeCode: number;
  readonly closeReason: string;
  /** Sends a message: text, or bytes as a binary one. False when the socket is not open, so nothing was sent. */
  send(data: string | Uint8Array): boolean;
  /** The next message; `null` when the socket is closed, or when none comes in time (without `timeout`: waits). */
  receive(options?: WaitOptions): Promise<WebSocketMessage | null>;
  /**
   * Sends a message and waits for the first later one that `match` accepts (any, without it); the others stay for
   * `receive`. Measures the round trip. `null` when the socket closes first, or after `timeout` (as `http.timeout`).
   */
  request(
    data: string | Uint8Array,
    match?: (message: WebSocketMessage) => boolean,
    options?: WaitOptions,
  ): Promise<WebSocketMessage | null>;
  /** Sends a ping; the ms until its pong, or `null` when none comes (`timeout` as `http.timeout`). */
  ping(options?: WaitOptions): Promise<number | null>;
  /** Closes in order and waits until the server has, too. `code` is 1000 or 3000 to 4999. */
  close(code?: number, reason?: string): Promise<void>;
}

export interface WebSocketClient {
  /**
   * Opens a WebSocket. A path is appended to the base URL, `http:` being `ws:` and `https:` `wss:`. The settings of
   * `http` hold here, too. One that cannot be opened is returned closed, with `error`; see `throw`.
   */
  connect(url: string, options?: WebSocketOptions): Promise<WebSocketConnection>;
}

export interface SseOptions extends ConnectOptions {
  /** `GET` when absent. */
  readonly method?: string;
  /** At most one of the two bodies. */
  readonly json?: unknown;
  readonly body?: string | Uint8Array;
  readonly auth?: { readonly username: string; readonly password: string } | { readonly bearer: string };
  /**
   * Connect again when the stream ends or breaks, with `Last-Event-ID`: any number of times, or at most so many.
   * It waits as long as the server has said with `retry`, else 3 s.
   */
  readonly reconnect?: boolean | number;
  /** A longer event breaks the session: characters, or a size such as `"1MB"`. As `http.maxResponseSize` when absent. */
  readonly maxEventSize?: number | string;
}

export interface SseEvent {
  /** `message` when the event names none. */
  readonly type: string;
  readonly data: string;
  /** The last id that the stream has given; empty before the first. */
  readonly id: string;
  /** Ms to wait before connecting again, when the server has said it. */
  readonly retry: number | undefined;
  /** Parses the data. Throws a `SyntaxError` that shows the start of what is not JSON. */
  json<T = unknown>(): T;
}

/** A stream of events of one virtual user; it ends with its user. Iterating over it gives events until it is closed. */
export interface SseConnection extends Connection, AsyncIterable<SseEvent> {
  /** Status of the answer; 0 when there was none. */
  readonly status: number;
  /** Is or was it an event stream, answered with 200? */
  readonly ok: boolean;
  /** The id to go on from after a reconnect. */
  readonly lastEventId: string;
  /** The next event; `null` when the stream is closed, or when none comes in time (without `timeout`: waits). */
  next(options?: WaitOptions): Promise<SseEvent | null>;
  close(): void;
}

export interface SseClient {
  /**
   * Opens an event stream: an ordinary HTTP request, counted and measured as one when the stream ends. What is no
   * event stream is returned closed, with `error`; see `throw`.
   */
  connect(url: string, options?: SseOptions): Promise<SseConnection>;
}
