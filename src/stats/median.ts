// Medians and the spread around them, for statistics that a few wild readings must not sway.

import { selectInPlace } from './select.ts';

/** Fewer numbers are sorted faster than parted. */
const fewestToSelect = 24;

/** Makes the median absolute deviation of normal values their standard deviation: 1 / Φ⁻¹(3/4). */
export const normalMadFactor = 1.482_602_218_505_602;

/** The p-quantile (0..1) of ascending values, linear between neighbours; NaN of none. */
export function sortedQuantile(sorted: ArrayLike<number>, p: number): number {
  if (sorted.length === 0) return Number.NaN;
  const position = p * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low === high ? low : low + (high - low) * (position - below);
}

/** NaN of no values. */
export function median(values: ArrayLike<number>): number {
  return medianInPlace(new Float64Array(values));
}

/** The same, of numbers whose order does not matter to the caller. */
function medianInPlace(numbers: Float64Array): number {
  const { length } = numbers;
  if (length < fewestToSelect) return sortedQuantile(numbers.sort(), 0.5);
  const upper = length >> 1;
  const high = selectInPlace(numbers, upper, 0, length - 1);
  if (length % 2 === 1) return high;
  // What was selected parts the numbers: the next lower one is the greatest below.
  let low = numbers[0]!;
  for (let i = 1; i < upper; i++) if (numbers[i]! > low) low = numbers[i]!;
  return low === high ? low : low + (high - low) / 2;
}

/** Median absolute deviation from `centre`, scaled to be the standard deviation of normal values; NaN of no values. */
export function medianDeviation(values: readonly number[], centre: number): number {
  const deviations = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) deviations[i] = Math.abs(values[i]! - centre);
  return normalMadFactor * medianInPlace(deviations);
}
