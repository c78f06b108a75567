// Does something to thousands of virtual users without keeping the event loop from everybody else. Called where
// many of them end at once.

import { monotonicMs } from '../time/clock.ts';

/** How long one turn may take. */
const maxTurnMs = 5;

/** Calls `action` for each item in order, in as many turns of the event loop as it takes; the first at once. */
export function inTurns<Item>(items: readonly Item[], action: (item: Item) => void): void {
  let position = 0;
  const turn = (): void => {
    const untilMs = monotonicMs() + maxTurnMs;
    while (position < items.length) {
      action(items[position++]!);
      if (monotonicMs() >= untilMs) {
        setImmediate(turn);
        return;
      }
    }
  };
  turn();
}
