// How many times greater one thing is than another, from pairs that were measured at the same time.

import { studentQuantile } from './student-t.ts';

export interface RatioInterval {
  /** Geometric mean of the pairs' ratios. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/** Fewer pairs say nothing about their own spread. */
export const fewestPairs = 5;

/**
 * The ratio of pairs [a, b] (both above 0) with its confidence interval; `undefined` for fewer than `fewestPairs`.
 *
 * The logarithms of the pairs' ratios are averaged, and the interval of their mean is Student's, transformed back.
 * What slows both of a pair alike, such as a busy machine, cancels within the pair. Assumed: the pairs do not depend
 * on each other, and the logarithms lie about symmetrically. Where neighbouring pairs do depend on each other the
 * interval is too narrow.
 *
 * **Source:** paired t interval on the log scale: J. M. Bland and D. G. Altman, "The use of transformation when
 * comparing two means", BMJ 312 (1996) 1153; on averaging ratios geometrically: P. J. Fleming and J. J. Wallace,
 * "How not to lie with statistics", CACM 29 (1986) 218.
 */
export function pairedRatio(
  pairs: readonly (readonly [number, number])[],
  confidence: number,
): RatioInterval | undefined {
  const count = pairs.length;
  if (count < fewestPairs) return undefined;
  const logs = pairs.map(([a, b]) => Math.log(a / b));
  const mean = logs.reduce((sum, log) => sum + log, 0) / count;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (count - 1);
  const reach = studentQuantile((1 + confidence) / 2, count - 1) * Math.sqrt(variance / count);
  return { ratio: Math.exp(mean), low: Math.exp(mean - reach), high: Math.exp(mean + reach) };
}
