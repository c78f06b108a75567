// Reads the values of HTTP settings that can be written in several ways. Used for suites and for single requests.

import type { HttpRetries, HttpTimeout, RetryPlan } from '../model/http-settings.ts';
import { parseDuration } from '../time/duration.ts';

const unitBytes: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };
const sizeText = /^(\d+(?:\.\d+)?)\s*(b|kb|mb|gb)$/i;

/** Bytes of a number, or of a text such as `10MB` (1 MB = 1024 x 1024 bytes); `undefined` for anything else. */
export function parseByteSize(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 ? value : undefined;
  const parts = typeof value === 'string' ? sizeText.exec(value.trim()) : null;
  return parts === null ? undefined : Math.floor(Number(parts[1]) * unitBytes[parts[2]!.toLowerCase()]!);
}

/** `undefined` stands for a phase without a limit of its own. */
export interface Timeouts {
  readonly connectMs: number | undefined;
  readonly responseMs: number | undefined;
  readonly totalMs: number | undefined;
}

/** Throws a `TypeError` for what is no timeout. */
export function parseTimeouts(value: HttpTimeout): Timeouts {
  if (typeof value !== 'object' || value === null) {
    return { connectMs: undefined, responseMs: undefined, totalMs: timeoutMs(value) };
  }
  const { connect, response, total } = value;
  const limit = (one: number | string | undefined): number | undefined =>
    one === undefined ? undefined : timeoutMs(one);
  return { connectMs: limit(connect), responseMs: limit(response), totalMs: limit(total) };
}

function timeoutMs(value: number | string): number {
  const ms = parseDuration(value);
  if (ms === undefined || ms === 0) throw new TypeError(`"${value}" is not a timeout such as 5000 or "5s"`);
  return ms;
}

const defaultBackoffMs = 100;
/** Failures on the way, and the statuses by which servers and proxies say that another attempt may help. */
const defaultReasons: readonly (number | string)[] = ['error', 429, 502, 503, 504];

/** Throws a `TypeError` for a backoff that is no duration. */
export function planRetries({ count, backoff, on = defaultReasons }: HttpRetries): RetryPlan {
  const backoffMs = backoff === undefined ? defaultBackoffMs : parseDuration(backoff);
  if (backoffMs === undefined) throw new TypeError(`"${backoff}" is not a backoff such as 100 or "1s"`);
  return { count, backoffMs, on };
}
