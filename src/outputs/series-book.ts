// What an output knows of a run: one state per metric and tags, over all workers, monitors and alerts. Outputs that
// send totals keep it as it is; those that send the gains of an interval call `startInterval` after each.

import type { AlertTransition } from '../model/alert.ts';
import type {
  BuiltInMetric,
  MetricContains,
  MetricType,
  MetricWindow,
  SeriesDefinition,
  SeriesDelta,
  Tags,
} from '../model/metric.ts';
import { containsOf, type FigureDefinitions, type MonitorSample, monitorMetric } from '../model/monitor.ts';
import { Histogram } from '../stats/histogram.ts';

/** Gauges of which each worker knows its own part: the run's value is the sum over workers. */
const summedGauges: ReadonlySet<string> = new Set<BuiltInMetric>(['vus', 'vus_max']);

interface SeriesBase {
  readonly metric: string;
  readonly contains: MetricContains;
  readonly tags: Tags;
  /** For people; absent of metrics that workers measure. */
  readonly title?: string;
  /** Points taken in and not yet passed on. */
  waitingPoints: number;
}
export interface CounterSeries extends SeriesBase {
  readonly type: 'counter';
  count: number;
}
export interface RateSeries extends SeriesBase {
  readonly type: 'rate';
  passes: number;
  /** Passes and fails. */
  all: number;
}
export interface GaugeSeries extends SeriesBase {
  readonly type: 'gauge';
  value: number;
}
export interface TrendSeries extends SeriesBase {
  readonly type: 'trend';
  readonly histogram: Histogram;
}
export type BookSeries = CounterSeries | RateSeries | GaugeSeries | TrendSeries;

interface GaugeState {
  newestAtMs: number;
  /** By worker; of summed gauges only. */
  readonly parts: Map<number, number>;
}

interface BookOptions {
  readonly monitors: Readonly<Record<string, FigureDefinitions>>;
  /** More series than this are not kept; what they gain is lost. */
  readonly maxSeries?: number;
}

/** A trend takes about 1 kB per power of two that its values lie in, so this is some 50 MB at the worst. */
const defaultMaxSeries = 5000;

/**
 * Takes in windows, samples and alerts. A point is what one series gained in one window, one figure of one sample, or
 * one alert's transition; each is kept in a series or counted as lost. Nothing here throws.
 */
export class SeriesBook {
  readonly #monitors: BookOptions['monitors'];
  readonly #maxSeries: number;
  readonly #series = new Map<string, BookSeries>();
  readonly #gauges = new Map<GaugeSeries, GaugeState>();
  /** The first type that a metric was used as; it has no other. */
  readonly #types = new Map<string, MetricType>();
  readonly #routes = new Map<number, Map<number, BookSeries | null>>();
  readonly #overflow = new Set<string>();
  /** Run time up to which something was measured. */
  newestAtMs = 0;
  /** Points of series beyond the limit, of metrics used as two types, or that could not be read; ever growing. */
  lostPoints = 0;
  /** Grows with each point. */
  revision = 0;

  constructor(options: BookOptions) {
    this.#monitors = options.monitors;
    this.#maxSeries = options.maxSeries ?? defaultMaxSeries;
  }

  /** In the order in which they were first seen. */
  series(): Iterable<BookSeries> {
    return this.#series.values();
  }

  /** How many series there were no room for; counted up to 10,000. */
  get overflowCount(): number {
    return this.#overflow.size;
  }

