// TCP as user code sees it.

import type { Tags } from '../../model/metric.ts';
import type { Bytes } from '../../model/platform-types.ts';
import type { WaitOptions } from '../connection-types.ts';

export interface TcpConnectOptions {
  /** Tag `name` of its samples; the address when absent. */
  readonly name?: string;
  readonly tags?: Tags;
  /** Longest time until it is connected: ms, or a duration such as `"5s"`; the suite's `tcp.connectTimeout` when absent, or 10 s. */
  readonly connectTimeout?: number | string;
  /** Longest time for each read and request; the suite's `tcp.timeout` when absent, or 60 s. */
  readonly timeout?: number | string;
  /** A longer answer fails: bytes, or a size such as `"1MB"`; the suite's `tcp.maxAnswerSize` when absent, or 16 MB. */
  readonly maxAnswerSize?: number | string;
}

/** What holds for connections whose own options do not say otherwise: as a suite or a profile says it. */
export type TcpDefinition = Pick<TcpConnectOptions, 'connectTimeout' | 'timeout' | 'maxAnswerSize'>;

/** The same in a plan; absent keys mean the default. */
export interface TcpPlan {
  readonly connectTimeoutMs?: number;
  readonly timeoutMs?: number;
  readonly maxAnswerBytes?: number;
}

/** Where suites and plans have them. */
export interface TcpSettings {
  readonly suite: {
    /** What holds for TCP connections. A profile's `tcp` goes before the suite's, key by key. */
    readonly tcp?: TcpDefinition;
  };
  readonly plan: {
    /** Present when the suite says something of TCP connections. */
    readonly tcp?: TcpPlan;
  };
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
