// Keeps what monitors report during a run: their part of the record, and what thresholds and alerts ask of it. The
// collector owns one.

import type { MetricDefinition } from '../model/metric.ts';
import {
  containsOf,
  type MonitorEvent,
  type MonitorGap,
  type MonitorRecord,
  type MonitorReport,
  type MonitorTable,
  monitorMetric,
} from '../model/monitor.ts';
import { describeSource, type MonitorPlan } from '../model/monitor-settings.ts';
import type { Plan, ThresholdPlan } from '../model/plan.ts';
import type { LiveMonitor } from '../model/progress.ts';
import type { MetricEntry } from '../model/run-record.ts';
import { EntryClock, FigureCourse, GaugeTotals } from './figure-series.ts';
import { evaluateThreshold, isBroken, type ThresholdSubject } from './thresholds.ts';

const maxEventCount = 200;
const msPerSec = 1000;
/** A figure that was not read for so many intervals is not known any more. */
const staleIntervals = 2.5;

/** A figure as it stands. */
export interface CurrentFigure {
  /** A gauge's latest reading, or a counter's latest gain per second. */
  readonly value: number;
  readonly atMs: number;
  /** Until when it counts as known. */
  readonly validUntilMs: number;
}

export class MonitorBook {
  readonly #monitors: Map<string, MonitorPages>;
  readonly #thresholds: readonly ThresholdPlan[];

  constructor({ monitors = [], thresholds }: Pick<Plan, 'monitors' | 'thresholds'>) {
    this.#thresholds = thresholds;
    this.#monitors = new Map(monitors.map((plan) => [plan.name, new MonitorPages(plan, thresholds)]));
  }

  accept(report: MonitorReport): void {
    const name = report.kind === 'sample' ? report.sample.monitor : report.monitor;
    this.#monitors.get(name)?.accept(report);
  }

  /** Whether a metric is that of a monitor's figure. */
  has(metric: string): boolean {
    return this.#find(metric) !== undefined;
  }

  /** What a figure is, in the words of metrics; `undefined` for metrics of others. */
  definitionOf(metric: string): MetricDefinition | undefined {
    return this.#find(metric)?.definition;
  }

  /** The latest of a figure; `undefined` before the first. */
  current(metric: string): CurrentFigure | undefined {
    const found = this.#find(metric);
    return found?.pages.current(found.figure);
  }

  /** What a threshold on a figure looks at. */
  subject(metric: string): ThresholdSubject | undefined {
    const found = this.#find(metric);
    return found?.pages.subject(found.figure);
  }

