// How well the series of a sign explains response times: rank correlation at the lag that fits best. Called by rank.ts.

import { type LaggedCorrelation, laggedCorrelation } from '../../stats/lagged-correlation.ts';
import type { ObservedSeries } from '../observed-series.ts';
import { meanTime } from './load-figures.ts';
import type { Scene } from './scene.ts';

/** Response times are told when operations end, so they follow what made them slow: by so many readings, at the most. */
const mostLag = 3;
const mostLagMs = 30_000;

export interface Explanation extends LaggedCorrelation {
  readonly lagMs: number;
}

/**
 * The correlation of a series with the mean response time of the intervals that end with each reading, from lag 0 to three
 * readings (30 s at the most); `falls` turns the series round. `undefined` when it cannot be told.
 */
export function explain(scene: Scene, series: ObservedSeries, falls: boolean): Explanation | undefined {
  const { measured, condition } = scene;
  const { kind, load } = condition;
  const { observations, intervalMs } = series;
  if (kind === undefined || intervalMs <= 0) return undefined;
  const within = observations.filter(
    ({ atMs }) => atMs > load.fromMs && atMs <= load.untilMs + intervalMs / 2,
  );
  const first = within[0]?.atMs;
  if (first === undefined) return undefined;
  // Readings stand on an even grid, so that a gap is missing values and no step.
  const slots = Math.round((within.at(-1)!.atMs - first) / intervalMs) + 1;
  const values = new Array<number | null>(slots).fill(null);
  for (const { atMs, value } of within)
    values[Math.round((atMs - first) / intervalMs)] = falls ? -value : value;
  // Windows ascend, and so do the slots.
  const middles = measured.timeline.map(({ startAtMs, endAtMs }) => (startAtMs + endAtMs) / 2);
  let next = 0;
  const times = values.map((_, slot) => {
    const untilMs = first + slot * intervalMs;
    while (next < middles.length && middles[next]! <= untilMs - intervalMs) next++;
    const from = next;
    while (next < middles.length && middles[next]! <= untilMs) next++;
    const { meanMs, count } = meanTime(measured.timeline.slice(from, next), kind.duration);
    return count === 0 ? null : meanMs;
  });
  const found = laggedCorrelation(values, times, Math.min(mostLag, Math.floor(mostLagMs / intervalMs)));
  return found && { ...found, lagMs: found.lag * intervalMs };
}
