// How a user that loops gets from one iteration to the next: it thinks, and lets the event loop turn. Used by the
// executors whose users loop. Nothing is allocated for a user that goes straight on.

import { monotonicMs } from '../../time/clock.ts';
import { cancelTimer, startTimer } from '../../time/timer.ts';
import type { RunClock } from '../run-clock.ts';
import type { VirtualUser } from '../virtual-user.ts';

/** What a user does next; `nowMs` is a reading of the process clock. */
type Next = (vu: VirtualUser, nowMs: number) => void;

/** Calls `next` when the user has thought; before its first iteration it does not. */
export function afterThinking(vu: VirtualUser, next: Next): void {
  const thinkMs = vu.startedCount === 0 ? 0 : vu.thinkMs();
  if (thinkMs > 0) {
    vu.thinkTimer = startTimer(() => {
      vu.thinkTimer = null;
      next(vu, monotonicMs());
    }, thinkMs);
  } else {
    // Going straight on, the end of the last iteration is the start of the next: one clock reading for both.
    next(vu, vu.freeSinceMs > 0 ? vu.freeSinceMs : monotonicMs());
  }
}

/** Ends the thinking of a user; false for one that does not think. */
export function endThinking(vu: VirtualUser): boolean {
  if (vu.thinkTimer === null) return false;
  cancelTimer(vu.thinkTimer);
  vu.thinkTimer = null;
  return true;
}

/** Calls `next` at once, or after the event loop has turned when users have had it for long enough. */
export function inItsTurn(clock: RunClock, vu: VirtualUser, nowMs: number, next: Next): void {
  if (clock.mayGoOn(nowMs)) next(vu, nowMs);
  else clock.afterTurn(() => next(vu, monotonicMs()));
}
