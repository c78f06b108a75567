import { expect, test } from 'vitest';
import type { RunRecord } from '../model/run-record.ts';
import { historyOf, keepRun } from './history.ts';
import { type SimulatedRuns, simulateRun } from './runs.cases.ts';

const options = { minimumChange: 0.1, minimumShare: 0.005, allowed: [] };
const noise = { seed: 4, seconds: 10, perSec: 60, runNoise: 0.03 };
const run = (i: number, more: Partial<SimulatedRuns> = {}) =>
  keepRun(simulateRun({ ...noise, run: i, ...more }));
const many = (count: number, more: (i: number) => Partial<SimulatedRuns> = () => ({})) =>
  historyOf(
    Array.from({ length: count }, (_, i) => run(i, more(i))),
    options,
  );
const p95 = 'http_req_duration p(95)';
const changesAt = (history: ReturnType<typeof many>, key = p95) =>
  history.series.find((one) => one.key === key)!.changes;

test('runs without a change show none', () => {
  const history = many(14);
  expect(history.status).toBe('unchanged');
  expect(history.series.flatMap(({ changes }) => changes)).toEqual([]);
});

test('a shift is found at its run, with its direction, and is the present level', () => {
  const history = many(16, (i) => ({ slower: i < 9 ? 1 : 1.4 }));
  expect(history.status).toBe('worse');
  const [change] = changesAt(history);
  expect(change).toMatchObject({ kind: 'shift', answer: 'worse', run: 9, isPresent: true });
  expect(change!.after / change!.before).toBeCloseTo(1.4, 1);
  expect(many(16, (i) => ({ slower: i < 9 ? 1.4 : 1 })).status).toBe('better');
});

test('a shift that was undone is told, and is no degradation any more', () => {
  const history = many(24, (i) => ({ slower: i >= 8 && i < 16 ? 1.5 : 1 }));
  expect(changesAt(history).map(({ answer, isPresent }) => [answer, isPresent])).toEqual([
    ['worse', false],
    ['better', true],
  ]);
  expect(history.status).toBe('better');
});

test('less throughput is worse, more failures are', () => {
  const closed = many(16, (i) => ({ isOpen: false, slower: i < 8 ? 1 : 1.5 }));
  expect(changesAt(closed, 'http_reqs per second')[0]).toMatchObject({ answer: 'worse' });
  const failing = many(16, (i) => ({ failedShare: i < 8 ? 0 : 0.05 }));
  expect(changesAt(failing, 'http_req_failed failed')[0]).toMatchObject({ answer: 'worse', run: 8 });
});

test('a slow decay is found as shifts or a trend, and either is worse', () => {
  expect(many(20, (i) => ({ slower: 1 + 0.03 * i })).status).toBe('worse');
});

test('the last run alone is held against those before it', () => {
  const history = many(7, (i) => ({ slower: i === 6 ? 2 : 1 }));
  expect(history.status).toBe('worse');
  expect(changesAt(history)).toEqual([expect.objectContaining({ kind: 'last', answer: 'worse', run: 6 })]);
});

test('runs that cannot be used, or of another load, are left out with the reason', () => {
  const other = run(3, { perSec: 90 });
  const cut = run(5, { change: (record: RunRecord) => ({ ...record, interrupted: true }) });
  const history = historyOf([run(0), run(1), other, run(4), cut, run(6)], options);
  expect(history.runs.map(({ left }) => left)).toEqual([
    undefined,
    undefined,
    expect.stringMatching(/^it differs from the last run. The load of default differs/),
    undefined,
    'it was interrupted',
    undefined,
  ]);
  expect(history.series.every(({ points }) => points.length === 4)).toBe(true);
});

test('few runs, or none that can be used, are unjudged', () => {
  expect(many(2).status).toBe('unjudged');
  const none = historyOf(
    [run(0, { change: (record: RunRecord) => ({ ...record, interrupted: true }) })],
    options,
  );
  expect(none).toMatchObject({ status: 'unjudged', series: [] });
});

test('times of which some were cut off never count as better', () => {
  const cutOff = (record: RunRecord): RunRecord => {
    const cut = { count: 300, overdue: 300, waitedMs: { least: 30_000, most: 40_000 } };
    const entry = { ...record.metrics.http_req_duration!, cut };
    return { ...record, metrics: { ...record.metrics, http_req_duration: entry } };
  };
  const history = many(16, (i) => (i < 8 ? { slower: 1.5 } : { change: cutOff }));
  expect(changesAt(history)).toEqual([]);
});