  window({ worker, startAtMs, endAtMs, definitions, deltas }: MetricWindow): void {
    const routes = this.#routes.get(worker) ?? new Map<number, BookSeries | null>();
    this.#routes.set(worker, routes);
    for (const definition of definitions) {
      // A worker defines each series once: doing so again, it is another process in the place of a lost one.
      if (routes.has(definition.id)) this.#forgetParts(worker, routes);
      routes.set(definition.id, this.#find(definition) ?? null);
    }
    for (const delta of deltas) {
      const series = routes.get(delta.id);
      this.#counted(this.#add(series, worker, startAtMs, delta) ? series : undefined);
    }
    this.newestAtMs = Math.max(this.newestAtMs, endAtMs);
  }

  sample({ monitor, atMs, values, gains }: MonitorSample): void {
    for (const [figure, value] of Object.entries(values)) {
      const series = Number.isFinite(value) ? this.#figure(monitor, figure, 'gauge') : undefined;
      if (series?.type === 'gauge') this.#setGauge(series, atMs, value);
      this.#counted(series);
    }
    for (const [figure, { by }] of Object.entries(gains)) {
      const series = Number.isFinite(by) ? this.#figure(monitor, figure, 'counter') : undefined;
      if (series?.type === 'counter') series.count += by;
      this.#counted(series);
    }
    this.newestAtMs = Math.max(this.newestAtMs, atMs);
  }

  /** Alerts are gauges `alert_firing` by alert and level, 1 or 0. */
  alert({ alert, level, state, atMs, title }: AlertTransition): void {
    let own: BookSeries | undefined;
    for (const each of ['warning', 'critical'] as const) {
      const tags = { alert, level: each };
      const series = this.#find({ metric: 'alert_firing', type: 'gauge', contains: 'default', tags, title });
      if (series?.type === 'gauge')
        this.#setGauge(series, atMs, state === 'firing' && each === level ? 1 : 0);
      if (each === level) own = series;
    }
    this.#counted(own);
    this.newestAtMs = Math.max(this.newestAtMs, atMs);
  }

  /** Forgets what counters, rates and trends gained; gauges stay. */
  startInterval(): void {
    for (const series of this.#series.values()) {
      series.waitingPoints = 0;
      if (series.type === 'counter') series.count = 0;
      else if (series.type === 'trend') series.histogram.reset();
      else if (series.type === 'rate') {
        series.passes = 0;
        series.all = 0;
      }
    }
  }

  /** Whether the delta could be added. */
  #add(
    series: BookSeries | null | undefined,
    worker: number,
    startAtMs: number,
    delta: SeriesDelta,
  ): series is BookSeries {
    if (series === undefined || series === null || !isFiniteDelta(delta)) return false;
    if (series.type === 'counter' && delta.type === 'counter') series.count += delta.count;
    else if (series.type === 'gauge' && delta.type === 'gauge') {
      this.#setGauge(series, startAtMs, delta.value, worker);
    } else if (series.type === 'rate' && delta.type === 'rate') {
      series.passes += delta.passes;
      series.all += delta.passes + delta.fails;
    } else if (series.type === 'trend' && delta.type === 'trend') {
      try {
        series.histogram.mergeEncoded(delta.histogram);
      } catch {
        return false;
      }
    } else {
      return false;
    }
    return true;
  }

  #counted(series: BookSeries | undefined): void {
    this.revision++;
    if (series === undefined) this.lostPoints++;
    else series.waitingPoints++;
  }

  #setGauge(series: GaugeSeries, atMs: number, value: number, worker?: number): void {
    const state = this.#gauges.get(series) ?? { newestAtMs: Number.NEGATIVE_INFINITY, parts: new Map() };
    this.#gauges.set(series, state);
    if (worker !== undefined && summedGauges.has(series.metric)) {
      state.parts.set(worker, value);
      series.value = sum(state.parts.values());
    } else if (atMs >= state.newestAtMs) {
      state.newestAtMs = atMs;
      series.value = value;
    }
  }

  #forgetParts(worker: number, routes: Map<number, BookSeries | null>): void {
    routes.clear();
    for (const [series, { parts }] of this.#gauges) {
      if (parts.delete(worker)) series.value = sum(parts.values());
    }
  }

  #figure(monitor: string, figure: string, type: 'gauge' | 'counter'): BookSeries | undefined {
    const definition = this.#monitors[monitor]?.[figure];
    return this.#find({
      metric: monitorMetric(monitor, figure),
      type,
      contains: definition === undefined ? 'default' : containsOf(definition),
      tags: {},
      ...(definition === undefined ? {} : { title: definition.title }),
    });
  }

  #find(definition: Omit<SeriesDefinition, 'id'> & { readonly title?: string }): BookSeries | undefined {
    const { metric, type, contains, tags, title } = definition;
    if ((this.#types.get(metric) ?? type) !== type) return undefined;
    const key = JSON.stringify([metric, Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))]);
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    if (this.#series.size >= this.#maxSeries) {
      if (this.#overflow.size < 10_000) this.#overflow.add(key);
      return undefined;
    }
    this.#types.set(metric, type);
    const base = { metric, contains, tags, waitingPoints: 0, ...(title === undefined ? {} : { title }) };
    const made = emptySeries(type, base);
    this.#series.set(key, made);
    return made;
  }
}

function emptySeries(type: MetricType, base: SeriesBase): BookSeries {
  switch (type) {
    case 'counter':
      return { ...base, type, count: 0 };
    case 'rate':
      return { ...base, type, passes: 0, all: 0 };
    case 'gauge':
      return { ...base, type, value: 0 };
    case 'trend':
      return { ...base, type, histogram: new Histogram() };
  }
}

/** No receiver takes numbers that are none. */
function isFiniteDelta(delta: SeriesDelta): boolean {
  if (delta.type === 'counter') return Number.isFinite(delta.count);
  return delta.type !== 'gauge' || Number.isFinite(delta.value);
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
