// What connections and pools need of their worker, which runtime.ts is.

import type { DialSettings } from './dial.ts';
import type { MessageWriter } from './wire-writer.ts';

/** How a session begins, and what it is told. */
export interface SessionSettings {
  readonly parameters: Readonly<Record<string, string>>;
  readonly password: string | undefined;
  readonly connectTimeoutMs: number;
  /** Server and database, for messages. */
  readonly place: string;
}

/** A connection, as its worker knows it. */
export interface Watched {
  /** Of the server's process, as it was announced. */
  readonly processId: number;
  /** Ends what has taken too long. */
  sweep(nowMs: number): void;
}

/** A pool in which somebody waits. */
export interface Waited {
  /** Ends what has waited too long. Returns false when nobody waits. */
  sweep(nowMs: number): boolean;
}

export interface ConnectionHost {
  readonly dialing: DialSettings;
  readonly settings: SessionSettings;
  readonly writer: MessageWriter;
  opened(connection: Watched): void;
  closed(connection: Watched): void;
}

export interface PoolHost extends ConnectionHost {
  waits(pool: Waited): void;
}
