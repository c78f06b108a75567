import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FigureDefinitions } from '../model/monitor.ts';
import { CounterTotals, gaugesOf } from './counter-totals.ts';

const figures: FigureDefinitions = {
  queries: { type: 'counter', unit: 'count', title: 'queries' },
  size: { type: 'gauge', unit: 'bytes', title: 'size' },
};

describe('CounterTotals', () => {
  test('the first total is the base, and later ones tell what was gained since', () => {
    const totals = new CounterTotals();
    expect(totals.gains(figures, { queries: 1000, size: 5 }, 0)).toEqual({});
    expect(totals.gains(figures, { queries: 1250, size: 5 }, 5000)).toEqual({
      queries: { by: 250, overMs: 5000 },
    });
  });

  test('a total that fell counts from 0, since its source began anew', () => {
    const totals = new CounterTotals();
    totals.gains(figures, { queries: 1000 }, 0);
    expect(totals.gains(figures, { queries: 30 }, 1000)).toEqual({ queries: { by: 30, overMs: 1000 } });
    expect(totals.gains(figures, { queries: 30 }, 2000)).toEqual({ queries: { by: 0, overMs: 1000 } });
  });

  test('what was not read is made up for by the next reading, over the whole time', () => {
    const totals = new CounterTotals();
    totals.gains(figures, { queries: 10 }, 0);
    expect(totals.gains(figures, {}, 1000)).toEqual({});
    expect(totals.gains(figures, { queries: Number.NaN }, 2000)).toEqual({});
    expect(totals.gains(figures, { queries: 40 }, 3000)).toEqual({ queries: { by: 30, overMs: 3000 } });
  });

  test('gains add up to what the source counted, restarts included, and their times to the time watched', () => {
    const step = fc.record({
      gain: fc.integer({ min: 0, max: 1000 }),
      restart: fc.boolean(),
      isRead: fc.boolean(),
      afterMs: fc.integer({ min: 1, max: 10_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const totals = new CounterTotals();
        totals.gains(figures, { queries: 500 }, 0);
        let [total, unseen, counted] = [500, 0, 0];
        let [atMs, lastReadAtMs, told, toldMs] = [0, 0, 0, 0];
        for (const { gain, restart, isRead, afterMs } of steps) {
          atMs += afterMs;
          // What was gained unseen before a restart is lost, and a restart shows only by a total that fell.
          if (restart && isRead && gain < total - unseen) [total, unseen] = [0, 0];
          total += gain;
          unseen += gain;
          if (!isRead) continue;
          counted += unseen;
          unseen = 0;
          lastReadAtMs = atMs;
          const { queries } = totals.gains(figures, { queries: total }, atMs);
          told += queries!.by;
          toldMs += queries!.overMs;
        }
        expect(told).toBe(counted);
        expect(toldMs).toBe(lastReadAtMs);
      }),
    );
  });
});

test('gaugesOf keeps declared gauges that are numbers, and nothing else', () => {
  const values = { size: 7, queries: 3, other: 1 };
  expect(gaugesOf(figures, values)).toEqual({ size: 7 });
  expect(gaugesOf(figures, { size: Number.NaN })).toEqual({});
  expect(gaugesOf(figures, { size: Number.POSITIVE_INFINITY })).toEqual({});
});
