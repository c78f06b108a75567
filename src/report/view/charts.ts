// The charts of a report as data: which series of the timeline each one draws, and the words that stand in
// for it where it cannot be seen. The page draws them in the browser.

import type { Scalability } from '../../analysis/scalability.ts';
import type { MetricValues } from '../../model/metric.ts';
import { type OperationKind, operationMetrics } from '../../model/operation.ts';
import type { RunRecord, TimelineWindow } from '../../model/run-record.ts';
import { formatDuration } from '../../time/duration.ts';
import { formatCount, formatMs, formatPercent, formatPerSec } from '../format-values.ts';
import { type AlertSpan, alertSpans } from './alerts.ts';
import { pageOnly } from './cells.ts';
import { type FaultSpan, faultSpans } from './faults.ts';
import { type LatencyDistribution, latencyDistribution } from './latency-distribution.ts';
import { outageRows } from './outages.ts';
import { type ScalingCurve, scalingCurve } from './scaling-curve.ts';
import { type CapacityCurve, capacityCurve } from './search.ts';
import type { Chart } from './section.ts';
import { sentRows } from './sent.ts';
import { endOfCharts, type WatchedCharts, watchedCharts } from './watched-charts.ts';

type Unit = 'ms' | 'per-second' | 'count' | 'ratio';

interface ChartSeries {
  readonly label: string;
  /** Name of a CSS variable that holds its colour. */
  readonly colour: string;
  readonly unit: Unit;
  /** `right` has a scale of its own. */
  readonly side: 'left' | 'right';
  readonly style: 'line' | 'faint' | 'area' | 'step';
  /** One value per window; null where there was no sample. */
  readonly values: readonly (number | null)[];
}

export interface TimeChart {
  readonly id: string;
  readonly kind: 'time';
  readonly title: string;
  readonly summary: string;
  readonly series: readonly ChartSeries[];
  readonly small: boolean;
}

export interface DistributionChart extends LatencyDistribution {
  readonly id: string;
  readonly title: string;
}

export interface ChartData {
  /** Start of each window, seconds of the run. */
  readonly timeSec: readonly number[];
  /** Where all time charts end. */
  readonly endSec: number;
  /** Start and end of each outage, which the time charts shade. */
  readonly outagesSec: readonly (readonly [from: number, until: number])[];
  readonly alertsSec: readonly AlertSpan[];
  readonly faultsSec: readonly FaultSpan[];
  readonly charts: readonly TimeChart[];
  readonly watched: readonly WatchedCharts[];
  /** One of each kind of operations that has any. */
  readonly distributions: readonly DistributionChart[];
  readonly capacity: CapacityCurve | null;
  readonly scaling: ScalingCurve | null;
}

interface SeriesRequest {
  readonly label: string;
  readonly colour: string;
  readonly unit: Unit;
  readonly metric: string;
  readonly key: string;
  readonly side?: 'right';
  readonly style?: ChartSeries['style'];
  readonly whenAbsent?: 0;
}

/** `times` is `time` or `times`. Requests are only named beside others. */
function titleOf(kind: OperationKind, times: string, isOneOfMany: boolean): string {
  const of = ` of ${operationMetrics[kind].noun}s`;
  if (kind === 'iteration') return `${times === 'time' ? 'Duration' : 'Durations'}${of}`;
  return `Response ${times}${kind === 'request' && !isOneOfMany ? '' : of}`;
}

function colourOf(kind: OperationKind): string {
  return `--c${operationMetrics[kind].colour}`;
}

function latency(kind: OperationKind): SeriesRequest[] {
  const metric = operationMetrics[kind].duration;
  return [
    { label: 'max', colour: '--faint', unit: 'ms', metric, key: 'max', style: 'faint' },
    { label: 'p99', colour: '--c3', unit: 'ms', metric, key: 'p(99)' },
    { label: 'p95', colour: '--c2', unit: 'ms', metric, key: 'p(95)' },
    { label: 'p50', colour: '--c1', unit: 'ms', metric, key: 'med' },
  ];
}

/** All kinds in one chart: an area where there is one only. */
function throughput(kinds: readonly OperationKind[]): SeriesRequest[] {
  const style = kinds.length === 1 ? 'area' : 'line';
  const lines = kinds.map(
    (kind): SeriesRequest => ({
      label: `${operationMetrics[kind].noun}s/s`,
      colour: colourOf(kind),
      unit: 'per-second',
      metric: operationMetrics[kind].count,
      key: 'rate',
      style,
      whenAbsent: 0,
    }),
  );
  const vus = { label: 'VUs', colour: '--c4', unit: 'count', metric: 'vus', key: 'max' } as const;
  return [...lines, { ...vus, side: 'right', style: 'step' }];
}

function failures(kinds: readonly OperationKind[]): SeriesRequest[] {
  return kinds.map((kind) => ({
    label: `failed ${operationMetrics[kind].noun}s`,
    colour: kinds.length === 1 ? '--bad' : colourOf(kind),
    unit: 'count',
    metric: operationMetrics[kind].failed,
    key: kind === 'iteration' ? 'count' : 'passes',
    style: kinds.length === 1 ? 'area' : 'line',
    whenAbsent: 0,
  }));
}

