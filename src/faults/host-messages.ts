// What a run and its fault host say to each other: one line of JSON each, over the host's standard input and output.

import type { FaultTraffic, ProxyPlan } from '../model/fault.ts';
import type { FaultAction } from '../model/fault-action.ts';
import type { GuardSettings } from '../model/guard.ts';

export interface ProcessStart {
  readonly name: string;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly ready: string;
  readonly readyWithinMs: number;
}

export type HostRequest =
  | { readonly kind: 'guard'; readonly guard: GuardSettings | null }
  | { readonly kind: 'proxy'; readonly proxy: ProxyPlan }
  | { readonly kind: 'process'; readonly process: ProcessStart }
  | { readonly kind: 'begin'; readonly fault: string; readonly action: FaultAction }
  | { readonly kind: 'end'; readonly fault: string }
  /** Takes everything back, ends what was started, and leaves. */
  | { readonly kind: 'release' };

/** Each request has a number, and one answer with that number. */
export type ToHost = HostRequest & { readonly id: number };

export type FromHost =
  | {
      readonly kind: 'done';
      readonly id: number;
      /** The machine's monotonic clock when the request took effect. */
      readonly atMachineMs: number;
      readonly traffic?: FaultTraffic;
      /** Of a proxy: where it listens. */
      readonly port?: number;
    }
  | { readonly kind: 'failed'; readonly id: number; readonly reason: string }
  /** A process ended that no fault has ended. */
  | { readonly kind: 'exited'; readonly process: string; readonly reason: string };
