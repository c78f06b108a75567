// How a reading that waits for a server is given up. Called by monitors that keep a connection.

import type net from 'node:net';

/**
 * Settles as `work` does. When `signal` aborts first, calls `drop`, which has to cut off whatever the work waits for,
 * and rejects with what `reason` says; how the work ends after that is of no interest.
 */
export async function unlessAborted<T>(
  signal: AbortSignal,
  work: () => Promise<T>,
  drop: () => void,
  reason: () => string,
): Promise<T> {
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      drop();
      reject(new Error(reason()));
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  // One of the two is not waited for in the end.
  aborted.catch(() => {});
  try {
    if (signal.aborted) return await aborted;
    const working = work();
    working.catch(() => {});
    return await Promise.race([working, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort!);
  }
}

/** Does `work` until a signal aborts. Where it fails after the end of the monitor, that is the reason. */
export async function untilClosed<T>(
  signal: AbortSignal,
  closing: AbortSignal,
  work: (until: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await work(AbortSignal.any([signal, closing]));
  } catch (error) {
    if (closing.aborted) throw new Error('the monitor was closed', { cause: error });
    throw error;
  }
}

/** Says why. */
export const tooMuch = 'its answer is larger than 32 MiB';
/** More than a server has to say to a watcher in one answer. */
const mostAnswerMiB = 32;

/**
 * Does `work`, and calls `drop` when the socket brings too much meanwhile, as of a server that never ends its answer:
 * libraries keep what comes until an answer is complete. `drop` has to cut off whatever the work waits for.
 */
export async function unlessTooMuch<T>(
  socket: net.Socket | undefined,
  work: () => Promise<T>,
  drop: () => void,
): Promise<T> {
  if (socket === undefined) return await work();
  let byteCount = 0;
  let isTooMuch = false;
  const count = (piece: Buffer): void => {
    byteCount += piece.length;
    if (byteCount <= mostAnswerMiB * 2 ** 20 || isTooMuch) return;
    isTooMuch = true;
    drop();
  };
  socket.on('data', count);
  try {
    return await work();
  } catch (error) {
    throw isTooMuch ? new TooMuchError() : error;
  } finally {
    socket.off('data', count);
  }
}

class TooMuchError extends Error {
  constructor() {
    super(tooMuch);
  }
}
