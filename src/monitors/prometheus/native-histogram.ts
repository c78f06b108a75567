// Histograms with exponential buckets, as Prometheus (native) and OpenTelemetry (exponential) have them: difference,
// sum, quantile. Source: the model of Prometheus' native histograms, prometheus.io/docs/specs/native_histograms.

/** Buckets by index: with base = 2^(2^-schema), bucket `i` holds what is in (base^(i-1), base^i]; mirrored below zero. */
export interface NativeHistogram {
  /** Higher is finer; buckets of schema n-1 are pairs of those of n. */
  readonly schema: number;
  /** Observations from -zeroThreshold to zeroThreshold are in `zeroCount`. */
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly positive: ReadonlyMap<number, number>;
  readonly negative: ReadonlyMap<number, number>;
}

/** Limits of one bucket with what is in it. */
interface Bucket {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
}

/**
 * What `now` has more than `before`, or `undefined` when it counts from the start: some bucket has less than before.
 * A coarser `now` is no new start: sources make buckets coarser when there are too many.
 */
export function subtractNative(now: NativeHistogram, before: NativeHistogram): NativeHistogram | undefined {
  if (now.schema > before.schema || now.zeroThreshold < before.zeroThreshold) return undefined;
  const known = coarsen(before, now.schema, now.zeroThreshold);
  if (known.zeroThreshold > now.zeroThreshold) return undefined;
  const positive = subtractCounts(now.positive, known.positive);
  const negative = subtractCounts(now.negative, known.negative);
  const zeroCount = now.zeroCount - known.zeroCount;
  if (positive === undefined || negative === undefined || zeroCount < 0) return undefined;
  return { ...now, zeroCount, positive, negative };
}

/**
 * All together, in the coarsest resolution among them; at least one. In time that grows with the number of all buckets, and
 * not with that number times the number of histograms.
 */
export function mergeNative(all: readonly NativeHistogram[]): NativeHistogram {
  const schema = all.reduce((least, one) => Math.min(least, one.schema), Number.POSITIVE_INFINITY);
  let threshold = all.reduce((most, one) => Math.max(most, one.zeroThreshold), 0);
  // Widening the zero bucket of one may have to take in more than asked for; then the others follow. What is widened ends
  // at a bound that all have, so this is soon over.
  for (;;) {
    const alike = all.map((one) => coarsen(one, schema, threshold));
    const widest = alike.reduce((most, one) => Math.max(most, one.zeroThreshold), threshold);
    if (!(widest > threshold)) return sumOf(alike, schema, threshold);
    threshold = widest;
  }
}

function sumOf(alike: readonly NativeHistogram[], schema: number, zeroThreshold: number): NativeHistogram {
  const positive = new Map<number, number>();
  const negative = new Map<number, number>();
  let zeroCount = 0;
  for (const one of alike) {
    zeroCount += one.zeroCount;
    addCounts(positive, one.positive);
    addCounts(negative, one.negative);
  }
  return { schema, zeroThreshold, zeroCount, positive, negative };
}

/**
 * The value below which a share `q` (0..1) of `count` observations lies: exponential interpolation within a bucket,
 * linear within the zero bucket. NaN when there is none. `count` may be more than the buckets hold: observations of NaN
 * are in none, and count as greater than all others.
 *
 * **Source:** `HistogramQuantile` in promql/quantile.go of Prometheus 3.
 */
export function nativeQuantile(q: number, histogram: NativeHistogram, count: number): number {
  if (!(count > 0)) return Number.NaN;
  const buckets = bucketsOf(histogram);
  const held = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  // The nearer end is the more exact one to count from, unless NaN stands between the buckets and the upper end.
  if (q >= 0.5 && held >= count) {
    const rank = (1 - q) * count;
    let above = 0;
    for (const bucket of buckets.toReversed()) {
      if (above + bucket.count >= rank) return interpolate(bucket, 1 - (rank - above) / bucket.count);
      above += bucket.count;
    }
  }
  const rank = q * count;
  let below = 0;
  for (const bucket of buckets) {
    if (below + bucket.count >= rank) return interpolate(bucket, (rank - below) / bucket.count);
    below += bucket.count;
  }
  return Number.NaN;
}

