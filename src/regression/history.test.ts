import { describe, expect, test } from 'vitest';
import type { RunRecord } from '../model/run-record.ts';
import { historyOf } from './history.ts';
import { keepRun } from './kept-run.ts';
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

test('the last run is held against those that have its figures, where an earlier one lacks some', () => {
  const without = (record: RunRecord): RunRecord => {
    const { http_req_duration: _, ...metrics } = record.metrics;
    return { ...record, metrics };
  };
  const history = many(7, (i) => ({ slower: i === 6 ? 2 : 1, ...(i === 1 && { change: without }) }));
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

const cutOff = (record: RunRecord): RunRecord => {
  const cut = { count: 300, overdue: 300, waitedMs: { least: 30_000, most: 40_000 } };
  const metrics = Object.entries(record.metrics).map(([key, entry]) => [
    key,
    entry.metric === 'http_req_duration' ? { ...entry, cut } : entry,
  ]);
  return { ...record, metrics: Object.fromEntries(metrics) };
};

test('times of which some were cut off never count as better', () => {
  const history = many(16, (i) => (i < 8 ? { slower: 1.5 } : { change: cutOff }));
  expect(changesAt(history)).toEqual([]);
});

describe('times that are bounds, since work was cut off,', () => {
  const may = expect.stringContaining('so these may be worse: 95th percentile response time');

  test('never make slower runs after them worse, and leave open whether these are', () => {
    const shift = many(16, (i) => (i < 8 ? { change: cutOff } : { slower: 1.4 }));
    expect(changesAt(shift)).toEqual([]);
    expect(shift).toMatchObject({ status: 'unjudged', obstacles: [may] });
    const last = many(6, (i) => (i < 5 ? { change: cutOff } : { slower: 2 }));
    expect(changesAt(last)).toEqual([]);
    expect(last).toMatchObject({ status: 'unjudged', obstacles: [may] });
  });

  test('make no trend', () => {
    const steady = { runNoise: 0.002, windowNoise: 0.005, perSec: 100 };
    const rising = (isCut: (i: number) => boolean, step: number) =>
      many(10, (i) => ({ ...steady, slower: (1 + 0.02 * i) ** step, ...(isCut(i) && { change: cutOff }) }));
    const none = () => false;
    expect(changesAt(rising(none, -1))).toContainEqual(expect.objectContaining({ answer: 'better' }));
    expect(changesAt(rising((i) => i >= 5, -1))).toEqual([]);
    expect(changesAt(rising((i) => i < 4, 1)).map(({ kind }) => kind)).not.toContain('trend');
  });

  test('in the newest run leave open whether it is worse', () => {
    expect(many(9, (i) => (i === 8 ? { change: cutOff } : {}))).toMatchObject({
      status: 'unjudged',
      obstacles: [may],
    });
  });
});

describe('the newest run', () => {
  const saturated = (record: RunRecord): RunRecord => ({
    ...record,
    generator: { ...record.generator, saturated: true },
  });

  test('that cannot be used leaves the present unjudged, by name', () => {
    const history = many(12, (i) => (i >= 9 ? { change: saturated } : {}));
    expect(history.status).toBe('unjudged');
    expect(history.obstacles[0]).toMatch(
      /^The newest runs say nothing: 3 of 12 runs are left out: run-4-11 \(the load generator .*, run-4-10/,
    );
    expect(many(12, (i) => (i === 5 ? { change: saturated } : {})).obstacles).toEqual([]);
  });

  test('that did nothing, or lacks an endpoint, is unjudged', () => {
    const without = (name: string) => (record: RunRecord) => ({
      ...record,
      metrics: Object.fromEntries(Object.entries(record.metrics).filter(([key]) => !key.includes(name))),
    });
    const idle = many(12, (i) => (i === 11 ? { change: without('') } : {}));
    expect(idle.status).toBe('unjudged');
    expect(idle.obstacles).toContain('The newest run has no figure.');
    const gone = many(12, (i) => (i >= 10 ? { change: without('/api/price') } : {}));
    expect(gone).toMatchObject({
      status: 'unjudged',
      obstacles: [
        'The newest run lacks what runs before it have: 95th percentile response time of GET /api/price of task price.',
      ],
    });
  });
});

test('growth of memory counts where it is in use, and not where it is free', () => {
  const growing =
    (name: string) =>
    (record: RunRecord): RunRecord => {
      const values = { value: 1, min: 0, max: 1, growth: record.id.endsWith('1') ? 1e6 : 9e6 };
      const gauge = { metric: name, type: 'gauge', contains: 'data', values } as const;
      return { ...record, metrics: { ...record.metrics, [name]: gauge as RunRecord['metrics'][string] } };
    };
  const keysOf = (name: string) => [...run(0, { change: growing(name) }).growth.keys()];
  for (const name of ['monitor_redis_memory_bytes', 'monitor_app_rss_bytes', 'process_heap_bytes'])
    expect(keysOf(name)).toEqual([name]);
  for (const name of [
    'monitor_redis_memory_free',
    'host_memory_available_bytes',
    'maxmemory',
    'memory_limit',
  ])
    expect(keysOf(name)).toEqual([]);
});

test('of many runs the newest 200 are compared, and the others say so', () => {
  const one = run(0);
  const runs = Array.from({ length: 230 }, (_, i) => ({
    ...one,
    id: `r${i}`,
    startedAt: new Date(i * 3_600_000).toISOString(),
  }));
  const history = historyOf(runs, options);
  expect(history.runs.filter(({ left }) => left === undefined)).toHaveLength(200);
  expect(history.runs[29]!.left).toBe('only the newest 200 runs are compared');
  expect(history.notes).toContain('Only the newest 200 runs are compared.');
});
