// How well one series over time goes along with another that follows it, with an honest answer to whether that may be
// chance. Used by the ranking of bottlenecks.

import { residualAutocorrelation } from './autocorrelation.ts';
import { windowRanks } from './rank-sum.ts';
import { studentUpperTail } from './student-t.ts';

/** With fewer pairs no correlation is worth anything. */
const fewestPairs = 8;
/** What depends on its neighbours says less than so many independent pairs would: below this nothing is said. */
const fewestIndependent = 4;

export interface LaggedCorrelation {
  /** Spearman's rank correlation at the best lag, -1 to 1. */
  readonly rho: number;
  /** Positions by which the second series follows the first, 0 or more. */
  readonly lag: number;
  readonly pairs: number;
  /** How many independent pairs would say as much. */
  readonly effectivePairs: number;
  /** Chance of a correlation as great at any of the lags, of series that do not depend on each other; one-sided, 0..1. */
  readonly pValue: number;
}

/**
 * Spearman's correlation of `first[i]` with `second[i + lag]`, for each lag from 0 to `mostLag`; that with the least
 * p-value is returned, and the p-value is multiplied by the number of lags tried (Bonferroni). `undefined` when there are
 * fewer than 8 pairs, when either series does not vary, or when fewer than 4 independent pairs are left. `null` is a
 * missing value; pairs with one are left out.
 *
 * Series over time depend on themselves, and two that merely rise together correlate by nature. So the number of pairs n
 * is reduced to n (1 - ab) / (1 + ab), a and b being the lag-1 autocorrelations of the ranks: two ramps leave nearly
 * nothing of it.
 *
 * **Source:** G. V. Bayley and J. M. Hammersley, "The effective number of independent observations in an autocorrelated
 * time series", J. R. Statist. Soc. Supplement 8 (1946) 184, for autocorrelations that fall geometrically; test by
 * Student's t with n - 2 degrees of freedom (M. G. Kendall, "Rank Correlation Methods", 1948). **Assumed:** even times.
 */
export function laggedCorrelation(
  first: readonly (number | null)[],
  second: readonly (number | null)[],
  mostLag: number,
): LaggedCorrelation | undefined {
  const tried: LaggedCorrelation[] = [];
  for (let lag = 0; lag <= mostLag; lag++) {
    const one = correlationAt(first, second, lag);
    if (one !== undefined) tried.push(one);
  }
  if (tried.length === 0) return undefined;
  const best = tried.reduce((a, b) => (b.pValue < a.pValue ? b : a));
  return { ...best, pValue: Math.min(1, best.pValue * tried.length) };
}

function correlationAt(
  first: readonly (number | null)[],
  second: readonly (number | null)[],
  lag: number,
): LaggedCorrelation | undefined {
  const pairs: { x: number; y: number; at: number }[] = [];
  for (let i = 0; i < first.length; i++) {
    const [x, y] = [first[i], second[i + lag]];
    if (typeof x !== 'number' || typeof y !== 'number') continue;
    if (Number.isFinite(x) && Number.isFinite(y)) pairs.push({ x, y, at: i });
  }
  if (pairs.length < fewestPairs) return undefined;
  const xs = centredRanks(pairs.map(({ x }) => x));
  const ys = centredRanks(pairs.map(({ y }) => y));
  const rho = correlation(xs, ys);
  if (rho === undefined) return undefined;
  const linked = pairs.map(({ at }, i) => i > 0 && at - pairs[i - 1]!.at === 1);
  const shared = residualAutocorrelation(xs, linked) * residualAutocorrelation(ys, linked);
  const effectivePairs = (pairs.length * (1 - shared)) / (1 + shared);
  if (effectivePairs < fewestIndependent) return undefined;
  return { rho, lag, pairs: pairs.length, effectivePairs, pValue: upperTail(rho, effectivePairs) };
}

/** P of a correlation of `rho` or more among `count` independent pairs. */
function upperTail(rho: number, count: number): number {
  if (rho <= 0) return 1;
  if (rho >= 1) return 0;
  const freedom = count - 2;
  return studentUpperTail(rho * Math.sqrt(freedom / (1 - rho * rho)), freedom);
}

/** Ranks less their mean, equal values sharing the mean of theirs; in the order given. */
function centredRanks(values: readonly number[]): number[] {
  const middle = (values.length + 1) / 2;
  const { ranks } = windowRanks(values)(0, values.length);
  return values.map((_, i) => ranks[i]! - middle);
}

function correlation(xs: readonly number[], ys: readonly number[]): number | undefined {
  let [xx, yy, xy] = [0, 0, 0];
  for (const [i, x] of xs.entries()) {
    const y = ys[i]!;
    xx += x * x;
    yy += y * y;
    xy += x * y;
  }
  return xx === 0 || yy === 0 ? undefined : xy / Math.sqrt(xx * yy);
}

/** Spearman's correlation of values with their order, -1 to 1: 1 for what only rises; 0 when they are all alike. */
export function monotony(values: readonly number[]): number {
  return (
    correlation(
      centredRanks(values),
      values.map((_, i) => i - (values.length - 1) / 2),
    ) ?? 0
  );
}
