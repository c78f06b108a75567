// Gathers what a record holds as series over time: the figures of monitors, and the load's own. Used by series-of-run.ts.

import type { MetricValues } from '../model/metric.ts';
import { type FigureDefinition, type MonitorRecord, monitorMetric } from '../model/monitor.ts';
import { operationMetrics, sentKinds } from '../model/operation.ts';
import type { Measurements } from '../model/run-record.ts';
import { formatFigure } from '../text/format-figure.ts';
import { valueAt } from './measured.ts';

/** What the numbers of a series are, as in the unit of evidence. */
export type SeriesUnit = 'ms' | 'bytes' | 'bytes/s' | 'ratio' | 'count' | 'per s';

/** One time and what was seen then. */
export interface Observation {
  readonly atMs: number;
  /** Run times that the value tells of. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly value: number;
  /** Least and greatest reading, where the value is of several. */
  readonly min?: number;
  readonly max?: number;
}

export interface ObservedSeries {
  /** For programs: `monitor_db_connections`, `p(95) of http_req_duration`. */
  readonly name: string;
  /** For people: `PostgreSQL connections`. */
  readonly title: string;
  readonly unit: SeriesUnit;
  /** Usual time from one observation to the next. */
  readonly intervalMs: number;
  /** Ascending by `atMs`; times without a reading are left out. */
  readonly observations: readonly Observation[];
}

export function observedSeries(measured: Measurements): ObservedSeries[] {
  return [
    ...Object.entries(measured.monitors).flatMap(([name, monitor]) => monitorSeries(name, monitor)),
    ...loadSeries(measured),
  ];
}

export function formatObserved(value: number, unit: SeriesUnit): string {
  return unit === 'bytes/s' ? `${formatFigure(value, 'bytes')}/s` : formatFigure(value, unit);
}

function monitorSeries(name: string, monitor: MonitorRecord): ObservedSeries[] {
  const { figures, series, times, intervalMs, readingsPerEntry, title } = monitor;
  return Object.entries(figures).map(([figure, definition]) => {
    const values = series[figure];
    // An entry's time is the middle of its readings; a counter's gain is that of the time before each.
    const reachMs = ((readingsPerEntry - 1) * intervalMs) / 2;
    const beforeMs = reachMs + (definition.type === 'counter' ? intervalMs : 0);
    const observations: Observation[] = [];
    for (let i = 0; i < times.length; i++) {
      const [atMs, value] = [times[i]!, values?.avg[i]];
      if (value === undefined || value === null) continue;
      const [fromMs, untilMs] = [atMs - beforeMs, atMs + reachMs];
      const [min, max] = [values?.min?.[i] ?? undefined, values?.max?.[i] ?? undefined];
      // Of long runs these are hundreds of thousands, which spreading would take seconds to make.
      if (min !== undefined && max !== undefined) {
        observations.push({ atMs, fromMs, untilMs, value, min, max });
      } else if (min === undefined && max === undefined) observations.push({ atMs, fromMs, untilMs, value });
      else
        observations.push({ atMs, fromMs, untilMs, value, ...(min === undefined ? { max: max! } : { min }) });
    }
    return {
      name: monitorMetric(name, figure),
      title: `${title} ${definition.title}`,
      unit: unitOf(definition),
      intervalMs: intervalMs * readingsPerEntry,
      observations,
    };
  });
}

function unitOf({ type, unit }: FigureDefinition): SeriesUnit {
  if (type === 'gauge') return unit;
  return unit === 'bytes' ? 'bytes/s' : 'per s';
}

/** Response times, rates and shares of failures, of the kinds of operations that there were. */
function loadSeries({ timeline }: Measurements): ObservedSeries[] {
  const { iteration } = operationMetrics;
  const sent = sentKinds.map((kind) => operationMetrics[kind]);
  const wanted: readonly (readonly [string, string, string, SeriesUnit])[] = [
    ...sent.map(({ duration }) => [duration, 'p(95)', `p(95) of ${duration}`, 'ms'] as const),
    ...[...sent, iteration].map(({ count }) => [count, 'rate', `rate of ${count}`, 'per s'] as const),
    ...sent.map(({ failed }) => [failed, 'rate', `share of ${failed}`, 'ratio'] as const),
  ];
  return wanted.flatMap(([metric, key, name, unit]) => {
    const observations = timeline.flatMap(({ startAtMs, endAtMs, metrics }): Observation[] => {
      const value = seenValue(metrics[metric], key);
      return value === undefined ? [] : [{ atMs: startAtMs, fromMs: startAtMs, untilMs: endAtMs, value }];
    });
    const intervalMs = timeline[0] === undefined ? 0 : timeline[0].endAtMs - timeline[0].startAtMs;
    return observations.length === 0 ? [] : [{ name, title: name, unit, intervalMs, observations }];
  });
}

/** A trend without samples, or a rate, says nothing of its values. */
function seenValue(values: MetricValues | undefined, key: string): number | undefined {
  if (values === undefined) return undefined;
  if ('p(95)' in values && values.count === 0) return undefined;
  if ('passes' in values && values.passes + values.fails === 0) return undefined;
  return valueAt(values, key);
}
