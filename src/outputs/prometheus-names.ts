// Names and labels by Prometheus' rules: base units, `_total`, allowed letters. The page and remote write use them.

import type { MetricType } from '../model/metric.ts';
import type { OutputRun } from './output.ts';
import type { BookSeries } from './series-book.ts';

export type Labels = readonly (readonly [name: string, value: string])[];

/** `counter` families are named without `_total`. */
export interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** The last part of `name`, when it has a unit. */
  readonly unit: 'seconds' | 'bytes' | undefined;
  readonly help: string;
}

/** What values are divided by: our times are in ms, Prometheus' in seconds. */
export function baseUnitDivisor({ contains }: Pick<BookSeries, 'contains'>): number {
  return contains === 'time' ? 1000 : 1;
}

/** Gives each metric its family. Of two metrics that would have the same name, the later one gets a number. */
export class FamilyNames {
  readonly #byMetric = new Map<string, Family>();
  readonly #taken = new Set<string>();

  /** `part` is `passes` or `all` for the two counters of a rate. */
  of(series: BookSeries, part: 'passes' | 'all' | '' = ''): Family {
    const key = part === '' ? series.metric : `${series.metric} ${part}`;
    const known = this.#byMetric.get(key);
    if (known !== undefined) return known;
    const family = this.#make(series, part);
    this.#byMetric.set(key, family);
    return family;
  }

  #make({ metric, type, contains, title }: BookSeries, part: string): Family {
    const unit = contains === 'time' ? 'seconds' : contains === 'data' ? 'bytes' : undefined;
    let stem = `plimsoll_${metric.replaceAll(/[^a-zA-Z0-9_]/g, '_')}`.replace(/_total$/, '');
    if (unit !== undefined) stem = stem.replace(unit === 'seconds' ? /_(ms|seconds)$/ : /_bytes$/, '');
    const tail = `${part === '' ? '' : `_${part}`}${unit === undefined ? '' : `_${unit}`}`;
    let name = `${stem}${tail}`;
    for (let k = 2; this.#isTaken(name); k++) name = `${stem}_${k}${tail}`;
    for (const suffix of suffixes) this.#taken.add(`${name}${suffix}`);
    return { name, type: familyType(type), unit, help: helpOf(metric, part, title) };
  }

  /** No sample of one family may look like a sample of another: `x_count` beside a histogram `x`. */
  #isTaken(name: string): boolean {
    return suffixes.some((suffix) => this.#taken.has(`${name}${suffix}`));
  }
}

const suffixes = ['', '_total', '_bucket', '_sum', '_count', '_created'];

function familyType(type: MetricType): Family['type'] {
  return type === 'trend' ? 'histogram' : type === 'rate' ? 'counter' : type;
}

function helpOf(metric: string, part: string, title: string | undefined): string {
  if (part === 'passes') return `Values of ${metric} that were true`;
  if (part === 'all') return `All values of ${metric}`;
  return metric.startsWith('monitor_') && title !== undefined ? `${metric}: ${title}` : metric;
}

/**
 * The labels of a series, ascending by name: tags of the run, its own, and suite, profile and run. Names that these
 * three or Prometheus itself take are preceded by `tag_`. Empty values are left out, as they mean the same as none.
 */
export function labelsOf(series: Pick<BookSeries, 'tags'>, run: OutputRun): Labels {
  const labels = new Map<string, string>();
  for (const [tag, value] of Object.entries({ ...run.tags, ...series.tags })) {
    if (value !== '') labels.set(freeName(labelName(tag), labels), value);
  }
  for (const name of runLabels) if (nameOf(run, name) !== '') labels.set(name, nameOf(run, name));
  return [...labels].sort(([a], [b]) => (a < b ? -1 : 1));
}

const runLabels = ['suite', 'profile', 'run'] as const;

function nameOf(run: OutputRun, name: (typeof runLabels)[number]): string {
  return name === 'run' ? run.id : run[name];
}

function labelName(tag: string): string {
  const name = tag.replaceAll(/[^a-zA-Z0-9_]/g, '_');
  const reserved = /^(__|\d)/.test(name) || ['suite', 'profile', 'run', 'le', 'quantile', ''].includes(name);
  return reserved ? `tag_${name}` : name;
}

function freeName(name: string, taken: ReadonlyMap<string, string>): string {
  let free = name;
  for (let k = 2; taken.has(free); k++) free = `${name}_${k}`;
  return free;
}

/** A number as Prometheus writes it; of bounds (`le`) always with a point, as OpenMetrics wants it. */
export function prometheusNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}

export function boundText(bound: number): string {
  const text = prometheusNumber(bound);
  return /^\d+$/.test(text) ? `${text}.0` : text;
}
