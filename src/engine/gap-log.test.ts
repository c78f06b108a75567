import { expect, test } from 'vitest';
import type { MetricWindow } from '../model/metric.ts';
import { GapLog, refusalOf } from './gap-log.ts';
import { Worker } from './worker-book.ts';

const processOf = (pid: number) => ({ pid, send() {}, kill() {} });

function windowOf(endAtMs: number): MetricWindow {
  const definitions = ['vus', 'http_reqs', 'vus_max'].map((metric, id) => ({
    id,
    metric,
    type: metric === 'http_reqs' ? ('counter' as const) : ('gauge' as const),
    contains: 'default' as const,
    tags: {},
  }));
  return { worker: 1, startAtMs: endAtMs - 1000, endAtMs, definitions, deltas: [] };
}

function workerWith(users: number, endAtMs: number): Worker {
  const worker = new Worker(1, 0, processOf(50));
  worker.note({ kind: 'window', window: windowOf(endAtMs), errors: [], progress: [], users, feeders: [] });
  return worker;
}

test('a gap holds what was known of the worker, and ends when another process takes over', () => {
  const log = new GapLog();
  log.open(workerWith(5, 2000), 2300, 'killed');
  expect(log.close(0, 2500)).toBeUndefined();
  log.close(1, 2700);
  expect(log.gaps).toEqual([
    { worker: 1, fromMs: 2300, untilMs: 2700, measuredUntilMs: 2000, users: 5, reason: 'killed' },
  ]);
});

test('a replacement that is lost before it takes over leaves the gap as it was', () => {
  const log = new GapLog();
  const first = workerWith(5, 2000);
  log.open(first, 2300, 'killed');
  log.open(new Worker(1, 1, processOf(51), first), 2600, 'exited');
  expect(log.gaps).toMatchObject([{ fromMs: 2300, untilMs: null, reason: 'killed' }]);
});

test('a replacement that is lost before its first window: its predecessor was measured last', () => {
  const log = new GapLog();
  const first = workerWith(5, 2000);
  log.open(first, 2300, 'killed');
  log.close(1, 2700);
  log.open(new Worker(1, 1, processOf(51), first), 2900, 'killed');
  expect(log.gaps.map(({ fromMs, measuredUntilMs }) => [fromMs, measuredUntilMs])).toEqual([
    [2300, 2000],
    [2900, 2000],
  ]);
});

test('a lost worker takes its VUs out of the sums, and no other figure', () => {
  expect(workerWith(5, 2000).farewell(3400)).toEqual({
    worker: 1,
    startAtMs: 3000,
    endAtMs: 3400,
    definitions: [],
    deltas: [
      { id: 0, type: 'gauge', value: 0, min: 0, max: 0 },
      { id: 2, type: 'gauge', value: 0, min: 0, max: 0 },
    ],
  });
  expect(new Worker(0, 0, processOf(52)).farewell(400)).toBeUndefined();
});

test('three replacements are the limit, near the end there is none, and none while the run ends', () => {
  const first = new Worker(0, 0, processOf(50));
  expect(refusalOf(first, 2000, false)).toBeUndefined();
  expect(refusalOf(first, 1999, false)).toMatch(/2 s of the plan/);
  expect(refusalOf(first, 60_000, true)).toMatch(/ending/);
  expect(refusalOf(new Worker(0, 2, processOf(51)), 60_000, false)).toBeUndefined();
  expect(refusalOf(new Worker(0, 3, processOf(51)), 60_000, false)).toMatch(/3 times/);
});
