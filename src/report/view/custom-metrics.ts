// The metrics that a suite has declared itself, as the reports show them: rows taken from the record, and their section.
// Called by report-view.ts.

import type { CounterValues, GaugeValues, RateValues, TrendValues } from '../../model/metric.ts';
import type { MetricEntry, RunRecord } from '../../model/run-record.ts';
import type { FigureUnit } from '../format-values.ts';
import { code, figure, figureColumn, notInTerminal, row, table, textColumn } from './cells.ts';
import type { FigureCell, Row, Section } from './section.ts';

const units: Readonly<Record<string, FigureUnit>> = { time: 'ms', data: 'bytes' };
const percentiles = ['med', 'p(95)', 'p(99)'] as const;

/** Without blocks for a run without such metrics, or without a sample of any. */
export function customMetricsSection(record: RunRecord): Section {
  const declared = new Set(Object.keys(record.plan.metrics));
  const rows = Object.entries(record.metrics)
    .filter(([, { metric }]) => declared.has(metric))
    .flatMap(([key, entry]) => rowOf(key, entry));
  const columns = [
    textColumn('Metric', { width: 34 }),
    figureColumn('Samples'),
    figureColumn('Value', { isFixed: true }),
    ...['Least', 'p50', 'p95', 'p99', 'Most'].map((title) => figureColumn(title, { isFixed: true })),
  ];
  const notes = {
    kind: 'notes' as const,
    look: 'lines' as const,
    notes: [
      {
        text: 'Value: the average of a trend, the share of a rate, a counter per second, the last of a gauge.',
      },
    ],
    ...notInTerminal,
  };
  const blocks = rows.length === 0 ? [] : [table('Metrics of the suite', columns, rows), notes];
  return { id: 'custom-metrics', title: 'Metrics of the suite', blocks };
}

function rowOf(key: string, { type, contains, values }: MetricEntry): Row[] {
  const unit = units[contains] ?? 'count';
  const of = (samples: number, value: FigureCell, rest: readonly (number | null)[]): Row[] =>
    samples === 0
      ? []
      : [row(code(key), figure(samples, 'count'), value, ...rest.map((one) => figure(one, unit)))];
  const none = [null, null, null, null, null];
  switch (type) {
    case 'trend': {
      const trend = values as TrendValues;
      const inner = percentiles.map((name) => trend[name]);
      return of(trend.count, figure(trend.avg, unit), [trend.min, ...inner, trend.max]);
    }
    case 'counter': {
      const { count, rate } = values as CounterValues;
      return of(count, figure(rate, 'per s'), none);
    }
    case 'rate': {
      const { rate, passes, fails } = values as RateValues;
      return of(passes + fails, figure(rate, 'ratio'), none);
    }
    case 'gauge': {
      const { value, min, max } = values as GaugeValues;
      return of(1, figure(value, unit), [min, null, null, null, max]);
    }
  }
}
