// Turns a statement that has ended into samples. Called by client.ts, once per statement.

import { failureOf } from './failure.ts';
import type { Operation } from './operation.ts';

const aborted = { ...failureOf('aborted', 'cut off at the end of the run'), class: 'cancelled' } as const;

/** Records a statement that has ended by itself. */
export function recordEnded(operation: Operation): void {
  const { endpoint, error, scheduledAtMs } = operation;
  const series = error === null ? endpoint.ok : endpoint.failed(error);
  series.operations.add(1);
  series.failed.add(error !== null);
  if (scheduledAtMs >= 0) {
    // As with HTTP: the first of an arrival counts from when it was due, so that nothing can hide a late start.
    series.duration.add(operation.endedAtMs - scheduledAtMs);
    endpoint.serviceTime.add(operation.serviceMs);
  } else {
    series.duration.add(operation.serviceMs);
  }
  if (operation.acquires) series.poolWait.add(operation.poolWaitMs);
  series.sentBytes.add(operation.sentByteCount);
  series.receivedBytes.add(operation.receivedByteCount);
  if (operation.rowCount > 0) (operation.changes ? endpoint.changed : endpoint.read).add(operation.rowCount);
}

/** Records a statement that was sent and then cut off by the end of the run: it counts, but measures nothing. */
export function recordAborted(operation: Operation): void {
  const series = operation.endpoint.failed(aborted);
  series.operations.add(1);
  series.sentBytes.add(operation.sentByteCount);
  series.receivedBytes.add(operation.receivedByteCount);
}
