// How exact a quantile of a histogram is, when the share of values below it is known with an error.

import type { Histogram } from './histogram.ts';

/** Fewer values than this beyond a quantile, each standing for itself, and it is not told. */
const fewestBeyond = 10;

/**
 * The standard error of the logarithm of the p-quantile (0 < p < 1), which is its relative error; `undefined` where fewer
 * than 10 independent values lie beyond it, or it is not above 0. `shareError` is the standard error of the share of
 * values below the quantile, which is at least √(p (1 - p) / n), that of n independent values.
 *
 * **Source:** R. S. Woodruff, "Confidence intervals for medians and other position measures", JASA 47 (1952) 635: the
 * interval of the share is read from the distribution as an interval of the quantile, so that no density has to be
 * estimated. Here half the logarithm of the quantiles one error above and below. **Known bias:** the histogram's, 1/128.
 */
export function quantileError(histogram: Histogram, p: number, shareError: number): number | undefined {
  const variance = p * (1 - p);
  const error = Math.max(shareError, Math.sqrt(variance / Math.max(1, histogram.count)));
  const independent = variance / error ** 2;
  if (independent * Math.min(p, 1 - p) < fewestBeyond - 1e-9) return undefined;
  const low = histogram.percentile(100 * (p - error));
  const high = histogram.percentile(100 * (p + error));
  if (low <= 0) return undefined;
  return Math.log(high / low) / 2;
}
