// How much the sum of a series over time would vary in another run of the same length, neighbours depending on each other.
// regression/ asks it of the windows of a run.

import { residualAutocorrelation } from './autocorrelation.ts';

/** With fewer readings nothing can be told of how much they depend on each other. */
const fewestBlocks = 4;
/** A block is at most this share of the series. */
const longestShare = 1 / fewestBlocks;
/** The coefficient beyond which an autoregressive series is looked at as well. */
const strongDependence = 0.3;

export interface BlockVariance {
  /** Of the sum of the readings, in the square of their unit. */
  readonly variance: number;
  /** How many degrees of freedom the estimate has, for Student's t. */
  readonly freedom: number;
  /** Readings in a block. */
  readonly blockLength: number;
}

/**
 * The variance of the sum of `values`, evenly spaced in time, by overlapping blocks; `undefined` below 8 readings.
 *
 * It is the variance that the moving-block bootstrap arrives at with endless draws, in closed form, so that no draw of
 * random numbers is needed: H. R. Kunsch, "The jackknife and the bootstrap for general stationary observations", Annals
 * of Statistics 17 (1989) 1217, section 3. It is multiplied by n / (n - b), as for the overlapping batch means of M. S.
 * Meketon and B. Schmeiser, "Overlapping batch means: something for nothing?", Proc. Winter Simulation Conference (1984)
 * 227, who also give the degrees of freedom, 1.5 (n / b - 1). The length of the blocks is E. Carlstein's for an
 * autoregressive series of order 1 (Annals of Statistics 14 (1986) 1171): (√6 a / (1 - a²))^(2/3) n^(1/3), at least
 * n^(1/3), at most n / 4. Where dependence is strong blocks are too short and their variance is too small, so that of such an
 * autoregressive series, n s² (1 + a) / (1 - a), is taken where it is greater. **Assumed:** the readings are alike all along.
 * **Known bias:** what depends on each other over longer than a block, and not as such a series does, makes it too small.
 */
export function blockVariance(values: readonly number[]): BlockVariance | undefined {
  const count = values.length;
  if (count < 2 * fewestBlocks) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const residuals = values.map((value) => value - mean);
  const coefficient = residualAutocorrelation(
    residuals,
    residuals.map((_, i) => i > 0),
  );
  const length = blockLength(count, coefficient);
  let block = residuals.slice(0, length).reduce((sum, value) => sum + value, 0);
  let squares = block * block;
  for (let end = length; end < count; end++) {
    block += residuals[end]! - residuals[end - length]!;
    squares += block * block;
  }
  const blocks = count - length + 1;
  // The mean square of a block's sum is that of `length` readings; the sum is of `count`.
  const ofBlocks = (squares / blocks) * (count / length) * (count / (count - length));
  const single = residuals.reduce((sum, value) => sum + value * value, 0) / (count - 1);
  const ofSeries = (count * single * (1 + coefficient)) / (1 - coefficient);
  const variance = coefficient > strongDependence ? Math.max(ofBlocks, ofSeries) : ofBlocks;
  return { variance, freedom: Math.max(1, 1.5 * (count / length - 1)), blockLength: length };
}

function blockLength(count: number, coefficient: number): number {
  const carlstein = ((Math.sqrt(6) * coefficient) / (1 - coefficient ** 2)) ** (2 / 3);
  const wanted = Math.ceil(Math.max(1, carlstein) * Math.cbrt(count));
  return Math.max(1, Math.min(Math.floor(count * longestShare), wanted));
}
