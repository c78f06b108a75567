// Splits whole numbers by weight, and orders the parts: how many virtual users of each class, and who starts when.

/** Remainders are compared in steps of 1e-9: weights such as 0.1 are not exact, and their ties must be ties. */
const remainderSteps = 1e9;

/**
 * Splits `total` (a whole number >= 0) in proportion to `weights` (>= 0) into whole numbers that add up to it:
 * every part gets its share rounded down, and the rest goes to the largest remainders, of equal ones to the
 * later. 50 by 50/20/25/5 gives 25, 10, 12, 3. Throws a `RangeError` when there is nothing to split by.
 *
 * **Source:** largest-remainder method (Hamilton).
 */
export function allocate(total: number, weights: readonly number[]): number[] {
  if (!Number.isSafeInteger(total) || total < 0) throw new RangeError(`cannot allocate ${total}`);
  if (!weights.every((weight) => Number.isFinite(weight) && weight >= 0)) {
    throw new RangeError(`weights must be finite and not negative: ${weights.join(', ')}`);
  }
  const weightSum = weights.reduce((sum, weight) => sum + weight, 0);
  if (weightSum === 0) {
    if (total === 0) return weights.map(() => 0);
    throw new RangeError(`cannot allocate ${total} without a weight above 0`);
  }
  const shares = weights.map((weight) => total * (weight / weightSum));
  const parts = shares.map((share) => Math.floor(share + 1 / remainderSteps));
  const remainders = shares.map((share, i) => Math.round((share - parts[i]!) * remainderSteps));
  const order = weights
    .map((_, i) => i)
    .filter((i) => weights[i]! > 0)
    .sort((i, k) => remainders[k]! - remainders[i]! || k - i);
  let left = total - parts.reduce((sum, part) => sum + part, 0);
  for (let i = 0; left > 0; i = (i + 1) % order.length, left--) parts[order[i]!]!++;
  // Rounding of very large totals can hand out too much; take it back where the remainder is smallest.
  for (let i = order.length - 1; left < 0; i = (i + order.length - 1) % order.length) {
    if (parts[order[i]!]! === 0) continue;
    parts[order[i]!]!--;
    left++;
  }
  return parts;
}

/**
 * Orders class indices so that every prefix is near its proportional share: after t entries a class with
 * `counts[i]` of n has received t × counts[i] / n entries, give or take less than one. 2/1 gives 0, 1, 0.
 * One entry per unit of `counts` (whole numbers >= 0; at most 65,536 classes). O(n × classes).
 *
 * **Source:** R. Tijdeman, "The chairman assignment problem", Discrete Mathematics 32 (1980): at each step, of
 * the classes that are far enough behind, the one whose deadline comes first. Its bound 1 - 1/(2k - 2) is the
 * best possible for k classes; picking the one farthest behind, as is common, can fall behind by more than one.
 */
export function interleave(counts: readonly number[]): Uint16Array {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const order = new Uint16Array(total);
  const classes = counts.map((_, i) => i).filter((i) => counts[i]! > 0);
  if (classes.length === 1) return order.fill(classes[0]!);
  // All quantities are scaled by total × slack, so that they are whole numbers.
  const slack = 2 * classes.length - 2;
  const given = new Float64Array(counts.length);
  for (let step = 1; step <= total; step++) {
    let chosen = -1;
    let chosenDeadline = Number.POSITIVE_INFINITY;
    for (const i of classes) {
      const behind = (step * counts[i]! - given[i]! * total) * slack;
      if (behind < total) continue;
      const deadline = ((slack - 1) * total - behind) / counts[i]!;
      if (deadline < chosenDeadline) {
        chosen = i;
        chosenDeadline = deadline;
      }
    }
    order[step - 1] = chosen;
    given[chosen]!++;
  }
  return order;
}
