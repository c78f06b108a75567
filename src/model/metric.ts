// Metrics: their kinds, names, tags and values. Names, types and value keys are k6's where k6 has them.

import { type ProtocolMetric, protocols } from '../protocols/registry.ts';
import type { TrendValues } from '../stats/trend-values.ts';

export type MetricType = 'counter' | 'gauge' | 'rate' | 'trend';

/** What a metric's numbers are: `time` in milliseconds, `data` in bytes, `default` anything else. */
export type MetricContains = 'default' | 'time' | 'data';

export interface MetricDefinition {
  readonly type: MetricType;
  readonly contains: MetricContains;
  /** A gauge that is read at intervals over the run, as those of monitors are: it has the values of `SampledValues`. */
  readonly sampled?: true;
  /** A monitor reads it: it belongs to a time, and to no user, task or request. */
  readonly watched?: true;
}

export type Tags = Readonly<Record<string, string>>;

/** Metrics that are made of the timeline at the end of a run. */
export const metricsMadeAtEnd: ReadonlySet<string> = new Set([
  ...['recovery_time', 'spike_recovery_time', 'goodput_kept'],
]);

/** The tag `user` of what `setup` and `teardown` do. */
export const suiteAsUser = 'suite';

/** What Plimsoll records beside what its protocols do. */
const ownMetrics = {
  iterations: { type: 'counter', contains: 'default' },
  iteration_duration: { type: 'trend', contains: 'time' },
  iterations_failed: { type: 'counter', contains: 'default' },
  dropped_iterations: { type: 'counter', contains: 'default' },
  group_duration: { type: 'trend', contains: 'time' },
  /** One value per outage that ended: made of the timeline at the end of the run. */
  recovery_time: { type: 'trend', contains: 'time' },
  /** One value per spike of the planned load: made at the end of the run, too. */
  spike_recovery_time: { type: 'trend', contains: 'time' },
  /** Throughput without failures at the highest load, as a share of the greatest: made at the end, of loads that rise. */
  goodput_kept: { type: 'gauge', contains: 'default' },
  vus: { type: 'gauge', contains: 'default' },
  vus_max: { type: 'gauge', contains: 'default' },
  checks: { type: 'rate', contains: 'default' },
  data_sent: { type: 'counter', contains: 'data' },
  data_received: { type: 'counter', contains: 'data' },
  /** How late the generator started arrival-rate iterations. */
  generator_schedule_lag: { type: 'trend', contains: 'time' },
  /** How late the generator's own event loop ran, sampled through the run in every worker. */
  generator_event_loop_delay: { type: 'trend', contains: 'time' },
  /** Share of one core used by a worker, one value per worker and second (0..1, above 1 with helper threads). */
  generator_cpu: { type: 'trend', contains: 'default' },
  generator_gc_pause: { type: 'trend', contains: 'time' },
  /** Resident memory of one worker, one value per worker and second. */
  generator_memory: { type: 'trend', contains: 'data' },
} as const satisfies Record<string, MetricDefinition>;

export type BuiltInMetric = ProtocolMetric | keyof typeof ownMetrics;

/** Every metric that Plimsoll itself records: those of the protocols, in their order, then its own. Suites may declare more. */
export const builtInMetrics: Readonly<Record<BuiltInMetric, MetricDefinition>> = Object.fromEntries([
  ...protocols.flatMap(({ metrics }) =>
    Object.entries(metrics).map(([name, { type, contains }]) => [name, { type, contains }]),
  ),
  ...Object.entries(ownMetrics),
]);

export type { TrendValues };

export type CounterValues = { count: number /** Per second of the run (or of the window). */; rate: number };
export type GaugeValues = { value: number; min: number; max: number };
export type RateValues = { /** 0..1 */ rate: number; passes: number; fails: number };
/** Values of a gauge that was read at intervals: beside those of a gauge, those of its readings. */
export interface SampledValues extends GaugeValues {
  avg: number;
  med: number;
  'p(90)': number;
  'p(95)': number;
  'p(99)': number;
  /** Readings. */
  count: number;
  last: number;
  /** Robust slope per hour; absent with fewer than 3 readings. */
  growth?: number;
}
export type MetricValues = TrendValues | CounterValues | GaugeValues | SampledValues | RateValues;

/**
 * The key of a series in a run record: `http_reqs`, or `http_reqs{method:GET,task:price}` with the tag
 * names in ascending order. What would read otherwise stands in quotes, as in selectors: `{name:"/a,b"}`.
 */
