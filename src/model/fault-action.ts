// What is done to begin a fault and to take it back. plan/faults.ts makes actions, src/faults/ carries them out.

import type { FaultRequest } from './fault.ts';

export type NetworkFault =
  | { readonly kind: 'latency'; readonly delayMs: number; readonly jitterMs: number }
  | { readonly kind: 'bandwidth'; readonly bytesPerSec: number }
  | { readonly kind: 'reset' | 'refuse' | 'black-hole' };

/** What is done to begin a fault, and to take it back: with the secrets that a plan does not hold. */
export type FaultAction =
  | { readonly on: 'proxy'; readonly proxy: string; readonly fault: NetworkFault }
  | { readonly on: 'process'; readonly process: string; readonly does: 'kill' | 'pause' | 'restart' }
  | { readonly on: 'http'; readonly start: FaultRequest; readonly end?: FaultRequest }
  | { readonly on: 'redis'; readonly url: string };
