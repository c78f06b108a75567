import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CounterValues, SampledValues } from '../model/metric.ts';
import { FigureTotals } from './figure-totals.ts';

const none = (): undefined => undefined;

describe('FigureTotals', () => {
  test('of a gauge are those of its readings', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 }),
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        (readings, limit) => {
          const totals = new FigureTotals({ type: 'gauge' }, [limit]);
          for (const value of readings) totals.add(value);
          const { values, empty, shareAbove } = totals.subject(none);
          const { min, max, avg, count, last, value } = values as SampledValues;
          expect(empty).toBe(false);
          // What was read as -0 is 0.
          expect([min + 0, max + 0, count, last, value]).toEqual([
            Math.min(...readings) + 0,
            Math.max(...readings) + 0,
            readings.length,
            ...[readings.at(-1), readings.at(-1)],
          ]);
          expect(avg).toBeCloseTo(readings.reduce((a, b) => a + b, 0) / readings.length, 4);
          expect(shareAbove!(limit)).toBe(readings.filter((one) => one > limit).length / readings.length);
        },
      ),
    );
  });

  test('of a counter add up what was gained, over the time in which it was', () => {
    const gain = fc.record({ by: fc.nat(1000), overMs: fc.integer({ min: 1, max: 60_000 }) });
    fc.assert(
      fc.property(fc.array(gain, { minLength: 1 }), (gains) => {
        const totals = new FigureTotals({ type: 'counter' });
        for (const { by, overMs } of gains) totals.gain(by, overMs);
        const { count, rate } = totals.subject(none).values as CounterValues;
        expect(count).toBe(gains.reduce((sum, { by }) => sum + by, 0));
        expect(rate).toBeCloseTo((count * 1000) / gains.reduce((sum, one) => sum + one.overMs, 0), 9);
      }),
    );
  });

  test('without readings say so, and hold zeros', () => {
    const gauge = new FigureTotals({ type: 'gauge' }, [1]).subject(none);
    expect(gauge).toMatchObject({ empty: true, sampled: true, values: { min: 0, max: 0, count: 0 } });
    expect(gauge.shareAbove!(1)).toBe(0);
    expect(new FigureTotals({ type: 'counter' }).subject(none)).toMatchObject({
      empty: true,
      values: { count: 0, rate: 0 },
    });
  });
});
