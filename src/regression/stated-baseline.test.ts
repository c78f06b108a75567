import { describe, expect, test } from 'vitest';
import { statusOfOutcome } from '../analysis/gate-reasons.ts';
import type { StatedBaseline, StatedFigures } from '../model/baseline.ts';
import type { RunRecord } from '../model/run-record.ts';
import { simulateRun, simulateRuns } from './runs.cases.ts';
import { holdToStated } from './stated-baseline.ts';

const runs = simulateRuns(2, { seed: 7, perSec: 60 });

function hold(entries: StatedFigures[], more: Partial<StatedBaseline> = {}, records: RunRecord[] = runs) {
  const stated: StatedBaseline = { layout: 'endpoints', entries, notes: [], named: [], ...more };
  return holdToStated(stated, records);
}
const price = { name: 'api price', times: [{ percentile: 95, ms: 17 }], perSec: 42, failed: 0 };

describe('an entry of a file of another tool', () => {
  test('is held against the endpoint with the same words, and says which', () => {
    const outcome = hold([price]);
    expect(outcome.notes).toEqual(['api price is held against GET /api/price of task price.']);
    expect(outcome.gates.map(({ status }) => status)).toEqual(['held', 'held', 'held']);
    expect(outcome.gates[0]!.text).toMatch(/1\d\.\d ms, the gate is at most 18.7 ms\.$/);
    expect(statusOfOutcome({ file: 'f', ...outcome })).toBe('pass');
  });

  test('breaks where a time is 10 % above it, throughput 10 % below, or half a point more failed', () => {
    const slow = [simulateRun({ seed: 7, perSec: 30, slower: 2, failedShare: 0.02 })];
    const { gates } = hold([price], {}, slow);
    expect(gates.map(({ status }) => status)).toEqual(['broken', 'broken', 'broken']);
    expect(statusOfOutcome({ file: 'f', ...hold([price], {}, slow) })).toBe('fail');
  });

  test('that fits nothing is never passed over in silence', () => {
    const outcome = hold([price, { name: 'CRM Create', times: [{ percentile: 95, ms: 1e6 }] }]);
    expect(outcome.notes[1]).toBe('CRM Create fits no task or endpoint of the run; it is not judged.');
    expect(outcome.gates.at(-2)).toMatchObject({
      status: 'unjudged',
      text: 'CRM Create p(95): not measured.',
    });
    expect(statusOfOutcome({ file: 'f', ...outcome })).toBe('inconclusive');
  });

  test('that fits several is not judged either, until somebody says which', () => {
    const twice = runs.map((record): RunRecord => {
      const entries = Object.values(record.metrics).flatMap((entry) => {
        if (entry.tags?.name !== '/api/price') return [];
        const tags = { ...entry.tags, method: 'POST', task: 'buy' };
        return [
          [`${entry.metric}{method:POST,name:/api/price,task:buy,user:visitor}`, { ...entry, tags }] as const,
        ];
      });
      return { ...record, metrics: { ...record.metrics, ...Object.fromEntries(entries) } };
    });
    const [note] = hold([price], {}, twice).notes;
    expect(note).toMatch(/^api price fits several: .*GET \/api\/price of task price.*; it is not judged\.$/);
    const named = [{ name: 'api price', part: 'POST /api/price' }];
    const outcome = hold([price], { named }, twice);
    expect(outcome.notes[0]).toContain('is held against POST /api/price of task buy');
    expect(outcome.gates[0]!.status).toBe('held');
  });

  test('without an error rate is held to 5 % of failures, since failures may be fast', () => {
    const { gates } = hold([{ name: 'api price', times: [{ percentile: 95, ms: 1e6 }] }], {}, [
      simulateRun({ seed: 7, failedShare: 0.5 }),
    ]);
    expect(gates.map(({ status }) => status)).toEqual(['held', 'broken']);
  });

  test('of times does not hold by work that was cut off', () => {
    const cut = { count: 300, overdue: 300, waitedMs: { least: 30_000, most: 40_000 } };
    const [first] = runs as [RunRecord];
    const key = Object.keys(first.metrics).find((one) =>
      one.includes('duration{method:GET,name:/api/price'),
    )!;
    const record = { ...first, metrics: { ...first.metrics, [key]: { ...first.metrics[key]!, cut } } };
    expect(hold([price], {}, [record]).gates[0]).toMatchObject({
      status: 'unjudged',
      text: expect.stringContaining('was cut off'),
    });
  });
});

test('figures of one user are held against runs of one user alone', () => {
  const entries = [{ times: [{ percentile: 95, ms: 1200 }], perSec: 0.8, failed: 0 }];
  const outcome = hold(entries, { layout: 'single-user' });
  expect(outcome.obstacles).toEqual([
    'The figures of the file are those of one user, and the run had 2: run it with --users 1.',
  ]);
  const alone = runs.map((record): RunRecord => {
    const vus = { ...record.metrics.vus!, values: { value: 1, min: 0, max: 1 } };
    return { ...record, metrics: { ...record.metrics, vus } };
  });
  const { gates, obstacles } = hold(entries, { layout: 'single-user' }, alone);
  expect(obstacles).toEqual([]);
  expect(gates.map(({ status }) => status)).toEqual(['held', 'held', 'held']);
});

test('runs that cannot be used are held to nothing', () => {
  const record = simulateRun({ seed: 7, change: (one) => ({ ...one, interrupted: true }) });
  const { obstacles, gates } = hold([price], {}, [record]);
  expect(obstacles).toEqual(['The run cannot be used: it was interrupted.']);
  expect(gates.every(({ status }) => status === 'unjudged')).toBe(true);
});
