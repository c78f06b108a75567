// The charts of report.html as data: which series of the timeline each one draws, and the words that stand in
// for it where it cannot be seen. html-page-script.ts draws them in the browser.

import type { RunRecord } from '../model/run-record.ts';
import { formatDuration } from '../time/duration.ts';
import { windowValue } from './csv.ts';
import { formatCount, formatMs, formatPercent, formatPerSec } from './format-values.ts';
import { escapeHtml } from './html-text.ts';
import { type LatencyDistribution, latencyDistribution } from './latency-distribution.ts';
import { type CapacityCurve, capacityCurve } from './search-view.ts';

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

export interface ChartData {
  /** Start of each window, seconds of the run. */
  readonly timeSec: readonly number[];
  readonly charts: readonly TimeChart[];
  readonly distribution: LatencyDistribution | null;
  readonly capacity: CapacityCurve | null;
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

const latency: readonly SeriesRequest[] = [
  { label: 'max', colour: '--faint', unit: 'ms', metric: 'http_req_duration', key: 'max', style: 'faint' },
  { label: 'p99', colour: '--c3', unit: 'ms', metric: 'http_req_duration', key: 'p(99)' },
  { label: 'p95', colour: '--c2', unit: 'ms', metric: 'http_req_duration', key: 'p(95)' },
  { label: 'p50', colour: '--c1', unit: 'ms', metric: 'http_req_duration', key: 'med' },
];
const throughput: readonly SeriesRequest[] = [
  {
    label: 'requests/s',
    colour: '--c2',
    unit: 'per-second',
    metric: 'http_reqs',
    key: 'rate',
    style: 'area',
    whenAbsent: 0,
  },
  { label: 'VUs', colour: '--c4', unit: 'count', metric: 'vus', key: 'max', side: 'right', style: 'step' },
];
const failures: readonly SeriesRequest[] = [
  {
    label: 'failed requests',
    colour: '--bad',
    unit: 'count',
    metric: 'http_req_failed',
    key: 'passes',
    style: 'area',
    whenAbsent: 0,
  },
];
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

/** All charts that have something to draw. */
export function chartData(record: RunRecord): ChartData {
  const charts = [
    makeChart(record, 'latency', 'Response time', latency),
    makeChart(record, 'throughput', 'Throughput and virtual users', throughput),
    makeChart(record, 'failures', 'Failed requests per interval', failures),
    ...generatorCharts.map(({ id, title, series }) => makeChart(record, id, title, [series], true)),
  ];
  const hasFailures = record.timeline.some(
    (window) => (windowValue(window, 'http_req_failed', 'passes') ?? 0) > 0,
  );
  return {
    timeSec: record.timeline.map(({ startAtMs }) => startAtMs / 1000),
    charts: charts.filter(
      (chart) => chart !== undefined && (chart.id !== 'failures' || hasFailures),
    ) as TimeChart[],
    distribution: latencyDistribution(record) ?? null,
    capacity: capacityCurve(record) ?? null,
  };
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
export function distributionSummary({ total, markers, bins }: LatencyDistribution): string {
  const points = markers.map(({ label, ms }) => `${label} ${formatMs(ms)}`).join(', ');
  const range = `from ${formatMs(bins[0]?.fromMs ?? 0)} to ${formatMs(bins.at(-1)?.toMs ?? 0)}`;
  return `Distribution of ${formatCount(total)} response times ${range}: ${points}.`;
}

/** The place of one chart; the summary is its text alternative. */
export function renderFigure(chart: { id: string; title: string; summary: string; small?: boolean }): string {
  const size = chart.small ? ' small' : '';
  return `<figure class="chart${size}">
<figcaption>${escapeHtml(chart.title)}</figcaption>
<div class="plot" id="chart-${chart.id}" role="img" aria-label="${escapeHtml(chart.summary)}"></div>
</figure>`;
}

const tableRowLimit = 120;

/** The timeline as a table for those who cannot use the charts: every n-th interval when there are many. */
export function renderTimelineTable(record: RunRecord): string {
  if (record.timeline.length === 0) return '';
  const every = Math.ceil(record.timeline.length / tableRowLimit);
  const shown = record.timeline.filter((_, k) => k % every === 0);
  const cell = (text: string): string => `<td class="n">${text}</td>`;
  const rows = shown.map((window) => {
    const figure = (metric: string, key: string, format: (value: number) => string): string => {
      const value = windowValue(window, metric, key);
      return cell(value === undefined ? '–' : escapeHtml(format(value)));
    };
    return `<tr><th scope="row" class="n">${formatDuration(window.startAtMs)}</th>${[
      figure('vus', 'max', formatCount),
      figure('http_reqs', 'rate', formatPerSec),
      figure('http_req_failed', 'passes', formatCount),
      figure('http_req_duration', 'med', formatMs),
      figure('http_req_duration', 'p(95)', formatMs),
      figure('http_req_duration', 'p(99)', formatMs),
      figure('http_req_duration', 'max', formatMs),
    ].join('')}</tr>`;
  });
  const titles = ['At', 'VUs', 'Requests/s', 'Failed', 'p50', 'p95', 'p99', 'Max'];
  const note = every === 1 ? 'every interval' : `one interval in ${every}; all are in timeline.csv`;
  return `<details class="data"><summary>The charts as a table (${note})</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Timeline"><table><thead><tr>${titles
    .map((title) => `<th scope="col" class="n">${title}</th>`)
    .join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div></details>`;
}
