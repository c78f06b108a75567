// Medians and the spread around them, for statistics that a few wild readings must not sway.

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
  return sortedQuantile(new Float64Array(values).sort(), 0.5);
}

/** Median absolute deviation from `centre`, scaled to be the standard deviation of normal values; NaN of no values. */
export function medianDeviation(values: readonly number[], centre: number): number {
  return normalMadFactor * median(values.map((value) => Math.abs(value - centre)));
}
