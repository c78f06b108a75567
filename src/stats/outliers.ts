// Finds single readings that lie far outside of what is usual around them. Used by analysis/series-events.ts.

import { median, medianDeviation, normalMadFactor, sortedQuantile } from './median.ts';
import { studentUpperTail } from './student-t.ts';

/** Below this nothing is looked for. */
const fewestReadings = 20;
/** Readings on either side that say what is usual. */
export const reachReadings = 15;
/** No outlier is nearer, whatever the tails; saves time. */
const leastScore = 3.5;
/** With fewer the lightness of tails cannot be told. */
const readingsToTellTails = 200;
/** More outliers than one reading in so many are the nature of a series. */
const readingsPerOutlier = 100;
/** Neighbours beyond this number are a level, not an outlier: `findChanges` is for them. */
const longestRun = 3;

/**
 * By degrees of freedom of Student's t: the median of absolute values, and their 95 % quantile over it. Below 1 degree,
 * and beyond 8, nothing is told apart: series lie about the far tails by what they show of the near ones.
 */
const tails = [
  { freedom: 1, middle: 1, ratio: 12.706 },
  { freedom: 1.5, middle: 0.8726, ratio: 6.895 },
  { freedom: 2, middle: 0.8165, ratio: 5.27 },
  { freedom: 3, middle: 0.7649, ratio: 4.161 },
  { freedom: 4, middle: 0.7407, ratio: 3.748 },
  { freedom: 5, middle: 0.7267, ratio: 3.537 },
  { freedom: 8, middle: 0.7064, ratio: 3.265 },
] as const;

interface Tail {
  readonly freedom: number;
  readonly middle: number;
}

export interface Outlier {
  readonly index: number;
  readonly value: number;
  /** Median of the readings around it. */
  readonly usual: number;
  /** (value - usual) in robust standard deviations. */
  readonly score: number;
  /** That any reading of the series lies so far out. */
  readonly pValue: number;
}

/**
 * Readings that stand out from the median of the 15 on either side. Of series without any, the share `falseAlarmRatio` at
 * the most is meant to show one, so the threshold grows with the number of readings.
 *
 * The score is the modified z-score: distance from the median in median absolute deviations of the whole series around
 * its running median. Its chance is that of Student's t, times the number of readings, with as many degrees of freedom
 * (1 to 8) as fit how heavy the tails are: the 95 % quantile of distances over their median, of all readings, or of the
 * outlier's side if heavier. With fewer than 200 readings it is that of all, and at most 3 degrees.
 *
 * Where more than half of the readings are equal, the deviation is 0. A scale takes its place that does not flag every
 * change: the mean absolute deviation, at least 1 for whole numbers, at least 1 % of the median for others; a series of
 * fractions around 0 has no such scale, and no outliers. More than 1 outlier in 100 readings (more than 1 in a short
 * series) are how the series is, and none are reported, nor is a run of more than 3.
 *
 * **Source:** running median: F. R. Hampel's filter; modified z-score and its fall-back on the mean deviation: B. Iglewicz
 * and D. Hoaglin, "How to Detect and Handle Outliers" (1993). Their fixed threshold of 3.5 flags something in most series
 * of 600 readings. **Assumed:** the tails go on as they begin.
 */
export function findOutliers(values: readonly number[], falseAlarmRatio: number): Outlier[] {
  if (values.length < fewestReadings) return [];
  const usual = runningMedian(values);
  const distances = values.map((value, i) => value - usual[i]!);
  const scale = scaleOf(values, distances);
  if (scale === undefined) return [];
  // Most series have none.
  if (!distances.some((distance) => Math.abs(distance / scale) >= leastScore)) return [];
  const all = sizesOf(distances, 0);
  const [above, below] = [tailOf(all, distances, 1), tailOf(all, distances, -1)];
  const outliers = distances.flatMap((distance, index): Outlier[] => {
    const score = distance / scale;
    if (Math.abs(score) < leastScore) return [];
    const { freedom, middle } = distance > 0 ? above : below;
    const t = Math.abs(score) * normalMadFactor * middle;
    const pValue = Math.min(1, 2 * values.length * studentUpperTail(t, freedom));
    if (pValue > falseAlarmRatio) return [];
    return [{ index, value: values[index]!, usual: usual[index]!, score, pValue }];
  });
  if (outliers.length > Math.max(1, values.length / readingsPerOutlier)) return [];
  return outliers.filter(({ index }) => runLength(outliers, index) <= longestRun);
}

