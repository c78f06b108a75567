// The histogram behind every trend metric: workers fill it, the coordinator merges it, records carry it.

import { Buckets, bucketLowerBound, bucketOf } from './buckets.ts';
import { finite } from './finite.ts';
import { decodeInto, encodeState } from './histogram-codec.ts';
import type { TrendValues } from './trend-values.ts';

/**
 * Mergeable log-linear histogram of doubles, without quantisation to integers.
 *
 * A bucket is named by a double's exponent and the top 7 bits of its mantissa: 128 buckets of equal width per
 * power of two, from 2^-30 to 2^50. Nearer to zero counts as zero; farther counts in the topmost bucket. NaN is
 * ignored. Negative values go to a mirrored side that exists only when needed. `count`, `sum`, `min` and `max`
 * are kept beside the buckets, and exact (`sum` up to the rounding of adding doubles).
 *
 * **Error bound.** A value v with 2^e <= v < 2^(e+1) lies in a bucket of width w = 2^e / 128, so w <= v / 128.
 * An estimate of an order statistic lies between the least and the greatest value seen in the bucket of the value
 * itself, so it errs by less than w, that is by less than v / 128; it is exact where all values in the bucket are equal.
 * So it is for whole numbers below 256 and for any values that lie in buckets of their own. A percentile is a convex combination (1 - f) v1 + f v2 of two neighbouring order
 * statistics; its estimate errs by less than (1 - f) v1 / 128 + f v2 / 128, which is 1/128 of the percentile.
 * Within 2^-30 of zero the absolute error is below 2^-30 instead; beyond 2^50 only `max` is exact. Merging adds
 * counts of equal buckets, so the bound does not depend on how values were split over histograms.
 *
 * **Source:** log-linear buckets as in HdrHistogram (Gil Tene); the bucket index from the bits of the double.
 */
export class Histogram {
  count = 0;
  sum = 0;
  /** Infinity while empty; `trendValues` and `percentile` report 0 then. */
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  /** How many values count as zero. */
  zeros = 0;
  readonly positive = new Buckets();
  negative: Buckets | undefined;

  /** Records one value. Constant time; allocates only when a power of two is touched for the first time. */
  add(value: number): void {
    if (value > 0 && value < Number.POSITIVE_INFINITY) {
      const bucket = bucketOf(value);
      if (bucket < 0) this.zeros++;
      else this.positive.record(bucket, value);
      this.count++;
      this.sum += value;
      if (value < this.min) this.min = value;
      if (value > this.max) this.max = value;
    } else if (value === 0) {
      // The time that an open connection takes to connect: twice for every request.
      this.zeros++;
      this.count++;
      if (this.min > 0) this.min = 0;
      if (this.max < 0) this.max = 0;
    } else {
      this.#addUnusual(value);
    }
  }

  #addUnusual(given: number): void {
    if (Number.isNaN(given)) return;
    // An infinity would turn sums into NaN; it counts as the largest double instead.
    const value = Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, given));
    const bucket = bucketOf(Math.abs(value));
    if (bucket < 0) this.zeros++;
    else if (value > 0) this.positive.record(bucket, value);
    else this.#negativeSide().record(bucket, -value);
    this.count++;
    this.sum += value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
  }

  #negativeSide(): Buckets {
    this.negative ??= new Buckets();
    return this.negative;
  }

  /** Adds all that `other` holds; `other` stays as it is. */
  merge(other: Histogram): void {
    if (other.count === 0) return;
    this.positive.merge(other.positive);
    if (other.negative !== undefined) this.#negativeSide().merge(other.negative);
    this.#addTotals(other);
  }

  /** Adds what an encoded histogram holds, without building it first. Throws a `RangeError` for other bytes. */
  mergeEncoded(bytes: Uint8Array): void {
    const totals = decodeInto(bytes, this.positive, () => this.#negativeSide());
    this.#addTotals(totals);
  }

  #addTotals(totals: { count: number; sum: number; min: number; max: number; zeros: number }): void {
    this.zeros += totals.zeros;
    this.count += totals.count;
    this.sum = finite(this.sum + totals.sum);
    if (totals.min < this.min) this.min = totals.min;
    if (totals.max > this.max) this.max = totals.max;
  }

  /** Forgets all values and keeps the memory of the chunks. */
  reset(): void {
    if (this.count === 0) return;
    this.positive.reset();
    this.negative?.reset();
    this.zeros = 0;
    this.count = 0;
    this.sum = 0;
    this.min = Number.POSITIVE_INFINITY;
    this.max = Number.NEGATIVE_INFINITY;
  }

  /**
   * The p-th percentile (p is 0..100) by k6's rule: position p/100 × (n - 1) in the sorted values, linear between
   * neighbours. 0 when empty. Relative error below 1/128, see the class.
   */
  percentile(p: number): number {
    if (this.count === 0) return 0;
    const position = Math.min(1, Math.max(0, p / 100)) * (this.count - 1);
    const rank = Math.floor(position);
    const lower = this.#valueAtRank(rank);
    const fraction = position - rank;
    if (fraction === 0) return lower;
    return lower + (this.#valueAtRank(rank + 1) - lower) * fraction;
  }

  #valueAtRank(rank: number): number {
    if (rank <= 0) return this.min;
    if (rank >= this.count - 1) return this.max;
    const below = this.negative?.total ?? 0;
    let value = 0;
    if (rank < below) value = -this.negative!.valueAtRank(below - 1 - rank);
    else if (rank >= below + this.zeros) value = this.positive.valueAtRank(rank - below - this.zeros);
    return Math.min(this.max, Math.max(this.min, value));
  }

  /** Values with k6's keys; all zeros when empty. */
  trendValues(): TrendValues {
    const empty = this.count === 0;
    return {
      avg: empty ? 0 : finite(this.sum) / this.count,
      min: empty ? 0 : this.min,
      med: this.percentile(50),
      max: empty ? 0 : this.max,
      'p(90)': this.percentile(90),
      'p(95)': this.percentile(95),
      'p(99)': this.percentile(99),
      count: this.count,
    };
  }

  /**
   * What a distribution chart shows: the buckets that are not empty, ascending, `from` inclusive and `to`
   * exclusive. Values that count as zero come first with `from` = `to` = 0; negative values are left out.
   */
  buckets(): { readonly from: number; readonly to: number; readonly count: number }[] {
    const all = this.zeros > 0 ? [{ from: 0, to: 0, count: this.zeros }] : [];
    this.positive.forEach((bucket, count) => {
      all.push({ from: bucketLowerBound(bucket), to: bucketLowerBound(bucket + 1), count });
    });
    return all;
  }

  /** Compact bytes for channels and records: only buckets that are not empty. See histogram-codec.ts. */
  encode(): Uint8Array {
    return encodeState(this);
  }

  /** Reads what `encode` wrote. Throws a `RangeError` when the bytes are not that. */
  static decode(bytes: Uint8Array): Histogram {
    const histogram = new Histogram();
    histogram.mergeEncoded(bytes);
    return histogram;
  }
}
