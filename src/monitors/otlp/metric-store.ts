// Keeps the latest state of the metrics that OTLP exports brought: deltas added up, ended and silent series let go.
// receiver.ts adds, the monitor `otlp` reads.

import { mergeDistributions } from '../prometheus/distribution.ts';
import {
  type Distribution,
  type DistributionSeries,
  familyNames,
  type Metric,
  type MetricType,
  type NumberSeries,
  seriesKey,
} from '../prometheus/metric.ts';
import { namesLimit, type OtlpExport, type OtlpMetric, type OtlpPoint } from './export.ts';

/** Of all metrics together. */
const seriesLimit = 2000;
/** Buckets of all histograms together. */
const bucketsLimit = 200_000;
/** Buckets that adding up the deltas of one export may touch: a series may stand there many times. */
const addedBucketsLimit = 2_000_000;
/** A series that no export has held for this long is gone, as with Prometheus. */
const staleAfterMs = 300_000;

interface StoredSeries {
  readonly key: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly startEpochMs?: number;
  readonly value?: number;
  readonly distribution?: Distribution;
  readonly quantiles?: OtlpPoint['quantiles'];
  readonly seenAtMs: number;
}

interface StoredMetric {
  type: MetricType;
  readonly series: Map<string, StoredSeries>;
  /** Since the last call of `take`. */
  isFresh: boolean;
}

export class MetricStore {
  readonly names = new Set<string>();
  /** Points that were left out because there were too many series, or too many buckets. */
  leftOut = 0;
  private readonly metrics = new Map<string, StoredMetric>();
  private seriesCount = 0;
  private bucketCount = 0;
  /** Of the export that is taken in. */
  private addedBuckets = 0;

  /** `nowMs` is on the monotonic clock. */
  add({ metrics, names }: OtlpExport, nowMs: number): void {
    this.addedBuckets = 0;
    for (const name of names) if (this.names.size < namesLimit) this.names.add(name);
    for (const metric of metrics) {
      const stored = this.metrics.get(metric.name) ?? { type: 'unknown', series: new Map(), isFresh: false };
      this.metrics.set(metric.name, stored);
      stored.type = typeOf(metric);
      for (const point of metric.points) this.addPoint(stored, metric, point, nowMs);
    }
  }

  private addPoint(
    stored: StoredMetric,
    { scope, isDelta }: OtlpMetric,
    point: OtlpPoint,
    nowMs: number,
  ): void {
    const key = `${scope} ${seriesKey(point.labels)}`;
    const before = stored.series.get(key);
    stored.isFresh = true;
    if (point.isEnd) {
      this.forget(stored, key);
      return;
    }
    const added = bucketsOf(point.distribution) - (isDelta ? 0 : bucketsOf(before?.distribution));
    if (isDelta) this.addedBuckets += added + bucketsOf(before?.distribution);
    if (
      this.addedBuckets > addedBucketsLimit ||
      (before === undefined && this.seriesCount >= seriesLimit) ||
      (added > 0 && this.bucketCount + added > bucketsLimit)
    ) {
      this.leftOut++;
      return;
    }
    if (before === undefined) this.seriesCount++;
    const { labels, startEpochMs, value, distribution, quantiles } = point;
    const now = { key, labels, seenAtMs: nowMs, ...(quantiles && { quantiles }) };
    if (!isDelta) {
      this.keep(stored, {
        ...now,
        ...(startEpochMs !== undefined && { startEpochMs }),
        ...(value !== undefined && { value }),
        ...(distribution && { distribution }),
      });
      return;
    }
    const sum =
      distribution && before?.distribution && mergeDistributions([before.distribution, distribution]);
    const total = sum ?? distribution;
    // What is no number adds nothing, and would be in the sum for ever.
    const gained = value === undefined || Number.isFinite(value) ? value : 0;
    this.keep(stored, {
      ...now,
      ...(gained !== undefined && { value: gained + (before?.value ?? 0) }),
      ...(total && { distribution: total }),
    });
  }

  private keep(stored: StoredMetric, series: StoredSeries): void {
    const before = stored.series.get(series.key);
    this.bucketCount += bucketsOf(series.distribution) - bucketsOf(before?.distribution);
    stored.series.set(series.key, series);
  }

  private forget({ series }: StoredMetric, key: string): void {
    const known = series.get(key);
    if (known === undefined) return;
    series.delete(key);
    this.seriesCount--;
    this.bucketCount -= bucketsOf(known.distribution);
  }

  /**
   * The metrics as they stand, and the names of those asked for that have told nothing new since the last call. What no
   * export has held yet is among the latter until `certain`: sources tell of a metric when they first use it.
   */
  take(
    wanted: ReadonlySet<string>,
    nowMs: number,
    certain: boolean,
  ): { readonly metrics: ReadonlyMap<string, Metric>; readonly silent: ReadonlySet<string> } {
    this.letGo(nowMs);
    const silent = [...wanted].filter((name) => {
      const known = familyNames(name).flatMap((one) => this.metrics.get(one) ?? []);
      return known.length === 0 ? !certain : known.every(({ isFresh }) => !isFresh);
    });
    const metrics = new Map([...this.metrics].map(([name, stored]) => [name, metricOf(stored)]));
    for (const stored of this.metrics.values()) stored.isFresh = false;
    return { metrics, silent: new Set(silent) };
  }

  private letGo(nowMs: number): void {
    for (const stored of this.metrics.values()) {
      for (const [key, { seenAtMs }] of stored.series) {
        if (nowMs - seenAtMs > staleAfterMs) this.forget(stored, key);
      }
    }
  }
}

function bucketsOf(distribution: Distribution | undefined): number {
  const { classic, native } = distribution ?? {};
  return (classic?.bounds.length ?? 0) + (native?.positive.size ?? 0) + (native?.negative.size ?? 0);
}

function typeOf({ kind, isMonotonic }: OtlpMetric): MetricType {
  if (kind === 'sum') return isMonotonic ? 'counter' : 'gauge';
  return kind;
}

function metricOf({ type, series }: StoredMetric): Metric {
  const numbers: NumberSeries[] = [];
  const distributions: DistributionSeries[] = [];
  for (const { value, distribution, quantiles, seenAtMs: _, ...rest } of series.values()) {
    if (value !== undefined) numbers.push({ ...rest, value });
    if (distribution !== undefined) distributions.push({ ...rest, distribution });
    for (const { quantile, value: ofQuantile } of quantiles ?? []) {
      const labels = new Map([...rest.labels, ['quantile', String(quantile)]]);
      numbers.push({ ...rest, key: `${rest.key} ${quantile}`, labels, value: ofQuantile });
    }
  }
  return { type, numbers, distributions };
}
