// Reads the figures of a suite's selections off metrics, reading by reading: keeps running totals and what histograms
// gained, and says what is wrong with a selection once. Used by the monitors `prometheus` and `otlp`.

import type { Reading } from '../../model/monitor.ts';
import type { SelectionPlan } from '../../model/monitor-settings.ts';
import { selectionType } from '../../model/selection-figures.ts';
import { nearestName } from '../../text/nearest-name.ts';
import { averageOf, DistributionGains, mergeDistributions, quantileOf } from './distribution.ts';
import { findMetric, withLabels } from './look-up.ts';
import type { Distribution, Metric, Metrics, NumberSeries } from './metric.ts';
import { SeriesTotals } from './series-totals.ts';

/** Figures by name, as `SourceOf<'prometheus'>` has them. */
export type SelectionPlans = Readonly<Record<string, SelectionPlan>>;

/** What a source has at one moment. */
export interface Snapshot {
  readonly metrics: Metrics;
  /** All names that the source has, for suggestions. */
  names(): ReadonlySet<string>;
  /** Metrics that have told nothing new since the last reading; their figures are left out without a word. */
  readonly silent?: ReadonlySet<string>;
  /** Wall clock time of the snapshot. */
  readonly atEpochMs: number;
}

/** The names that selections ask for. */
export function wantedNames(select: SelectionPlans): ReadonlySet<string> {
  return new Set(Object.values(select).map(({ metric }) => metric));
}

export class SelectionReader {
  private readonly figures: readonly { readonly name: string; readonly reader: FigureReader }[];
  private readonly told = new Set<string>();

  constructor(select: SelectionPlans) {
    this.figures = Object.entries(select).map(([name, plan]) => ({ name, reader: new FigureReader(plan) }));
  }

  read(snapshot: Snapshot): Reading {
    const values = new Map<string, number>();
    const events: string[] = [];
    for (const { name, reader } of this.figures) {
      if (snapshot.silent?.has(reader.plan.metric)) continue;
      const { value, problem } = reader.read(snapshot);
      if (value !== undefined && Number.isFinite(value)) values.set(name, value);
      if (problem === undefined || this.told.has(`${name} ${problem.kind}`)) continue;
      this.told.add(`${name} ${problem.kind}`);
      events.push(`${name}: ${problem.text()}`.slice(0, 390));
    }
    return { values: Object.fromEntries(values), ...(events.length > 0 && { events }) };
  }
}

interface FigureReading {
  /** What is not finite is left out. */
  readonly value?: number;
  readonly problem?: Problem;
}

interface Problem {
  /** Each kind is told once per figure. */
  readonly kind: 'missing' | 'labels' | 'type';
  text(): string;
}

type Mode = NonNullable<SelectionPlan['as']>;

class FigureReader {
  readonly plan: SelectionPlan;
  private readonly totals = new SeriesTotals();
  private readonly gains = new DistributionGains();

  constructor(plan: SelectionPlan) {
    this.plan = plan;
  }

  read(snapshot: Snapshot): FigureReading {
    const { metric: name, labels, scale } = this.plan;
    const metric = findMetric(snapshot.metrics, name);
    if (metric === undefined) return { problem: missing(name, snapshot) };
    const mode = this.plan.as ?? defaultMode(this.plan, metric);
    const contradiction = contradictionOf(this.plan, mode, metric);
    if (contradiction !== undefined) return { problem: { kind: 'type', text: () => contradiction } };
    const value = this.valueOf(mode, metric, snapshot.atEpochMs);
    const matches = matching(mode, metric, labels);
    const problem: Problem | undefined =
      matches > 0 ? undefined : { kind: 'labels', text: () => noSeries(name, labels, mode) };
    return { ...(value !== undefined && { value: value * scale }), ...(problem && { problem }) };
  }

