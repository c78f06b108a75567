// Keeps what monitors report during a run: their part of the record, and what thresholds and alerts ask of it. The
// collector owns one.

import { type MetricDefinition, seriesKey, type Tags } from '../model/metric.ts';
import type { MonitorRecord, MonitorReport } from '../model/monitor.ts';
import type { Plan, ThresholdPlan } from '../model/plan.ts';
import type { LiveMonitor } from '../model/progress.ts';
import type { MeasuredEntry } from './metric-entries.ts';
import type { MetricSubject } from './metric-subject.ts';
import { type CurrentFigure, MonitorPages } from './monitor-pages.ts';

/** What a threshold is on. */
type Selector = Pick<ThresholdPlan, 'metric' | 'tags'>;

export class MonitorBook {
  readonly #monitors: Map<string, MonitorPages>;
  readonly #thresholds: readonly ThresholdPlan[];

  constructor(plan: Pick<Plan, 'monitors' | 'thresholds' | 'scenarios' | 'search'>) {
    this.#thresholds = plan.thresholds;
    this.#monitors = new Map((plan.monitors ?? []).map((one) => [one.name, new MonitorPages(one, plan)]));
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

  /** What a threshold on a figure looks at: the whole run, or with the tag `scenario` the time of that one. */
  subject({ metric, tags }: Selector): MetricSubject | undefined {
    const found = this.#find(metric);
    return found?.pages.subject(found.figure, tags);
  }

  #find(metric: string): { pages: MonitorPages; figure: string; definition: MetricDefinition } | undefined {
    for (const pages of this.#monitors.values()) {
      const found = pages.figureOf(metric);
      if (found !== undefined) return { pages, ...found };
    }
    return undefined;
  }

  /** The figures' metrics: of those that were read, and of those that a threshold is on. */
  entries(): MeasuredEntry[] {
    const entries: MeasuredEntry[] = [];
    for (const pages of this.#monitors.values()) {
      for (const { metric, figure, definition } of pages.figures()) {
        const own = this.#thresholds.filter((threshold) => threshold.metric === metric);
        const asked = new Set(own.map(({ tags }) => seriesKey(metric, tags)));
        const selected = new Map<string, Tags>([[metric, {}]]);
        for (const { tags } of own) selected.set(seriesKey(metric, tags), tags);
        for (const [key, tags] of selected) {
          const subject = pages.subject(figure, tags);
          if (subject.empty && !asked.has(key)) continue;
          const growth = subject.growth?.();
          const entry = {
            type: definition.type,
            contains: definition.contains,
            values: { ...subject.values, ...(growth !== undefined && { growth }) },
            metric,
            ...(Object.keys(tags).length > 0 && { tags }),
          };
          entries.push({ key, entry, ...(asked.has(key) && { subject }) });
        }
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
