// Reads single figures out of a record, for the rules of this folder.

import { durationOf, fixedIterationsOf, isArrivalRate } from '../executors/of-plan.ts';
import { type BuiltInMetric, type MetricValues, seriesKey, type Tags } from '../model/metric.ts';
import type { ScenarioPlan } from '../model/plan.ts';
import type { Measurements } from '../model/run-record.ts';

/** The count of a counter or a trend; 0 when the record has no such series. */
export function countOf(measured: Measurements, metric: BuiltInMetric, tags: Tags = {}): number {
  const values = measured.metrics[seriesKey(metric, tags)]?.values;
  return values !== undefined && 'count' in values ? values.count : 0;
}

/**
 * The count of one scenario; a record with one scenario holds it as the whole, unless it is a search, whose steps
 * do not count their warm-up.
 */
export function countOfScenario(measured: Measurements, metric: BuiltInMetric, scenario: string): number {
  return measured.plan.scenarios.length === 1 && measured.plan.search === undefined
    ? countOf(measured, metric)
    : countOf(measured, metric, { scenario });
}

/** How long the load was on, in ms. */
export function loadDurationMs(measured: Measurements): number {
  return measured.timeline.at(-1)?.endAtMs ?? 0;
}

/**
 * Whether a step of a planned search ran beyond its warm-up, before which its thresholds may not end the run. The
 * step after the one that broke begins before the breach is known, but what it has measured says nothing.
 */
export function outlastedWarmUp(measured: Measurements, { name, startAtMs }: ScenarioPlan): boolean {
  const ends = measured.plan.thresholds
    .filter(({ level, tags }) => level === 'search' && tags.scenario === name)
    .map(({ delayAbortEvalMs }) => delayAbortEvalMs);
  return loadDurationMs(measured) > (ends.length === 0 ? startAtMs : Math.max(startAtMs, Math.min(...ends)));
}

/** Length of a scenario by its plan, in ms, without the graceful stop. */
export function scenarioDurationMs({ executor }: ScenarioPlan): number {
  return durationOf(executor);
}

/** True when the plan says how many iterations there are, so that some can be missing. */
export function hasFixedIterations({ executor }: ScenarioPlan): boolean {
  return isArrivalRate(executor) || fixedIterationsOf(executor) !== undefined;
}

/** One of a metric's values by its key, such as `p(95)`; `undefined` when the type does not have it. */
export function valueAt(values: MetricValues, key: string): number | undefined {
  return (values as Readonly<Record<string, number | undefined>>)[key];
}
