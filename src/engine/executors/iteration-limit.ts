// Cuts off iterations that take longer than their scenario allows. Used by every executor's runner.

import { monotonicMs } from '../../time/clock.ts';
import { cancelTimer, startRepeating } from '../../time/timer.ts';
import { VirtualUser, type VuEvents } from '../virtual-user.ts';
import type { WorkerDeps } from '../worker-deps.ts';

const sweepIntervalMs = 50;

export interface IterationLimit {
  stop(): void;
}

export interface IterationLimitOptions {
  /** Longest time one iteration may take; 0 for no limit. */
  readonly limitMs: number;
  readonly deps: WorkerDeps;
  readonly events: VuEvents;
  readonly vus: () => Iterable<VirtualUser>;
  /** Puts the successor in the place of the VU whose iteration was given up; it starts right after. */
  readonly replace: (late: VirtualUser, successor: VirtualUser) => void;
}

/** Watches the iterations until `stop`; a VU that is too late goes on as a new one with the same identity. */
export function limitIterations({
  limitMs,
  deps,
  events,
  vus,
  replace,
}: IterationLimitOptions): IterationLimit {
  if (limitMs === 0) return { stop() {} };
  const sweep = (): void => {
    const nowMs = monotonicMs();
    for (const late of [...vus()]) {
      if (!late.iterating || nowMs - late.startedAtMs < limitMs) continue;
      const successor = new VirtualUser(late.userClass, late.abandon(limitMs), deps, events);
      successor.startedCount = late.startedCount;
      successor.draining = late.draining;
      replace(late, successor);
      successor.start();
    }
  };
  const timer = startRepeating(sweep, sweepIntervalMs);
  return { stop: () => cancelTimer(timer) };
}
