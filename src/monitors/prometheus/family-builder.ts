// Puts the samples of one family of a text page together: buckets, sum and count of a histogram become one series.
// Called by exposition.ts.

import { parseNumber, type SampleLine } from './exposition-line.ts';
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

/** The endings of a type's samples; `''` for those of the family's own name. */
export function suffixesOf(type: MetricType, openMetrics: boolean): readonly string[] {
  return (openMetrics ? openMetricsSuffixes : textSuffixes)[type] ?? plain;
}
const plain: readonly string[] = [''];

/** The family that a sample belongs to by its name, of those that have said their type; `undefined`: none. */
export function familyOfSample(
  name: string,
  families: ReadonlyMap<string, FamilyBuilder>,
  openMetrics: boolean,
): { family: FamilyBuilder; suffix: string } | undefined {
  const own = families.get(name);
  // Prometheus takes counters and infos without their ending, as many sources write them.
  const isBare = own?.type === 'counter' || own?.type === 'info';
  if (own !== undefined && (isBare || suffixesOf(own.type, openMetrics).includes(''))) {
    return { family: own, suffix: '' };
  }
  const suffix = endings.exec(name)?.[0];
  if (suffix === undefined) return undefined;
  const family = families.get(name.slice(0, -suffix.length));
  if (family === undefined || !suffixesOf(family.type, openMetrics).includes(suffix)) return undefined;
  if (suffix === '_total' || suffix === '_info') family.hasEnding = true;
  return { family, suffix };
}

interface Parts {
  readonly key: string;
  readonly labels: Labels;
  value?: number;
  count?: number;
  sum?: number;
  startEpochMs?: number;
  buckets?: Map<number, number>;
  /** A bucket holds less than nothing, or no number of observations. */
  isNonsense?: boolean;
}

export class FamilyBuilder {
  readonly name: string;
  readonly type: MetricType;
  /** Samples of a counter or an info have come with the ending that OpenMetrics gives them. */
  hasEnding = false;
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
    if (!this.openMetrics || (this.hasSamples && !this.hasEnding)) return this.name;
    if (this.type === 'counter') return `${this.name}_total`;
    return this.type === 'info' ? `${this.name}_info` : this.name;
  }

  add(suffix: string, { labels, value }: SampleLine): void {
    switch (suffix) {
      case '_bucket':
        this.addBucket(labels, value);
        return;
      case '_count':
      case '_gcount':
        this.partsOf(labels).count ??= value;
        return;
      case '_sum':
      case '_gsum':
        this.partsOf(labels).sum ??= value;
        return;
      case '_created':
        this.partsOf(labels).startEpochMs ??= value * 1000;
        return;
      default:
        // A series that says nothing of the summary.
        if (this.type === 'summary' && parseNumber(labels.get('quantile') ?? '') === undefined) return;
        // Of series that stand there twice Prometheus keeps the first.
        this.partsOf(labels).value ??= value;
    }
  }

  private addBucket(labels: Labels, value: number): void {
    const bound = parseNumber(labels.get('le') ?? '');
    // A series that says nothing of the histogram.
    if (bound === undefined || Number.isNaN(bound)) return;
    const rest = new Map(labels);
    rest.delete('le');
    const parts = this.partsOf(rest);
    parts.buckets ??= new Map();
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) parts.isNonsense = true;
    if (!parts.buckets.has(bound)) parts.buckets.set(bound, value);
  }

  private partsOf(labels: Labels): Parts {
    const key = seriesKey(labels);
    let parts = this.series.get(key);
    if (parts === undefined) {
      parts = { key, labels };
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

  /** The last bucket holds all: where it is missing, the count says how many these are. */
  private distributionOf({ buckets, count, sum, isNonsense }: Parts): Distribution | undefined {
    if (buckets === undefined) {
      // A quantile of a summary is a number, and its count and sum are another series of fewer labels.
      if (count === undefined && sum === undefined) return undefined;
      return { count: count ?? Number.NaN, sum: sum ?? Number.NaN };
    }
    const all = buckets.get(Number.POSITIVE_INFINITY) ?? count;
    if (all === undefined || isNonsense === true) return { count: Number.NaN, sum: sum ?? Number.NaN };
    buckets.set(Number.POSITIVE_INFINITY, all);
    const bounds = [...buckets.keys()].sort((a, b) => a - b);
    const counts = bounds.map((bound) => buckets.get(bound)!);
    return { count: count ?? all, sum: sum ?? Number.NaN, classic: { bounds, counts } };
  }
}
