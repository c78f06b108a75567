// How Ctrl-C ends a command that drives load. Called by those commands.

import { exitCodes, PlimsollError } from '../model/errors.ts';

export interface Interrupts {
  readonly drain: AbortSignal;
  readonly cut: AbortSignal;
  stop(): void;
}

const interruptSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** First Ctrl-C drains, second cuts off, third ends the process at once; so do SIGTERM and a terminal that closes. */
export function listenForInterrupts(): Interrupts {
  const drain = new AbortController();
  const cut = new AbortController();
  const onSignal = (): void => {
    if (!drain.signal.aborted) drain.abort();
    else if (!cut.signal.aborted) cut.abort();
    else process.exit(exitCodes.interrupted);
  };
  for (const signal of interruptSignals) process.on(signal, onSignal);
  return {
    drain: drain.signal,
    cut: cut.signal,
    stop() {
      for (const signal of interruptSignals) process.off(signal, onSignal);
    },
  };
}

/** What a suite does while it is evaluated has no end of its own. */
export function unlessInterrupted<Result>(work: Promise<Result>, interrupted: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void =>
      reject(new PlimsollError(exitCodes.interrupted, 'interrupted before any load was driven'));
    interrupted.addEventListener('abort', giveUp, { once: true });
    if (interrupted.aborted) giveUp();
    work.then(resolve, reject).finally(() => interrupted.removeEventListener('abort', giveUp));
  });
}
