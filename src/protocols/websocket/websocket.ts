// WebSockets as user code sees them.

import type { Bytes } from '../../model/platform-types.ts';
import type { Connection, ConnectOptions, WaitOptions } from '../connection-types.ts';

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
