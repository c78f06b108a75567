// Between which values the median lies that a sample was drawn from.

/** From so many values on there is an interval of 95 %. */
export const fewestForInterval = 6;

/**
 * The interval from the k-th least to the k-th greatest value, with the greatest k at which the median lies outside of it
 * with a chance of at most 5 %, whatever the distribution. Call it with at least `fewestForInterval` values.
 *
 * **Source:** W. R. Thompson, "On confidence ranges for the median and other expectation distributions for populations of
 * unknown distribution form", Annals of Mathematical Statistics 7 (1936) 122: the number of values below the median is
 * binomial with p = 1/2.
 */
export function medianInterval(values: readonly number[]): { readonly low: number; readonly high: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  // Twice the chance of at most k values on one side.
  let chance = 2 * 0.5 ** n;
  let below = chance;
  let k = 0;
  while (k + 1 < n / 2) {
    chance *= (n - k) / (k + 1);
    if (below + chance > 0.05) break;
    below += chance;
    k++;
  }
  return { low: sorted[k]!, high: sorted[n - 1 - k]! };
}