function interpolate({ lower, upper }: Bucket, fraction: number): number {
  if (lower <= 0 && upper >= 0) return lower + (upper - lower) * fraction;
  if (lower > 0) return 2 ** (Math.log2(lower) + (Math.log2(upper) - Math.log2(lower)) * fraction);
  const [near, far] = [Math.log2(-upper), Math.log2(-lower)];
  return -(2 ** (near + (far - near) * (1 - fraction)));
}

/** Those that hold something, ascending. */
function bucketsOf({ schema, zeroThreshold, zeroCount, positive, negative }: NativeHistogram): Bucket[] {
  const bound = (index: number): number => Math.min(2 ** (index / 2 ** schema), Number.MAX_VALUE);
  const buckets: Bucket[] = [];
  for (const [index, count] of sorted(negative).reverse()) {
    buckets.push({ lower: -bound(index), upper: -bound(index - 1), count });
  }
  if (zeroCount > 0) {
    // With observations on one side only, zero is taken as the limit on the other.
    const lower = negative.size === 0 && positive.size > 0 ? 0 : -zeroThreshold;
    const upper = positive.size === 0 && negative.size > 0 ? 0 : zeroThreshold;
    buckets.push({ lower, upper, count: zeroCount });
  }
  for (const [index, count] of sorted(positive)) {
    buckets.push({ lower: bound(index - 1), upper: bound(index), count });
  }
  return buckets.filter(({ count }) => count > 0);
}

/**
 * The same observations with buckets of `schema` (the same or lower) and a zero bucket of `threshold` at the least. A
 * bucket that the threshold cuts goes into the zero bucket whole, which widens it.
 */
function coarsen(histogram: NativeHistogram, schema: number, threshold: number): NativeHistogram {
  const factor = 2 ** (histogram.schema - schema);
  const positive = joinBuckets(histogram.positive, factor);
  const negative = joinBuckets(histogram.negative, factor);
  let { zeroCount } = histogram;
  let zeroThreshold = Math.max(histogram.zeroThreshold, threshold);
  if (threshold > histogram.zeroThreshold) {
    for (const side of [positive, negative]) {
      for (const [index, count] of sorted(side)) {
        if (2 ** ((index - 1) / 2 ** schema) >= zeroThreshold) break;
        side.delete(index);
        zeroCount += count;
        if (count > 0) zeroThreshold = Math.max(zeroThreshold, 2 ** (index / 2 ** schema));
      }
    }
  }
  return { schema, zeroThreshold, zeroCount, positive, negative };
}

/** Bucket `i` of the finer schema lies in bucket ceil(i / factor) of the coarser one. */
function joinBuckets(counts: ReadonlyMap<number, number>, factor: number): Map<number, number> {
  if (factor === 1) return new Map(counts);
  const joined = new Map<number, number>();
  for (const [index, count] of counts) {
    const at = Math.ceil(index / factor);
    joined.set(at, (joined.get(at) ?? 0) + count);
  }
  return joined;
}

function addCounts(sum: Map<number, number>, counts: ReadonlyMap<number, number>): void {
  for (const [index, count] of counts) sum.set(index, (sum.get(index) ?? 0) + count);
}

function subtractCounts(
  now: ReadonlyMap<number, number>,
  before: ReadonlyMap<number, number>,
): Map<number, number> | undefined {
  for (const [index, count] of before) {
    if ((now.get(index) ?? 0) < count) return undefined;
  }
  const gains = new Map<number, number>();
  for (const [index, count] of now) {
    const gain = count - (before.get(index) ?? 0);
    if (gain > 0) gains.set(index, gain);
  }
  return gains;
}

function sorted(counts: ReadonlyMap<number, number>): [number, number][] {
  return [...counts].sort(([a], [b]) => a - b);
}
