import { createHistogram } from 'node:perf_hooks';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Histogram } from './histogram.ts';
import { createRandom } from './random.ts';

const bound = 1 / 128;
const percentiles = [0, 0.1, 1, 10, 25, 50, 75, 90, 95, 99, 99.9, 100];

function filled(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  return histogram;
}

/** k6's rule on the values themselves. */
function exactPercentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (p / 100) * (sorted.length - 1);
  const low = sorted[Math.floor(position)]!;
  const high = sorted[Math.ceil(position)]!;
  return low + (high - low) * (position - Math.floor(position));
}

/** All that can be seen of a histogram; the sum apart, since adding doubles in another order rounds otherwise. */
function shape(histogram: Histogram): unknown {
  const { count, min, max, zeros } = histogram;
  return { count, min, max, zeros, at: percentiles.map((p) => histogram.percentile(p)) };
}

// Magnitudes spread evenly over the exponents, not over the numbers, so that small ones occur too.
const magnitude = fc
  .tuple(fc.double({ min: 1, max: 2, maxExcluded: true, noNaN: true }), fc.integer({ min: -30, max: 49 }))
  .map(([mantissa, exponent]) => mantissa * 2 ** exponent);
const anyValue = fc.oneof(
  magnitude,
  magnitude.map((value) => -value),
  fc.constant(0),
  fc.constantFrom(1e-12, -1e-12, 1e18, -1e18),
);

const distributions: Record<string, (random: () => number) => number> = {
  uniform: (random) => random() * 1000,
  exponential: (random) => -Math.log(1 - random()) * 50,
  'log-normal': (random) =>
    Math.exp(3 + 2 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())),
  pareto: (random) => 5 / (1 - random()) ** 2,
  'two far peaks': (random) => (random() < 0.97 ? 2 + random() : 30_000 + random() * 10),
  constant: () => 12.345,
  microseconds: (random) => random() * 0.001,
};

