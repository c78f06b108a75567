import { describe, expect, test } from 'vitest';
import type { MonitorRecord } from '../../model/monitor.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { makeRecord } from '../record.cases.ts';
import { tableCell, unitOfCourse, unreadMonitors, watchedMonitors, watchedRows } from './monitors.ts';

const db: MonitorRecord = {
  ...{ kind: 'postgres', title: 'PostgreSQL', source: 'postgresql://db', intervalMs: 1000 },
  figures: {
    hits: { type: 'gauge', unit: 'ratio', title: 'cache hits', headline: true },
    size: { type: 'gauge', unit: 'bytes', title: 'size' },
    written: { type: 'counter', unit: 'bytes', title: 'written' },
    transactions: { type: 'counter', unit: 'count', title: 'transactions', headline: true },
  },
  ...{ times: [0, 1000, 2000], readingsPerEntry: 1 },
  series: {
    hits: { avg: [0.9, 0.8, 0.7] },
    size: { avg: [1e9, 1e9, 2e9] },
    written: { avg: [null, 2000, 4000] },
    transactions: { avg: [null, 5, 15], min: [null, 4, 12], max: [null, 6, 40] },
  },
  ...{ readings: 3, failures: 0, gaps: [], events: [], tables: [], readingMs: 1, skipped: 0 },
};
const silent: MonitorRecord = {
  ...db,
  ...{ title: 'Redis', readings: 0, figures: {}, series: {}, times: [] },
  gaps: [{ fromMs: 0, untilMs: null, reason: 'connection refused' }],
};

function recordWith(monitors: RunRecord['monitors']): RunRecord {
  const record = makeRecord('passing', 3);
  const gauge = (figure: string, [avg, min, max, last]: [number, number, number, number]) => {
    const spread = { med: avg, 'p(90)': max, 'p(95)': max, 'p(99)': max, count: 3 };
    const values = { value: last, min, max, avg, last, ...spread };
    return { type: 'gauge', contains: 'default', metric: `monitor_db_${figure}`, values } as const;
  };
  const counter = (figure: string, count: number, rate: number) =>
    ({
      type: 'counter',
      contains: 'default',
      metric: `monitor_db_${figure}`,
      values: { count, rate },
    }) as const;
  return {
    ...record,
    monitors,
    metrics: {
      ...record.metrics,
      monitor_db_hits: gauge('hits', [0.8, 0.7, 0.9, 0.7]),
      monitor_db_size: gauge('size', [1.333e9, 1e9, 2e9, 2e9]),
      monitor_db_written: counter('written', 6000, 3000),
      monitor_db_transactions: counter('transactions', 20, 10),
    },
  };
}

describe('what was watched', () => {
  const record = recordWith({ db, cache: silent });

  test('is shown in the units of each figure, counters per second and in all', () => {
    const cells = watchedRows(record, 'db', db, 'all').map((row) => [row.figure, ...row.cells]);
    expect(cells).toEqual([
      ['hits', '80 %', '70 %', '90 %', '70 %'],
      ['size', '1.33 GB', '1 GB', '2 GB', '2 GB'],
      ['written', '3 kB/s', '2 kB/s', '4 kB/s', '6 kB in all'],
      ['transactions', '10/s', '4/s', '40/s', '20 in all'],
    ]);
    expect(watchedRows(record, 'db', db, 'headlines').map(({ figure }) => figure)).toEqual([
      ...['hits', 'transactions'],
    ]);
  });

  test('leaves out what was never read, and says why it was not', () => {
    expect(watchedMonitors(record).map(([name]) => name)).toEqual(['db']);
    expect(unreadMonitors(record)).toEqual([{ title: 'Redis', reason: 'connection refused' }]);
    const { monitor_db_size: _, ...metrics } = record.metrics;
    const rows = watchedRows({ ...record, metrics }, 'db', db, 'all');
    expect(rows.map(({ figure }) => figure)).not.toContain('size');
  });

  test('has courses per second of counters, and cells of tables in their unit', () => {
    expect(Object.values(db.figures).map(unitOfCourse)).toEqual(['ratio', 'bytes', 'bytes/s', 'per s']);
    expect([tableCell(null, 'ms'), tableCell(1500, 'ms'), tableCell('SELECT ?', 'text')]).toEqual([
      ...['', '1.5 s', 'SELECT ?'],
    ]);
  });
});
