// Tells chance from deviation: whether counts fit the shares they were drawn by.

/** Standard normal quantile for a probability of 0.999. */
const normalQuantile = 3.0902;
/** Categories that are expected to be rarer are counted together, as the approximation needs. */
const leastExpected = 5;

/**
 * Whether counts differ from what drawing by `shares` (adding up to 1, one per count) would give, more than
 * chance explains once in a thousand. False when there are too few counts to tell.
 *
 * **Source:** Pearson's chi-square goodness-of-fit test; critical value by Wilson and Hilferty (1931), which is
 * up to 3 % too high for few categories, so the test errs on the side of silence.
 */
export function deviates(counts: readonly number[], shares: readonly number[]): boolean {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const categories: { count: number; expected: number }[] = [];
  const rare = { count: 0, expected: 0 };
  for (const [i, count] of counts.entries()) {
    const expected = total * shares[i]!;
    if (expected >= leastExpected) {
      categories.push({ count, expected });
    } else {
      rare.count += count;
      rare.expected += expected;
    }
  }
  if (rare.expected >= leastExpected) categories.push(rare);
  if (categories.length < 2) return false;
  let chiSquare = 0;
  for (const { count, expected } of categories) chiSquare += (count - expected) ** 2 / expected;
  const freedom = 2 / (9 * (categories.length - 1));
  return chiSquare > (categories.length - 1) * (1 - freedom + normalQuantile * Math.sqrt(freedom)) ** 3;
}
