// What monitors report of the system under load and of the load generator: figures over time, tables, gaps. Monitors
// make readings, metrics/ keeps them, records hold them.

import type { MetricContains } from './metric.ts';

/**
 * What a figure's numbers are. `ratio` is 0..1, `ms` and `bytes` say themselves, `count` is anything else. A counter's
 * unit is that of its total: bytes read, statements.
 */
export type MonitorUnit = 'count' | 'ratio' | 'ms' | 'bytes';

/** One thing that a monitor measures. Its metric is `monitor_<monitor>_<figure>`. */
export interface FigureDefinition {
  /**
   * `gauge`: how things stand at the moment of a reading. `counter`: a total that only grows, or starts again from 0
   * with its source; it is told as what it gained, and drawn as a rate per second.
   */
  readonly type: 'gauge' | 'counter';
  readonly unit: MonitorUnit;
  /** For people, without the monitor's name: `connections`, `cache hit ratio`. */
  readonly title: string;
  /** Among the few figures that live displays and overviews show. */
  readonly headline?: true;
}

export type FigureDefinitions = Readonly<Record<string, FigureDefinition>>;

/** What a metric of this figure contains, in k6's words. */
export function containsOf({ unit }: FigureDefinition): MetricContains {
  return unit === 'ms' ? 'time' : unit === 'bytes' ? 'data' : 'default';
}

/** A list beside the figures, as it stood at the latest reading: the slowest statements, who blocks whom. */
export interface MonitorTable {
  /** Unique within its monitor, for programs: `slowest_statements`. */
  readonly name: string;
  /** For people: `Slowest statements by mean time`. */
  readonly title: string;
  readonly columns: readonly {
    readonly title: string;
    /** `text` columns hold texts, all others numbers or `null`. */
    readonly unit: MonitorUnit | 'text';
  }[];
  /** One array per row, one value per column. Bounded by the monitor, 20 rows at the most. */
  readonly rows: readonly (readonly (string | number | null)[])[];
}

/** What a monitor saw in one look at its source. */
export interface Reading {
  /**
   * By figure. Gauges as they stand, counters as running totals. What could not be told this time is left out: never
   * a value that was not read.
   */
  readonly values: Readonly<Record<string, number>>;
  /** Those that are new or changed; a table stands until one of the same name takes its place. */
  readonly tables?: readonly MonitorTable[];
  /** What happened since the last look, a sentence each: `the server was restarted`. */
  readonly events?: readonly string[];
}

/** A reading on the run's clock, counters as what they gained. */
export interface MonitorSample {
  readonly monitor: string;
  /** Run time of the reading. */
  readonly atMs: number;
  /** Gauges by figure. */
  readonly values: Readonly<Record<string, number>>;
  /** Counters by figure: `by` is what was gained in the `overMs` since the figure was last read. */
  readonly gains: Readonly<Record<string, { readonly by: number; readonly overMs: number }>>;
}

/** All that monitors have to tell while a run goes on, in the order in which it happened. */
export type MonitorReport =
  | {
      readonly kind: 'sample';
      readonly sample: MonitorSample;
      readonly tables?: readonly MonitorTable[];
      /** What the reading took. */
      readonly readingMs: number;
    }
  | {
      readonly kind: 'failure';
      readonly monitor: string;
      readonly atMs: number;
      readonly reason: string;
      readonly readingMs: number;
    }
  | { readonly kind: 'event'; readonly monitor: string; readonly atMs: number; readonly text: string }
  /** What the source answered when the run had gone badly, or why it did not. */
  | {
      readonly kind: 'diagnosis';
      readonly monitor: string;
      readonly atMs: number;
      readonly tables: readonly MonitorTable[];
      readonly failure?: string;
    }
  /** Readings were left out, because they take more than their share of time. */
  | { readonly kind: 'skipped'; readonly monitor: string; readonly atMs: number; readonly count: number };

/** A time without readings. */
export interface MonitorGap {
  /** Run time of the last reading before it, or of the first try. */
  readonly fromMs: number;
  /** Run time of the next reading; `null` when none came. */
  readonly untilMs: number | null;
  /** Why the first reading that failed did so. */
  readonly reason: string;
}

export interface MonitorEvent {
  /** Run time. */
  readonly atMs: number;
  readonly text: string;
}

/** What a source was asked, because a run had gone badly, as soon as its load had ended. */
export interface MonitorDiagnosis {
  /** Run time of the answers. */
  readonly atMs: number;
  readonly tables: readonly MonitorTable[];
  /** Why there are no answers. */
  readonly failure?: string;
}

/** A figure over time, one value per entry of the monitor's `times`; `null` where it was not read. */
export interface FigureSeries {
  /** Gauges: mean of the readings of an entry. Counters: gain per second. */
  readonly avg: readonly (number | null)[];
  /** Least and greatest reading of an entry; absent as long as each entry is one reading. */
  readonly min?: readonly (number | null)[];
  readonly max?: readonly (number | null)[];
}

/** A monitor in the run record. */
export interface MonitorRecord {
  readonly kind: MonitorKind;
  /** For people: `PostgreSQL`, `process on port 8000`. */
  readonly title: string;
  /** What was watched, without secrets: a URL, a port, this machine. */
  readonly source: string;
  readonly intervalMs: number;
  /** By figure, those that were read at least once. */
  readonly figures: FigureDefinitions;
  /**
   * Run times, ascending, at most 600. Entries are single readings until there would be more; then neighbours are
   * joined in pairs, which keeps least and greatest values.
   */
  readonly times: readonly number[];
  /** How many readings an entry of `times` stands for, at the most. */
  readonly readingsPerEntry: number;
  /** By figure, as `figures`. */
  readonly series: Readonly<Record<string, FigureSeries>>;
  readonly readings: number;
  readonly failures: number;
  /** Ascending by `fromMs`; the first 200. */
  readonly gaps: readonly MonitorGap[];
  /** Of all, where there were more than 200. */
  readonly gapCount?: number;
  /** Ascending; at most 200. */
  readonly events: readonly MonitorEvent[];
  readonly tables: readonly MonitorTable[];
  /** What was asked once more when the run had gone badly; absent when it went well. */
  readonly diagnosis?: MonitorDiagnosis;
  /** What watching took: time from the start to the end of all readings, waiting included. */
  readonly readingMs: number;
  /** Readings left out because readings took more than their share of time. */
  readonly skipped: number;
}

export const monitorKinds = [
  'host',
  'process',
  'postgres',
  'redis',
  'prometheus',
  'prometheus-query',
  'http',
  'otlp',
  'log',
] as const;
export type MonitorKind = (typeof monitorKinds)[number];

/** The metric of a figure. */
export function monitorMetric(monitor: string, figure: string): string {
  return `monitor_${monitor}_${figure}`;
}
