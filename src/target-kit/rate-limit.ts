// Rate limiting of a target: a token bucket per client address. Called by targets.

import { monotonicMs } from '../time/clock.ts';

export interface RateLimiter {
  readonly limitPerSec: number;
  /** Takes one token. 0 when the request may pass, else the seconds to wait, rounded up. */
  take(client: string): number;
  rejectedCount(): number;
}

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

const mostClients = 10_000;

/**
 * Each client may send `limitPerSec` requests a second (> 0), and as many at once after a pause.
 * `nowMs` is a monotonic clock.
 */
export function createRateLimiter(limitPerSec: number, nowMs: () => number = monotonicMs): RateLimiter {
  const buckets = new Map<string, Bucket>();
  const capacity = Math.max(1, limitPerSec);
  let rejected = 0;
  return {
    limitPerSec,
    take(client) {
      const now = nowMs();
      let bucket = buckets.get(client);
      if (bucket === undefined) {
        // The longest known client gives way, so that memory is bounded whoever calls.
        if (buckets.size >= mostClients) buckets.delete(buckets.keys().next().value!);
        bucket = { tokens: capacity, filledAtMs: now };
        buckets.set(client, bucket);
      }
      bucket.tokens = Math.min(capacity, bucket.tokens + ((now - bucket.filledAtMs) / 1000) * limitPerSec);
      bucket.filledAtMs = now;
      if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return 0;
      }
      rejected++;
      return Math.max(1, Math.ceil((1 - bucket.tokens) / limitPerSec));
    },
    rejectedCount: () => rejected,
  };
}
