// The hook that turns Ctrl-C and SIGTERM into an orderly stop. Called by commands that own running parts.

import { monotonicMs } from '../time/clock.ts';

export interface StopOnSignalOptions {
  /** Told of the signal that starts the stop. */
  readonly onSignal?: (signal: NodeJS.Signals) => void;
  /** Told when a second signal ends the process at once; guardians then clean up. */
  readonly onForced?: (signal: NodeJS.Signals) => void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const sameKeyPressMs = 300;

/**
 * Calls `stop` once at the first SIGINT, SIGTERM or SIGHUP; a second signal ends the process with 130.
 * npm and the terminal both pass one Ctrl-C on, so signals within 300 ms of the first count as the same.
 * Returns a function that takes the hook off again.
 */
export function stopOnSignal(stop: () => void, options: StopOnSignalOptions = {}): () => void {
  let firstAtMs: number | undefined;
  const listener = (signal: NodeJS.Signals) => {
    if (firstAtMs === undefined) {
      firstAtMs = monotonicMs();
      options.onSignal?.(signal);
      stop();
    } else if (monotonicMs() - firstAtMs > sameKeyPressMs) {
      options.onForced?.(signal);
      process.exit(130);
    }
  };
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
