// Ranks, and how likely a rank sum is by chance. Used by the search for change points.

import { normalDensity, normalUpperTail } from './normal.ts';

export interface Ranks {
  /** One per value of the window, from 1, and further numbers behind; equal values share the mean of their ranks. */
  readonly ranks: Float64Array;
  /** Variance of the ranks (divided by n - 1), which ties make smaller than n (n + 1) / 12. */
  readonly variance: number;
}

/** Ranks the readings of windows of a series, values[from..until); what one call gives is overwritten by the next. */
export function windowRanks(values: readonly number[]): (from: number, until: number) => Ranks {
  // Many windows are ranked: places are sorted in memory that is there already, and looked up rather than searched for.
  const places = placesOf(values);
  const sorted = new Uint32Array(values.length);
  const shared = new Float64Array(values.length);
  const ranks = new Float64Array(values.length);
  return (from, until) => {
    const count = until - from;
    const window = sorted.subarray(0, count);
    window.set(places.subarray(from, until));
    window.sort();
    let ties = 0;
    for (let start = 0; start < count; ) {
      const place = window[start]!;
      let end = start + 1;
      while (end < count && window[end] === place) end++;
      shared[place] = (start + end + 1) / 2;
      const size = end - start;
      ties += size ** 3 - size;
      start = end;
    }
    for (let i = 0; i < count; i++) ranks[i] = shared[places[from + i]!]!;
    return { ranks, variance: count < 2 ? 0 : (count * (count + 1)) / 12 - ties / (12 * (count - 1)) };
  };
}

/** The place of each value among those that differ, ascending from 0. */
function placesOf(values: readonly number[]): Uint32Array {
  const sorted = new Float64Array(values).sort();
  let different = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (i === 0 || sorted[i] !== sorted[different - 1]) sorted[different++] = sorted[i]!;
  }
  const known = sorted.subarray(0, different);
  const places = new Uint32Array(values.length);
  for (let i = 0; i < places.length; i++) places[i] = firstNotBelow(known, values[i]!);
  return places;
}

/** The index of the first of ascending numbers that is not below a value. */
function firstNotBelow(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The probability that the Mann-Whitney statistic U of samples of n1 and n2 values without ties lies `deviation` or
 * more above its mean n1 n2 / 2, by chance alone; beyond the greatest U, that of the greatest. O(min(n1, n2)).
 *
 * **Source:** generating function of U: Mann and Whitney 1947; saddlepoint approximation of its tail: R. Lugannani
 * and S. Rice, Adv. Appl. Prob. 12 (1980) 475, with the second continuity correction of H. E. Daniels, Int. Stat.
 * Rev. 55 (1987) 37. Against exact counts it errs by a few percent of the tail, where the normal distribution is
 * many times too large (`rank-sum.test.ts`).
 */
export function rankSumTail(n1: number, n2: number, deviation: number): number {
  const small = Math.min(n1, n2);
  const large = Math.max(n1, n2);
  const mean = (n1 * n2) / 2;
  if (mean + deviation >= n1 * n2) return allAboveChance(small, large);
  const target = mean + deviation - 0.5;
  const sd = Math.sqrt((n1 * n2 * (n1 + n2 + 1)) / 12);
  // Close to the mean the formula divides 0 by 0, and the normal distribution is right.
  if (target - mean < 0.5 * sd) return normalUpperTail((target - mean) / sd);
  let low = 1e-9;
  let high = 50;
  for (let i = 0; i < 40; i++) {
    const middle = Math.sqrt(low * high);
    if (slopeAt(small, large, middle) < target) low = middle;
    else high = middle;
  }
  const t = Math.sqrt(low * high);
  const { value, curvature } = cumulants(small, large, t);
  const w = Math.sqrt(2 * (t * target - value));
  const v = 2 * Math.sinh(t / 2) * Math.sqrt(curvature);
  return normalUpperTail(w) + normalDensity(w) * (1 / v - 1 / w);
}

/** The chance that each value of one sample lies above each of the other: 1 / (n1 + n2 choose n1). */
function allAboveChance(small: number, large: number): number {
  let chance = 1;
  for (let i = 1; i <= small; i++) chance *= i / (large + i);
  return chance;
}

/**
 * The probability that of `count` values, `marked` of them marked, a random draw of `drawn` holds `found` or more marked
 * ones (hypergeometric).
 */
export function drawTail(count: number, marked: number, drawn: number, found: number): number {
  const most = Math.min(marked, drawn);
  if (found > most) return 0;
  let sum = 0;
  for (let k = most; k >= Math.max(found, 0); k--) sum += drawChance(count, marked, drawn, k);
  return Math.min(1, sum);
}

function drawChance(count: number, marked: number, drawn: number, k: number): number {
  if (drawn - k > count - marked) return 0;
  return Math.exp(logChoose(marked, k) + logChoose(count - marked, drawn - k) - logChoose(count, drawn));
}

function logChoose(n: number, k: number): number {
  let sum = 0;
  for (let i = 1; i <= Math.min(k, n - k); i++) sum += Math.log((n - Math.min(k, n - k) + i) / i);
  return sum;
}

/** The first derivative of `cumulants` alone, which is asked for many times. */
function slopeAt(small: number, large: number, t: number): number {
  let slope = 0;
  for (let i = 1; i <= small; i++) {
    slope += (large + i) / -Math.expm1(-(large + i) * t) - i / -Math.expm1(-i * t);
  }
  return slope;
}

/** The cumulant generating function of U at t > 0 with its first two derivatives. */
function cumulants(
  small: number,
  large: number,
  t: number,
): { value: number; slope: number; curvature: number } {
  const sum = { value: 0, slope: 0, curvature: 0 };
  // U is distributed as a sum of uniform numbers on 0..large + i - 1, less one on 0..i - 1, for i = 1..small.
  for (let i = 1; i <= small; i++) {
    for (const [size, sign] of [
      [large + i, 1],
      [i, -1],
    ] as const) {
      const x = size * t;
      const rest = Math.exp(-x);
      sum.value += sign * (x + Math.log1p(-rest) - Math.log(size));
      sum.slope += (sign * size) / -Math.expm1(-x);
      sum.curvature -= (sign * size * size * rest) / Math.expm1(-x) ** 2;
    }
  }
  return sum;
}
