// How far the means of two groups of runs lie apart, where the runs themselves show how much runs differ.

import { studentQuantile, studentUpperTail } from './student-t.ts';

export interface MeanDifference {
  /** Mean of the later group less that of the earlier one. */
  readonly difference: number;
  /** Standard error of it. */
  readonly error: number;
  /** Degrees of freedom of the error; infinite where it is known. */
  readonly freedom: number;
}

/** Beyond this the t distribution is the normal one to five digits. */
const mostFreedom = 100_000;

/**
 * The difference of the means of two groups, each of at least one value; `undefined` where neither has two, so that
 * nothing shows how much values differ. Assumed: values of both groups have the same spread.
 *
 * **Source:** Student's two-sample t with pooled variance: W. S. Gosset, Biometrika 6 (1908) 1; R. A. Fisher, Metron 5
 * (1925) 90. Pooled, since groups of two or three runs cannot tell spreads of their own.
 */
export function meanDifference(
  before: readonly number[],
  after: readonly number[],
): MeanDifference | undefined {
  const freedom = before.length + after.length - 2;
  if (before.length === 0 || after.length === 0 || freedom < 1) return undefined;
  const [one, two] = [before, after].map((values) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { mean, squares: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) };
  }) as [{ mean: number; squares: number }, { mean: number; squares: number }];
  const variance = (one.squares + two.squares) / freedom;
  const error = Math.sqrt(variance * (1 / before.length + 1 / after.length));
  return { difference: two.mean - one.mean, error, freedom };
}

/** The interval of a difference at a confidence of 0..1, and the p-value of there being none, two-sided. */
export function differenceInterval(
  { difference, error, freedom }: MeanDifference,
  confidence: number,
): { readonly low: number; readonly high: number; readonly pValue: number } {
  const kept = Math.min(mostFreedom, freedom);
  const reach = studentQuantile((1 + confidence) / 2, kept) * error;
  const isExact = error === 0;
  const pValue = isExact
    ? Number(difference === 0)
    : 2 * studentUpperTail(Math.abs(difference) / error, kept);
  return { low: difference - reach, high: difference + reach, pValue };
}
