// How many values at the start of a series are warm-up. Used by metrics/steady-state.ts.

/**
 * The number of leading values to leave out so that the mean of the rest is known best: the one up to half of them that
 * makes Σ (xᵢ − mean)² / n² over the n values left the least. `undefined` when that is half of them, or when leaving out more
 * would make it less than a quarter: the series is not over its warm-up. 0 for fewer than 10 values, and for a constant.
 *
 * Assumes one level after the warm-up. Linear in the number of values.
 *
 * **Source:** the marginal standard error rule (MSER), K. P. White, "An effective truncation heuristic for bias reduction
 * in simulation output", Simulation 69 (1997); that answers in the second half are not to be trusted is from there, too. The
 * factor is Plimsoll's own: of noise alone, a few values at the end are often a little more alike than the others.
 */
export function warmUpCount(values: readonly number[]): number | undefined {
  if (values.length < 2 * fewestLeft) return 0;
  const half = Math.floor(values.length / 2);
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  let leastBeyond = Number.POSITIVE_INFINITY;
  let count = 0;
  let mean = 0;
  let squares = 0;
  // From the end, so that each step adds one value (Welford).
  for (let from = values.length - 1; from >= 0; from--) {
    count++;
    const distance = values[from]! - mean;
    mean += distance / count;
    squares += distance * (values[from]! - mean);
    const error = squares / count ** 2;
    if (count < fewestLeft) continue;
    if (from > half) {
      leastBeyond = Math.min(leastBeyond, error);
    } else if (error <= least) {
      // Of two as good, the longer series.
      least = error;
      best = from;
    }
  }
  return best === half || leastBeyond < least * muchLess ? undefined : best;
}

/** A few values alone are alike by chance. */
const fewestLeft = 5;
const muchLess = 0.25;
