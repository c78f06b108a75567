// A record of a run that was watched, for tests: monitors with gaps, events, tables and joined readings, and alerts.

import type { AlertRecord } from '../model/alert.ts';
import type { CounterValues, SampledValues } from '../model/metric.ts';
import {
  type FigureDefinition,
  type FigureDefinitions,
  type FigureSeries,
  type MonitorKind,
  type MonitorRecord,
  monitorMetric,
} from '../model/monitor.ts';
import { hostFigures, postgresFigures, processFigures } from '../model/monitor-figures.ts';
import type { MetricEntry, RunRecord } from '../model/run-record.ts';
import { makeRecord } from './record.cases.ts';
import { hostileNames } from './run-simulation.cases.ts';

interface Watching {
  readonly kind: MonitorKind;
  readonly title: string;
  readonly source: string;
  readonly figures: FigureDefinitions;
  readonly entryCount: number;
  readonly readingsPerEntry?: number;
  /** Times without readings, in seconds. */
  readonly gapsSec?: readonly (readonly [from: number, until: number, reason: string])[];
  readonly events?: MonitorRecord['events'];
  readonly tables?: MonitorRecord['tables'];
  readonly diagnosis?: MonitorRecord['diagnosis'];
}

/** A course that is the same every time: waves around a size that suits the unit. */
function valueAt({ unit, type }: FigureDefinition, figure: number, entry: number): number {
  const wave = 0.6 + 0.3 * Math.sin(entry / (4 + figure)) + 0.1 * Math.sin(entry * 1.7 + figure);
  const size = { ratio: 0.8, ms: 40 * (figure + 1), bytes: 90e6 * (figure + 1), count: 20 * (figure + 1) }[
    unit
  ];
  const value = wave * size;
  return unit === 'count' && type === 'gauge' ? Math.round(value) : Number(value.toPrecision(7));
}

/** A monitor that read something every second, and the metrics of its figures. */
function makeMonitor(
  name: string,
  watching: Watching,
): { readonly monitor: MonitorRecord; readonly metrics: Record<string, MetricEntry> } {
  const { kind, title, source, figures, entryCount, readingsPerEntry = 1, gapsSec = [] } = watching;
  const stepMs = 1000 * readingsPerEntry;
  const times = Array.from({ length: entryCount }, (_, k) => 500 + k * stepMs).filter(
    (atMs) => !gapsSec.some(([from, until]) => atMs > from * 1000 && atMs < until * 1000),
  );
  const series: Record<string, FigureSeries> = {};
  const metrics: Record<string, MetricEntry> = {};
  for (const [k, [figure, definition]] of Object.entries(figures).entries()) {
    const avg = times.map((atMs, i) =>
      definition.type === 'counter' && i === 0 ? null : valueAt(definition, k, Math.round(atMs / stepMs)),
    );
    const edge = (factor: number): (number | null)[] =>
      avg.map((value) => (value === null ? null : Number((value * factor).toPrecision(7))));
    series[figure] = readingsPerEntry === 1 ? { avg } : { avg, min: edge(0.8), max: edge(1.2) };
    metrics[monitorMetric(name, figure)] = entryOf(monitorMetric(name, figure), definition, avg, stepMs);
  }
  return {
    metrics,
    monitor: {
      kind,
      title,
      source,
      intervalMs: 1000,
      figures,
      times,
      readingsPerEntry,
      series,
      readings: times.length * readingsPerEntry,
      failures: gapsSec.reduce((sum, [from, until]) => sum + until - from - 1, 0),
      gaps: gapsSec.map(([from, until, reason]) => ({ fromMs: from * 1000, untilMs: until * 1000, reason })),
      events: watching.events ?? [],
      tables: watching.tables ?? [],
      ...(watching.diagnosis !== undefined && { diagnosis: watching.diagnosis }),
      readingMs: 12 * times.length,
      skipped: 0,
    },
  };
}

function entryOf(
  metric: string,
  { type, unit }: FigureDefinition,
  course: readonly (number | null)[],
  stepMs: number,
): MetricEntry {
  const read = course.filter((value) => value !== null);
  const avg = read.reduce((sum, value) => sum + value, 0) / (read.length || 1);
  const contains = unit === 'ms' ? 'time' : unit === 'bytes' ? 'data' : 'default';
  if (type === 'counter') {
    const values: CounterValues = { count: Math.round((avg * read.length * stepMs) / 1000), rate: avg };
    return { type, contains, metric, values };
  }
  const [min, max, last] = [Math.min(...read), Math.max(...read), read.at(-1) ?? 0];
  const values: SampledValues = {
    ...{ value: last, min, max, avg, med: avg, 'p(90)': max, 'p(95)': max, 'p(99)': max },
    ...{ count: read.length, last },
  };
  return { type, contains, metric, values };
}

