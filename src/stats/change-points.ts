// Finds where the level of a series shifts, and tells shifts from a trend. Used by analysis/series-events.ts.

import { findLinks, residualAutocorrelation, robustAutocorrelation } from './autocorrelation.ts';
import { type FindSplit, fewestOnASide, type Split, splitFinder } from './level-split.ts';
import { median, medianDeviation } from './median.ts';
import { type RobustSlope, slopePerReading, type TrendTest, testTrend, theilSen } from './theil-sen.ts';

/** Below this nothing is looked for. */
const fewestReadings = 20;
/** The shortest window that is searched by itself. */
const shortestWindow = 24;
/** A change must be seen in this many readings on either side, */
const nearbyReadings = 8;
/** to at least this share of its whole size: what takes longer is a drift, not a shift. */
const nearbyShare = 0.5;
/** Shift and line are compared over this many readings on either side. */
const comparedReadings = 24;
/** and the shift must leave this share of what the line leaves, since its place was chosen to fit. */
const closerBy = 0.95;
/** Effects are told up to this many sigmas; where there is no noise they have no end. */
const greatestEffect = 1000;
/** Splits behind the residuals of a series whose neighbours are mostly equal. */
const splitsOfResiduals = 3;

export interface ChangePoint {
  /** Of the first reading at the new level. */
  readonly index: number;
  readonly time: number;
  /** Medians of the readings from the change before to this one, and from this one to the next. */
  readonly before: number;
  readonly after: number;
  /** That the part around it is without a change. */
  readonly pValue: number;
  /** (after - before) in robust standard deviations of the readings around their levels; within -1000..1000. */
  readonly effectSigmas: number;
}

export interface SeriesChanges {
  /** Ascending by time. */
  readonly changes: readonly ChangePoint[];
  /** Present when the series has a trend that a straight line tells better than a shift does. */
  readonly trend?: RobustSlope;
  readonly autocorrelation: number;
}

/**
 * Looks for shifts of level in readings at ascending times, gaps allowed, and for a trend. Of series without either, the
 * share `falseAlarmRatio` at the most is meant to show a shift, and another such share a trend.
 *
 * 1. A trend (`testTrend`) is taken off, and reported, when a line is closer to the readings than the best single shift.
 * 2. Each reading is freed of what it has from the one before it, by the lag-1 autocorrelation; after a gap it stands for
 *    itself. What is left is ranked, so its distribution does not matter.
 * 3. Windows of the series (all of it, its halves, quarters, ..., overlapping by half, 24 readings at the least) are
 *    searched for the split with the greatest rank sum (`level-split.ts`). Half of the share goes to the whole series, the
 *    rest to all other windows in equal parts. The clearest split is taken, and both sides are searched in the same way.
 * 4. A split that is not seen in the 8 readings on either side, to half its size, or where a line is closer to the 24
 *    readings on either side, is a drift and passed over.
 *
 * **Source:** rank sums at an unknown split: A. N. Pettitt, Appl. Stat. 28 (1979) 126; windows: S. Kovacs, P. Buhlmann,
 * H. Li and A. Munk, "Seeded binary segmentation", Biometrika 110 (2023) 249; freeing of autocorrelation: Chakar et al.
 * 2017 (see `robustAutocorrelation`). **Measured** rates of false alarms and of detection are in
 * `change-points.test.ts` and docs/how-it-measures.md. **Limits:** a random walk, and slow waves, pass for shifts;
 * changes of spread are not looked for.
 */
export function findChanges(
  times: readonly number[],
  values: readonly number[],
  falseAlarmRatio: number,
): SeriesChanges {
  if (values.length < fewestReadings) return { changes: [], autocorrelation: 0 };
  const linked = findLinks(times);
  const robust = robustAutocorrelation(values, linked);
  const autocorrelation = robust ?? dependenceOfFew(values, linked);
  const test = testTrend(values, autocorrelation);
  const trend =
    test.pValue > falseAlarmRatio
      ? undefined
      : findTrend(times, values, robust === undefined ? undefined : test);
  const level = trend === undefined ? values : values.map((value, i) => value - trend.slope * times[i]!);
  const free = withoutDependence(level, linked, autocorrelation);
  const splits = splitAll(level, splitFinder(free), 0, values.length, falseAlarmRatio).sort(
    (a, b) => a.at - b.at,
  );
  const changes = describe(times, values, level, splits);
  return { changes, ...(trend !== undefined && { trend }), autocorrelation };
}

/** The lag-1 autocorrelation where neighbours are mostly equal: around the medians of up to four parts. */
function dependenceOfFew(values: readonly number[], linked: readonly boolean[]): number {
  const findSplit = splitFinder(values);
  let edges = [0, values.length];
  for (let i = 0; i < splitsOfResiduals; i++) {
    const best = edges
      .slice(1)
      .map((until, part) => findSplit(edges[part]!, until))
      .reduce((a, b) => (b.score > a.score ? b : a));
    if (best.score === 0) break;
    edges = [...edges, best.at].sort((a, b) => a - b);
  }
  return residualAutocorrelation(residualsOf(values, edges), linked);
}

