// Keeps calls away from an upstream that fails, until it may be well again. Called by targets that have upstreams.

import { monotonicMs } from '../time/clock.ts';

export type CircuitState = 'closed' | 'open' | 'half-open';

/** The call was not made: the upstream failed too often just before. */
export class CircuitOpenError extends Error {
  /** Until the next call is let through to try, 0 or more. */
  readonly retryAfterMs: number;

  constructor(upstream: string, retryAfterMs: number) {
    super(`${upstream} failed too often and is not asked for a while`);
    this.retryAfterMs = retryAfterMs;
  }
}

export interface CircuitBreaker {
  /** Makes the call and rethrows what it throws; throws a `CircuitOpenError` in place of a call while open. */
  run<Result>(call: () => Promise<Result>): Promise<Result>;
  state(): CircuitState;
  /** How often the circuit opened, and calls that were not made. */
  counts(): { readonly opened: number; readonly refused: number };
}

export interface CircuitOptions {
  /** What it stands before, in messages. */
  readonly upstream: string;
  /** Failures in a row that open it, 1 or more. */
  readonly failureCount: number;
  /** How long it stays open before one call is let through to try. */
  readonly openMs: number;
}

/**
 * Closed until `failureCount` calls in a row have failed; open for `openMs`; then half open: one call is let through, and
 * closes it or opens it again. `nowMs` is a monotonic clock.
 *
 * **Source:** M. Nygard, "Release It!", 2nd edition (2018), "Circuit Breaker".
 */
export function createCircuitBreaker(
  { upstream, failureCount, openMs }: CircuitOptions,
  nowMs: () => number = monotonicMs,
): CircuitBreaker {
  let failuresInRow = 0;
  /** Moment from which one call may try; `undefined` while closed. */
  let triesAtMs: number | undefined;
  let isTrying = false;
  let [opened, refused] = [0, 0];

  function refuseWhileOpen(): void {
    if (triesAtMs === undefined) return;
    const waitMs = triesAtMs - nowMs();
    if (waitMs <= 0 && !isTrying) {
      isTrying = true;
      return;
    }
    refused++;
    throw new CircuitOpenError(upstream, Math.max(0, waitMs));
  }

  function fail(wasTrying: boolean): void {
    failuresInRow++;
    // Calls that began before it opened do not keep it open for longer.
    if (triesAtMs !== undefined && !wasTrying) return;
    if (failuresInRow < failureCount) return;
    triesAtMs = nowMs() + openMs;
    opened++;
  }

  return {
    async run(call) {
      refuseWhileOpen();
      const wasTrying = triesAtMs !== undefined;
      try {
        const result = await call();
        if (triesAtMs === undefined || wasTrying) {
          failuresInRow = 0;
          triesAtMs = undefined;
        }
        return result;
      } catch (error) {
        fail(wasTrying);
        throw error;
      } finally {
        if (wasTrying) isTrying = false;
      }
    },
    state() {
      if (triesAtMs === undefined) return 'closed';
      return nowMs() >= triesAtMs || isTrying ? 'half-open' : 'open';
    },
    counts: () => ({ opened, refused }),
  };
}
