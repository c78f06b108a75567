// How much memory and response times changed within a steady load: last part against first, per test, hour and day. Read by
// report/view/change.ts; drift.ts says whether growth is proven.

import type { Measurements } from '../model/run-record.ts';
import { median } from '../stats/median.ts';
import { theilSen } from '../stats/theil-sen.ts';
import { isMemory } from './drift.ts';
import { type ObservedSeries, observedSeries } from './observed-series.ts';
import { findSteadyParts, type SteadyPart } from './steady-parts.ts';

/** Of the steady part, the first and the last fifth are compared; */
const comparedShare = 0.2;
/** with fewer readings, or in a shorter part, nothing is said. */
const fewestReadings = 10;
const leastPartMs = 60_000;
/** What a shorter part gains by the hour is a guess; it warms up. */
const leastForRateMs = 600_000;
const msPerHour = 3_600_000;
const hoursPerDay = 24;

export interface Change {
  readonly name: string;
  readonly title: string;
  readonly unit: ObservedSeries['unit'];
  readonly part: SteadyPart;
  /** Medians of the first and the last fifth. */
  readonly first: number;
  readonly last: number;
  /** `last` against `first`; `null` where the first is 0. */
  readonly ratio: number | null;
  /** Robust slope (Theil and Sen) of the part; `null` where it lasts less than ten minutes. */
  readonly perHour: number | null;
  readonly perDay: number | null;
}

/**
 * Of the longest steady part: the memory that monitors read, then the 95th percentiles of response times. Empty where
 * the part lasts less than a minute. A figure with fewer than 10 readings in it is left out.
 */
export function findChanges(measured: Measurements): Change[] {
  const part = findSteadyParts(measured).reduce<SteadyPart | undefined>(
    (longest, one) => (longest === undefined || lengthOf(one) > lengthOf(longest) ? one : longest),
    undefined,
  );
  if (part === undefined || lengthOf(part) < leastPartMs) return [];
  const all = observedSeries(measured);
  const wanted = [
    ...all.filter(isMemory),
    ...all.filter(({ name, unit }) => unit === 'ms' && name.startsWith('p(95) of ')),
  ];
  return wanted.flatMap((series) => changeOf(series, part) ?? []);
}

function lengthOf({ fromMs, untilMs }: SteadyPart): number {
  return untilMs - fromMs;
}

function changeOf({ name, title, unit, observations }: ObservedSeries, part: SteadyPart): Change | undefined {
  const within = observations.filter(
    ({ fromMs, untilMs }) => fromMs >= part.fromMs && untilMs <= part.untilMs,
  );
  if (within.length < fewestReadings) return undefined;
  const count = Math.max(1, Math.floor(comparedShare * within.length));
  const values = within.map(({ value }) => value);
  const first = median(values.slice(0, count));
  const last = median(values.slice(-count));
  const slope =
    lengthOf(part) < leastForRateMs
      ? undefined
      : theilSen(
          within.map(({ atMs }) => atMs),
          values,
        )?.slope;
  const perHour = slope === undefined ? null : slope * msPerHour;
  return {
    ...{ name, title, unit, part, first, last },
    ratio: first > 0 ? last / first - 1 : null,
    perHour,
    perDay: perHour === null ? null : perHour * hoursPerDay,
  };
}