const generatorCharts: readonly { id: string; title: string; series: SeriesRequest }[] = [
  {
    id: 'generator-cpu',
    title: 'CPU, share of a core',
    series: { label: 'busiest worker', colour: '--c2', unit: 'ratio', metric: 'generator_cpu', key: 'max' },
  },
  {
    id: 'generator-delay',
    title: 'Event-loop delay',
    series: { label: 'p99', colour: '--c3', unit: 'ms', metric: 'generator_event_loop_delay', key: 'p(99)' },
  },
  {
    id: 'generator-lag',
    title: 'Schedule lag',
    series: { label: 'p99', colour: '--c1', unit: 'ms', metric: 'generator_schedule_lag', key: 'p(99)' },
  },
];

/** The ids of a kind's own charts: the first has the plain name. */
function chartId(name: 'latency' | 'distribution', kind: OperationKind, position: number): string {
  return position === 0 ? name : `${name}-${kind}`;
}

/** All charts that have something to draw. */
export function chartData(record: RunRecord, scalability?: Scalability): ChartData {
  const kinds = sentRows(record).map(({ kind }) => kind);
  const several = kinds.length > 1;
  const nouns = kinds.map((kind) => `${operationMetrics[kind].noun}s`).join(', ');
  const charts = [
    ...kinds.map((kind, k) =>
      makeChart(record, chartId('latency', kind, k), titleOf(kind, 'time', several), latency(kind)),
    ),
    makeChart(record, 'throughput', 'Throughput and virtual users', throughput(kinds)),
    makeChart(record, 'failures', `Failed ${nouns} per interval`, failures(kinds)),
    ...generatorCharts.map(({ id, title, series }) => makeChart(record, id, title, [series], true)),
  ];
  const distributions = kinds.flatMap((kind, k) => {
    const distribution = latencyDistribution(record, operationMetrics[kind].duration);
    if (distribution === undefined) return [];
    const title = `${titleOf(kind, 'times', several)}, logarithmic scale`;
    return [{ ...distribution, id: chartId('distribution', kind, k), title }];
  });
  const endMs = endOfCharts(record);
  return {
    timeSec: record.timeline.map(({ startAtMs }) => startAtMs / 1000),
    endSec: endMs / 1000,
    alertsSec: alertSpans(record, endMs),
    faultsSec: faultSpans(record, endMs),
    watched: watchedCharts(record),
    outagesSec: outageRows(record).map(({ fromMs, lengthMs }) => [fromMs / 1000, (fromMs + lengthMs) / 1000]),
    charts: charts.filter(
      (chart) => chart !== undefined && (chart.id !== 'failures' || hasFailures(chart)),
    ) as TimeChart[],
    distributions,
    capacity: capacityCurve(record) ?? null,
    scaling: scalingCurve(scalability) ?? null,
  };
}

function hasFailures({ series }: TimeChart): boolean {
  return series.some(({ values }) => values.some((value) => value !== null && value > 0));
}

function makeChart(
  record: RunRecord,
  id: string,
  title: string,
  requests: readonly SeriesRequest[],
  small = false,
): TimeChart | undefined {
  const series = requests
    .filter(({ metric }) => record.timeline.some(({ metrics }) => metrics[metric] !== undefined))
    .map(({ metric, key, whenAbsent, side, style = 'line', label, colour, unit }): ChartSeries => {
      const values = record.timeline.map((window) => {
        const value = windowValue(window, metric, key) ?? whenAbsent;
        // Five digits draw the same line as sixteen, in a third of the bytes.
        return value === undefined || !Number.isFinite(value) ? null : Number(value.toPrecision(5));
      });
      return { label, colour, unit, side: side ?? 'left', style, values };
    });
  if (series.length === 0) return undefined;
  return { id, kind: 'time', title, small, series, summary: summarise(record, title, series) };
}

const formats: Readonly<Record<Unit, (value: number) => string>> = {
  ms: formatMs,
  'per-second': formatPerSec,
  count: formatCount,
  ratio: formatPercent,
};

/** The chart in words: the range of each series, and when it was highest. */
function summarise(record: RunRecord, title: string, series: readonly ChartSeries[]): string {
  const parts = series.map(({ label, unit, values }) => {
    const present = values.filter((value) => value !== null);
    if (present.length === 0) return `${label}: no sample`;
    const highest = Math.max(...present);
    const at = formatDuration(record.timeline[values.indexOf(highest)]?.startAtMs ?? 0);
    const format = formats[unit];
    return `${label} from ${format(Math.min(...present))} to ${format(highest)} (highest at ${at})`;
  });
  return `${title} over time: ${parts.join('; ')}.`;
}

/** The distribution in words. */
export function distributionSummary({ title, total, markers, bins }: DistributionChart): string {
  const points = markers.map(({ label, ms }) => `${label} ${formatMs(ms)}`).join(', ');
  const range = `from ${formatMs(bins[0]?.fromMs ?? 0)} to ${formatMs(bins.at(-1)?.toMs ?? 0)}`;
  return `${title}: ${formatCount(total)} of them ${range}; ${points}.`;
}

/** One value of a window, or `undefined` when the metric had no sample in it. */
export function windowValue(window: TimelineWindow, metric: string, key: string): number | undefined {
  const values: MetricValues | undefined = window.metrics[metric];
  return values === undefined ? undefined : (values as unknown as Record<string, number>)[key];
}

/** The places of some of the charts over time, on pages alone. */
export function chartBlocks({ charts }: ChartData, isShown: (chart: TimeChart) => boolean): Chart[] {
  return charts.filter(isShown).map(({ id, title, summary, small }) => ({
    ...{ kind: 'chart', id, title, summary, isSmall: small },
    ...pageOnly,
  }));
}