  #find(metric: string): { pages: MonitorPages; figure: string; definition: MetricDefinition } | undefined {
    for (const pages of this.#monitors.values()) {
      const found = pages.figureOf(metric);
      if (found !== undefined) return { pages, ...found };
    }
    return undefined;
  }

  /** The `abortOnFail` thresholds on figures that are broken at this run time. */
  broken(elapsedMs: number): ThresholdPlan[] {
    return this.#thresholds.filter((threshold) => {
      if (!threshold.abortOnFail || elapsedMs < threshold.delayAbortEvalMs) return false;
      const subject = this.subject(threshold.metric);
      return subject !== undefined && isBroken(threshold, subject);
    });
  }

  /** The figures' metrics, by name: of those that were read, and of those that a threshold is on. */
  entries(abortedBy: readonly ThresholdPlan[]): Record<string, MetricEntry> {
    const entries: Record<string, MetricEntry> = {};
    for (const pages of this.#monitors.values()) {
      for (const { metric, figure, definition } of pages.figures()) {
        const subject = pages.subject(figure);
        const own = this.#thresholds.filter((threshold) => threshold.metric === metric);
        if (subject.empty && own.length === 0) continue;
        entries[metric] = {
          type: definition.type,
          contains: definition.contains,
          values: subject.values,
          metric,
          ...(own.length > 0 && {
            thresholds: Object.fromEntries(
              own.map((one) => [one.expression, evaluateThreshold(one, subject, abortedBy.includes(one))]),
            ),
          }),
        };
      }
    }
    return entries;
  }

  /** What every monitor sees at run time `nowMs`. */
  live(nowMs: number): LiveMonitor[] {
    return [...this.#monitors.values()].map((pages) => pages.live(nowMs));
  }

  /** By name of the monitor. */
  records(): Record<string, MonitorRecord> {
    return Object.fromEntries([...this.#monitors].map(([name, pages]) => [name, pages.record()]));
  }
}

interface CounterTotals {
  readings: number;
  gained: number;
  observedMs: number;
}

/** All that is known of one monitor. */
class MonitorPages {
  readonly #plan: MonitorPlan;
  readonly #clock = new EntryClock();
  readonly #courses = new Map<string, FigureCourse>();
  readonly #gauges = new Map<string, GaugeTotals>();
  readonly #counters = new Map<string, CounterTotals>();
  readonly #metrics: ReadonlyMap<string, { figure: string; definition: MetricDefinition }>;
  readonly #current = new Map<string, CurrentFigure>();
  readonly #tables = new Map<string, MonitorTable>();
  readonly #events: MonitorEvent[] = [];
  readonly #gaps: MonitorGap[] = [];
  #lastReadAtMs: number | undefined;
  #failing: { readonly fromMs: number; readonly reason: string } | undefined;
  #readings = 0;
  #failures = 0;
  #skipped = 0;
  #readingMs = 0;

  constructor(plan: MonitorPlan, thresholds: readonly ThresholdPlan[]) {
    this.#plan = plan;
    const metrics = new Map<string, { figure: string; definition: MetricDefinition }>();
    for (const [figure, one] of Object.entries(plan.figures)) {
      const metric = monitorMetric(plan.name, figure);
      const sampled = one.type === 'gauge' ? ({ sampled: true } as const) : {};
      metrics.set(metric, { figure, definition: { type: one.type, contains: containsOf(one), ...sampled } });
      this.#courses.set(figure, new FigureCourse());
      if (one.type === 'counter') this.#counters.set(figure, { readings: 0, gained: 0, observedMs: 0 });
      else this.#gauges.set(figure, new GaugeTotals(limitsAskedFor(metric, thresholds)));
    }
    this.#metrics = metrics;
  }

  figureOf(metric: string): { figure: string; definition: MetricDefinition } | undefined {
    return this.#metrics.get(metric);
  }

  figures(): { metric: string; figure: string; definition: MetricDefinition }[] {
    return [...this.#metrics].map(([metric, found]) => ({ metric, ...found }));
  }

  current(figure: string): CurrentFigure | undefined {
    return this.#current.get(figure);
  }

  accept(report: MonitorReport): void {
    switch (report.kind) {
      case 'sample':
        this.#readingMs += report.readingMs;
        for (const table of report.tables ?? []) this.#tables.set(table.name, table);
        this.#sample(report.sample);
        break;
      case 'failure':
        this.#readingMs += report.readingMs;
        this.#failures++;
        this.#failing ??= { fromMs: this.#lastReadAtMs ?? report.atMs, reason: report.reason };
        break;
      case 'event':
        if (this.#events.length < maxEventCount) this.#events.push({ atMs: report.atMs, text: report.text });
        break;
      case 'skipped':
        this.#skipped += report.count;
        break;
    }
  }

  #sample({ atMs, values, gains }: Extract<MonitorReport, { kind: 'sample' }>['sample']): void {
    const index = this.#clock.next(atMs, () => {
      for (const course of this.#courses.values()) course.join();
    });
    const validUntilMs = atMs + staleIntervals * this.#plan.intervalMs + this.#plan.timeoutMs;
    const now = (figure: string, value: number): void => {
      this.#courses.get(figure)?.add(index, value);
      this.#current.set(figure, { value, atMs, validUntilMs });
    };
    for (const [figure, value] of Object.entries(values)) {
      this.#gauges.get(figure)?.add(value);
      now(figure, value);
    }
    for (const [figure, { by, overMs }] of Object.entries(gains)) {
      const totals = this.#counters.get(figure);
      if (totals === undefined || overMs <= 0) continue;
      totals.readings++;
      totals.gained += by;
      totals.observedMs += overMs;
      now(figure, (by * msPerSec) / overMs);
    }
    this.#readings++;
    this.#lastReadAtMs = atMs;
    if (this.#failing !== undefined) {
      this.#gaps.push({ ...this.#failing, untilMs: atMs });
      this.#failing = undefined;
    }
  }

  live(nowMs: number): LiveMonitor {
    const { name, title } = this.#plan;
    const figures = Object.entries(this.#plan.figures).flatMap(([figure, definition]) => {
      const current = definition.headline === undefined ? undefined : this.#current.get(figure);
      if (current === undefined || current.validUntilMs < nowMs) return [];
      return [{ definition, value: current.value }];
    });
    return { name, title, figures, failing: this.#failing !== undefined };
  }

  subject(figure: string): ThresholdSubject {
    const counter = this.#counters.get(figure);
    if (counter !== undefined) {
      const { readings, gained, observedMs } = counter;
      const rate = observedMs > 0 ? (gained * msPerSec) / observedMs : 0;
      return { values: { count: gained, rate }, histogram: undefined, empty: readings === 0, sampled: true };
    }
    const gauge = this.#gauges.get(figure)!;
    const { times } = this.#clock;
    return {
      values: gauge.values(this.#clock.middles(), this.#courses.get(figure)!.means(times.length)),
      histogram: gauge.histogram,
      empty: gauge.histogram.count === 0,
      sampled: true,
      shareAbove: (limit) => gauge.shareAbove(limit),
    };
  }

  record(): MonitorRecord {
    const { kind } = this.#plan.source;
    const read = Object.entries(this.#plan.figures).filter(([figure]) => this.#current.has(figure));
    const times = this.#clock.middles();
    const { readingsPerEntry } = this.#clock;
    const open = this.#failing === undefined ? [] : [{ ...this.#failing, untilMs: null }];
    return {
      kind,
      title: this.#plan.title,
      source: describeSource(this.#plan.source),
      intervalMs: this.#plan.intervalMs,
      figures: Object.fromEntries(read),
      times,
      readingsPerEntry,
      series: Object.fromEntries(
        read.map(([figure]) => [figure, this.#courses.get(figure)!.series(times.length, readingsPerEntry)]),
      ),
      readings: this.#readings,
      failures: this.#failures,
      gaps: [...this.#gaps, ...open],
      events: this.#events,
      tables: [...this.#tables.values()],
      readingMs: Math.round(this.#readingMs),
      skipped: this.#skipped,
    };
  }
}

function limitsAskedFor(metric: string, thresholds: readonly ThresholdPlan[]): number[] {
  return thresholds.flatMap(({ metric: of, aggregation }) =>
    of === metric && aggregation.kind === 'share_above' ? [aggregation.value] : [],
  );
}
