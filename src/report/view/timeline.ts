// The load over time: its charts, and the same as a table for those who cannot use the charts.

import { type OperationKind, operationMetrics } from '../../model/operation.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { emptyNotes, figure, figureColumn, pageOnly, row, table } from './cells.ts';
import { type ChartData, chartBlocks, windowValue } from './charts.ts';
import type { Block, FigureCell, Section, Table } from './section.ts';
import { sentRows } from './sent.ts';

export function timelineSection(record: RunRecord, charts: ChartData): Section {
  const figures = chartBlocks(charts, ({ small }) => !small);
  const key = [
    ...(charts.outagesSec.length === 0 ? [] : ['Outages are shaded.']),
    ...(charts.faultsSec.length === 0
      ? []
      : ['The times of faults are shaded amber, and marked where they began.']),
    ...(charts.alertsSec.length === 0
      ? []
      : ['Bars along the upper edge are the times at which alerts were firing.']),
  ].map((sentence) => ({ text: sentence }));
  const blocks: Block[] = [
    ...(figures.length > 0
      ? [{ kind: 'notes', look: 'key', notes: key } as const, ...figures]
      : [emptyNotes('Nothing was measured.')]),
    timelineTable(record),
  ];
  return { id: 'time', title: 'Over time', blocks, ...pageOnly };
}

const rowLimit = 120;

type SeriesColumn = readonly [title: string, metric: string, key: string, unit: FigureCell['unit']];

/** Columns of one kind; `prefix` tells several apart. */
function columnsOf(kind: OperationKind, prefix: string): SeriesColumn[] {
  const { count, failed, duration, noun } = operationMetrics[kind];
  const plural = `${noun.charAt(0).toUpperCase()}${noun.slice(1)}s`;
  const times = [
    ['p50', 'med'],
    ['p95', 'p(95)'],
    ['p99', 'p(99)'],
    ['Max', 'max'],
  ] as const;
  return [
    [`${plural}/s`, count, 'rate', 'per s'],
    [`${prefix}Failed`, failed, kind === 'iteration' ? 'count' : 'passes', 'count'],
    ...times.map(([title, key]): SeriesColumn => [`${prefix}${title}`, duration, key, 'ms']),
  ];
}

/** Every n-th interval when there are many. */
function timelineTable(record: RunRecord): Table {
  const every = Math.ceil(record.timeline.length / rowLimit);
  const sent = sentRows(record);
  const columns: SeriesColumn[] = [
    ['VUs', 'vus', 'max', 'count'],
    ...sent.flatMap(({ kind, title }) => columnsOf(kind, sent.length === 1 ? '' : `${title}: `)),
  ];
  const rows = record.timeline
    .filter((_, k) => k % every === 0)
    .map((window) =>
      row(
        figure(window.startAtMs, 'duration'),
        ...columns.map(([, metric, key, unit]) => figure(windowValue(window, metric, key) ?? null, unit)),
      ),
    );
  const titles = ['At', ...columns.map(([title]) => title)];
  const note = every <= 1 ? 'every interval' : `one interval in ${every}; all are in timeline.csv`;
  return table(
    'Timeline',
    titles.map((title) => figureColumn(title, { isFixed: true })),
    rows,
    { folded: `The charts as a table (${note})` },
  );
}
