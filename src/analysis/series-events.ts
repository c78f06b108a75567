// What happened in one series within one steady part: shifts, outliers, a trend. Called by anomalies.ts for each.

import { type ChangePoint, findChanges } from '../stats/change-points.ts';
import { findOutliers, reachReadings } from '../stats/outliers.ts';
import type { Observation, ObservedSeries } from './observed-series.ts';
import type { SteadyPart } from './steady-parts.ts';

/** A part with fewer observations is left alone. */
const fewestObservations = 20;
/** A series that shifts more often within a part is one that does. */
const mostShifts = 5;
/** Shifts smaller than this are nothing to tell, however sure: in robust standard deviations, */
const leastEffect = 2;
/** as a share of the greater level, */
const leastShare = 0.1;
/** or, for ratios, as they stand; */
const leastRatio = 0.02;
/** and trends as a share of the level, over the part. */
const leastTrendShare = 0.05;

/** One series in one part. */
export interface Stretch {
  readonly series: ObservedSeries;
  readonly part: SteadyPart;
  readonly observations: readonly Observation[];
}

export interface SeriesEvent {
  readonly kind: 'shift' | 'outlier';
  readonly series: ObservedSeries;
  readonly atMs: number;
  readonly before: number;
  readonly after: number;
  /** In robust standard deviations, without sign. */
  readonly effect: number;
}

export interface SeriesTrend {
  readonly series: ObservedSeries;
  readonly part: SteadyPart;
  /** Of the line, at both ends of the part. */
  readonly from: number;
  readonly to: number;
  readonly perHour: number;
  /** Ends of the 95 % interval of `perHour`. */
  readonly low: number;
  readonly high: number;
}

/** How many questions are asked of a stretch: shifts, trend, outliers upwards and downwards. */
export const questionsPerStretch = 4;

/** The part of a series that lies in a steady part; `undefined` when it is too short, or all the same. */
export function stretchOf(series: ObservedSeries, part: SteadyPart): Stretch | undefined {
  const observations = series.observations.filter(
    ({ fromMs, untilMs }) => fromMs >= part.fromMs && untilMs <= part.untilMs,
  );
  if (observations.length < fewestObservations) return undefined;
  const [{ value: first } = { value: 0 }] = observations;
  const isConstant = observations.every(
    ({ value, min = value, max = value }) => min === first && max === first,
  );
  return isConstant ? undefined : { series, part, observations };
}

/** `falseAlarmRatio` is that of each question. */
export function eventsOf(
  { series, part, observations }: Stretch,
  falseAlarmRatio: number,
): { events: SeriesEvent[]; trend?: SeriesTrend } {
  const times = observations.map(({ atMs }) => atMs);
  const values = observations.map(({ value }) => value);
  const { changes, trend } = findChanges(times, values, falseAlarmRatio);
  const shifts = changes.length > mostShifts ? [] : changes;
  const events = [
    ...shifts.map(({ time, before, after, effectSigmas }): SeriesEvent => {
      return { kind: 'shift', series, atMs: time, before, after, effect: Math.abs(effectSigmas) };
    }),
    ...outliersOf(series, observations, falseAlarmRatio, changes),
  ].filter((event) => event.effect >= leastEffect && matters(event));
  if (trend === undefined) return { events };
  const [from, to] = [times[0]!, times.at(-1)!].map((atMs) => trend.intercept + trend.slope * atMs) as [
    number,
    number,
  ];
  if (Math.abs(to - from) < leastTrendShare * Math.max(Math.abs(from), Math.abs(to))) return { events };
  const perHour = (slope: number): number => slope * 3_600_000;
  return {
    events,
    trend: {
      series,
      part,
      from,
      to,
      perHour: perHour(trend.slope),
      low: perHour(trend.low),
      high: perHour(trend.high),
    },
  };
}

/**
 * Of the greatest and the least readings where observations are of several. Near a shift there are two levels that are
 * usual, so that readings of either would stand out.
 */
function outliersOf(
  series: ObservedSeries,
  observations: readonly Observation[],
  falseAlarmRatio: number,
  changes: readonly ChangePoint[],
): SeriesEvent[] {
  const isJoined = observations.some(({ min, max }) => min !== undefined || max !== undefined);
  const upper = findOutliers(
    observations.map(({ value, max = value }) => max),
    falseAlarmRatio,
  );
  const lower = isJoined
    ? findOutliers(
        observations.map(({ value, min = value }) => min),
        falseAlarmRatio,
      )
    : upper;
  const isNearShift = (at: number): boolean =>
    changes.some(({ index }) => Math.abs(index - at) <= reachReadings);
  return [...upper.filter(({ score }) => score > 0), ...lower.filter(({ score }) => score < 0)]
    .filter(({ index }) => !isNearShift(index))
    .map(({ index, usual, value, score }): SeriesEvent => {
      const atMs = observations[index]!.atMs;
      return { kind: 'outlier', series, atMs, before: usual, after: value, effect: Math.abs(score) };
    });
}

function matters({ series, before, after }: SeriesEvent): boolean {
  const gained = Math.abs(after - before);
  if (series.unit === 'ratio') return gained >= leastRatio;
  return gained >= leastShare * Math.max(Math.abs(before), Math.abs(after));
}
