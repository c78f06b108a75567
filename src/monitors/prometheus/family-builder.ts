// Puts the samples of one family of a text page together: buckets, sum and count of a histogram become one series.
// Called by exposition.ts.

import { ExpositionError, parseNumber, type SampleLine } from './exposition-line.ts';
import {
  type Distribution,
  type DistributionSeries,
  type Labels,
  type Metric,
  type MetricType,
  type NumberSeries,
  seriesKey,
} from './metric.ts';

/** The endings that samples of a type may have; `''` is the family's own name. */
const textSuffixes: Readonly<Partial<Record<MetricType, readonly string[]>>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};
const openMetricsSuffixes: Readonly<Partial<Record<MetricType, readonly string[]>>> = {
  counter: ['_total', '_created'],
  histogram: ['_bucket', '_sum', '_count', '_created'],
  gaugehistogram: ['_bucket', '_gsum', '_gcount'],
  summary: ['', '_sum', '_count', '_created'],
  info: ['_info'],
};
const endings = /_(?:bucket|sum|count|total|created|gsum|gcount|info)$/;

/** The family that a sample belongs to by its name, of those that have said their type; `undefined`: none. */
export function familyOfSample(
  name: string,
  families: ReadonlyMap<string, FamilyBuilder>,
  openMetrics: boolean,
): { family: FamilyBuilder; suffix: string } | undefined {
  const suffixes = openMetrics ? openMetricsSuffixes : textSuffixes;
  const own = families.get(name);
  if (own !== undefined && (suffixes[own.type] ?? ['']).includes('')) return { family: own, suffix: '' };
  const suffix = endings.exec(name)?.[0];
  if (suffix === undefined) return undefined;
  const family = families.get(name.slice(0, -suffix.length));
  return family !== undefined && suffixes[family.type]?.includes(suffix) ? { family, suffix } : undefined;
}

interface Parts {
  readonly key: string;
  readonly labels: Labels;
  /** Of the first sample. */
  readonly line: number;
  value?: number;
  count?: number;
  sum?: number;
  startEpochMs?: number;
  buckets?: Map<number, number>;
}

export class FamilyBuilder {
  readonly name: string;
  readonly type: MetricType;
  private readonly openMetrics: boolean;
  private readonly series = new Map<string, Parts>();

  constructor(name: string, type: MetricType, openMetrics: boolean) {
    this.name = name;
    this.type = type;
    this.openMetrics = openMetrics;
  }

  get hasSamples(): boolean {
    return this.series.size > 0;
  }

  /** As `Metrics` calls it. */
  get metricName(): string {
    if (!this.openMetrics) return this.name;
    if (this.type === 'counter') return `${this.name}_total`;
    return this.type === 'info' ? `${this.name}_info` : this.name;
  }

  add(suffix: string, { labels, value }: SampleLine, line: number): void {
    switch (suffix) {
      case '_bucket':
        this.addBucket(labels, value, line);
        return;
      case '_count':
      case '_gcount':
        this.partsOf(labels, line).count = value;
        return;
      case '_sum':
      case '_gsum':
        this.partsOf(labels, line).sum = value;
        return;
      case '_created':
        this.partsOf(labels, line).startEpochMs = value * 1000;
        return;
      default:
        if (this.type === 'summary' && parseNumber(labels.get('quantile') ?? '') === undefined) {
          throw new ExpositionError(line, `a quantile of ${this.name} has no label quantile with a number`);
        }
        this.partsOf(labels, line).value = value;
    }
  }

  private addBucket(labels: Labels, value: number, line: number): void {
    const bound = parseNumber(labels.get('le') ?? '');
    if (bound === undefined || Number.isNaN(bound)) {
      throw new ExpositionError(line, `a bucket of ${this.name} has no label le with a number`);
    }
    if (!(value >= 0)) throw new ExpositionError(line, `a bucket of ${this.name} cannot hold ${value}`);
    const rest = new Map(labels);
    rest.delete('le');
    const parts = this.partsOf(rest, line);
    parts.buckets ??= new Map();
    parts.buckets.set(bound, value);
  }

  private partsOf(labels: Labels, line: number): Parts {
    const key = seriesKey(labels);
    let parts = this.series.get(key);
    if (parts === undefined) {
      parts = { key, labels, line };
      this.series.set(key, parts);
    }
    return parts;
  }

  build(): Metric {
    const numbers: NumberSeries[] = [];
    const distributions: DistributionSeries[] = [];
    for (const parts of this.series.values()) {
      const { key, labels, value, startEpochMs } = parts;
      const series = { key, labels, ...(startEpochMs !== undefined && { startEpochMs }) };
      if (value !== undefined) numbers.push({ ...series, value });
      const distribution = this.distributionOf(parts);
      if (distribution !== undefined) distributions.push({ ...series, distribution });
    }
    return { type: this.type, numbers, distributions };
  }

  private distributionOf({ buckets, count, sum, line }: Parts): Distribution | undefined {
    if (buckets === undefined) {
      // A quantile of a summary is a number, and its count and sum are another series of fewer labels.
      if (count === undefined && sum === undefined) return undefined;
      if (this.type === 'histogram' || this.type === 'gaugehistogram') {
        throw new ExpositionError(line, `the histogram ${this.name} has no buckets`);
      }
      return { count: count ?? Number.NaN, sum: sum ?? Number.NaN };
    }
    const all = buckets.get(Number.POSITIVE_INFINITY);
    if (all === undefined) {
      throw new ExpositionError(line, `the histogram ${this.name} has no bucket with le="+Inf"`);
    }
    const bounds = [...buckets.keys()].sort((a, b) => a - b);
    const counts = bounds.map((bound) => buckets.get(bound)!);
    return { count: count ?? all, sum: sum ?? Number.NaN, classic: { bounds, counts } };
  }
}
