// Turns a statement that has ended into samples. Called by user-sql.ts, once per statement.

import { addDuration, cutOffAfter } from '../scheduled-start.ts';
import { failureOf } from './failure.ts';
import type { Operation } from './operation.ts';

const aborted = { ...failureOf('aborted', 'cut off at the end of the run'), class: 'cancelled' } as const;

/** Records a statement that has ended by itself. */
export function recordEnded(operation: Operation): void {
  const { endpoint, error } = operation;
  const series = error === null ? endpoint.ok : endpoint.failed(error);
  series.operations.add(1);
  series.failed.add(error !== null);
  addDuration(operation, series.duration, endpoint);
  if (operation.acquires) series.poolWait.add(operation.poolWaitMs);
  series.sentBytes.add(operation.sentByteCount);
  series.receivedBytes.add(operation.receivedByteCount);
  if (operation.rowCount > 0) (operation.changes ? endpoint.changed : endpoint.read).add(operation.rowCount);
}

/**
 * Records a statement that the end of the run cut off. One that was sent counts, but measures nothing; how long it had
 * waited is noted beside.
 */
export function recordCutOff(operation: Operation): void {
  const { endpoint, sent, endedAtMs } = operation;
  if (sent) recordAborted(operation);
  const ownMs = sent
    ? operation.waitedMs + (operation.resting ? 0 : endedAtMs - operation.turnStartAtMs)
    : endedAtMs - operation.startedAtMs;
  const { waitedMs, mark } = cutOffAfter(operation, ownMs);
  endpoint.scope.cutOff('sql_op_duration', waitedMs, mark);
}

function recordAborted(operation: Operation): void {
  const series = operation.endpoint.failed(aborted);
  series.operations.add(1);
  series.sentBytes.add(operation.sentByteCount);
  series.receivedBytes.add(operation.receivedByteCount);
}
