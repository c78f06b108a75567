// A worker's meter: the engine and the protocols record into it, and once a second its gains go to the coordinator.

import type { CutMark, CutWork } from '../model/metric.ts';
import {
  builtInMetrics,
  type Meter,
  type MetricDefinition,
  type MetricType,
  type MetricWindow,
  type SeriesDefinition,
  type Tags,
} from '../model/metric.ts';
import { Histogram } from '../stats/histogram.ts';
import { nearestName } from '../text/nearest-name.ts';
import {
  CounterSeries,
  GaugeSeries,
  RateSeries,
  type SeriesRecorder,
  type Shared,
  TrendSeries,
} from './recorders.ts';

/** A meter that can be emptied into windows. */
export interface WorkerMeter extends Meter {
  /**
   * Everything recorded since the last flush, as one window [startAtMs, endAtMs) of run time. Series that gained
   * nothing are left out; gauges appear when they were set. A series is defined in the window it first appears in.
   */
  flush(startAtMs: number, endAtMs: number): MetricWindow;
}

/** How many series a meter keeps apart, and who is told that it has half of them, and all. */
export interface MeterLimits {
  readonly mostSeries: number;
  readonly onFilling: (count: number, example: SeriesDefinition) => void;
}

/** A series takes about a kilobyte in its worker, a trend several in the coordinator. */
export const mostSeries = 100_000;

/**
 * Creates the meter of one worker. Asking for a metric that is neither built in nor defined, or of another type,
 * throws a `TypeError`.
 */
export function createMeter(
  worker: number,
  limits: MeterLimits = { mostSeries, onFilling: () => {} },
): WorkerMeter {
  const definitions = new Map<string, MetricDefinition>(Object.entries(builtInMetrics));
  const series = new Map<string, SeriesRecorder>();
  const shared: Shared = { touched: [], histograms: [] };
  const { touched } = shared;
  let cutCount = 0;
  const cut = new Map<string, Omit<CutWork, 'waits'> & { readonly waits: Histogram }>();

  function definitionOf(metric: string, type: MetricType): MetricDefinition {
    const definition = definitions.get(metric);
    if (definition === undefined) {
      const nearest = nearestName(metric, definitions.keys());
      const hint = nearest === undefined ? 'define it first' : `did you mean ${nearest}?`;
      throw new TypeError(`there is no metric ${metric}; ${hint}`);
    }
    if (definition.type !== type) {
      throw new TypeError(`metric ${metric} is a ${definition.type}, not a ${type}`);
    }
    return definition;
  }

  function intern<S extends SeriesRecorder>(
    metric: string,
    type: MetricType,
    tags: Tags,
    create: new (definition: SeriesDefinition, shared: Shared) => S,
  ): S {
    const key = internKey(metric, tags);
    const known = series.get(key);
    if (known instanceof create) return known;
    const { contains } = definitionOf(metric, type);
    const created = new create({ id: series.size, metric, type, contains, tags: { ...tags } }, shared);
    series.set(key, created);
    const count = series.size;
    if (count === Math.ceil(limits.mostSeries / 2) || count === limits.mostSeries) {
      limits.onFilling(count, created.definition);
    }
    return created;
  }

  return {
    trend: (metric, tags) => intern(metric, 'trend', tags, TrendSeries),
    counter: (metric, tags) => intern(metric, 'counter', tags, CounterSeries),
    rate: (metric, tags) => intern(metric, 'rate', tags, RateSeries),
    gauge: (metric, tags) => intern(metric, 'gauge', tags, GaugeSeries),

    get cutCount() {
      return cutCount;
    },

    cutOff(metric, tags, waitedMs, mark: CutMark) {
      definitionOf(metric, 'trend');
      cutCount++;
      const { bound, due, idle = false } = mark;
      const key = `${bound} ${due} ${idle} ${internKey(metric, tags)}`;
      const known = cut.get(key) ?? { metric, tags: { ...tags }, ...mark, waits: new Histogram() };
      cut.set(key, known);
      known.waits.add(Math.max(0, waitedMs));
    },

    has: (metric) => definitions.has(metric),

    get isFull() {
      return series.size >= limits.mostSeries;
    },

    define(metric, { type, contains }) {
      const known = definitions.get(metric);
      if (known === undefined) {
        definitions.set(metric, { type, contains });
      } else if (known.type !== type || known.contains !== contains) {
        throw new TypeError(
          `metric ${metric} is already a ${known.type} of ${known.contains}, not a ${type} of ${contains}`,
        );
      }
    },

    flush(startAtMs, endAtMs) {
      const fresh = touched.filter((recorder) => !recorder.defined);
      for (const recorder of fresh) recorder.defined = true;
      const window: MetricWindow = {
        worker,
        startAtMs,
        endAtMs,
        definitions: fresh.map((recorder) => recorder.definition),
        deltas: touched.map((recorder) => recorder.take()),
        ...(cut.size > 0 && {
          cut: [...cut.values()].map((one) => ({ ...one, waits: one.waits.encode() })),
        }),
      };
      cut.clear();
      touched.length = 0;
      return window;
    },
  };
}

/** One text per metric and tag set, whatever the order of the tags. NUL cannot be typed by accident in a tag. */
function internKey(metric: string, tags: Tags): string {
  let key = metric;
  for (const name of Object.keys(tags).sort()) key += `\0${name}\0${tags[name]}`;
  return key;
}
