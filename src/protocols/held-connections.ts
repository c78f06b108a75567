// What the sockets and event streams of one worker share: where failures are told, and which are still closing.

import type { Tags } from '../model/metric.ts';
import { parseByteSize } from '../text/byte-size.ts';
import { parseDuration } from '../time/duration.ts';
import type { HttpRuntime } from './http/runtime.ts';
import type { Scope } from './scope.ts';

/** What a connection reads of its virtual user at the moment it is opened. */
export interface ConnectingUser {
  readonly scope: Scope;
  takeScheduledAtMs(): number;
}

export interface HeldRuntimeOptions {
  readonly http: HttpRuntime;
  /** Called once for each connection that failed or was cut off. */
  readonly onFailure: (tags: Tags, code: string, message: string) => void;
  readonly onWarning: (message: string) => void;
}

const defaultMaxUnread = 1000;

export class HeldRuntime {
  readonly http: HttpRuntime;
  readonly onFailure: HeldRuntimeOptions['onFailure'];
  readonly #onWarning: HeldRuntimeOptions['onWarning'];
  readonly #open = new Set<object>();
  #hasWarned = false;
  #whenDrained: (() => void) | null = null;

  constructor({ http, onFailure, onWarning }: HeldRuntimeOptions) {
    this.http = http;
    this.onFailure = onFailure;
    this.#onWarning = onWarning;
  }

  /** Warns, once, that what nobody reads is not kept for ever. */
  dropped(url: string): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.#onWarning(
      `the suite does not read the messages of ${url} fast enough: the oldest are discarded (they count as received); see maxUnread`,
    );
  }

  opened(connection: object): void {
    this.#open.add(connection);
  }

  closed(connection: object): void {
    this.#open.delete(connection);
    if (this.#open.size === 0) this.#whenDrained?.();
  }

  /** Resolves when every connection is closed; their users have ended before. */
  async close(): Promise<void> {
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenDrained = resolve;
    });
  }
}

/** Ms of a `timeout` option. Throws a `TypeError` for what is no duration. */
export function waitMs(value: number | string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = parseDuration(value);
  if (ms === undefined) throw new TypeError(`"${value}" is not a timeout such as 5000 or "5s"`);
  return ms;
}

export function unreadLimit(value: number | undefined): number {
  if (value === undefined) return defaultMaxUnread;
  if (!Number.isInteger(value) || value < 0) throw new TypeError(`maxUnread is a count, got ${value}`);
  return value;
}

/** Bytes of a size option, `otherwise` without one. Throws a `TypeError` for what is no size. */
export function sizeLimit(value: number | string | undefined, otherwise: number): number {
  const size = value === undefined ? otherwise : parseByteSize(value);
  if (size === undefined) throw new TypeError(`"${value}" is not a size such as 65536 or "10MB"`);
  return size;
}

/** Parses JSON that a server sent. Throws a `SyntaxError` that shows the start of what is none. */
export function parseJson<T>(text: string, what: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    const start = text.length > 120 ? `${text.slice(0, 120)}...` : text;
    throw new SyntaxError(`${what} is not JSON: ${JSON.stringify(start)}`, { cause });
  }
}
