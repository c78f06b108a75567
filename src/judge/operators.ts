// Comparisons of a figure with a limit. thresholds.ts, window-thresholds.ts and alert-watch.ts compare by them.

import type { ThresholdOperator } from '../model/aggregation.ts';

const holds: Readonly<Record<ThresholdOperator, (actual: number, limit: number) => boolean>> = {
  '<': (actual, limit) => actual < limit,
  '<=': (actual, limit) => actual <= limit,
  '>': (actual, limit) => actual > limit,
  '>=': (actual, limit) => actual >= limit,
  '==': (actual, limit) => actual === limit,
  '!=': (actual, limit) => actual !== limit,
};

/** Whether a value meets a limit. */
export function isWithin(operator: ThresholdOperator, actual: number, limit: number): boolean {
  return holds[operator](actual, limit);
}
