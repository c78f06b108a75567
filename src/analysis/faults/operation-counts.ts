// Counts of the operations of a run with faults over parts of its course. Used by others-flat.ts and back-to-usual.ts.

import type { OperationCourse } from '../../model/fault.ts';

export type CountedOperation = OperationCourse['operations'][number];

/** `count` of `of` failed. */
export interface Counts {
  readonly count: number;
  readonly of: number;
  /** How long the intervals are that were counted, ms. */
  readonly overMs: number;
}

/** What of an operation ended in the intervals that are chosen by their times. */
export function countsIn(
  { intervalMs }: OperationCourse,
  { total, failed }: CountedOperation,
  isChosen: (fromMs: number, untilMs: number) => boolean,
): Counts {
  const result = { count: 0, of: 0, overMs: 0 };
  for (const [i, of] of total.entries()) {
    if (!isChosen(i * intervalMs, (i + 1) * intervalMs)) continue;
    result.of += of;
    result.count += failed[i] ?? 0;
    result.overMs += intervalMs;
  }
  return result;
}

/** `GET /orders (task orders)` */
export function nameOf({ tags }: CountedOperation): string {
  const { task, method, name, ...others } = tags;
  const operation = [method, name, ...Object.values(others)].filter((part) => part !== undefined).join(' ');
  return [operation, ...(task === undefined || task === name ? [] : [`(task ${task})`])]
    .filter((part) => part !== '')
    .join(' ');
}
