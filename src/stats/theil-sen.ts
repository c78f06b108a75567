// The trend of a series: whether there is one (Mann and Kendall), and how steep it is (Theil and Sen), with an interval
// that knows of autocorrelation. For soak tests: memory per hour.

import { findLinks, robustAutocorrelation } from './autocorrelation.ts';
import { median } from './median.ts';
import { normalUpperTail } from './normal.ts';
import { selectInPlace } from './select.ts';

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
  /** As given. */
  readonly autocorrelation: number;
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
 * tell better. O(n log n).
 */
export function testTrend(values: ArrayLike<number>, autocorrelation: number): TrendTest {
  const count = values.length;
  const score = kendallScore(values);
  const variance = scoreVariance(values) * varianceInflation(count, autocorrelation);
  // The score moves in steps of 2, so 1 is taken off for continuity.
  const z = variance === 0 ? 0 : Math.max(0, Math.abs(score) - 1) / Math.sqrt(variance);
  return { score, variance, pValue: Math.min(1, 2 * normalUpperTail(z)), autocorrelation };
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
 *
 * `known` is `testTrend` of all points by that coefficient, for callers that have it already.
 */
export function theilSen(
  times: readonly number[],
  values: readonly number[],
  known?: TrendTest,
): RobustSlope | undefined {
  const step = Math.ceil(times.length / mostPoints);
  const x = new Float64Array(step <= 1 ? times : times.filter((_, i) => i % step === 0));
  const y = new Float64Array(step <= 1 ? values : values.filter((_, i) => i % step === 0));
  if (new Set(x).size < 3) return undefined;
  const { variance, pValue, autocorrelation } =
    known !== undefined && step <= 1 ? known : testTrend(y, robustAutocorrelation(y, findLinks(x)) ?? 0);
  const pairs = pairCount(x);
  const reach = normalQuantile * Math.sqrt(variance);
  const lowRank = Math.max(0, Math.floor((pairs - reach) / 2));
  const highRank = Math.min(pairs - 1, Math.ceil((pairs + reach) / 2));
  const { slopes, before } = slopesBetween(x, y, lowRank, highRank, pairs);
  // What was selected parts the slopes, so that lower ranks are sought below the middle, and higher ones above.
  const [below, above] = [((pairs - 1) >> 1) - before, (pairs >> 1) - before];
  const last = slopes.length - 1;
  const middle = selectInPlace(slopes, below, 0, last);
  const slope = (middle + (above === below ? middle : selectInPlace(slopes, above, below + 1, last))) / 2;
  return {
    slope,
    intercept: median(y.map((value, i) => value - slope * x[i]!)),
    low: selectInPlace(slopes, lowRank - before, 0, below),
    high: selectInPlace(slopes, highRank - before, above, last),
    pValue,
    autocorrelation,
    points: x.length,
  };
}

/** The slope alone, per reading, of readings at even times. */
export function slopePerReading(values: readonly number[]): number {
  return median(slopesOf(new Float64Array(values.map((_, i) => i)), new Float64Array(values)));
}

function slopesOf(times: Float64Array, values: Float64Array): Float64Array {
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

/** Pairs of points at different times (ascending). */
function pairCount(times: Float64Array): number {
  let [together, run] = [0, 0];
  for (let i = 1; i < times.length; i++) {
    run = times[i] === times[i - 1] ? run + 1 : 0;
    together += run;
  }
  return (times.length * (times.length - 1)) / 2 - together;
}

/** Of fewer points all slopes are made. */
const fewestToSample = 150;
const sampledSlopes = 2000;
const goldenRatio = (1 + Math.sqrt(5)) / 2;
/** Standard errors of a sample's quantiles that are left as a margin. */
const sampleMargin = 4;

/**
 * Slopes among which those of all ranks from `lowRank` to `highRank` are, in no order, and how many lower ones are left out. Of
 * many points most slopes lie outside: a sample says where, and those are counted and not kept.
 */
function slopesBetween(
  times: Float64Array,
  values: Float64Array,
  lowRank: number,
  highRank: number,
  pairs: number,
): { readonly slopes: Float64Array; readonly before: number } {
  const all = () => ({ slopes: slopesOf(times, values), before: 0 });
  if (times.length < fewestToSample) return all();
  const every = (times.length * (times.length - 1)) / 2;
  const sample = new Float64Array(sampledSlopes);
  let drawn = 0;
  for (let k = 0; k < sampledSlopes; k++) {
    // Every pair is as likely as any other: multiples of the golden ratio lie evenly, and without a pattern.
    const pair = Math.floor(((k * goldenRatio) % 1) * every);
    const i = Math.floor((1 + Math.sqrt(1 + 8 * pair)) / 2);
    const j = pair - (i * (i - 1)) / 2;
    const span = times[i]! - times[j]!;
    if (span !== 0) sample[drawn++] = (values[i]! - values[j]!) / span;
  }
  const sorted = sample.subarray(0, drawn).sort();
  const margin = sampleMargin * Math.sqrt(0.25 * drawn);
  const first = Math.max(0, Math.floor((lowRank / pairs) * drawn - margin));
  const last = Math.min(drawn - 1, Math.ceil((highRank / pairs) * drawn + margin));
  const [from, until] = [sorted[first] ?? Number.NaN, sorted[last] ?? Number.NaN];
  // As many as the sample says, and a margin; of a series with many equal slopes there may be more.
  const kept = new Float64Array(Math.min(pairs, Math.ceil((pairs * (last - first + margin)) / drawn)));
  let [before, count] = [0, 0];
  for (let i = 1; i < times.length; i++) {
    const [time, value] = [times[i]!, values[i]!];
    for (let j = 0; j < i; j++) {
      const span = time - times[j]!;
      if (span === 0) continue;
      // Slopes that are not kept need no division, and one comparison is easier to foretell than two.
      const gained = value - values[j]!;
      const above = gained - from * span;
      if (above * (until * span - gained) >= 0) kept[count++] = gained / span;
      else if (above < 0) before++;
    }
    if (count > kept.length) return all();
  }
  return before <= lowRank && before + count > highRank ? { slopes: kept.subarray(0, count), before } : all();
}

/** The variance of S with ties and without autocorrelation: n (n - 1) (2n + 5) / 18, less the same of each tied group. */
function scoreVariance(values: ArrayLike<number>): number {
  const groups = new Map<number, number>();
  for (let i = 0; i < values.length; i++) groups.set(values[i]!, (groups.get(values[i]!) ?? 0) + 1);
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

/** Pairs that rise less pairs that fall, by a merge sort that counts the pairs out of order. */
function kendallScore(values: ArrayLike<number>): number {
  const count = values.length;
  const sorted = new Float64Array(values);
  const merged = new Float64Array(count);
  let falling = 0;
  for (let width = 1; width < count; width *= 2) {
    for (let from = 0; from < count; from += 2 * width) {
      const middle = Math.min(count, from + width);
      const until = Math.min(count, from + 2 * width);
      let [left, right] = [from, middle];
      for (let at = from; at < until; at++) {
        if (left < middle && (right >= until || sorted[left]! <= sorted[right]!)) {
          merged[at] = sorted[left++]!;
        } else {
          falling += middle - left;
          merged[at] = sorted[right++]!;
        }
      }
    }
    sorted.set(merged);
  }
  let [tied, run] = [0, 0];
  for (let i = 1; i < count; i++) {
    run = sorted[i] === sorted[i - 1] ? run + 1 : 0;
    tied += run;
  }
  return (count * (count - 1)) / 2 - tied - 2 * falling;
}
