// Finds where the level of a series of runs shifts, by energy distances and permutations (E-divisive). Called by
// regression/history.ts; series of many readings with dependence between neighbours are change-points.ts's.

import { createRandom } from './random.ts';

export interface DivisiveOptions {
  /** The largest p-value of a change. */
  readonly significance: number;
  /** Permutations for each test; the least p-value is 1 / (permutations + 1). */
  readonly permutations: number;
  /** The fewest readings on either side of a change; 1 finds lone outliers, too. */
  readonly fewest: number;
  readonly seed: number;
  /** A change of the means by less than this share of the smaller of both is merged away; 0 for none. */
  readonly leastShare: number;
}

export interface DivisiveChange {
  /** Of the first reading at the new level. */
  readonly index: number;
  readonly pValue: number;
}

interface Candidate {
  readonly index: number;
  readonly score: number;
}

/**
 * The changes of a series, ascending by index; none for fewer than two parts of `fewest` readings.
 *
 * The split with the greatest scaled energy distance between what stands before it and what follows is tested: the readings
 * are shuffled within each part found so far, and the p-value is the share of shuffles with a split at least as great, both
 * counted with the series itself: (extreme + 1) / (permutations + 1). The first split that is not significant ends the
 * search. What is then less than `leastShare` apart is merged, the closest pair first. O(permutations n^2) for each change.
 *
 * **Source:** D. S. Matteson and N. A. James, "A Nonparametric Approach for Multiple Change Point Analysis of Multivariate
 * Data", JASA 109 (2014) 334, with exponent 1; the merging by size: Fleming et al., "Hunter: Using Change Point Detection to
 * Hunt for Performance Regressions", ICPE 2023, which Apache Otava is. **Assumed:** readings that do not depend on each
 * other: a random walk passes for shifts.
 */
export function divisiveChanges(values: readonly number[], options: DivisiveOptions): DivisiveChange[] {
  const { significance, permutations, fewest, seed } = options;
  const random = createRandom(seed, 'e-divisive');
  let edges = [0, values.length];
  const found: DivisiveChange[] = [];
  for (;;) {
    const best = bestOfParts(values, edges, fewest);
    if (best === undefined) break;
    const shuffled = [...values];
    let extreme = 0;
    for (let i = 0; i < permutations; i++) {
      shuffleParts(shuffled, edges, random);
      const other = bestOfParts(shuffled, edges, fewest);
      if (other !== undefined && other.score >= best.score) extreme++;
      // More would not make it significant any more.
      if ((extreme + 1) / (permutations + 1) > significance) break;
    }
    const pValue = (extreme + 1) / (permutations + 1);
    if (pValue > significance) break;
    found.push({ index: best.index, pValue });
    edges = [...edges, best.index].sort((a, b) => a - b);
  }
  return mergeSmall(
    values,
    found.sort((a, b) => a.index - b.index),
    options.leastShare,
  );
}

function bestOfParts(
  values: readonly number[],
  edges: readonly number[],
  fewest: number,
): Candidate | undefined {
  let best: Candidate | undefined;
  for (let i = 1; i < edges.length; i++) {
    const one = bestSplit(values, edges[i - 1]!, edges[i]!, fewest);
    if (one !== undefined && (best === undefined || one.score > best.score)) best = one;
  }
  return best;
}

/** The greatest energy distance between [start, t) and [t, end of a right part), over all t and all ends. */
function bestSplit(
  values: readonly number[],
  start: number,
  end: number,
  fewest: number,
): Candidate | undefined {
  const count = end - start;
  if (count < 2 * fewest) return undefined;
  // Sums of the distances between all pairs of the first k readings.
  const left = new Float64Array(count + 1);
  for (let k = 1; k < count; k++) {
    let sum = 0;
    for (let i = 0; i < k; i++) sum += Math.abs(values[start + i]! - values[start + k]!);
    left[k + 1] = left[k]! + sum;
  }
  // right[t]: the same of the readings from t up to the end of the right part, which moves on.
  const right = new Float64Array(count + 1);
  let [index, score] = [0, Number.NEGATIVE_INFINITY];
  for (let until = 2; until <= count; until++) {
    const last = values[start + until - 1]!;
    let sum = 0;
    for (let t = until - 2; t >= 0; t--) {
      sum += Math.abs(values[start + t]! - last);
      right[t]! += sum;
      const [n, m] = [t, until - t];
      if (n < fewest || m < fewest) continue;
      const between = left[until]! - left[t]! - right[t]!;
      const within = (n > 1 ? (m * left[t]!) / (n - 1) : 0) + (m > 1 ? (n * right[t]!) / (m - 1) : 0);
      const value = (2 / (n + m)) * (between - within);
      if (value > score) [index, score] = [start + t, value];
    }
  }
  return Number.isFinite(score) ? { index, score } : undefined;
}

/** Fisher and Yates, within each part. */
function shuffleParts(values: number[], edges: readonly number[], random: () => number): void {
  for (let part = 1; part < edges.length; part++) {
    const start = edges[part - 1]!;
    for (let i = edges[part]! - 1; i > start; i--) {
      const j = start + Math.floor(random() * (i - start + 1));
      [values[i], values[j]] = [values[j]!, values[i]!];
    }
  }
}

function mergeSmall(
  values: readonly number[],
  changes: readonly DivisiveChange[],
  leastShare: number,
): DivisiveChange[] {
  const kept = [...changes];
  while (kept.length > 0) {
    const edges = [0, ...kept.map(({ index }) => index), values.length];
    const means = edges.slice(1).map((edge, i) => meanOf(values.slice(edges[i], edge)));
    const sizes = kept.map((_, i) => shareBetween(means[i]!, means[i + 1]!));
    const least = Math.min(...sizes);
    if (least >= leastShare) break;
    kept.splice(sizes.indexOf(least), 1);
  }
  return kept;
}

function shareBetween(one: number, other: number): number {
  const smaller = Math.min(Math.abs(one), Math.abs(other));
  return smaller === 0 ? (one === other ? 0 : Number.POSITIVE_INFINITY) : Math.abs(one - other) / smaller;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