describe('Histogram', () => {
  it.each(Object.entries(distributions))('estimates percentiles within 1/128: %s', (name, draw) => {
    const random = createRandom(1, name);
    const values = Array.from({ length: 20_000 }, () => draw(random));
    const histogram = filled(values);
    for (const p of percentiles) {
      const exact = exactPercentile(values, p);
      // Below 2^-30 the bound is absolute.
      expect(Math.abs(histogram.percentile(p) - exact)).toBeLessThanOrEqual(exact * bound + 2 ** -30);
    }
    expect(histogram.percentile(0)).toBe(Math.min(...values));
    expect(histogram.percentile(100)).toBe(Math.max(...values));
  });

  it('estimates percentiles of any positive values within 1/128', () => {
    fc.assert(
      fc.property(
        fc.array(magnitude, { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (values, p) => {
          const exact = exactPercentile(values, p);
          expect(Math.abs(filled(values).percentile(p) - exact)).toBeLessThanOrEqual(exact * bound);
        },
      ),
    );
  });

  it('never lets a higher percentile be a lower value, for values of both signs', () => {
    fc.assert(
      fc.property(fc.array(anyValue, { minLength: 1, maxLength: 100 }), (values) => {
        const histogram = filled(values);
        const estimates = percentiles.map((p) => histogram.percentile(p));
        for (let i = 1; i < estimates.length; i++) {
          const slack = Math.abs(estimates[i - 1]!) * 1e-12;
          expect(estimates[i]).toBeGreaterThanOrEqual(estimates[i - 1]! - slack);
        }
      }),
    );
  });

  it('mirrors negative values', () => {
    const values = [-8, -4, -2, 0, 1, 3];
    const histogram = filled(values);
    for (const p of [0, 20, 40, 60, 80, 100]) {
      const exact = exactPercentile(values, p);
      expect(Math.abs(histogram.percentile(p) - exact)).toBeLessThanOrEqual(Math.abs(exact) * bound);
    }
  });

  it('gives the same for parts merged in any order and grouping as for everything added to one', () => {
    const part = fc.array(anyValue, { maxLength: 60 });
    fc.assert(
      fc.property(part, part, part, (a, b, c) => {
        const whole = filled([...a, ...b, ...c]);
        const leftFirst = filled(a);
        leftFirst.merge(filled(b));
        leftFirst.merge(filled(c));
        const rightFirst = filled(c);
        rightFirst.merge(filled(b));
        const outer = filled(a);
        outer.merge(rightFirst);
        rightFirst.merge(filled(a));
        for (const merged of [leftFirst, rightFirst, outer]) {
          expect(shape(merged)).toEqual(shape(whole));
          const scale = [...a, ...b, ...c].reduce((sum, value) => sum + Math.abs(value), 1);
          expect(Math.abs(merged.sum - whole.sum)).toBeLessThanOrEqual(scale * 1e-12);
        }
      }),
    );
  });

  it('encodes and decodes without loss', () => {
    fc.assert(
      fc.property(fc.array(anyValue, { maxLength: 100 }), (values) => {
        const histogram = filled(values);
        const decoded = Histogram.decode(histogram.encode());
        expect(shape(decoded)).toEqual(shape(histogram));
        expect(decoded.sum).toBe(histogram.sum);
        expect(decoded.encode()).toEqual(histogram.encode());
      }),
    );
  });

  it('encodes counts beyond 32 bits', () => {
    const histogram = filled([5, 5, 7]);
    for (let i = 0; i < 40; i++) histogram.merge(Histogram.decode(histogram.encode()));
    expect(histogram.count).toBe(3 * 2 ** 40);
    expect(shape(Histogram.decode(histogram.encode()))).toEqual(shape(histogram));
  });

  it('merges encoded bytes that lie anywhere in a larger buffer', () => {
    const bytes = filled([1, 2, 3]).encode();
    const larger = new Uint8Array(bytes.length + 5);
    larger.set(bytes, 5);
    const histogram = filled([4]);
    histogram.mergeEncoded(larger.subarray(5));
    expect(shape(histogram)).toEqual(shape(filled([1, 2, 3, 4])));
  });

  it('refuses bytes that are not a histogram', () => {
    const bytes = filled([1, 2, -3, 0]).encode();
    expect(() => Histogram.decode(new Uint8Array())).toThrow(RangeError);
    expect(() => Histogram.decode(new Uint8Array([9, 0]))).toThrow(/version 9/);
    for (let length = 1; length < bytes.length; length++) {
      expect(() => Histogram.decode(bytes.subarray(0, length))).toThrow(RangeError);
    }
    expect(() => Histogram.decode(new Uint8Array([...bytes, 0]))).toThrow(/after their end/);
  });

  it('needs few bytes for the values of one second', () => {
    const random = createRandom(3);
    const values = Array.from({ length: 10_000 }, () => distributions.exponential!(random));
    expect(filled(values).encode().length).toBeLessThan(6000);
    expect(filled(values.map(Math.ceil)).encode().length).toBeLessThan(1500);
    expect(new Histogram().encode().length).toBe(2);
  });

  it('ignores NaN, counts infinities as the largest double, and clamps beyond 2^50', () => {
    const histogram = filled([Number.NaN, 2 ** 60, Number.POSITIVE_INFINITY]);
    expect(histogram.count).toBe(2);
    expect(histogram.percentile(0)).toBe(2 ** 60);
    expect(histogram.max).toBe(Number.MAX_VALUE);
    const huge = filled([2 ** 60, 2 ** 60, 2 ** 60]);
    expect(huge.percentile(50)).toBe(2 ** 60);
  });

  it('holds zeros when empty, and is empty again after a reset', () => {
    const empty = new Histogram().trendValues();
    expect(empty).toEqual({ avg: 0, min: 0, med: 0, max: 0, 'p(90)': 0, 'p(95)': 0, 'p(99)': 0, count: 0 });
    const histogram = filled([1e-6, 3, 500, 2 ** 40, -2, 0]);
    histogram.reset();
    expect(histogram.trendValues()).toEqual(empty);
    histogram.add(7);
    expect(shape(histogram)).toEqual(shape(filled([7])));
    // Nothing is left at the far ends either.
    const far = [1e-8, 2 ** 45, -(2 ** 10), -1e-6];
    for (const value of far) histogram.add(value);
    expect(histogram.encode()).toEqual(filled([7, ...far]).encode());
  });

  it('reports avg, min, max and count exactly', () => {
    const values = filled([1, 2, 3, 10]).trendValues();
    expect(values).toMatchObject({ avg: 4, min: 1, max: 10, count: 4 });
  });

  it("agrees with Node's own histogram", () => {
    const random = createRandom(11);
    const own = new Histogram();
    const nodes = createHistogram({ figures: 5 });
    for (let i = 0; i < 50_000; i++) {
      const value = 1 + Math.floor(distributions.pareto!(random) * 1000);
      own.add(value);
      nodes.record(value);
    }
    expect(own.count).toBe(nodes.count);
    expect(own.min).toBe(nodes.min);
    for (const p of [10, 50, 90, 95, 99]) {
      const expected = nodes.percentile(p);
      expect(Math.abs(own.percentile(p) - expected)).toBeLessThanOrEqual(expected * (bound + 0.001));
    }
  });
});

it('buckets name every positive value and the zeros, ascending', () => {
  const histogram = new Histogram();
  for (const value of [-3, 0, 0, 0.5, 1, 1, 100]) histogram.add(value);
  const buckets = histogram.buckets();
  expect(buckets.map(({ count }) => count)).toEqual([2, 1, 2, 1]);
  expect(buckets[0]).toEqual({ from: 0, to: 0, count: 2 });
  expect(buckets[2]).toEqual({ from: 1, to: 1 + 1 / 128, count: 2 });
  for (const [value, { from, to }] of [
    [0.5, buckets[1]!],
    [100, buckets[3]!],
  ] as const) {
    expect(from).toBeLessThanOrEqual(value);
    expect(to).toBeGreaterThan(value);
  }
});
