import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergeNative, type NativeHistogram, nativeQuantile, subtractNative } from './native-histogram.ts';

const zeroThreshold = 2 ** -128;

/** As Prometheus' client libraries count. */
function observe(values: readonly number[], schema: number, threshold = zeroThreshold): NativeHistogram {
  const positive = new Map<number, number>();
  const negative = new Map<number, number>();
  let zeroCount = 0;
  for (const value of values) {
    if (Math.abs(value) <= threshold) zeroCount++;
    else {
      const side = value > 0 ? positive : negative;
      const index = Math.ceil(Math.log2(Math.abs(value)) * 2 ** schema);
      side.set(index, (side.get(index) ?? 0) + 1);
    }
  }
  return { schema, zeroThreshold: threshold, zeroCount, positive, negative };
}

const quantile = (q: number, histogram: NativeHistogram): number => {
  const sides = [...histogram.positive.values(), ...histogram.negative.values()];
  return nativeQuantile(
    q,
    histogram,
    sides.reduce((sum, count) => sum + count, histogram.zeroCount),
  );
};

// From the comment of HistogramQuantile in promql/quantile.go: the middle of the bucket (1, 2] is at 2^0.5.
test('interpolation is exponential within buckets, and mirrored below zero', () => {
  expect(quantile(0.5, observe([1.5, 1.5], 0))).toBeCloseTo(Math.SQRT2, 12);
  expect(quantile(0.5, observe([-1.5, -1.5], 0))).toBeCloseTo(-Math.SQRT2, 12);
  // A quarter from below is nearer to -2.
  expect(quantile(0.25, observe([-1.5, -1.5, -1.5, -1.5], 0))).toBeCloseTo(-(2 ** 0.75), 12);
});

const filled = new Map([2, 3, 0, 1, 4].map((count, index) => [index, count]));
const none = new Map<number, number>();

// Histograms and values of promql/promqltest/testdata/native_histograms.test in Prometheus 3.
test.each([
  [{ positive: filled, negative: none, zeroCount: 2 }, 1, 16],
  [{ positive: filled, negative: none, zeroCount: 2 }, 0.99, 15.67072476139083],
  [{ positive: filled, negative: none, zeroCount: 2 }, 0.9, 12.99603834169977],
  [{ positive: filled, negative: none, zeroCount: 2 }, 0.6, 4.594793419988138],
  [{ positive: filled, negative: none, zeroCount: 2 }, 0.5, 1.5874010519681994],
  // Linear in the zero bucket, from 0 when there is one side only.
  [{ positive: filled, negative: none, zeroCount: 2 }, 0.1, 0.0006],
  [{ positive: filled, negative: none, zeroCount: 2 }, 0, 0],
  [{ positive: none, negative: filled, zeroCount: 2 }, 1, 0],
  [{ positive: none, negative: filled, zeroCount: 2 }, 0.9, -0.0006],
  [{ positive: none, negative: filled, zeroCount: 2 }, 0.5, -1.5874010519681996],
  [{ positive: none, negative: filled, zeroCount: 2 }, 0.1, -12.996038341699768],
  [{ positive: none, negative: filled, zeroCount: 2 }, 0, -16],
  [{ positive: filled, negative: filled, zeroCount: 4 }, 0.99, 15.34822590920423],
  [{ positive: filled, negative: filled, zeroCount: 4 }, 0.7, 1.2030250360821164],
  [{ positive: filled, negative: filled, zeroCount: 4 }, 0.55, 0.0006],
  [{ positive: filled, negative: filled, zeroCount: 4 }, 0.5, 0],
  [{ positive: filled, negative: filled, zeroCount: 4 }, 0.3, -1.2030250360821169],
  [{ positive: filled, negative: filled, zeroCount: 4 }, 0.01, -15.34822590920423],
  // Between two populated buckets: the lower bound of the upper one.
  [{ positive: new Map([[0, 1]]), negative: new Map([[0, 1]]), zeroCount: 0 }, 0.5, 0.5],
])('%j has the quantile %d at %d, as in Prometheus', (histogram, q, expected) => {
  expect(quantile(q, { schema: 0, zeroThreshold: 0.001, ...histogram })).toBeCloseTo(expected, 10);
});

test('without observations, and where only NaN was observed, there is no quantile', () => {
  expect(quantile(0.5, observe([], 3))).toBeNaN();
  expect(nativeQuantile(0.9, observe([1, 1], 3), 4)).toBeNaN();
  expect(nativeQuantile(0.25, observe([1, 1], 3), 4)).toBeLessThanOrEqual(1);
});

const values = fc.array(fc.double({ min: -1000, max: 1000, noNaN: true }), { minLength: 1, maxLength: 50 });
const schemas = fc.integer({ min: -4, max: 8 });

test('quantiles lie in the bucket of the true one', () => {
  fc.assert(
    fc.property(
      values,
      fc.integer({ min: 0, max: 8 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (all, schema, q) => {
        const exact = all.toSorted((a, b) => a - b)[Math.ceil(q * all.length - 1e-9) - 1]!;
        const found = quantile(q, observe(all, schema));
        const width = 2 ** (2 ** -schema);
        if (Math.abs(exact) <= zeroThreshold) expect(Math.abs(found)).toBeLessThanOrEqual(zeroThreshold);
        else {
          expect(Math.abs(found / exact)).toBeLessThanOrEqual(width * 1.000001);
          expect(Math.abs(exact / found)).toBeLessThanOrEqual(width * 1.000001);
          expect(Math.sign(found)).toBe(Math.sign(exact));
        }
      },
    ),
  );
});

const plain = (histogram: NativeHistogram) => ({
  ...histogram,
  positive: Object.fromEntries(histogram.positive),
  negative: Object.fromEntries(histogram.negative),
});

test('the sum is what one histogram of the coarser schema would have counted', () => {
  fc.assert(
    fc.property(values, values, schemas, schemas, (left, right, a, b) => {
      const sum = mergeNative([observe(left, a), observe(right, b)]);
      expect(plain(sum)).toEqual(plain(observe([...left, ...right], Math.min(a, b))));
      expect(plain(mergeNative([observe(right, b), observe(left, a)]))).toEqual(plain(sum));
    }),
  );
});

test('a wider zero bucket takes in the buckets it cuts, of both', () => {
  const sum = mergeNative([observe([0.3, 0.6, 3], 0), observe([0.1, 0.7], 0, 0.4)]);
  // 0.4 lies in (0.25, 0.5], so that the zero bucket widens to 0.5.
  expect(plain(sum)).toEqual({
    schema: 0,
    zeroThreshold: 0.5,
    zeroCount: 2,
    positive: { 0: 2, 2: 1 },
    negative: {},
  });
});

test('the difference is what was observed in between, also when the source made its buckets coarser', () => {
  fc.assert(
    fc.property(values, values, schemas, fc.integer({ min: 0, max: 3 }), (first, more, schema, coarser) => {
      const now = observe([...first, ...more], schema - coarser);
      expect(plain(subtractNative(now, observe(first, schema))!)).toEqual(
        plain(observe(more, schema - coarser)),
      );
    }),
  );
});

test('less than before in a bucket, or a finer schema, is a new start', () => {
  expect(subtractNative(observe([1, 3], 2), observe([1, 2], 2))).toBeUndefined();
  expect(subtractNative(observe([1, 2], 3), observe([1, 2], 2))).toBeUndefined();
  expect(subtractNative(observe([1], 2), observe([0, 1], 2))).toBeUndefined();
});
