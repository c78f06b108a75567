// How a reading that waits for a server is given up. Called by monitors that keep a connection.

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