/** Windows are cut at the ends of the series. One window is kept sorted and moved along. */
function runningMedian(values: readonly number[]): number[] {
  const sorted: number[] = [];
  const placeOf = (value: number): number => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const add = (value: number): unknown => sorted.splice(placeOf(value), 0, value);
  for (const value of values.slice(0, reachReadings)) add(value);
  return values.map((_, i) => {
    if (i + reachReadings < values.length) add(values[i + reachReadings]!);
    if (i > reachReadings) sorted.splice(placeOf(values[i - reachReadings - 1]!), 1);
    return sortedQuantile(sorted, 0.5);
  });
}

/** What counts as one standard deviation; `undefined` when nothing can. */
function scaleOf(values: readonly number[], distances: readonly number[]): number | undefined {
  const deviation = medianDeviation(distances, 0);
  if (deviation > 0) return deviation;
  const mean = distances.reduce((sum, distance) => sum + Math.abs(distance), 0) / distances.length;
  const least = values.every((value) => Number.isInteger(value)) ? 1 : Math.abs(median(values)) / 100;
  // A mean deviation is made that of normal values by sqrt(pi / 2).
  return least === 0 || mean === 0 ? undefined : Math.max(mean * Math.sqrt(Math.PI / 2), least);
}

/** Distances without their signs, ascending: those of one side, or all (0). */
function sizesOf(distances: readonly number[], side: 1 | -1 | 0): Float64Array {
  const sizes = new Float64Array(distances.length);
  let count = 0;
  for (const distance of distances) {
    if (side === 0 || distance * side > 0) sizes[count++] = Math.abs(distance);
  }
  return sizes.subarray(0, count).sort();
}

/** The t distribution whose tails are as heavy as those of the readings, or those on one side. */
function tailOf(all: Float64Array, distances: readonly number[], side: 1 | -1): Tail {
  const ofSide = sizesOf(distances, side);
  const isShort = distances.length < readingsToTellTails;
  const ratio = Math.max(upperRatio(all, isShort ? 0 : 2), isShort ? 0 : upperRatio(ofSide, 0));
  const lightest = isShort ? tails[3] : tails.at(-1)!;
  const lighter = tails.findIndex((entry) => entry.ratio <= ratio);
  if (lighter === 0) return tails[0];
  if (lighter === -1) return lightest;
  const [a, b] = [tails[lighter - 1]!, tails[lighter]!];
  const share = (a.ratio - ratio) / (a.ratio - b.ratio);
  const fitting = {
    freedom: a.freedom + (b.freedom - a.freedom) * share,
    middle: a.middle + (b.middle - a.middle) * share,
  };
  return fitting.freedom > lightest.freedom ? lightest : fitting;
}

/**
 * The 95 % quantile over the median, `errors` standard errors higher than it is. The greatest hundredth, at least one, is
 * left out: an outlier must not hide itself.
 */
function upperRatio(sorted: Float64Array, errors: number): number {
  const kept = sorted.subarray(
    0,
    sorted.length - Math.max(1, Math.round(sorted.length / readingsPerOutlier)),
  );
  const middle = sortedQuantile(kept, 0.5);
  const high = Math.min(1, 0.95 + errors * Math.sqrt((0.95 * 0.05) / Math.max(1, kept.length)));
  return middle > 0 ? sortedQuantile(kept, high) / middle : 0;
}

function runLength(outliers: readonly Outlier[], index: number): number {
  const indexes = new Set(outliers.map((outlier) => outlier.index));
  let [from, until] = [index, index + 1];
  while (indexes.has(from - 1)) from--;
  while (indexes.has(until)) until++;
  return until - from;
}
