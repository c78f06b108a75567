// Reads the values of HTTP settings that can be written in several ways. Used for suites and for single requests.

import type { HttpRetries, HttpTimeout, RetryPlan } from '../../model/http-settings.ts';
import { parseDuration } from '../../time/duration.ts';

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
