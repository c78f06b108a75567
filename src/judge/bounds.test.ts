import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Totals } from '../metrics/totals.ts';
import type { Unfinished } from '../metrics/unfinished.ts';
import type { Aggregation } from '../model/aggregation.ts';
import { Histogram } from '../stats/histogram.ts';
import { boundsOf } from './bounds.ts';

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  return histogram;
}

function unfinishedOf(parts: Partial<Unfinished>): Unfinished {
  const none = new Histogram();
  return {
    bounded: none,
    unboundedCount: 0,
    maybeBounded: none,
    maybeUnboundedCount: 0,
    added: 0,
    waits: none,
    known: none,
    ...parts,
  };
}

const limits = { durationMs: 10_000, floor: 0 };
const trendOf = (values: readonly number[]): Totals => ({ type: 'trend', histogram: histogramOf(values) });
const p95: Aggregation = { kind: 'percentile', p: 95 };

const aggregations: readonly Aggregation[] = [
  { kind: 'avg' },
  { kind: 'min' },
  { kind: 'med' },
  { kind: 'max' },
  ...[0, 1, 50, 75, 90, 95, 99, 99.9, 100].map((p): Aggregation => ({ kind: 'percentile', p })),
];

function aggregateOf(values: readonly number[], aggregation: Aggregation): number {
  const histogram = histogramOf(values);
  if (aggregation.kind === 'percentile') return histogram.percentile(aggregation.p);
  const kind = aggregation.kind as 'avg' | 'min' | 'med' | 'max';
  return histogram.trendValues()[kind];
}

const ms = fc.double({ min: 0.01, max: 60_000, noNaN: true });
/** What cut-off work had waited, and what it would have taken in the end. */
const unknown = fc.record({
  waitedMs: ms,
  moreMs: ms,
  isBounded: fc.boolean(),
  isSure: fc.boolean(),
  belongs: fc.boolean(),
});

describe('bounds', () => {
  test('of a trend hold what it is in the end, however the cut-off work ends', () => {
    fc.assert(
      fc.property(
        fc.array(ms, { maxLength: 60 }),
        fc.array(unknown, { minLength: 1, maxLength: 30 }),
        fc.constantFrom(...aggregations),
        (completed, cut, aggregation) => {
          const waits = (isSure: boolean): Histogram =>
            histogramOf(
              cut.filter((one) => one.isSure === isSure && one.isBounded).map(({ waitedMs }) => waitedMs),
            );
          const count = (isSure: boolean): number =>
            cut.filter((one) => one.isSure === isSure && !one.isBounded).length;
          const bounds = boundsOf(
            aggregation,
            trendOf(completed),
            unfinishedOf({
              bounded: waits(true),
              maybeBounded: waits(false),
              unboundedCount: count(true),
              maybeUnboundedCount: count(false),
            }),
            limits,
          )!;
          const inTheEnd = [
            ...completed,
            ...cut
              .filter((one) => one.isSure || one.belongs)
              .map((one) => (one.isBounded ? one.waitedMs : 0) + one.moreMs),
          ];
          fc.pre(inTheEnd.length > 0);
          const value = aggregateOf(inTheEnd, aggregation);
          // What may belong is taken in as a whole or not at all, so its part may lie beyond the least by some.
          if (cut.every(({ isSure, belongs }) => isSure || belongs)) {
            expect(bounds.least).toBeLessThanOrEqual(value * 1.02 + 1e-9);
          }
          expect(bounds.greatest).toBeGreaterThanOrEqual(value / 1.02 - 1e-9);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('of a rate hold what it is in the end', () => {
    const counts = fc.nat({ max: 500 });
    fc.assert(
      fc.property(counts, counts, counts, counts, (passes, fails, morePasses, moreFails) => {
        fc.pre(passes + fails + morePasses + moreFails > 0);
        const unfinished = unfinishedOf({ unboundedCount: morePasses + moreFails });
        const bounds = boundsOf({ kind: 'rate' }, { type: 'rate', passes, fails }, unfinished, limits)!;
        const value = (passes + morePasses) / (passes + fails + morePasses + moreFails);
        expect(bounds.least).toBeLessThanOrEqual(value);
        expect(bounds.greatest).toBeGreaterThanOrEqual(value);
      }),
    );
  });

  test('are the measured values where nothing was cut off', () => {
    for (const aggregation of aggregations) {
      const value = aggregateOf([1, 2, 30, 400], aggregation);
      const bounds = boundsOf(aggregation, trendOf([1, 2, 30, 400]), unfinishedOf({}), limits)!;
      expect(bounds.least).toBeCloseTo(value, 9);
      expect(bounds.greatest).toBeCloseTo(value, 9);
    }
  });

  test('of a percentile: 61 of 400 answered after 2.9 ms, the others cut off after 30 s and more', () => {
    const completed = trendOf(new Array<number>(61).fill(2.9));
    const waits = histogramOf(Array.from({ length: 339 }, (_, i) => 30_000 + i * 50));
    const { least, greatest } = boundsOf(p95, completed, unfinishedOf({ bounded: waits }), limits)!;
    expect(least).toBeGreaterThan(45_000);
    expect(greatest).toBe(Number.POSITIVE_INFINITY);
    const { least: med } = boundsOf(
      { kind: 'percentile', p: 10 },
      completed,
      unfinishedOf({ bounded: waits }),
      limits,
    )!;
    expect(med).toBeCloseTo(2.9, 1);
  });

  test('of a trend that may be negative have no least value where nothing is known', () => {
    const unfinished = unfinishedOf({ unboundedCount: 1 });
    const free = { durationMs: 1000, floor: Number.NEGATIVE_INFINITY };
    expect(boundsOf({ kind: 'avg' }, trendOf([5]), unfinished, free)).toEqual({
      least: Number.NEGATIVE_INFINITY,
      greatest: Number.POSITIVE_INFINITY,
    });
    expect(boundsOf({ kind: 'med' }, trendOf([5, 6, 7]), unfinished, limits)!.greatest).toBeLessThan(7);
  });

  test('of a counter go up by what may be added, also per second', () => {
    const totals: Totals = { type: 'counter', samples: true, count: 90 };
    const unfinished = unfinishedOf({ added: 10 });
    expect(boundsOf({ kind: 'count' }, totals, unfinished, limits)).toEqual({ least: 90, greatest: 100 });
    expect(boundsOf({ kind: 'rate' }, totals, unfinished, limits)).toEqual({ least: 9, greatest: 10 });
  });
});
