// What user code can tell every connection that virtual users hold open, and what each tells about itself. The public types
// of websocket/, sse/, redis/ and tcp/ are made of these.

import type { QueryFields } from '../model/http-fields.ts';
import type { HttpTimeout } from '../model/http-settings.ts';
import type { Tags } from '../model/metric.ts';

/** Options that every wait for something from the server takes. */
export interface WaitOptions {
  /** Longest wait: ms, or a duration such as `"5s"`. */
  readonly timeout?: number | string;
}

/** What both kinds of connections can be told; what HTTP requests have, too, means the same here. */
export interface ConnectOptions {
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
export interface Connection {
  readonly url: string;
  /** Why connecting failed, or why the connection broke later. */
  readonly error: { readonly code: string; readonly message: string } | null;
  /** Headers of the answer that opened or refused the connection; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** True from the moment that nothing more can come, or when it never was open. */
  readonly closed: boolean;
}
