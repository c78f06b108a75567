// How much a reading depends on the one before it, told from differences so that shifts of level and trends do not
// pass for dependence. Used by the tests of series over time.

import { median, sortedQuantile } from './median.ts';

/** The greatest squared differences, this share at least, are left out: those across a shift or to a wild reading. */
const leastTrimmed = 0.1;
/** With fewer differences nothing can be told. */
const fewestDifferences = 8;
/** What is nearer to a random walk has no level to speak of, and is treated as if it were this. */
const greatest = 0.98;

/**
 * The lag-1 autocorrelation of a series, 0 to 0.98; `undefined` when it cannot be told: too few readings, or most of
 * them like the one before. `linked[i]` says whether values[i] directly follows values[i - 1] in time.
 *
 * For an autoregressive series of order 1 with coefficient a, differences at lag h have a variance in proportion to
 * 1 - a^h. So the ratio of the variances at lag 1 and at a far lag (a sixteenth of the series, 3 to 8 readings) tells a.
 * Variances are trimmed, around the median: a trend adds nothing, and a shift touches `far` differences only. To that
 * 2 / n is added, and a negative coefficient is told as 0, to err on the side of silence.
 *
 * **Source:** telling the coefficient from robust scales of differences at two lags: S. Chakar, E. Lebarbier, C.
 * Levy-Leduc and S. Robin, "A robust approach for estimating change-points in the mean of an AR(1) process", Bernoulli
 * 23 (2017) 1408. They use Qn and lags 1 and 2. Qn is 0 for readings that are mostly equal, and a far lag varies half
 * as much and sees slow changes beneath noise. **Assumed:** even times.
 */
export function robustAutocorrelation(
  values: ArrayLike<number>,
  linked: readonly boolean[],
): number | undefined {
  const lag = Math.max(3, Math.min(8, Math.floor(values.length / 16)));
  // A shift of level touches as many differences as the lag is long; in a short series that is more than a tenth.
  const trimmed = Math.max(leastTrimmed, (lag + 0.5) / Math.max(1, values.length - lag));
  const near = differenceVariance(values, linked, 1, trimmed);
  const far = differenceVariance(values, linked, lag, trimmed);
  if (near === undefined || far === undefined || near === 0) return undefined;
  if (far <= near) return 2 / values.length;
  let low = 0;
  let high = greatest;
  for (let i = 0; i < 30; i++) {
    const middle = (low + high) / 2;
    if ((1 - middle) / (1 - middle ** lag) > near / far) low = middle;
    else high = middle;
  }
  return Math.min(greatest, low + 2 / values.length);
}

/** The autocorrelation of residuals around levels that are known, 0 to 0.98; 0 when all are alike. */
export function residualAutocorrelation(residuals: readonly number[], linked: readonly boolean[]): number {
  let products = 0;
  let squares = 0;
  for (const [i, residual] of residuals.entries()) {
    squares += residual * residual;
    if (linked[i] === true) products += residual * residuals[i - 1]!;
  }
  return squares === 0 ? 0 : Math.min(greatest, Math.max(0, products / squares));
}

/** Whether each reading directly follows the one before, with no more than 1.5 of the usual time between them. */
export function findLinks(times: ArrayLike<number>): boolean[] {
  const steps = new Float64Array(Math.max(0, times.length - 1));
  for (let i = 0; i < steps.length; i++) steps[i] = times[i + 1]! - times[i]!;
  const longest = 1.5 * median(steps);
  const links: boolean[] = [];
  for (let i = 0; i < times.length; i++) links.push(i > 0 && steps[i - 1]! <= longest);
  return links;
}

/** Trimmed, around the median; `undefined` of too few. */
function differenceVariance(
  values: ArrayLike<number>,
  linked: readonly boolean[],
  lag: number,
  trimmed: number,
): number | undefined {
  const all = new Float64Array(values.length);
  let [run, count] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    run = linked[i] === true ? run + 1 : 0;
    if (run >= lag) all[count++] = values[i]! - values[i - lag]!;
  }
  if (count < fewestDifferences) return undefined;
  const differences = all.subarray(0, count).sort();
  const centre = sortedQuantile(differences, 0.5);
  const kept = Math.ceil(count * (1 - trimmed));
  // The least squares first: they are those nearest to the centre, on either side.
  let above = differences.findIndex((difference) => difference >= centre);
  let below = above - 1;
  let sum = 0;
  for (let i = 0; i < kept; i++) {
    const under = below < 0 ? Number.POSITIVE_INFINITY : centre - differences[below]!;
    const over = above >= count ? Number.POSITIVE_INFINITY : differences[above]! - centre;
    sum += (under < over ? differences[below--]! - centre : differences[above++]! - centre) ** 2;
  }
  return sum / kept;
}
