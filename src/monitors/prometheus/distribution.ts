// What histograms and summaries gained from one reading to the next, over all their series, and quantiles and means of
// that. selection.ts keeps one `DistributionGains` per figure.

import type { ClassicBuckets, Distribution, DistributionSeries } from './metric.ts';
import { mergeNative, nativeQuantile, subtractNative } from './native-histogram.ts';
import { countsFromZero, rememberBounded } from './series-totals.ts';

export class DistributionGains {
  private readonly last = new Map<string, DistributionSeries>();
  private firstLookEpochMs: number | undefined;

  /**
   * What all series together gained since the last call; `undefined` at the first one. A series that counts from the
   * start again has gained what it has now, whatever the others do.
   */
  add(series: readonly DistributionSeries[], nowEpochMs: number): Distribution | undefined {
    const isFirst = this.firstLookEpochMs === undefined;
    this.firstLookEpochMs ??= nowEpochMs;
    const gains: Distribution[] = [];
    for (const now of series) {
      const before = this.last.get(now.key);
      if (before !== undefined) gains.push(gainOf(now, before));
      else if (!isFirst && countsFromZero(now, this.firstLookEpochMs)) gains.push(now.distribution);
    }
    rememberBounded(this.last, series);
    return isFirst ? undefined : mergeDistributions(gains);
  }
}

function gainOf(now: DistributionSeries, before: DistributionSeries): Distribution {
  if (now.startEpochMs !== before.startEpochMs) return now.distribution;
  return subtract(now.distribution, before.distribution) ?? now.distribution;
}

/** `undefined`: it counts from the start again. */
function subtract(now: Distribution, before: Distribution): Distribution | undefined {
  const count = now.count - before.count;
  if (count < 0) return undefined;
  const gain = { count, sum: now.sum - before.sum };
  const classic = now.classic && before.classic && subtractClassic(now.classic, before.classic);
  const native = now.native && before.native && subtractNative(now.native, before.native);
  if ((now.classic && !classic) || (now.native && !native)) return undefined;
  return { ...gain, ...(classic && { classic }), ...(native && { native }) };
}

function subtractClassic(now: ClassicBuckets, before: ClassicBuckets): ClassicBuckets | undefined {
  const same =
    now.bounds.length === before.bounds.length && now.bounds.every((b, i) => b === before.bounds[i]);
  if (!same || now.counts.some((count, i) => count < before.counts[i]!)) return undefined;
  return { bounds: now.bounds, counts: now.counts.map((count, i) => count - before.counts[i]!) };
}

/** All of them as one. Of classic buckets those are kept whose bounds all have, since only their counts are known. */
export function mergeDistributions(all: readonly Distribution[]): Distribution {
  const count = all.reduce((sum, one) => sum + one.count, 0);
  const sum = all.reduce((total, one) => total + one.sum, 0);
  const classic = definedAll(all.map((one) => one.classic));
  const native = definedAll(all.map((one) => one.native));
  return {
    count,
    sum,
    ...(classic && { classic: mergeClassic(classic) }),
    ...(native && { native: native.length === 1 ? native[0]! : mergeNative(native) }),
  };
}

/** The same list when none is missing and there is one at all. */
function definedAll<Kind>(all: readonly (Kind | undefined)[]): readonly Kind[] | undefined {
  return all.length > 0 && all.every((one) => one !== undefined) ? all : undefined;
}

/** In time that grows with the number of bounds alone. */
function mergeClassic(all: readonly ClassicBuckets[]): ClassicBuckets {
  if (all.length === 1) return all[0]!;
  const shared = new Map(
    all[0]!.bounds.map((bound, i) => [bound, { holders: 1, count: all[0]!.counts[i]! }]),
  );
  for (const { bounds, counts } of all.slice(1)) {
    for (let i = 0; i < bounds.length; i++) {
      const found = shared.get(bounds[i]!);
      if (found === undefined) continue;
      found.holders++;
      found.count += counts[i]!;
    }
  }
  const kept = [...shared].filter(([, { holders }]) => holders === all.length);
  return { bounds: kept.map(([bound]) => bound), counts: kept.map(([, { count }]) => count) };
}

/** The mean; NaN without observations. */
export function averageOf({ count, sum }: Distribution): number {
  return count > 0 ? sum / count : Number.NaN;
}

/** The quantile `q` (0..1) by the finest buckets there are; NaN without observations or buckets. */
export function quantileOf(q: number, { count, native, classic }: Distribution): number {
  if (native !== undefined) return nativeQuantile(q, native, count);
  return classic === undefined ? Number.NaN : classicQuantile(q, classic);
}

/**
 * The value below which a share `q` (0..1) of the observations lies, by linear interpolation within a bucket. The lowest
 * bucket begins at 0 when its bound is above that; in the last one, the bound below it is told. NaN without observations
 * and with less than two buckets. Counts that fall from one bucket to the next are lifted, as concurrent updates may
 * make them.
 *
 * **Source:** `BucketQuantile` in promql/quantile.go of Prometheus, which is `histogram_quantile` of classic histograms.
 */
export function classicQuantile(q: number, { bounds, counts }: ClassicBuckets): number {
  if (bounds.length < 2) return Number.NaN;
  let highest = 0;
  const rising = counts.map((count) => {
    highest = Math.max(highest, count);
    return highest;
  });
  if (highest === 0) return Number.NaN;
  const rank = q * highest;
  const at = rising.findIndex((count) => count >= rank && count > 0);
  if (at < 0) return Number.NaN;
  if (at === bounds.length - 1) return bounds[at - 1]!;
  const upper = bounds[at]!;
  if (at === 0 && upper <= 0) return upper;
  const lower = at === 0 ? 0 : bounds[at - 1]!;
  const below = at === 0 ? 0 : rising[at - 1]!;
  return lower + (upper - lower) * ((rank - below) / (rising[at]! - below));
}
