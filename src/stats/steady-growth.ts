// Tells growth that goes on from growth that is over, and both from a level that wanders. Used by analysis/drift.ts.

import { studentUpperTail } from './student-t.ts';
import { type RobustSlope, theilSen } from './theil-sen.ts';

/** Below this nothing is looked for. */
export const fewestForGrowth = 30;
/** The series is cut into so many blocks, whose means are compared one with the next. */
const blockCount = 8;
/** Of random walks without a drift, this share at the most is meant to pass the second test. */
const walkShare = 0.005;
/** Growth is steady when its second half is at least this steep, as a share of its first, */
const steadyShare = 0.6;
/** and over when it is at most this steep. */
const overShare = 0.25;

export interface Growth {
  /** Of the whole series. */
  readonly line: RobustSlope;
  /** Of its second half. */
  readonly later: RobustSlope;
  /**
   * `steady`: the second half grows like the first. `slowing`: less, but it grows. `over`: it no longer does, as a cache
   * that is full.
   */
  readonly course: 'steady' | 'slowing' | 'over';
}

/**
 * Growth of readings at ascending times, or `undefined` when it is not proven, or there are fewer than 30 readings. Of
 * series without growth the share `falseAlarmRatio` at the most is meant to show some.
 *
 * Two tests must agree, since each is wrong where the other is right:
 *
 * 1. Mann and Kendall's test, with autocorrelation (`theilSen`). It passes a random walk for a trend, and a single step.
 * 2. The means of 8 blocks of equal length: the mean of their 7 gains is above 0 by Student's t, one-sided. The gains of
 *    a random walk are independent, so that it passes for what it is; of a single step, one gain is all there is.
 *
 * The course compares the robust slope of the second half with that of the first. What fills up with a time constant as
 * long as the series has 0.61 of the slope left, and cannot be told from what grows for ever.
 *
 * **Measured** rates are in `steady-growth.test.ts` and docs/how-it-measures.md.
 */
export function findGrowth(
  times: readonly number[],
  values: readonly number[],
  falseAlarmRatio: number,
): Growth | undefined {
  if (values.length < fewestForGrowth || gainsTail(values) > walkShare) return undefined;
  const line = theilSen(times, values);
  // Two-sided, but only one side is growth.
  if (line === undefined || line.slope <= 0 || line.pValue / 2 > falseAlarmRatio) return undefined;
  const middle = values.length >> 1;
  const earlier = theilSen(times.slice(0, middle), values.slice(0, middle));
  const later = theilSen(times.slice(middle), values.slice(middle));
  if (earlier === undefined || later === undefined) return undefined;
  return { line, later, course: courseOf(earlier, later) };
}

function courseOf(earlier: RobustSlope, later: RobustSlope): Growth['course'] {
  if (later.low <= 0 || later.slope <= overShare * earlier.slope) return 'over';
  return later.slope >= steadyShare * earlier.slope ? 'steady' : 'slowing';
}

/** The probability that the block means gain as much as they do, or more, by chance; 0 when all gain alike. */
function gainsTail(values: readonly number[]): number {
  const means = Array.from({ length: blockCount }, (_, i) => {
    const from = Math.round((i * values.length) / blockCount);
    const until = Math.round(((i + 1) * values.length) / blockCount);
    return values.slice(from, until).reduce((sum, value) => sum + value, 0) / (until - from);
  });
  const gains = means.slice(1).map((mean, i) => mean - means[i]!);
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
  if (mean <= 0) return 1;
  const variance = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / (gains.length - 1);
  return variance === 0 ? 0 : studentUpperTail(mean / Math.sqrt(variance / gains.length), gains.length - 1);
}
