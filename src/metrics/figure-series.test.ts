import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EntryClock, FigureCourse, growthPerHour, maxEntryCount } from './figure-series.ts';

/** A clock with one course, fed with readings every second. */
function record(values: readonly (number | undefined)[], weightOf: (i: number) => number = () => 1) {
  const clock = new EntryClock();
  const course = new FigureCourse();
  for (const [i, value] of values.entries()) {
    const index = clock.next(i * 1000, () => course.join());
    if (value !== undefined) course.add(index, value, weightOf(i));
  }
  const times = clock.middles();
  return {
    times,
    readingsPerEntry: clock.readingsPerEntry,
    ...course.series(times.length, clock.readingsPerEntry),
  };
}

describe('a course', () => {
  test('holds single readings as long as there is room, with null where nothing was read', () => {
    expect(record([1, undefined, 3])).toEqual({
      times: [0, 1000, 2000],
      readingsPerEntry: 1,
      avg: [1, null, 3],
    });
  });

  test('beyond 600 readings, pairs of neighbours become one entry', () => {
    const values = Array.from({ length: maxEntryCount + 1 }, (_, i) => i);
    const { times, readingsPerEntry, avg, min, max } = record(values);
    expect(readingsPerEntry).toBe(2);
    expect(times.slice(0, 2)).toEqual([500, 2500]);
    expect(times).toHaveLength(maxEntryCount / 2 + 1);
    expect([avg[0], min?.[0], max?.[0]]).toEqual([0.5, 0, 1]);
    expect([avg.at(-1), min?.at(-1), max?.at(-1)]).toEqual([600, 600, 600]);
  });

  test('a gain per second counts in means by the time in which it was gained', () => {
    const values = Array.from({ length: maxEntryCount + 1 }, (_, i) => (i === 0 ? 10 : 0));
    // 60 s at 10 per second, then 5 s without any: 600 in 65 s.
    const { avg } = record(values, (i) => (i === 0 ? 60_000 : 5000));
    expect(avg[0]).toBeCloseTo(600 / 65, 5);
  });

  test('joining keeps sums, extremes, order, and what was not read', () => {
    const reading = fc.option(fc.integer({ min: -1000, max: 1000 }), { nil: undefined, freq: 4 });
    fc.assert(
      fc.property(fc.array(reading, { minLength: 1, maxLength: 2500 }), (values) => {
        const { times, readingsPerEntry, avg, min = avg, max = avg } = record(values);
        const read = values.filter((value) => value !== undefined);
        expect(times.length).toBeLessThanOrEqual(maxEntryCount);
        for (let i = 0; i < times.length; i++) {
          const group = values
            .slice(i * readingsPerEntry, (i + 1) * readingsPerEntry)
            .filter((value) => value !== undefined);
          if (group.length === 0) {
            expect([avg[i], min[i], max[i]]).toEqual([null, null, null]);
            continue;
          }
          expect(avg[i]).toBeCloseTo(group.reduce((a, b) => a + b, 0) / group.length, 3);
          expect([min[i], max[i]]).toEqual([Math.min(...group), Math.max(...group)]);
          if (i > 0) expect(times[i]).toBeGreaterThan(times[i - 1]!);
        }
        const shown = min.filter((value) => value !== null);
        if (read.length > 0) expect(Math.min(...shown)).toBe(Math.min(...read));
      }),
      { numRuns: 20 },
    );
  });
});

describe('growthPerHour', () => {
  test('tells the slope per hour, whatever a few wild readings say', () => {
    const times = Array.from({ length: 50 }, (_, i) => i * 60_000);
    const means = times.map((_, i) => 1000 + i * 2);
    means[10] = 90_000;
    means[30] = 0;
    expect(growthPerHour(times, means)).toBeCloseTo(120, 6);
  });

  test('tells the same of more entries than it looks at one by one', () => {
    const times = Array.from({ length: 599 }, (_, i) => i * 5000);
    expect(
      growthPerHour(
        times,
        times.map((atMs) => (atMs / 3_600_000) * 7),
      ),
    ).toBeCloseTo(7, 6);
  });

  test('tells nothing of fewer than three readings', () => {
    expect(growthPerHour([], [])).toBeUndefined();
    expect(growthPerHour([0, 1000, 2000], [1, null, 2])).toBeUndefined();
  });
});
