// All series of a record with the parts of steady load, made once for those who look at them. Called by analyse.ts, drift.ts
// and anomalies.ts.

import type { Measurements } from '../model/run-record.ts';
import { type ObservedSeries, observedSeries } from './observed-series.ts';
import { findSteadyParts, type SteadyPart } from './steady-parts.ts';

export interface SeriesOfRun {
  readonly series: readonly ObservedSeries[];
  readonly parts: readonly SteadyPart[];
}

export function seriesOfRun(measured: Measurements): SeriesOfRun {
  return { series: observedSeries(measured), parts: findSteadyParts(measured) };
}
