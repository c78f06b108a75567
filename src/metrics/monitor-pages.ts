// All that one monitor reports during a run: its part of the record, and what is asked of its figures. monitor-book.ts
// keeps one for each monitor.

import { type MetricDefinition, seriesKey, type Tags } from '../model/metric.ts';
import {
  containsOf,
  type MonitorDiagnosis,
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
import { EntryClock, FigureCourse, growthPerHour } from './figure-series.ts';
import { FigureTotals } from './figure-totals.ts';
import type { MetricSubject } from './metric-subject.ts';
import { partOfSample, scenarioSpan, type TimeSpan } from './scenario-times.ts';

const maxEventCount = 200;
const maxGapCount = 200;
const msPerSec = 1000;
/** A figure that was not read for so many intervals is not known any more. */
const staleIntervals = 2.5;
/** What the tags of a threshold select when they name no scenario of the plan. */
const never: TimeSpan = { fromMs: Infinity, untilMs: Infinity };
const always: TimeSpan = { fromMs: -Infinity, untilMs: Infinity };

/** A figure as it stands. */
export interface CurrentFigure {
  /** A gauge's latest reading, or a counter's latest gain per second. */
  readonly value: number;
  readonly atMs: number;
  /** Until when it counts as known. */
  readonly validUntilMs: number;
}

/** A figure in the time of one scenario. */
interface SelectedFigure {
  readonly figure: string;
  readonly span: TimeSpan;
  readonly totals: FigureTotals;
}

/** All that is known of one monitor. */
export class MonitorPages {
  readonly #plan: MonitorPlan;
  readonly #clock = new EntryClock();
  readonly #courses = new Map<string, FigureCourse>();
  readonly #totals = new Map<string, FigureTotals>();
  /** What thresholds with tags select, by series key. */
  readonly #selected = new Map<string, SelectedFigure>();
  readonly #metrics: ReadonlyMap<string, { figure: string; definition: MetricDefinition }>;
  readonly #current = new Map<string, CurrentFigure>();
  readonly #tables = new Map<string, MonitorTable>();
  readonly #events: MonitorEvent[] = [];
  readonly #gaps: MonitorGap[] = [];
  #gapCount = 0;
  #lastReadAtMs: number | undefined;
  #failing: { readonly fromMs: number; readonly reason: string } | undefined;
  #readings = 0;
  #failures = 0;
  #skipped = 0;
  #readingMs = 0;
  #diagnosis: MonitorDiagnosis | undefined;

  constructor(plan: MonitorPlan, run: Pick<Plan, 'thresholds' | 'scenarios' | 'search'>) {
    this.#plan = plan;
    const metrics = new Map<string, { figure: string; definition: MetricDefinition }>();
    for (const [figure, one] of Object.entries(plan.figures)) {
      const metric = monitorMetric(plan.name, figure);
      const sampled = one.type === 'gauge' ? ({ sampled: true } as const) : {};
      metrics.set(metric, { figure, definition: { type: one.type, contains: containsOf(one), ...sampled } });
      this.#courses.set(figure, new FigureCourse());
      const own = run.thresholds.filter((threshold) => threshold.metric === metric);
      this.#totals.set(figure, new FigureTotals(one, sharesAskedFor(own)));
      for (const { tags } of own.filter((threshold) => Object.keys(threshold.tags).length > 0)) {
        const { scenario, ...others } = tags;
        const isSpan = scenario !== undefined && Object.keys(others).length === 0;
        const span = (isSpan ? scenarioSpan(run, scenario) : undefined) ?? never;
        const totals = new FigureTotals(one, sharesAskedFor(own));
        this.#selected.set(seriesKey(metric, tags), { figure, span, totals });
      }
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
        this.#sample(report);
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
      case 'diagnosis': {
        const { kind: _kind, monitor: _monitor, ...diagnosis } = report;
        this.#diagnosis = diagnosis;
        break;
      }
    }
  }

  #sample({ sample, readingMs }: Extract<MonitorReport, { kind: 'sample' }>): void {
    const { atMs, values, gains } = sample;
    const index = this.#clock.next(atMs, () => {
      for (const course of this.#courses.values()) course.join();
    });
    // Readings that take long are made at longer intervals.
    const paceMs = Math.max(this.#plan.intervalMs, readingMs / this.#plan.share);
    const validUntilMs = atMs + staleIntervals * paceMs + this.#plan.timeoutMs;
    const now = (figure: string, value: number, weight: number): void => {
      this.#courses.get(figure)?.add(index, value, weight);
      this.#current.set(figure, { value, atMs, validUntilMs });
    };
    for (const [figure, value] of Object.entries(values)) {
      this.#totals.get(figure)?.add(value);
      now(figure, value, 1);
    }
    for (const [figure, { by, overMs }] of Object.entries(gains)) {
      if (overMs <= 0) continue;
      this.#totals.get(figure)?.gain(by, overMs);
      now(figure, (by * msPerSec) / overMs, overMs);
    }
    for (const { figure, span, totals } of this.#selected.values()) {
      const part = partOfSample(sample, span);
      // Figures are called as the suite likes, also as what every object has.
      const value = Object.hasOwn(part.values, figure) ? part.values[figure] : undefined;
      const gain = Object.hasOwn(part.gains, figure) ? part.gains[figure] : undefined;
      if (value !== undefined) totals.add(value);
      if (gain !== undefined && gain.overMs > 0) totals.gain(gain.by, gain.overMs);
    }
    this.#readings++;
    this.#lastReadAtMs = atMs;
    if (this.#failing !== undefined) {
      this.#gapCount++;
      if (this.#gaps.length < maxGapCount) this.#gaps.push({ ...this.#failing, untilMs: atMs });
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

  subject(figure: string, tags: Tags): MetricSubject {
    const key = seriesKey(monitorMetric(this.#plan.name, figure), tags);
    const { totals, span } = this.#selected.get(key) ?? { totals: this.#totals.get(figure)!, span: always };
    return totals.subject(() => this.#growth(figure, span));
  }

  #growth(figure: string, { fromMs, untilMs }: TimeSpan): number | undefined {
    const times = this.#clock.middles();
    const means = this.#courses.get(figure)!.means(times.length);
    const isInside = (_: unknown, i: number): boolean => times[i]! >= fromMs && times[i]! < untilMs;
    return growthPerHour(times.filter(isInside), means.filter(isInside));
  }

  record(): MonitorRecord {
    const { kind } = this.#plan.source;
    const read = Object.entries(this.#plan.figures).filter(([figure]) => this.#current.has(figure));
    const times = this.#clock.middles();
    const { readingsPerEntry } = this.#clock;
    const open = this.#failing === undefined ? [] : [{ ...this.#failing, untilMs: null }];
    const gaps = [...this.#gaps, ...open].slice(0, maxGapCount);
    const gapCount = this.#gapCount + open.length;
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
      gaps,
      ...(gapCount > gaps.length && { gapCount }),
      events: this.#events,
      tables: [...this.#tables.values()],
      ...(this.#diagnosis !== undefined && { diagnosis: this.#diagnosis }),
      readingMs: Math.round(this.#readingMs),
      skipped: this.#skipped,
    };
  }
}

function sharesAskedFor(thresholds: readonly ThresholdPlan[]): number[] {
  return thresholds.flatMap(({ aggregation }) =>
    aggregation.kind === 'share_above' ? [aggregation.value] : [],
  );
}
