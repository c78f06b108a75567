// The trend of a series: whether there is one (Mann and Kendall), and how steep it is (Theil and Sen), with an interval
// that knows of autocorrelation. For soak tests: memory per hour.

import { findLinks, robustAutocorrelation } from './autocorrelation.ts';
import { median } from './median.ts';
import { normalUpperTail } from './normal.ts';

/** Points beyond this number are thinned evenly first: the number of pairs grows with the square. */
const mostPoints = 600;
/** Standard normal quantile for a probability of 0.975. */
const normalQuantile = 1.959_964;

export interface TrendTest {
  /** Kendall's S: pairs that rise less pairs that fall. */
  readonly score: number;
  /** Of S, autocorrelation taken into account. */
  readonly variance: number;
  /** Two-sided. */
  readonly pValue: number;
}

export interface RobustSlope {
  /** Per unit of time. */
  readonly slope: number;
  /** Value at time 0, by the median of the residuals. */
  readonly intercept: number;
  /** Ends of the 95 % confidence interval of `slope`. */
  readonly low: number;
  readonly high: number;
  /** That the series is without a trend, two-sided, by `testTrend`. */
  readonly pValue: number;
  /** What was taken as the autocorrelation at lag 1. */
  readonly autocorrelation: number;
  /** Points used: beyond 600, every second, third, ... */
  readonly points: number;
}

/**
 * Tests a series (times ascending) for a trend, given its lag-1 autocorrelation.
 *
 * **Source:** M. G. Kendall, "Rank Correlation Methods" (1955), with ties in the values; the variance is multiplied as
 * K. H. Hamed and A. R. Rao, J. Hydrology 204 (1998) 182 say, by the rank autocorrelations. Theirs are estimated one by
 * one; here they are those of an autoregressive series of order 1 with the given coefficient, which few points can
 * tell better. O(n^2).
 */
export function testTrend(values: readonly number[], autocorrelation: number): TrendTest {
  const count = values.length;
  let score = 0;
  for (let i = 1; i < count; i++) {
    const value = values[i]!;
    for (let j = 0; j < i; j++) {
      const earlier = values[j]!;
      if (value > earlier) score++;
      else if (value < earlier) score--;
    }
  }
  const variance = scoreVariance(values) * varianceInflation(count, autocorrelation);
  // The score moves in steps of 2, so 1 is taken off for continuity.
  const z = variance === 0 ? 0 : Math.max(0, Math.abs(score) - 1) / Math.sqrt(variance);
  return { score, variance, pValue: Math.min(1, 2 * normalUpperTail(z)) };
}

/**
 * The median of the slopes between all pairs of points (times ascending, any unit); `undefined` below 3 distinct times.
 *
 * **Source:** H. Theil 1950; P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau", JASA 63 (1968)
 * 1379: the interval is between the slopes whose ranks lie 1.96 standard deviations of Kendall's S apart. **Assumed:** a
 * straight line and noise that is alike all along, of any shape; up to 29 % of the points may be wild.
 * **Autocorrelation** leaves the slope right and makes Sen's own interval too narrow: at 0.7 by a factor of 2.4. Here the
 * variance of S is widened for it (`testTrend`), with the coefficient told by `robustAutocorrelation`. For what is nearly
 * a random walk, and for few points, the interval remains too narrow (`theil-sen.test.ts` has the shares).
 */
export function theilSen(times: readonly number[], values: readonly number[]): RobustSlope | undefined {
  const step = Math.ceil(times.length / mostPoints);
  const x = step <= 1 ? times : times.filter((_, i) => i % step === 0);
  const y = step <= 1 ? values : values.filter((_, i) => i % step === 0);
  if (new Set(x).size < 3) return undefined;
  const slopes = slopesOf(x, y);
  const autocorrelation = robustAutocorrelation(y, findLinks(x)) ?? 0;
  const { variance, pValue } = testTrend(y, autocorrelation);
  const pairs = slopes.length;
  const reach = normalQuantile * Math.sqrt(variance);
  const lowRank = Math.max(0, Math.floor((pairs - reach) / 2));
  const highRank = Math.min(pairs - 1, Math.ceil((pairs + reach) / 2));
  const slope = (selectInPlace(slopes, (pairs - 1) >> 1) + selectInPlace(slopes, pairs >> 1)) / 2;
  return {
    slope,
    intercept: median(y.map((value, i) => value - slope * x[i]!)),
    low: selectInPlace(slopes, lowRank),
    high: selectInPlace(slopes, highRank),
    pValue,
    autocorrelation,
    points: x.length,
  };
}

/** The slope alone, per reading, of readings at even times. */
export function slopePerReading(values: readonly number[]): number {
  return median(
    slopesOf(
      values.map((_, i) => i),
      values,
    ),
  );
}

function slopesOf(times: readonly number[], values: readonly number[]): Float64Array {
  const slopes = new Float64Array((times.length * (times.length - 1)) / 2);
  let pairs = 0;
  for (let i = 1; i < times.length; i++) {
    for (let j = 0; j < i; j++) {
      const span = times[i]! - times[j]!;
      if (span !== 0) slopes[pairs++] = (values[i]! - values[j]!) / span;
    }
  }
  return slopes.subarray(0, pairs);
}

/** The variance of S with ties and without autocorrelation: n (n - 1) (2n + 5) / 18, less the same of each tied group. */
function scoreVariance(values: readonly number[]): number {
  const groups = new Map<number, number>();
  for (const value of values) groups.set(value, (groups.get(value) ?? 0) + 1);
  const term = (size: number): number => (size * (size - 1) * (2 * size + 5)) / 18;
  let variance = term(values.length);
  for (const size of groups.values()) variance -= term(size);
  return variance;
}

/** Hamed and Rao's n / n*. Rank autocorrelation of normal values: 6/π asin(ρ/2). */
function varianceInflation(count: number, autocorrelation: number): number {
  if (count < 3) return 1;
  let sum = 0;
  let power = 1;
  for (let lag = 1; lag < count - 2; lag++) {
    power *= autocorrelation;
    if (power < 1e-6) break;
    const weight = (count - lag) * (count - lag - 1) * (count - lag - 2);
    sum += weight * (6 / Math.PI) * Math.asin(power / 2);
  }
  return 1 + (2 * sum) / (count * (count - 1) * (count - 2));
}

/** The value that would stand at `index` were `numbers` sorted; reorders them. Hoare's quickselect. */
function selectInPlace(numbers: Float64Array, index: number): number {
  let left = 0;
  let right = numbers.length - 1;
  while (left < right) {
    const pivot = numbers[(left + right) >> 1]!;
    let i = left;
    let j = right;
    while (i <= j) {
      while (numbers[i]! < pivot) i++;
      while (numbers[j]! > pivot) j--;
      if (i > j) break;
      const held = numbers[i]!;
      numbers[i++] = numbers[j]!;
      numbers[j--] = held;
    }
    if (index <= j) right = j;
    else if (index >= i) left = i;
    else break;
  }
  return numbers[index]!;
}
