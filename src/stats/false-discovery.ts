// What is left of many small p-values when it is known how many were looked at.

/**
 * The adjusted p-values of a family of tests, in the order given. To call every test with an adjusted p-value of at most q
 * a discovery keeps the expected share of false ones among the discoveries at q; where nothing is to be found, the chance
 * of any discovery is q. An empty list gives an empty list.
 *
 * **Source:** Y. Benjamini and Y. Hochberg, "Controlling the false discovery rate", J. R. Statist. Soc. B 57 (1995) 289;
 * it holds for tests that depend on each other positively, as figures of one run do: Y. Benjamini and D. Yekutieli, Annals
 * of Statistics 29 (2001) 1165.
 */
export function adjustPValues(pValues: readonly number[]): number[] {
  const count = pValues.length;
  const order = pValues.map((_, i) => i).sort((a, b) => pValues[b]! - pValues[a]!);
  const adjusted = new Array<number>(count);
  let least = 1;
  for (const [position, index] of order.entries()) {
    least = Math.min(least, (pValues[index]! * count) / (count - position));
    adjusted[index] = least;
  }
  return adjusted;
}
