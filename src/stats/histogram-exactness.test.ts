// Where percentiles are exact, and what they never leave.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketOf } from './buckets.ts';
import { Histogram } from './histogram.ts';

function filled(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  return histogram;
}

/** The same values, split over two histograms that are encoded and merged. */
function sent(values: readonly number[], partOf: (k: number) => number): Histogram {
  const whole = new Histogram();
  for (const part of [0, 1]) whole.mergeEncoded(filled(values.filter((_, k) => partOf(k) === part)).encode());
  return whole;
}

const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
/** The p-th percentile that is the value of this rank itself. */
const percentileOfRank = (rank: number, count: number): number =>
  count === 1 ? 0 : (rank / (count - 1)) * 100;

/** What the histogram gives for each rank, as far as floating point can name the rank. */
function ranked(histogram: Histogram): { rank: number; value: number }[] {
  return Array.from({ length: histogram.count }, (_, rank) => rank).flatMap((rank) => {
    const p = percentileOfRank(rank, histogram.count);
    return (p / 100) * (histogram.count - 1) === rank ? [{ rank, value: histogram.percentile(p) }] : [];
  });
}

describe('percentiles', () => {
  it.each([
    [[1, 2, 2, 2, 9], 2],
    [[1, 100, 100, 100, 250], 100],
    [[1, 1001, 1001, 1001, 5000], 1001],
    [[1, 12.3, 12.3, 12.3, 99], 12.3],
    [[-9, -2, -2, -2, 3], -2],
    [[0, 123_456_789, 123_456_789, 123_456_789, 1e12], 123_456_789],
  ])('of %j are the value that they have in common', (values, common) => {
    for (const histogram of [filled(values), sent(values, (k) => k % 2)]) {
      for (const p of [25, 50, 75]) expect(histogram.percentile(p)).toBe(common);
    }
  });

  it('of whole numbers up to 256 are exact', () => {
    const whole = fc.array(fc.integer({ min: -256, max: 256 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(whole, fc.double({ min: 0, max: 100, noNaN: true }), (values, p) => {
        const sorted = ascending(values);
        const position = (p / 100) * (sorted.length - 1);
        const [low, high] = [sorted[Math.floor(position)]!, sorted[Math.ceil(position)]!];
        const exact = low + (high - low) * (position - Math.floor(position));
        for (const histogram of [filled(values), sent(values, (k) => k % 2)]) {
          expect(histogram.percentile(p)).toBe(exact);
        }
      }),
    );
  });

  // Near each other, so that many share a bucket.
  const near = fc.oneof(
    fc.double({ min: 3, max: 3.2, noNaN: true }),
    fc.integer({ min: 1000, max: 1100 }),
    fc.constantFrom(12.3, 12.31, -5.01, -5.02, 2 ** 51, 2 ** 60 + 2 ** 20, 1e300),
  );

  it('never leave the least and the greatest value that was seen in their bucket', () => {
    fc.assert(
      fc.property(fc.array(near, { minLength: 1, maxLength: 120 }), (values) => {
        const sorted = ascending(values);
        for (const histogram of [filled(values), sent(values, (k) => k % 2)]) {
          for (const { rank, value } of ranked(histogram)) {
            const own = sorted[rank]!;
            const bucket = sorted.filter(
              (one) => bucketOf(Math.abs(one)) === bucketOf(Math.abs(own)) && one < 0 === own < 0,
            );
            expect(value).toBeGreaterThanOrEqual(bucket[0]!);
            expect(value).toBeLessThanOrEqual(bucket.at(-1)!);
          }
        }
      }),
    );
  });

  it('do not depend on how values were split, encoded and merged', () => {
    fc.assert(
      fc.property(
        fc.array(near, { maxLength: 80 }),
        fc.infiniteStream(fc.integer({ min: 0, max: 1 })),
        (values, parts) => {
          const part = values.map(() => parts.next().value as number);
          const [direct, merged] = [filled(values), sent(values, (k) => part[k]!)];
          expect(ranked(merged)).toEqual(ranked(direct));
          expect(Histogram.decode(merged.encode()).encode()).toEqual(merged.encode());
        },
      ),
    );
  });

  it('rise with the rank', () => {
    fc.assert(
      fc.property(fc.array(near, { minLength: 2, maxLength: 120 }), (values) => {
        const all = ranked(filled(values)).map(({ value }) => value);
        expect(all).toEqual(ascending(all));
      }),
    );
  });
});

describe('histograms of the first version', () => {
  const bytes = Buffer.from('AQiwcmiR7cxLQAAAAAAAABzAAAAAAAAASUABA4EfA1MC9QMBAeEgAQ==', 'base64');

  it('are read within the bound', () => {
    const histogram = Histogram.decode(bytes);
    const sorted = [-7, 0, 2, 2, 2, 3.3, 3.301, 50];
    expect([histogram.count, histogram.min, histogram.max]).toEqual([8, -7, 50]);
    for (const { rank, value } of ranked(histogram)) {
      expect(Math.abs(value - sorted[rank]!)).toBeLessThanOrEqual(Math.abs(sorted[rank]!) / 128);
    }
    expect(Histogram.decode(histogram.encode()).count).toBe(8);
  });
});

it('bytes that place a value outside of its bucket are refused', () => {
  const good = filled([1, 1001.5, 5000]).encode();
  for (const [at, byte] of good.entries()) {
    for (const changed of [0xf3, 0xff, 0x54, byte ^ 0x80]) {
      const bytes = Uint8Array.from(good);
      bytes[at] = changed;
      let decoded: Histogram | undefined;
      try {
        decoded = Histogram.decode(bytes);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(RangeError);
      }
      if (decoded !== undefined) expect(Number.isNaN(decoded.percentile(50))).toBe(false);
    }
  }
});
