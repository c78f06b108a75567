// Server-Sent Events as user code sees them.

import type { Connection, ConnectOptions, WaitOptions } from '../connection-types.ts';

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
