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

/** Whether a figure that lies between two meets a limit. */
export function stateWithin(
  { operator, limit }: { readonly operator: ThresholdOperator; readonly limit: number },
  { least, greatest }: { readonly least: number; readonly greatest: number },
): 'held' | 'broken' | 'undecided' {
  if (operator === '==' || operator === '!=') {
    const isPossible = least <= limit && limit <= greatest;
    if (isPossible && least !== greatest) return 'undecided';
    return isPossible === (operator === '==') ? 'held' : 'broken';
  }
  const atLeast = isWithin(operator, least, limit);
  const atMost = isWithin(operator, greatest, limit);
  if (atLeast !== atMost) return 'undecided';
  return atLeast ? 'held' : 'broken';
}