  private valueOf(mode: Mode, metric: Metric, atEpochMs: number): number | undefined {
    const { labels, combine, quantile = Number.NaN } = this.plan;
    const numbers = (): readonly NumberSeries[] =>
      withLabels(metric.numbers, labels).filter(({ value }) => !Number.isNaN(value));
    switch (mode) {
      case 'value':
        return combined(
          numbers().map(({ value }) => value),
          combine,
        );
      case 'increase':
        return this.totals.add(numbers(), atEpochMs);
      case 'average':
      case 'quantile': {
        const distribution = this.gained(metric, atEpochMs);
        if (distribution === undefined) return undefined;
        return mode === 'average' ? averageOf(distribution) : quantileOf(quantile, distribution);
      }
    }
  }

  /** Gauge histograms tell what there is now, all others what was added. */
  private gained(metric: Metric, atEpochMs: number): Distribution | undefined {
    const series = withLabels(metric.distributions, this.plan.labels);
    if (metric.type !== 'gaugehistogram') return this.gains.add(series, atEpochMs);
    return mergeDistributions(series.map(({ distribution }) => distribution));
  }
}

const hasDistributions = ({ type }: Metric): boolean =>
  type === 'histogram' || type === 'gaugehistogram' || type === 'summary';

function defaultMode(plan: SelectionPlan, metric: Metric): Mode {
  if (selectionType(plan) === 'counter') return 'increase';
  return hasDistributions(metric) && plan.labels.quantile === undefined ? 'average' : 'value';
}

/** Why a metric of that type cannot be read so, and what to write; `undefined` when it can. */
function contradictionOf(plan: SelectionPlan, mode: Mode, metric: Metric): string | undefined {
  const { metric: name, as } = plan;
  const { type } = metric;
  if (mode === 'quantile' || mode === 'average') {
    if (!hasDistributions(metric)) return `${name} is a ${type} and has no ${mode}`;
    if (mode === 'quantile' && type === 'summary') {
      return `${name} is a summary, which contains its own quantiles: select one by labels, such as quantile: "0.95"`;
    }
    return undefined;
  }
  if (hasDistributions(metric) && !(type === 'summary' && plan.labels.quantile !== undefined)) {
    return `${name} is a ${type}: select ${name}_count, or say as: average${type === 'summary' ? '' : ' or quantile'}`;
  }
  if (mode === 'increase' && type !== 'counter' && type !== 'unknown') {
    const because = as === undefined ? 'and its name is that of a counter: say as: value' : 'and no counter';
    return `${name} is a ${type} ${because}`;
  }
  // Without `as` the name has made it a gauge, and a gauge of a total says nothing.
  if (mode === 'value' && as === undefined && type === 'counter') {
    return `${name} is a counter, and its name is not that of one: say as: increase`;
  }
  return undefined;
}

function combined(values: readonly number[], how: SelectionPlan['combine']): number | undefined {
  if (values.length === 0) return undefined;
  const sum = (): number => values.reduce((total, value) => total + value, 0);
  switch (how) {
    case 'sum':
      return sum();
    case 'avg':
      return sum() / values.length;
    case 'max':
      return values.reduce((a, b) => Math.max(a, b));
    case 'min':
      return values.reduce((a, b) => Math.min(a, b));
  }
}

function matching(mode: Mode, metric: Metric, labels: SelectionPlan['labels']): number {
  if (mode === 'average' || mode === 'quantile') return withLabels(metric.distributions, labels).length;
  return withLabels(metric.numbers, labels).length;
}

function noSeries(name: string, labels: SelectionPlan['labels'], mode: Mode): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  const which = pairs.length === 0 ? '' : ` with ${pairs.join(', ')}`;
  return `${name} has no series${which}${mode === 'increase' ? ' so far, which counts as 0' : ''}`;
}

function missing(name: string, snapshot: Snapshot): Problem {
  return {
    kind: 'missing',
    text: () => {
      const names = snapshot.names();
      // Longer names are what is meant more often than other letters: `requests` for `requests_total`.
      const longer = [`${name}_total`, `${name}_info`].find((one) => names.has(one));
      const nearest = longer ?? nearestName(name, names);
      return `there is no metric ${name}${nearest === undefined ? '' : `; did you mean ${nearest}?`}`;
    },
  };
}
