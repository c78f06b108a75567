import { describe, expect, test } from 'vitest';
import type { MonitorReport } from '../model/monitor.ts';
import type { MonitorPlan } from '../model/monitor-settings.ts';
import type { Plan } from '../model/plan.ts';
import { entriesByKey, planWith } from './collector.cases.ts';
import { MonitorBook } from './monitor-book.ts';

const monitor: MonitorPlan = {
  name: 'db',
  title: 'PostgreSQL',
  intervalMs: 1000,
  timeoutMs: 500,
  share: 0.1,
  figures: {
    cpu_ratio: { type: 'gauge', unit: 'ratio', title: 'CPU', headline: true },
    size_bytes: { type: 'gauge', unit: 'bytes', title: 'size' },
    queries: { type: 'counter', unit: 'count', title: 'queries', headline: true },
  },
  source: { kind: 'postgres', url: 'postgresql://db/shop', slowStatementMs: 1000 },
};

function bookOf(changes: Partial<Plan> = {}): MonitorBook {
  return new MonitorBook(planWith({ monitors: [monitor], ...changes }));
}

type Gains = Readonly<Record<string, { by: number; overMs: number }>>;

function sample(
  atMs: number,
  values: Record<string, number>,
  gains: Gains = {},
  readingMs = 5,
): MonitorReport {
  return { kind: 'sample', sample: { monitor: 'db', atMs, values, gains }, readingMs };
}

function failure(atMs: number, reason = 'connection refused'): MonitorReport {
  return { kind: 'failure', monitor: 'db', atMs, reason, readingMs: 1 };
}

describe('a book of monitors', () => {
  test('keeps gauges with exact extremes and counters with what they gained per second', () => {
    const book = bookOf();
    book.accept(sample(0, { cpu_ratio: 0.2 }));
    book.accept(sample(1000, { cpu_ratio: 0.4 }, { queries: { by: 30, overMs: 1000 } }));
    book.accept(sample(3000, { cpu_ratio: 0.9 }, { queries: { by: 30, overMs: 2000 } }));
    const entries = entriesByKey(book.entries());
    expect(entries.monitor_db_cpu_ratio).toMatchObject({
      type: 'gauge',
      contains: 'default',
      values: { min: 0.2, max: 0.9, avg: 0.5, count: 3, last: 0.9, value: 0.9, growth: 840 },
    });
    expect(entries.monitor_db_queries?.values).toEqual({ count: 60, rate: 20 });
    expect(entries.monitor_db_size_bytes).toBeUndefined();
    const { db } = book.records();
    expect(db).toMatchObject({ readings: 3, times: [0, 1000, 3000], source: 'postgresql://db/shop' });
    expect(db!.series.queries).toEqual({ avg: [null, 30, 15] });
    expect(Object.keys(db!.figures)).toEqual(['cpu_ratio', 'queries']);
  });

  test('gaps begin at the last reading before them, and are told with the first reason', () => {
    const book = bookOf();
    book.accept(failure(100, 'not there yet'));
    book.accept(sample(1000, { cpu_ratio: 0.1 }));
    book.accept(failure(2000));
    book.accept(failure(3000, 'still not'));
    book.accept(sample(4000, { cpu_ratio: 0.1 }));
    book.accept(failure(5000));
    expect(book.records().db).toMatchObject({
      failures: 4,
      gaps: [
        { fromMs: 100, untilMs: 1000, reason: 'not there yet' },
        { fromMs: 1000, untilMs: 4000, reason: 'connection refused' },
        { fromMs: 4000, untilMs: null, reason: 'connection refused' },
      ],
    });
    expect(book.live(5000)[0]).toMatchObject({ failing: true });
  });

  test('a source that comes and goes all the time fills no memory', () => {
    const book = bookOf();
    for (let i = 0; i < 1000; i++) {
      book.accept(sample(i * 1000, { cpu_ratio: 0.1 }));
      book.accept(failure(i * 1000 + 500));
      book.accept({ kind: 'event', monitor: 'db', atMs: i * 1000, text: `restart ${i}` });
    }
    const { gaps, gapCount, failures, events, times } = book.records().db!;
    expect([gaps.length, gapCount, failures, events.length]).toEqual([200, 1000, 1000, 200]);
    expect(times.length).toBeLessThanOrEqual(600);
  });

  test('a figure is known for two and a half intervals and a timeout, and longer when readings take long', () => {
    const book = bookOf();
    book.accept(sample(0, { cpu_ratio: 0.1 }));
    expect(book.current('monitor_db_cpu_ratio')?.validUntilMs).toBe(3000);
    // At a share of a tenth, readings of 1 s are made every 10 s.
    book.accept(sample(1000, { cpu_ratio: 0.1 }, {}, 1000));
    expect(book.current('monitor_db_cpu_ratio')?.validUntilMs).toBe(26_500);
    expect(book.live(26_500)[0]!.figures).toHaveLength(1);
    expect(book.live(26_501)[0]!.figures).toHaveLength(0);
  });

  test('knows its metrics, takes the newest table of each name, and passes over monitors it does not know', () => {
    const book = bookOf();
    expect([book.has('monitor_db_queries'), book.has('monitor_db_query'), book.has('http_reqs')]).toEqual([
      ...[true, false, false],
    ]);
    const table = (title: string) => ({ name: 'slow', title, columns: [], rows: [] });
    for (const title of ['old', 'new']) {
      const one = sample(0, {});
      book.accept(one.kind === 'sample' ? { ...one, tables: [table(title)] } : one);
    }
    book.accept({ kind: 'skipped', monitor: 'db', atMs: 0, count: 3 });
    book.accept({ ...failure(0), monitor: 'other' } as MonitorReport);
    expect(book.records()).toMatchObject({ db: { tables: [{ title: 'new' }], skipped: 3, failures: 0 } });
  });
});
