// Builds runs whose monitors read what a test says, for the tests of recommendations and of capacity plans.

import type { CounterValues, SampledValues } from '../../model/metric.ts';
import {
  type FigureDefinition,
  type MonitorKind,
  type MonitorRecord,
  monitorMetric,
} from '../../model/monitor.ts';
import { hostFigures, postgresFigures, processFigures, redisFigures } from '../../model/monitor-figures.ts';
import type { Measurements, MetricEntry } from '../../model/run-record.ts';
import { measure, type RunCase, recordIterations } from '../measurements.cases.ts';

const figuresOf: Partial<Record<MonitorKind, Readonly<Record<string, FigureDefinition>>>> = {
  host: hostFigures,
  process: processFigures,
  postgres: postgresFigures,
  redis: redisFigures,
};

/** What a monitor read: of a gauge its readings, 5 s apart, or one value for all of them; of a counter its total. */
export interface Watched {
  readonly kind: MonitorKind;
  readonly read: Readonly<Record<string, number | readonly number[]>>;
}

/** A run of 120 s on a target of this machine, with these monitors. */
export function watchedRun(
  monitors: Readonly<Record<string, Watched>>,
  { seconds = 120, changes = {}, plan = {}, ...run }: RunCase = {},
): Measurements {
  const bare = measure({
    seconds,
    // A run of hours is recorded in no time.
    record: (meter, second) => recordIterations(meter, second === 0 ? 10 : 0),
    ...run,
    plan: { baseUrl: 'http://127.0.0.1:8000', durationMs: seconds * 1000, ...plan },
  });
  const metrics: Record<string, MetricEntry> = { ...bare.metrics };
  const records: Record<string, MonitorRecord> = {};
  const count = Math.floor(seconds / 5);
  for (const [name, { kind, read }] of Object.entries(monitors)) {
    const figures = Object.fromEntries(Object.keys(read).map((key) => [key, figuresOf[kind]![key]!]));
    const series = Object.fromEntries(
      Object.entries(read).map(([key, values]) => [
        key,
        {
          avg: Array.from({ length: count }, (_, i) =>
            typeof values === 'number'
              ? figures[key]!.type === 'counter'
                ? values / seconds
                : values
              : (values[i] ?? null),
          ),
        },
      ]),
    );
    for (const [key, values] of Object.entries(read)) {
      const metric = monitorMetric(name, key);
      metrics[metric] = entryOf(metric, figures[key]!, values, count, seconds);
    }
    records[name] = {
      ...{ kind, title: name, source: name, intervalMs: 5000, figures, series, readingsPerEntry: 1 },
      times: Array.from({ length: count }, (_, i) => i * 5000),
      ...{ readings: count, failures: 0, gaps: [], events: [], tables: [], readingMs: 0, skipped: 0 },
    };
  }
  return { ...bare, metrics, monitors: records, ...changes };
}

function entryOf(
  metric: string,
  { type }: FigureDefinition,
  given: number | readonly number[],
  readings: number,
  seconds: number,
): MetricEntry {
  const common = { metric, type, contains: 'default' as const };
  if (type === 'counter') {
    const count = given as number;
    const values: CounterValues = { count, rate: count / seconds };
    return { ...common, values };
  }
  const read = typeof given === 'number' ? Array.from({ length: readings }, () => given) : given;
  const [min, max] = [Math.min(...read), Math.max(...read)];
  // Exact where all are the same, so that tests can stand at a limit.
  const avg = min === max ? min : read.reduce((sum, one) => sum + one, 0) / read.length;
  const last = read.at(-1)!;
  const values: SampledValues = {
    ...{ value: last, min, max, avg, med: avg, 'p(90)': max, 'p(95)': max, 'p(99)': max },
    ...{ count: read.length, last },
  };
  return { ...common, values };
}
