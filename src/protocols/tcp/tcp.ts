// TCP as user code sees it.

import type { WaitOptions } from '../../model/held-connections.ts';
import type { Tags } from '../../model/metric.ts';
import type { Bytes } from '../../model/platform-types.ts';

export interface TcpConnectOptions {
  /** Tag `name` of its samples; the address when absent. */
  readonly name?: string;
  readonly tags?: Tags;
  /** Longest time until it is connected: ms, or a duration such as `"5s"`; 10 s when absent. */
  readonly connectTimeout?: number | string;
  /** Longest time for each read and request; 60 s when absent. */
  readonly timeout?: number | string;
  /** A longer answer fails: bytes, or a size such as `"1MB"`; 16 MB when absent. */
  readonly maxAnswerSize?: number | string;
}

/** Where an answer ends: give one of the two. */
export interface TcpReadOptions extends WaitOptions {
  /** Read up to and including these bytes; text is UTF-8. */
  readonly until?: string | Uint8Array;
  /** Read so many bytes. */
  readonly length?: number;
  /** Tag `name` of this read or request, in place of the connection's. */
  readonly name?: string;
}

/** Why something failed. `code` is stable: `ECONNREFUSED`, `timeout`, `connection_closed`, `tcp_answer_too_large`, ... */
export interface TcpError {
  readonly code: string;
  readonly message: string;
}

export interface TcpAnswer {
  /** Empty when it failed. */
  readonly bytes: Bytes;
  readonly error: TcpError | null;
  readonly ok: boolean;
  text(): string;
}

/** A connection of one virtual user. It lives until one side closes it, a read fails, or its user ends. */
export interface TcpConnection {
  readonly ok: boolean;
  /** Why it could not be opened, or why it broke. */
  readonly error: TcpError | null;
  readonly closed: boolean;
  /** Sends bytes; text is UTF-8. False when it is closed, so nothing was sent. */
  write(data: string | Uint8Array): boolean;
  /** The next answer, which counts from the call. One read or request at a time. */
  read(options: TcpReadOptions): Promise<TcpAnswer>;
  /** Writes, and reads the answer; counts from the writing. */
  request(data: string | Uint8Array, options: TcpReadOptions): Promise<TcpAnswer>;
  close(): void;
}

export interface TcpClient {
  /** Connects to `host:port`. A connection that cannot be made is returned closed, with `error`. */
  connect(address: string, options?: TcpConnectOptions): Promise<TcpConnection>;
}
