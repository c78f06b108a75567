// How far two shares lie apart, such as the shares of requests that failed in two runs.

import { normalUpperQuantile, normalUpperTail } from './normal.ts';

export interface Share {
  /** How many of `of` did; neither need be whole. */
  readonly count: number;
  readonly of: number;
  /** How many times greater the variance is than that of independent trials, at least 1; see `blockVariance`. */
  readonly inflation: number;
}

export interface ShareDifference {
  /** Of the later share over the earlier one: 0.01 is one percentage point more. */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  /** That there is no difference, two-sided: the confidence at which the interval ends at 0 is 1 less this. */
  readonly pValue: number;
}

/**
 * The difference `after` - `before` of two shares of at least one trial each with its interval, which also holds for shares
 * of 0. `confidence` is 0..1.
 *
 * **Source:** R. G. Newcombe, "Interval estimation for the difference between independent proportions", Statistics in
 * Medicine 17 (1998) 873, method 10, from E. B. Wilson's intervals of the single shares (JASA 22 (1927) 209). Trials
 * that depend on each other count as fewer, by the inflation of their variance (L. Kish, "Survey Sampling", 1965, section
 * 8.2). The p-value is the interval turned round, by bisection.
 */
export function shareDifference(before: Share, after: Share, confidence: number): ShareDifference {
  const difference = after.count / after.of - before.count / before.of;
  const { low, high } = interval(before, after, normalUpperQuantile((1 - confidence) / 2));
  return { difference, low, high, pValue: difference === 0 ? 1 : pValueOf(before, after, difference) };
}

function interval(before: Share, after: Share, z: number): { low: number; high: number } {
  const [one, two] = [wilson(before, z), wilson(after, z)];
  const difference = two.share - one.share;
  return {
    low: difference - Math.hypot(two.share - two.low, one.high - one.share),
    high: difference + Math.hypot(two.high - two.share, one.share - one.low),
  };
}

function wilson({ count, of, inflation }: Share, z: number): { share: number; low: number; high: number } {
  const trials = of / Math.max(1, inflation);
  const share = count / of;
  const centre = (share + z ** 2 / (2 * trials)) / (1 + z ** 2 / trials);
  const reach =
    (z / (1 + z ** 2 / trials)) * Math.sqrt((share * (1 - share)) / trials + z ** 2 / (4 * trials ** 2));
  return { share, low: Math.max(0, centre - reach), high: Math.min(1, centre + reach) };
}

function pValueOf(before: Share, after: Share, difference: number): number {
  let [low, high] = [0, 38];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    const ends = interval(before, after, middle);
    if (difference > 0 ? ends.low > 0 : ends.high < 0) low = middle;
    else high = middle;
  }
  return 2 * normalUpperTail(low);
}