/** What is left of the readings less the median of their part; `edges` starts with 0 and ends with their number. */
function residualsOf(values: readonly number[], edges: readonly number[]): number[] {
  return edges.slice(1).flatMap((until, part) => {
    const readings = values.slice(edges[part]!, until);
    const middle = median(readings);
    return readings.map((value) => value - middle);
  });
}

/** `test` is that of all readings, where their own autocorrelation was told. */
function findTrend(
  times: readonly number[],
  values: readonly number[],
  test: TrendTest | undefined,
): RobustSlope | undefined {
  const line = theilSen(times, values, test);
  const split = splitFinder(values)(0, values.length);
  if (line === undefined || line.slope === 0) return undefined;
  const besideLine = values.map((value, i) => value - line.intercept - line.slope * times[i]!);
  const besideLevels = residualsOf(values, [0, split.at, values.length]);
  return sizeOf(besideLine) <= sizeOf(besideLevels) ? line : undefined;
}

function sizeOf(residuals: readonly number[]): number {
  return residuals.reduce((sum, residual) => sum + Math.abs(residual), 0);
}

/** The part of each reading that the one before it does not explain. */
function withoutDependence(
  values: readonly number[],
  linked: readonly boolean[],
  autocorrelation: number,
): number[] {
  const middle = median(values);
  const alone = Math.sqrt(1 - autocorrelation ** 2);
  return values.map((value, i) =>
    linked[i] === true
      ? value - middle - autocorrelation * (values[i - 1]! - middle)
      : alone * (value - middle),
  );
}

/** The splits of [from, until), in no order. */
function splitAll(
  level: readonly number[],
  findSplit: FindSplit,
  from: number,
  until: number,
  falseAlarmRatio: number,
): Split[] {
  const splits = searchWindows(from, until)
    .map(({ start, end, share }): Split => {
      const split = findSplit(start, end, falseAlarmRatio * share);
      return { ...split, pValue: Math.min(1, split.pValue / share), from: start, until: end };
    })
    .filter(({ pValue }) => pValue <= falseAlarmRatio)
    .sort((a, b) => a.pValue - b.pValue || b.score - a.score);
  const best = splits.find((split) => isAbrupt(level, split));
  if (best === undefined) return [];
  return [
    best,
    ...splitAll(level, findSplit, from, best.at, falseAlarmRatio),
    ...splitAll(level, findSplit, best.at, until, falseAlarmRatio),
  ];
}

interface Window {
  readonly start: number;
  readonly end: number;
  /** Of the false alarms that are allowed. */
  readonly share: number;
}

function searchWindows(from: number, until: number): Window[] {
  const count = until - from;
  if (count < 2 * fewestOnASide) return [];
  const parts: [number, number][] = [];
  for (let length = count / 2; length >= shortestWindow; length /= 2) {
    for (let start = from; start + length <= until + 0.5; start += length / 2) {
      parts.push([Math.round(start), Math.min(until, Math.round(start + length))]);
    }
  }
  const share = parts.length === 0 ? 1 : 0.5;
  return [
    { start: from, end: until, share },
    ...parts.map(([start, end]) => ({ start, end, share: (1 - share) / parts.length })),
  ];
}

/** Whether the level shifts at once: both levels are seen next to the split, and are closer than a line is. */
function isAbrupt(level: readonly number[], { at, from, until }: Split): boolean {
  const whole = median(level.slice(at, until)) - median(level.slice(from, at));
  const near =
    median(level.slice(at, Math.min(until, at + nearbyReadings))) -
    median(level.slice(Math.max(from, at - nearbyReadings), at));
  if (whole === 0 || near / whole < nearbyShare) return false;
  const start = Math.max(from, at - comparedReadings);
  const around = level.slice(start, Math.min(until, at + comparedReadings));
  const slope = slopePerReading(around);
  const flat = around.map((value, i) => value - slope * i);
  const besideLevels = sizeOf(residualsOf(around, [0, at - start, around.length]));
  return besideLevels < closerBy * sizeOf(residualsOf(flat, [0, flat.length]));
}

function describe(
  times: readonly number[],
  values: readonly number[],
  level: readonly number[],
  splits: readonly Split[],
): ChangePoint[] {
  const edges = [0, ...splits.map(({ at }) => at), values.length];
  const residuals = residualsOf(level, edges);
  const mean = sizeOf(residuals) / residuals.length;
  // Half of the readings at their level exactly: their mean deviation, made that of normal values by sqrt(pi / 2).
  const sigma = medianDeviation(residuals, 0) || mean * Math.sqrt(Math.PI / 2);
  return splits.map(({ at, pValue }, i) => {
    const [from, until] = [edges[i]!, edges[i + 2]!];
    const gained = median(level.slice(at, until)) - median(level.slice(from, at));
    const effect = sigma === 0 ? Math.sign(gained) * greatestEffect : gained / sigma;
    return {
      index: at,
      time: times[at]!,
      before: median(values.slice(from, at)),
      after: median(values.slice(at, until)),
      pValue,
      effectSigmas: Math.max(-greatestEffect, Math.min(greatestEffect, effect)),
    };
  });
}