function makeAlerts(title: string, step: string): AlertRecord[] {
  const name = 'monitor_postgres_connections_active';
  return [
    {
      name: 'slow',
      title,
      rules: [
        { level: 'warning', expression: 'http_req_duration p(95) > 100ms for 3s' },
        { level: 'critical', expression: 'http_req_duration p(95) > 500ms for 3s' },
      ],
      respond: ['Look for the slowest endpoints.', step],
      episodes: [
        {
          level: 'critical',
          fromMs: 6000,
          untilMs: 12_500,
          figures: [{ name: 'http_req_duration p(95)', value: 612, limit: 500, unit: 'ms' }],
        },
        {
          level: 'warning',
          fromMs: 17_000,
          untilMs: null,
          figures: [{ name: 'http_req_duration p(95)', value: 130, limit: 100, unit: 'ms' }],
        },
      ],
      episodeCount: 2,
      aborted: false,
    },
    {
      name: 'connections',
      title: 'Many connections are at work',
      rules: [{ level: 'warning', expression: `${name} > 30 for 2s` }],
      respond: ['Compare with the size of the pool.'],
      episodes: [
        {
          level: 'warning',
          fromMs: 8000,
          untilMs: 10_000,
          figures: [{ name, value: 34, limit: 30, unit: 'count' }],
        },
      ],
      episodeCount: 1,
      aborted: false,
    },
    {
      name: 'memory',
      title: 'Memory grows',
      rules: [{ level: 'critical', expression: 'monitor_target_rss_bytes > 2GB' }],
      respond: [],
      episodes: [],
      episodeCount: 0,
      aborted: false,
    },
  ];
}

/** Twenty seconds beside which PostgreSQL, a process and the load generator were watched; hostile names on demand. */
export function makeWatchedRecord(variant: 'failing' | 'hostile' = 'failing'): RunRecord {
  const record = makeRecord(variant, 20);
  const word = (ordinary: string, hostile: keyof typeof hostileNames): string =>
    variant === 'hostile' ? hostileNames[hostile] : ordinary;
  const statement =
    'SELECT rule, factor FROM pricing_rules WHERE region = $1 AND valid_until > now() ORDER BY priority, rule';
  const postgres = makeMonitor('postgres', {
    kind: 'postgres',
    title: word('PostgreSQL', 'markdown'),
    source: word('postgres://127.0.0.1:5432/jorge', 'html'),
    figures: {
      ...postgresFigures,
      connections: { ...postgresFigures.connections, title: word('connections', 'script') },
    },
    entryCount: 20,
    gapsSec: [[9, 13, word('connect ECONNREFUSED 127.0.0.1:5432', 'terminal')]],
    events: [
      { atMs: 13_400, text: word('the server was restarted', 'script') },
      { atMs: 13_500, text: 'statistics were reset' },
    ],
    tables: [
      {
        name: 'slowest_statements',
        title: word('Slowest statements by mean time', 'html'),
        columns: [
          { title: word('statement', 'formula'), unit: 'text' },
          { title: 'calls', unit: 'count' },
          { title: 'mean', unit: 'ms' },
          { title: 'rows', unit: 'count' },
        ],
        rows: [
          [word(statement, 'script'), 18_204, 4.21, 18_204],
          [word('UPDATE accounts SET balance = balance - $1 WHERE id = $2', 'markdown'), 912, 1.3, null],
        ],
      },
    ],
    diagnosis: {
      atMs: 20_100,
      tables: [
        {
          name: 'sessions_at_work',
          title: word('Sessions at work', 'markdown'),
          columns: [
            { title: 'pid', unit: 'text' },
            { title: word('statement', 'html'), unit: 'text' },
          ],
          rows: [['4711', word(statement, 'terminal')]],
        },
      ],
    },
  });
  const target = makeMonitor('target', {
    kind: 'process',
    title: 'platform',
    source: 'process on port 8000',
    figures: processFigures,
    entryCount: 10,
    readingsPerEntry: 2,
  });
  const generator = makeMonitor('generator', {
    kind: 'process',
    title: 'load generator',
    source: 'load generator',
    figures: { cpu_ratio: processFigures.cpu_ratio, rss_bytes: processFigures.rss_bytes },
    entryCount: 20,
  });
  const host = makeMonitor('generator_host', {
    kind: 'host',
    title: 'this machine',
    source: 'this machine',
    figures: hostFigures,
    entryCount: 20,
  });
  const lost: MonitorRecord = {
    ...target.monitor,
    ...{
      kind: 'redis',
      title: 'Redis',
      source: 'redis://127.0.0.1:6379',
      figures: {},
      series: {},
      times: [],
    },
    ...{
      readings: 0,
      failures: 20,
      gaps: [{ fromMs: 0, untilMs: null, reason: 'connect ECONNREFUSED 127.0.0.1:6379' }],
    },
  };
  return {
    ...record,
    metrics: {
      ...record.metrics,
      ...postgres.metrics,
      ...target.metrics,
      ...generator.metrics,
      ...host.metrics,
    },
    monitors: {
      postgres: postgres.monitor,
      target: target.monitor,
      redis: lost,
      generator: generator.monitor,
      generator_host: host.monitor,
    },
    alerts: makeAlerts(
      word('Response times are above their limit', 'markdown'),
      word('Look at the pool.', 'script'),
    ),
  };
}
