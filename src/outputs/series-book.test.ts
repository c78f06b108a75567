import { expect, test } from 'vitest';
import { run, TestWorker, transition, trendOf } from './load.cases.ts';
import { type BookSeries, SeriesBook } from './series-book.ts';

const bookOf = (maxSeries?: number): SeriesBook =>
  new SeriesBook({ monitors: run.monitors, ...(maxSeries === undefined ? {} : { maxSeries }) });
const find = (book: SeriesBook, metric: string): BookSeries =>
  [...book.series()].find((series) => series.metric === metric)!;
const gauge = (value: number) => ({ type: 'gauge', value, min: 0, max: value }) as const;

test('tags in another order are the same series, and tags that read alike are not', () => {
  const book = bookOf();
  const [a, b] = [new TestWorker(0), new TestWorker(1)];
  const one = { type: 'counter', count: 1 } as const;
  book.window(a.window(0, [{ metric: 'm', tags: { x: '1', y: '2' }, delta: one }]));
  book.window(b.window(0, [{ metric: 'm', tags: { y: '2', x: '1' }, delta: one }]));
  book.window(b.window(1, [{ metric: 'm', tags: { x: '1,y:2' }, delta: one }]));
  expect([...book.series()].map((series) => series.type === 'counter' && series.count)).toEqual([2, 1]);
});

test('vus are summed over workers, other gauges have the latest value by time', () => {
  const book = bookOf();
  const [a, b] = [new TestWorker(0), new TestWorker(1)];
  book.window(
    a.window(1, [
      { metric: 'vus', delta: gauge(3) },
      { metric: 'depth', delta: gauge(30) },
    ]),
  );
  book.window(b.window(1, [{ metric: 'vus', delta: gauge(4) }]));
  book.window(b.window(0, [{ metric: 'depth', delta: gauge(10) }]));
  expect(find(book, 'vus')).toMatchObject({ value: 7 });
  expect(find(book, 'depth')).toMatchObject({ value: 30 });
  book.window(a.window(2, [{ metric: 'vus', delta: gauge(1) }]));
  expect(find(book, 'vus')).toMatchObject({ value: 5 });
});

test('the users of a process that another one replaces are not counted twice', () => {
  const book = bookOf();
  const lost = new TestWorker(0);
  const vus = (scenario: string, value: number) => ({
    metric: 'vus',
    tags: { scenario },
    delta: gauge(value),
  });
  book.window(lost.window(0, [vus('a', 3), vus('b', 4)]));
  const replacement = new TestWorker(0);
  book.window(replacement.window(1, [vus('b', 7)]));
  const values = [...book.series()].map(
    (series) => series.type === 'gauge' && [series.tags.scenario, series.value],
  );
  expect(values).toEqual([
    ['a', 0],
    ['b', 7],
  ]);
});

test('series beyond the limit, and a metric used as two types, are counted as lost', () => {
  const book = bookOf(3);
  const worker = new TestWorker(0);
  const gains = Array.from({ length: 5 }, (_, k) => ({
    metric: 'm',
    tags: { k: String(k) },
    delta: { type: 'counter', count: 1 } as const,
  }));
  book.window(worker.window(0, gains));
  book.window(worker.window(1, gains));
  expect([...book.series()]).toHaveLength(3);
  expect(book.overflowCount).toBe(2);
  expect(book.lostPoints).toBe(4);
  book.window(new TestWorker(1).window(1, [{ metric: 'm', delta: gauge(1) }]));
  expect(book.lostPoints).toBe(5);
  expect(book.revision).toBe(11);
});

test('numbers that are none are lost', () => {
  const book = bookOf();
  book.window(new TestWorker(0).window(0, [{ metric: 'g', delta: gauge(Number.NaN) }]));
  book.sample({ monitor: 'db', atMs: 1, values: { connections: Number.POSITIVE_INFINITY }, gains: {} });
  expect(book.lostPoints).toBe(2);
});

test('an interval forgets gains and keeps gauges', () => {
  const book = bookOf();
  const worker = new TestWorker(0);
  book.window(
    worker.window(0, [
      { metric: 'c', delta: { type: 'counter', count: 2 } },
      { metric: 'r', delta: { type: 'rate', passes: 1, fails: 2 } },
      { metric: 't', delta: { type: 'trend', histogram: trendOf([1, 2]) } },
      { metric: 'g', delta: gauge(5) },
    ]),
  );
  book.sample({ monitor: 'db', atMs: 1500, values: {}, gains: { read_bytes: { by: 7, overMs: 1000 } } });
  book.startInterval();
  expect(find(book, 'c')).toMatchObject({ count: 0, waitingPoints: 0 });
  expect(find(book, 'r')).toMatchObject({ passes: 0, all: 0 });
  expect(find(book, 't')).toMatchObject({ histogram: { count: 0, sum: 0 } });
  expect(find(book, 'g')).toMatchObject({ value: 5 });
  expect(find(book, 'monitor_db_read_bytes')).toMatchObject({
    count: 0,
    contains: 'data',
    title: 'bytes read',
  });
  expect(book.newestAtMs).toBe(1500);
});

test('an alert that changes its level or ends moves its ones', () => {
  const book = bookOf();
  const firing = () => [...book.series()].map((series) => series.type === 'gauge' && series.value);
  book.alert({ ...transition, level: 'warning', atMs: 1 });
  expect(firing()).toEqual([1, 0]);
  book.alert({ ...transition, level: 'critical', atMs: 2 });
  expect(firing()).toEqual([0, 1]);
  book.alert({ ...transition, state: 'resolved', atMs: 3 });
  expect(firing()).toEqual([0, 0]);
});