export function seriesKey(metric: string, tags: Tags = {}): string {
  const names = Object.keys(tags).sort();
  if (names.length === 0) return metric;
  return `${metric}{${names.map((name) => `${quoted(name, /[:,{}]/)}:${quoted(tags[name]!, /[,{}]/)}`).join(',')}}`;
}

function quoted(text: string, parting: RegExp): string {
  const isPlain = !parting.test(text) && !/^["']/.test(text) && text !== '' && text.trim() === text;
  return isPlain ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}

// What code on the request path records into. The engine and the protocols know these interfaces only;
// the implementation behind them lives in metrics/.

export interface TrendRecorder {
  /** Records one value (ms for `time`, bytes for `data`). Constant time, no allocation once warm. */
  add(value: number): void;
}
export interface CounterRecorder {
  add(amount: number): void;
}
export interface RateRecorder {
  add(passed: boolean): void;
}
export interface GaugeRecorder {
  set(value: number): void;
}

/**
 * Hands out one recorder per metric and tag set. Asking twice for the same pair gives the same recorder, so
 * the request path asks once and keeps it.
 */
export interface Meter {
  trend(metric: string, tags: Tags): TrendRecorder;
  counter(metric: string, tags: Tags): CounterRecorder;
  rate(metric: string, tags: Tags): RateRecorder;
  gauge(metric: string, tags: Tags): GaugeRecorder;
  /**
   * Notes that work was cut off that would have had a value of the trend; `tags` are those known by then. The trend
   * itself gains nothing.
   */
  cutOff(metric: string, tags: Tags, waitedMs: number, mark: CutMark): void;
  /** How often that was. */
  readonly cutCount: number;
  /** Defines a metric that is not built in. Defining it again differently throws a `TypeError`. */
  define(metric: string, definition: MetricDefinition): void;
  /** Is the metric built in or defined? */
  has(metric: string): boolean;
  /** It has as many series as it should: what would be a new one is best counted under `otherValues`. */
  readonly isFull: boolean;
}

/** The value of a tag that stands for all that are not kept apart. */
export const otherValues = '(other)';

// What a worker reports once a second. Encoded for a process channel or a network alike.

/** Definition of a series, sent once before its first delta. `id` is unique within its worker. */
export interface SeriesDefinition {
  readonly id: number;
  readonly metric: string;
  readonly type: MetricType;
  readonly contains: MetricContains;
  readonly tags: Tags;
}

/** What one series gained within one window. */
export type SeriesDelta =
  | { readonly id: number; readonly type: 'counter'; readonly count: number }
  | { readonly id: number; readonly type: 'rate'; readonly passes: number; readonly fails: number }
  | {
      readonly id: number;
      readonly type: 'gauge';
      readonly value: number;
      readonly min: number;
      readonly max: number;
    }
  | {
      readonly id: number;
      readonly type: 'trend';
      /** `Histogram.encode()` of the values of this window only. */
      readonly histogram: Uint8Array;
    };

// Work that was cut off before it had an outcome: an observation of which only a lower bound is known (censored, as
// statisticians say). Workers tell of it beside what their series gained; see docs/how-it-measures.md.

/** What is known of one piece of work at the moment of the cut. */
export interface CutMark {
  /**
   * `waited`: had it gone on, its value would have been at least the time it had waited. `none`: nothing is known of its
   * value, as of a request that was not sent yet, whose time would count from the sending.
   */
  readonly bound: 'waited' | 'none';
  /** The plan demands that it gets done: an iteration of a fixed number of them. */
  readonly due: boolean;
  /**
   * Of iterations: it slept or listened by itself, or waited for operations, which are told by themselves. Only others of
   * its kind that completed tell then whether it took too long.
   */
  readonly idle?: true;
}

/** Pieces of work of one kind that were cut off. */
export interface CutWork extends CutMark {
  /** The trend that each would have had a value of. */
  readonly metric: string;
  /** What was known of them; tags that tell of an outcome, such as `status`, are not there. */
  readonly tags: Tags;
  /** `Histogram.encode()` of how long each had waited, ms. */
  readonly waits: Uint8Array;
}

/** All that a worker measured in one second of the run. */
export interface MetricWindow {
  readonly worker: number;
  /** Run time at which the window starts; windows are aligned to whole seconds of the run. */
  readonly startAtMs: number;
  readonly endAtMs: number;
  readonly definitions: readonly SeriesDefinition[];
  readonly deltas: readonly SeriesDelta[];
  /** What was cut off in it; absent when nothing was. */
  readonly cut?: readonly CutWork[];
}
